/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/child.h"

#include <event2/event.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/member.h"
#include "tests/unit/loop.h"

/* The children are shell scripts that speak JSON on descriptor 3. */
struct watch {
	struct child *child;
	int starts, messages, ends;
	bool done;
	char text[64], why[128];
};

static void
on_started(void *arg)
{
	struct watch *watch = arg;

	watch->starts++;
}

static void
on_message(void *arg, json_object *message)
{
	struct watch *watch = arg;

	watch->messages++;
	snprintf(watch->text, sizeof(watch->text), "%s",
	    member_text_or(message, "text", ""));
}

static void
on_ended(void *arg, const char *why)
{
	struct watch *watch = arg;

	watch->ends++;
	snprintf(watch->why, sizeof(watch->why), "%s", why);
}

static void
on_done(void *arg)
{
	struct watch *watch = arg;

	watch->done = true;
}

static void
on_prepare(void *arg)
{
	setenv("PREPARED", "indeed", 1);
}

static const struct child_calls calls = {
    .started = on_started,
    .message = on_message,
    .ended = on_ended,
    .prepare = on_prepare,
};

static void
run_program(struct watch *watch, struct event_base *base,
    const char *const *argv, const int *keep)
{
	const struct child_about about = {.name = "test",
	    .argv = argv,
	    .keep = keep,
	    .calls = &calls,
	    .arg = watch};

	memset(watch, 0, sizeof(*watch));
	watch->child = child_new(base, &about);
}

static void
run(struct watch *watch, struct event_base *base, const char *script,
    const int *keep)
{
	const char *const argv[] = {"/bin/sh", "-c", script, NULL};

	run_program(watch, base, argv, keep);
}

static void
stop(struct watch *watch, struct event_base *base)
{
	child_stop(watch->child, on_done, watch);
	loop_until(base, &watch->done);
	assert_int_equal(child_pid(watch->child), 0);
	child_free(watch->child);
}

#define SAY(text) "echo '{\"text\":\"" text "\"}' >&3;"
#define LISTEN "cat <&3 >/dev/null;"

static void
a_child_speaks_and_listens(void **state)
{
	struct watch watch;
	json_object *word = json_object_new_object();

	run(&watch, *state, "read line <&3; echo \"$line\" >&3;" LISTEN, NULL);
	assert_false(child_send(watch.child, json_object_get(word)));
	loop_count(*state, &watch.starts, 1);
	assert_true(child_pid(watch.child) > 0);
	member_add_text(word, "text", "hello");
	assert_true(child_send(watch.child, word));
	loop_count(*state, &watch.messages, 1);
	assert_string_equal(watch.text, "hello");
	stop(&watch, *state);
}

static void
a_child_ends_when_its_channel_does(void **state)
{
	struct watch watch;

	run(&watch, *state, LISTEN, NULL);
	loop_count(*state, &watch.starts, 1);
	stop(&watch, *state);
	assert_string_equal(watch.why, "exited with status 0");
	assert_int_equal(watch.ends, 1);
}

static void
the_last_words_of_a_stopped_child_are_heard(void **state)
{
	struct watch watch;

	run(&watch, *state, LISTEN SAY("farewell"), NULL);
	loop_count(*state, &watch.starts, 1);
	stop(&watch, *state);
	assert_string_equal(watch.text, "farewell");
}

static void
the_last_words_of_a_dead_child_are_heard(void **state)
{
	struct watch watch;

	run(&watch, *state, SAY("alas") "kill -9 $$", NULL);
	loop_count(*state, &watch.ends, 1);
	assert_string_equal(watch.text, "alas");
	assert_string_equal(watch.why, "killed by signal 9, Killed");
	child_free(watch.child);
}

static void
a_killed_child_is_restarted_at_once_then_later(void **state)
{
	struct watch watch;

	run(&watch, *state, LISTEN, NULL);
	for (int i = 1; i <= 3; i++) {
		loop_count(*state, &watch.starts, i);
		assert_int_equal(child_restarts(watch.child), i - 1);
		kill(child_pid(watch.child), SIGKILL);
		loop_count(*state, &watch.ends, i);
		assert_int_equal(child_pid(watch.child), 0);
	}
	event_base_loop(*state, EVLOOP_NONBLOCK);
	assert_int_equal(watch.starts, 3); /* the fourth waits */
	stop(&watch, *state);
	assert_int_equal(watch.ends, 3);
}

static void
a_child_that_talks_garbage_is_ended(void **state)
{
	struct watch watch;

	run(&watch, *state, "echo rubbish >&3; exec sleep 1000", NULL);
	loop_count(*state, &watch.ends, 1);
	assert_non_null(strstr(watch.why, "garbage on the channel"));
	loop_count(*state, &watch.starts, 2);
	child_free(watch.child);
}

static void
a_child_that_will_not_go_is_killed(void **state)
{
	struct watch watch;

	run(&watch, *state,
	    "trap '' TERM;" SAY("ready") "while :; do sleep 1; done", NULL);
	loop_count(*state, &watch.messages, 1);
	stop(&watch, *state);
	assert_string_equal(watch.why, "killed by signal 9, Killed");
}

/* It has two seconds for it. */
static void
a_child_that_is_left_ends_what_it_does(void **state)
{
	int ends[2], keep[2] = {-1, -1};
	struct watch watch;
	char word[8];

	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	keep[0] = ends[1];
	run(&watch, *state, LISTEN "echo bye >&4", keep);
	loop_count(*state, &watch.starts, 1);
	assert_int_equal(read(ends[0], word, sizeof(word)), -1);
	child_leave(watch.child);
	assert_int_equal(read(ends[0], word, sizeof(word)), 4);
	child_free(watch.child);
	close(ends[0]);
	close(ends[1]);
}

static void
a_program_that_is_missing_is_an_end(void **state)
{
	const char *const argv[] = {"/nonexistent/program", NULL};
	struct watch watch;

	run_program(&watch, *state, argv, NULL);
	loop_count(*state, &watch.ends, 1);
	assert_string_equal(watch.why, "exited with status 127");
	child_free(watch.child);
}

static void
kept_descriptors_follow_the_channel(void **state)
{
	int one[2], two[2], keep[3] = {-1, -1, -1};
	struct watch watch;
	char c = 0;

	assert_int_equal(pipe(one), 0);
	assert_int_equal(pipe(two), 0);
	keep[0] = two[1];
	keep[1] = one[1];
	run(&watch, *state, "printf b >&4; printf a >&5;" SAY("ok") LISTEN,
	    keep);
	loop_count(*state, &watch.messages, 1);
	assert_int_equal(read(one[0], &c, 1), 1);
	assert_int_equal(c, 'a');
	assert_int_equal(read(two[0], &c, 1), 1);
	assert_int_equal(c, 'b');
	stop(&watch, *state);
	for (int i = 0; i < 2; i++) {
		close(one[i]);
		close(two[i]);
	}
}

static void
other_descriptors_are_closed(void **state)
{
	int fds[2];
	struct watch watch;

	assert_int_equal(pipe(fds), 0); /* without close-on-exec */
	run(&watch, *state,
	    "cd /proc/$$/fd; set -- *; echo '{\"text\":\"'$*'\"}' >&3;" LISTEN,
	    NULL);
	loop_count(*state, &watch.messages, 1);
	assert_string_equal(watch.text, "0 1 2 3 4"); /* 4 reads the folder */
	stop(&watch, *state);
	close(fds[0]);
	close(fds[1]);
}

static void
a_child_is_prepared_and_has_no_blocked_signals(void **state)
{
	struct watch watch;

	/* 32 and 33 are the C library's, out of anybody's reach */
	run(&watch, *state,
	    "echo '{\"text\":\"'$PREPARED $(grep -cE "
	    "'Sig(Blk|Ign):.0*(18)?0{7}$' "
	    "/proc/self/status)'\"}' >&3;" LISTEN,
	    NULL);
	loop_count(*state, &watch.messages, 1);
	assert_string_equal(watch.text, "indeed 2");
	assert_null(getenv("PREPARED"));
	stop(&watch, *state);
}

static void
a_child_that_waits_for_its_restart_can_be_stopped(void **state)
{
	struct watch watch;

	run(&watch, *state, "exit 3", NULL);
	loop_count(*state, &watch.ends, 2);
	stop(&watch, *state);
	assert_string_equal(watch.why, "exited with status 3");
	assert_int_equal(watch.ends, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, loop_make, loop_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_child_speaks_and_listens),
	    TEST(a_child_ends_when_its_channel_does),
	    TEST(the_last_words_of_a_stopped_child_are_heard),
	    TEST(the_last_words_of_a_dead_child_are_heard),
	    TEST(a_killed_child_is_restarted_at_once_then_later),
	    TEST(a_child_that_talks_garbage_is_ended),
	    TEST(a_child_that_will_not_go_is_killed),
	    TEST(a_child_that_is_left_ends_what_it_does),
	    TEST(a_program_that_is_missing_is_an_end),
	    TEST(kept_descriptors_follow_the_channel),
	    TEST(other_descriptors_are_closed),
	    TEST(a_child_is_prepared_and_has_no_blocked_signals),
	    TEST(a_child_that_waits_for_its_restart_can_be_stopped),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
