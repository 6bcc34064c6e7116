/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/spool.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/member.h"
#include "tests/unit/folder.h"
#include "tests/unit/spooled.h"

/* Adds and commits for ever, and says after each commit how far it got. */
static void
add_until_killed(void **state, int fd)
{
	struct spool *spool = spooled_open(state, &spooled_limits, SPOOLED_AT);
	int64_t i;

	for (i = 0;; i++) {
		spooled_add(spool, i);
		if (i % 7 != 6)
			continue;
		spooled_commit(spool, SPOOLED_AT);
		if (write(fd, &i, sizeof(i)) != sizeof(i))
			_exit(1);
	}
}

static void
spool_survives_kill(void **state)
{
	int64_t said = -1, i;
	json_object *got;
	struct spool *spool;
	int pipe_fds[2], status;
	pid_t child;

	assert_int_equal(pipe(pipe_fds), 0);
	child = fork();
	if (child == 0)
		add_until_killed(state, pipe_fds[1]);
	close(pipe_fds[1]);
	while (said < 100)
		assert_int_equal(
		    read(pipe_fds[0], &said, sizeof(said)), sizeof(said));
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	while (read(pipe_fds[0], &i, sizeof(i)) == sizeof(i))
		said = i;
	close(pipe_fds[0]);

	spool = spooled_open(state, &spooled_limits, SPOOLED_AT);
	got = spooled_batch(spool, 100000, SPOOLED_ROOM, NULL);
	assert_true((int64_t)json_object_array_length(got) > said);
	for (i = 0; i < (int64_t)json_object_array_length(got); i++)
		assert_int_equal(spooled_mark(got, (size_t)i), i);
	json_object_put(got);
	spool_free(spool);
}

static void
note(struct spool *spool, uint64_t run, double start)
{
	json_object *o = json_object_new_object();

	member_add_text(o, "test", "core-ping");
	member_add_number(o, "start", start);
	spool_note(spool, run, o);
	json_object_put(o);
}

static void
two_runs_of_which_one_ends(struct spool *spool)
{
	note(spool, 1, 1795300001);
	note(spool, 2, 1795300002);
	spooled_commit(spool, SPOOLED_AT);
	spooled_add(spool, 1);
	spool_ended(spool, 1);
	spooled_commit(spool, SPOOLED_AT + 5 * NS_PER_S);
}

static void
open_runs_come_back_as_failed(void **state)
{
	struct spool *spool;
	json_object *got, *run;
	struct record_id last;
	nanoseconds now = SPOOLED_AT + 60 * NS_PER_S;

	spooled_kill(state, two_runs_of_which_one_ends);
	spool = spooled_open(state, &spooled_limits, now);
	json_object_put(spooled_batch(spool, 10, SPOOLED_ROOM, &last));
	assert_int_equal(last.sequence, 1);
	spool_acknowledge(spool, &last, NULL);
	got = spooled_batch(spool, 10, SPOOLED_ROOM, NULL);
	assert_int_equal(json_object_array_length(got), 2);
	run = spooled_at(got, 0);
	assert_string_equal(member_text_or(run, "outcome", ""), "failed");
	assert_string_equal(member_text_or(run, "test", ""), "core-ping");
	assert_string_equal(
	    member_text_or(run, "why", ""), "pharosd was stopped while it ran");
	assert_true(member_number_or(run, "start", 0) == 1795300002);
	assert_true(member_number_or(run, "end", 0) == 1795300005);
	json_object_put(got);
	spool_free(spool);

	spool = spooled_open(state, &spooled_limits, now); /* once only */
	spool_acknowledge(spool, &last, NULL);
	json_object_put(spooled_batch(spool, 10, SPOOLED_ROOM, &last));
	spool_acknowledge(spool, &last, NULL);
	got = spooled_batch(spool, 10, SPOOLED_ROOM, NULL);
	assert_int_equal(json_object_array_length(got), 1);
	json_object_put(got);
	spool_free(spool);
}

static void
one_run_that_ends_unwritten(struct spool *spool)
{
	note(spool, 1, 1795300001);
	spooled_add(spool, 1);
	spool_ended(spool, 1);
	spooled_commit(spool, SPOOLED_AT);
}

static void
a_run_that_ended_before_the_commit_leaves_nothing(void **state)
{
	struct spool *spool;
	json_object *got;

	spooled_kill(state, one_run_that_ends_unwritten);
	spool = spooled_open(state, &spooled_limits, SPOOLED_AT);
	got = spooled_batch(spool, 10, SPOOLED_ROOM, NULL);
	assert_int_equal(json_object_array_length(got), 1);
	assert_int_equal(spooled_mark(got, 0), 1);
	json_object_put(got);
	spool_free(spool);
}

static void
a_run_of_another_name(struct spool *spool)
{
	json_object *o = json_object_new_object();

	member_add_text(o, "agent", "london");
	member_add_text(o, "src", "london");
	member_add_number(o, "start", 1795300001);
	spool_note(spool, 1, o);
	json_object_put(o);
	spooled_commit(spool, SPOOLED_AT);
}

/* Killed between its new certificate and its new beginning. */
static void
an_open_run_is_of_the_name_that_began_it(void **state)
{
	struct record_id id;
	struct spool *spool;
	json_object *got;

	spooled_kill(state, a_run_of_another_name);
	spool = spooled_open(state, &spooled_limits, SPOOLED_AT + NS_PER_S);
	got = spooled_batch(spool, 10, SPOOLED_ROOM, NULL);
	assert_string_equal(
	    member_text_or(spooled_at(got, 0), "agent", ""), "london");
	assert_int_equal(
	    record_id_parse(
		member_text_or(spooled_at(got, 0), "id", ""), &id, NULL),
	    0);
	assert_string_equal(id.box, "london");
	assert_string_equal(id.epoch, spool_epoch(spool));
	assert_string_equal(
	    member_text_or(spooled_at(got, 1), "agent", ""), "lon");
	json_object_put(got);
	spool_free(spool);
}

/* Killed before the new epoch has taken over what it can. */
static void
three_of_which_the_collector_may_have_one(struct spool *spool)
{
	spooled_add(spool, 1);
	spooled_commit(spool, SPOOLED_AT);
	spooled_add(spool, 2);
	spooled_commit(spool, SPOOLED_AT + 10 * NS_PER_S);
	spooled_add(spool, 3);
	spool_set_back(spool, SPOOLED_AT + 5 * NS_PER_S);
	spooled_commit(spool, SPOOLED_AT + 20 * NS_PER_S);
}

static void
what_came_after_a_set_back_gets_ids_of_a_new_epoch(void **state)
{
	struct spool *spool;
	struct record_id old, new;
	json_object *got;

	spooled_kill(state, three_of_which_the_collector_may_have_one);
	for (int i = 0; i < 2; i++) { /* once only */
		spool = spooled_open(
		    state, &spooled_limits, SPOOLED_AT + 60 * NS_PER_S);
		got = spooled_batch(spool, 10, SPOOLED_ROOM, &old);
		assert_int_equal(json_object_array_length(got), 1);
		assert_int_equal(spooled_mark(got, 0), 1);
		assert_int_equal(old.sequence, 1);
		json_object_put(got);
		spool_free(spool);
	}
	spool =
	    spooled_open(state, &spooled_limits, SPOOLED_AT + 70 * NS_PER_S);
	spool_acknowledge(spool, &old, NULL);
	got = spooled_batch(spool, 10, SPOOLED_ROOM, &new);
	assert_string_not_equal(new.epoch, old.epoch);
	assert_int_equal(spooled_mark(got, 0), 2);
	assert_int_equal(spooled_mark(got, 1), 3);
	assert_int_equal(
	    record_id_parse(
		member_text_or(spooled_at(got, 1), "id", ""), &new, NULL),
	    0);
	assert_int_equal(new.sequence, 2);
	assert_string_not_equal(new.epoch, old.epoch);
	json_object_put(got);
	spool_free(spool);
}

static const struct spool_limits hour = {SPOOLED_ROOM, 3600 * NS_PER_S};

static void
an_overflow_and_one_more(struct spool *spool)
{
	for (int64_t i = 0; i < 3; i++)
		spooled_add(spool, i);
	spooled_commit(spool, SPOOLED_AT);
	spool_set_limits(spool, &hour);
	spooled_commit(spool, SPOOLED_AT + 3601 * NS_PER_S);
	spooled_add(spool, 3);
	spool_set_back(spool, SPOOLED_AT - NS_PER_S);
	spooled_commit(spool, SPOOLED_AT + 3602 * NS_PER_S);
}

/* That of the overflow goes on growing, by the one more and by that which says for
 * how long the spool was not there. */
static void
a_gap_that_gets_a_new_id_stands_for_as_many(void **state)
{
	struct spool *spool;
	json_object *got;

	spooled_kill(state, an_overflow_and_one_more);
	spool = spooled_open(state, &hour, SPOOLED_AT + 3603 * NS_PER_S);
	spooled_commit(spool, SPOOLED_AT + 7210 * NS_PER_S);
	got = spooled_batch(spool, 10, SPOOLED_ROOM, NULL);
	assert_int_equal(json_object_array_length(got), 1);
	assert_non_null(strstr(member_text_or(spooled_at(got, 0), "why", ""),
	    "overflow: 5 records dropped"));
	assert_true(
	    member_number_or(spooled_at(got, 0), "start", 0) == 1795300000);
	json_object_put(got);
	spool_free(spool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(spool_survives_kill),
	    IN_FOLDER(what_came_after_a_set_back_gets_ids_of_a_new_epoch),
	    IN_FOLDER(a_gap_that_gets_a_new_id_stands_for_as_many),
	    IN_FOLDER(open_runs_come_back_as_failed),
	    IN_FOLDER(an_open_run_is_of_the_name_that_began_it),
	    IN_FOLDER(a_run_that_ended_before_the_commit_leaves_nothing),
	};

	return (cmocka_run_group_tests_name("spool_crash", tests, NULL, NULL));
}
