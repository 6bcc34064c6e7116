/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/spool.h"

#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/member.h"
#include "tests/unit/folder.h"

#define BEGIN (INT64_C(1795300000) * NS_PER_S)
#define ROOMY (INT64_C(1) << 30)

static const struct spool_limits no_limits = {ROOMY, 366 * 86400 * NS_PER_S};

static struct spool *
open_spool(void **state, const struct spool_limits *limits, nanoseconds now)
{
	char *path = folder_path(state, "spool.db");
	struct error err = {""};
	struct spool *spool = spool_new(path, "lon", limits, now, &err);

	assert_string_equal(err.text, "");
	assert_non_null(spool);
	spool_resume(spool, now + NS_PER_S, "pharosd was not running");
	assert_int_equal(spool_commit(spool, now, &err), 0);
	free(path);
	return (spool);
}

static void
add(struct spool *spool, int64_t mark)
{
	json_object *record = json_object_new_object();

	member_add_whole(record, "mark", mark);
	assert_int_equal(spool_add(spool, record, NULL), 0);
	json_object_put(record);
}

static void
commit(struct spool *spool, nanoseconds now)
{
	struct error err = {""};

	if (spool_commit(spool, now, &err) < 0)
		fail_msg("%s", err.text);
}

/* The records of one batch, as an array; *last may be NULL. */
static json_object *
batch(struct spool *spool, size_t records, size_t bytes, struct record_id *last)
{
	json_object *array = json_object_new_array();
	struct record_id id;
	char *lines, *line, *rest;
	size_t length;
	int count;

	count = spool_batch(spool, records, bytes, &lines, &length,
	    last != NULL ? last : &id, NULL);
	assert_true(count >= 0);
	if (count == 0)
		return (array);
	assert_int_equal(strlen(lines), length);
	for (rest = lines; (line = strsep(&rest, "\n")) != NULL && *line;)
		json_object_array_add(
		    array, member_parse(line, strlen(line), NULL));
	free(lines);
	assert_int_equal(json_object_array_length(array), count);
	return (array);
}

static json_object *
at(json_object *array, size_t i)
{
	return (json_object_array_get_idx(array, i));
}

static int64_t
mark_at(json_object *array, size_t i)
{
	return (member_whole_or(at(array, i), "mark", -1));
}

static void
first_start_says_nothing(void **state)
{
	struct spool *spool = open_spool(state, &no_limits, BEGIN);
	json_object *got = batch(spool, 10, ROOMY, NULL);
	struct spool_depth depth;

	assert_int_equal(json_object_array_length(got), 0);
	spool_depth(spool, &depth);
	assert_int_equal(depth.records, 0);
	assert_int_equal(depth.oldest, 0);
	json_object_put(got);
	spool_free(spool);
}

static void
only_committed_records_leave_and_in_order(void **state)
{
	struct spool *spool = open_spool(state, &no_limits, BEGIN);
	json_object *got;
	size_t i;

	for (i = 0; i < 5; i++)
		add(spool, (int64_t)i);
	got = batch(spool, 10, ROOMY, NULL);
	assert_int_equal(json_object_array_length(got), 0);
	json_object_put(got);
	commit(spool, BEGIN);
	add(spool, 5);
	got = batch(spool, 10, ROOMY, NULL);
	assert_int_equal(json_object_array_length(got), 5);
	for (i = 0; i < 5; i++)
		assert_int_equal(mark_at(got, i), i);
	json_object_put(got);
	spool_free(spool);
}

static void
records_carry_their_id_and_agent(void **state)
{
	struct spool *spool = open_spool(state, &no_limits, BEGIN);
	struct record_id last, id;
	json_object *got;

	add(spool, 0);
	add(spool, 1);
	commit(spool, BEGIN);
	got = batch(spool, 10, ROOMY, &last);
	assert_string_equal(member_text_or(at(got, 1), "agent", ""), "lon");
	assert_int_equal(
	    record_id_parse(member_text_or(at(got, 1), "id", ""), &id, NULL),
	    0);
	assert_string_equal(id.box, "lon");
	assert_string_equal(id.epoch, spool_epoch(spool));
	assert_int_equal(id.sequence, 2);
	assert_int_equal(last.sequence, 2);
	json_object_put(got);
	spool_free(spool);
}

static void
a_batch_keeps_to_its_limits(void **state)
{
	struct spool *spool = open_spool(state, &no_limits, BEGIN);
	struct spool_depth depth;
	json_object *got;
	int i;

	for (i = 0; i < 10; i++)
		add(spool, i);
	commit(spool, BEGIN);
	got = batch(spool, 3, ROOMY, NULL);
	assert_int_equal(json_object_array_length(got), 3);
	json_object_put(got);
	spool_depth(spool, &depth);
	got = batch(spool, 10, depth.bytes / 2, NULL);
	assert_in_range(json_object_array_length(got), 3, 5);
	json_object_put(got);
	got = batch(spool, 10, 1, NULL); /* never stuck */
	assert_int_equal(json_object_array_length(got), 1);
	json_object_put(got);
	spool_free(spool);
}

static void
a_batch_is_of_one_epoch(void **state)
{
	struct spool *spool = open_spool(state, &no_limits, BEGIN);
	struct record_id first, second;
	json_object *got;

	add(spool, 0);
	add(spool, 1);
	commit(spool, BEGIN);
	spool_free(spool);
	spool = open_spool(state, &no_limits, BEGIN);
	add(spool, 2);
	commit(spool, BEGIN);
	got = batch(spool, 10, ROOMY, &first);
	assert_int_equal(json_object_array_length(got), 2);
	json_object_put(got);
	assert_string_not_equal(first.epoch, spool_epoch(spool));
	assert_int_equal(spool_acknowledge(spool, &first, NULL), 0);
	got = batch(spool, 10, ROOMY, &second);
	assert_int_equal(json_object_array_length(got), 2); /* gap and 2 */
	assert_int_equal(mark_at(got, 1), 2);
	assert_string_equal(second.epoch, spool_epoch(spool));
	assert_int_equal(second.sequence, 2);
	json_object_put(got);
	spool_free(spool);
}

static void
acknowledged_records_are_gone(void **state)
{
	struct spool *spool = open_spool(state, &no_limits, BEGIN);
	struct spool_depth depth;
	struct record_id last;
	json_object *got;
	int i;

	for (i = 0; i < 5; i++)
		add(spool, i);
	commit(spool, BEGIN);
	json_object_put(batch(spool, 3, ROOMY, &last));
	assert_int_equal(spool_acknowledge(spool, &last, NULL), 0);
	got = batch(spool, 10, ROOMY, NULL); /* at once */
	assert_int_equal(mark_at(got, 0), 3);
	json_object_put(got);
	commit(spool, BEGIN);
	spool_depth(spool, &depth);
	assert_int_equal(depth.records, 2);
	spool_free(spool);
	spool = open_spool(state, &no_limits, BEGIN); /* and for good */
	got = batch(spool, 10, ROOMY, NULL);
	assert_int_equal(json_object_array_length(got), 2);
	assert_int_equal(mark_at(got, 0), 3);
	json_object_put(got);
	spool_free(spool);
}

static void
what_was_never_sent_cannot_be_acknowledged(void **state)
{
	struct spool *spool = open_spool(state, &no_limits, BEGIN);
	struct record_id id;
	struct error err;

	add(spool, 0);
	commit(spool, BEGIN);
	json_object_put(batch(spool, 1, ROOMY, &id));
	add(spool, 1); /* not committed, so not sent either */
	id.sequence = 2;
	assert_int_equal(spool_acknowledge(spool, &id, &err), -1);
	assert_non_null(strstr(err.text, "never sent"));
	id.sequence = 1;
	memset(id.epoch, 'f', sizeof(id.epoch) - 1);
	assert_int_equal(spool_acknowledge(spool, &id, &err), -1);
	assert_non_null(strstr(err.text, "none of ours"));
	spool_free(spool);
}

/* Adds and commits for ever, and says after each commit how far it got. */
static void
add_until_killed(void **state, int fd)
{
	struct spool *spool = open_spool(state, &no_limits, BEGIN);
	int64_t i;

	for (i = 0;; i++) {
		add(spool, i);
		if (i % 7 != 6)
			continue;
		commit(spool, BEGIN);
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

	spool = open_spool(state, &no_limits, BEGIN);
	got = batch(spool, 100000, ROOMY, NULL);
	assert_true((int64_t)json_object_array_length(got) > said);
	for (i = 0; i < (int64_t)json_object_array_length(got); i++)
		assert_int_equal(mark_at(got, (size_t)i), i);
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

/* Without a commit at the end, as after kill -9: what was not committed is
 * lost with the process. */
static void
live_and_die(void **state, void (*live)(struct spool *spool))
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct spool *spool = open_spool(state, &no_limits, BEGIN);

		live(spool);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void
two_runs_of_which_one_ends(struct spool *spool)
{
	note(spool, 1, 1795300001);
	note(spool, 2, 1795300002);
	commit(spool, BEGIN);
	add(spool, 1);
	spool_ended(spool, 1);
	commit(spool, BEGIN + 5 * NS_PER_S);
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
	commit(spool, BEGIN);
}

/* Killed between its new certificate and its new beginning. */
static void
an_open_run_is_of_the_name_that_began_it(void **state)
{
	struct record_id id;
	struct spool *spool;
	json_object *got;

	live_and_die(state, a_run_of_another_name);
	spool = open_spool(state, &no_limits, BEGIN + NS_PER_S);
	got = batch(spool, 10, ROOMY, NULL);
	assert_string_equal(member_text_or(at(got, 0), "agent", ""), "london");
	assert_int_equal(
	    record_id_parse(member_text_or(at(got, 0), "id", ""), &id, NULL),
	    0);
	assert_string_equal(id.box, "london");
	assert_string_equal(id.epoch, spool_epoch(spool));
	assert_string_equal(member_text_or(at(got, 1), "agent", ""), "lon");
	json_object_put(got);
	spool_free(spool);
}

/* Killed before the new epoch has taken over what it can. */
static void
three_of_which_the_collector_may_have_one(struct spool *spool)
{
	add(spool, 1);
	commit(spool, BEGIN);
	add(spool, 2);
	commit(spool, BEGIN + 10 * NS_PER_S);
	add(spool, 3);
	spool_set_back(spool, BEGIN + 5 * NS_PER_S);
	commit(spool, BEGIN + 20 * NS_PER_S);
}

static void
what_came_after_a_set_back_gets_ids_of_a_new_epoch(void **state)
{
	struct spool *spool;
	struct record_id old, new;
	json_object *got;

	live_and_die(state, three_of_which_the_collector_may_have_one);
	for (int i = 0; i < 2; i++) { /* once only */
		spool = open_spool(state, &no_limits, BEGIN + 60 * NS_PER_S);
		got = batch(spool, 10, ROOMY, &old);
		assert_int_equal(json_object_array_length(got), 1);
		assert_int_equal(mark_at(got, 0), 1);
		assert_int_equal(old.sequence, 1);
		json_object_put(got);
		spool_free(spool);
	}
	spool = open_spool(state, &no_limits, BEGIN + 70 * NS_PER_S);
	spool_acknowledge(spool, &old, NULL);
	got = batch(spool, 10, ROOMY, &new);
	assert_string_not_equal(new.epoch, old.epoch);
	assert_int_equal(mark_at(got, 0), 2);
	assert_int_equal(mark_at(got, 1), 3);
	assert_int_equal(
	    record_id_parse(member_text_or(at(got, 1), "id", ""), &new, NULL),
	    0);
	assert_int_equal(new.sequence, 2);
	assert_string_not_equal(new.epoch, old.epoch);
	json_object_put(got);
	spool_free(spool);
}

static void
open_runs_come_back_as_failed(void **state)
{
	struct spool *spool;
	json_object *got, *run;
	struct record_id last;
	nanoseconds now = BEGIN + 60 * NS_PER_S;

	live_and_die(state, two_runs_of_which_one_ends);
	spool = open_spool(state, &no_limits, now);
	json_object_put(batch(spool, 10, ROOMY, &last));
	assert_int_equal(last.sequence, 1);
	spool_acknowledge(spool, &last, NULL);
	got = batch(spool, 10, ROOMY, NULL);
	assert_int_equal(json_object_array_length(got), 2);
	run = at(got, 0);
	assert_string_equal(member_text_or(run, "outcome", ""), "failed");
	assert_string_equal(member_text_or(run, "test", ""), "core-ping");
	assert_string_equal(
	    member_text_or(run, "why", ""), "pharosd was stopped while it ran");
	assert_true(member_number_or(run, "start", 0) == 1795300002);
	assert_true(member_number_or(run, "end", 0) == 1795300005);
	json_object_put(got);
	spool_free(spool);

	spool = open_spool(state, &no_limits, now); /* once only */
	spool_acknowledge(spool, &last, NULL);
	json_object_put(batch(spool, 10, ROOMY, &last));
	spool_acknowledge(spool, &last, NULL);
	got = batch(spool, 10, ROOMY, NULL);
	assert_int_equal(json_object_array_length(got), 1);
	json_object_put(got);
	spool_free(spool);
}

static void
one_run_that_ends_unwritten(struct spool *spool)
{
	note(spool, 1, 1795300001);
	add(spool, 1);
	spool_ended(spool, 1);
	commit(spool, BEGIN);
}

static void
what_happened_once_is_known_for_a_year(void **state)
{
	struct spool *spool = open_spool(state, &no_limits, BEGIN);

	assert_false(spool_was(spool, "a"));
	spool_mark_once(spool, "a", BEGIN);
	assert_true(spool_was(spool, "a"));
	assert_false(spool_was(spool, "b"));
	commit(spool, BEGIN);
	assert_true(spool_was(spool, "a"));
	spool_free(spool);
	spool = open_spool(state, &no_limits, BEGIN + 365 * 86400 * NS_PER_S);
	assert_true(spool_was(spool, "a"));
	spool_free(spool);
	spool = open_spool(state, &no_limits, BEGIN + 367 * 86400 * NS_PER_S);
	assert_false(spool_was(spool, "a"));
	spool_free(spool);
}

static void
a_run_that_ended_before_the_commit_leaves_nothing(void **state)
{
	struct spool *spool;
	json_object *got;

	live_and_die(state, one_run_that_ends_unwritten);
	spool = open_spool(state, &no_limits, BEGIN);
	got = batch(spool, 10, ROOMY, NULL);
	assert_int_equal(json_object_array_length(got), 1);
	assert_int_equal(mark_at(got, 0), 1);
	json_object_put(got);
	spool_free(spool);
}

static void
one_record(struct spool *spool)
{
	add(spool, 1);
	commit(spool, BEGIN + NS_PER_S);
}

static void
time_away_is_a_gap_record(void **state)
{
	struct record_id last;
	struct spool *spool;
	json_object *got;

	live_and_die(state, one_record);
	spool = open_spool(state, &no_limits, BEGIN + 60 * NS_PER_S);
	json_object_put(batch(spool, 10, ROOMY, &last));
	spool_acknowledge(spool, &last, NULL);
	got = batch(spool, 10, ROOMY, NULL);
	assert_int_equal(json_object_array_length(got), 1);
	assert_string_equal(member_text_or(at(got, 0), "outcome", ""), "gap");
	assert_true(member_number_or(at(got, 0), "start", 0) == 1795300001);
	assert_true(member_number_or(at(got, 0), "end", 0) == 1795300061);
	assert_null(member_get(at(got, 0), "test"));
	json_object_put(got);
	spool_free(spool);
}

static void
a_clock_set_back_makes_no_gap_of_negative_length(void **state)
{
	struct spool *spool = open_spool(state, &no_limits, BEGIN);
	json_object *got;

	spool_free(spool); /* commits at the time of today */
	spool = open_spool(state, &no_limits, BEGIN - 60 * NS_PER_S);
	got = batch(spool, 10, ROOMY, NULL);
	assert_int_equal(json_object_array_length(got), 1);
	assert_true(member_number_or(at(got, 0), "start", -1) <=
		    member_number_or(at(got, 0), "end", -2));
	json_object_put(got);
	spool_free(spool);
}

/* The gap of a spool that lived until BEGIN + 1 s, and when runs may start. */
static nanoseconds
resumed(void **state, nanoseconds resume, json_object **gap)
{
	char *path = folder_path(state, "spool.db");
	struct record_id last;
	struct spool *spool;
	json_object *got;

	live_and_die(state, one_record);
	spool = spool_new(path, "lon", &no_limits, resume, NULL);
	resume = spool_resume(spool, resume, "a reason");
	commit(spool, resume);
	json_object_put(batch(spool, 10, ROOMY, &last));
	spool_acknowledge(spool, &last, NULL);
	got = batch(spool, 10, ROOMY, NULL);
	assert_int_equal(json_object_array_length(got), 1);
	*gap = json_object_get(at(got, 0));
	json_object_put(got);
	spool_free(spool);
	free(path);
	return (resume);
}

static void
a_clock_set_back_a_little_is_waited_for(void **state)
{
	json_object *gap;
	nanoseconds after = resumed(state, BEGIN - 60 * NS_PER_S, &gap);

	/* what starts in the second behind a commit has been noted in it */
	assert_true(after == BEGIN + 2 * NS_PER_S);
	assert_true(member_number_or(gap, "start", 0) == 1795300001);
	assert_true(member_number_or(gap, "end", 0) == 1795300002);
	assert_string_equal(member_text_or(gap, "why", ""), "a reason");
	json_object_put(gap);
}

static void
a_clock_set_back_far_is_named(void **state)
{
	json_object *gap;
	nanoseconds after = resumed(state, BEGIN - 3600 * NS_PER_S, &gap);

	assert_true(after == BEGIN - 3600 * NS_PER_S);
	assert_true(member_number_or(gap, "start", 0) == 1795300000 - 3600);
	assert_true(member_number_or(gap, "end", 0) == 1795300002);
	assert_non_null(strstr(member_text_or(gap, "why", ""), "set back by"));
	json_object_put(gap);
}

static void
a_clock_set_back_by_years_leaves_what_a_collector_takes(void **state)
{
	json_object *gap;
	nanoseconds after = resumed(state, BEGIN / 2, &gap);

	assert_true(after == BEGIN / 2);
	assert_true(member_number_or(gap, "start", 0) ==
		    member_number_or(gap, "end", 1));
	json_object_put(gap);
}

static void
set_back_a_little(struct spool *spool)
{
	commit(spool, BEGIN + 20 * NS_PER_S);
	commit(spool, BEGIN + 5 * NS_PER_S);
	assert_true(spool_lived(spool) == BEGIN + 20 * NS_PER_S);
}

static void
what_was_set_back_while_it_lived_is_waited_for_by_the_next_life(void **state)
{
	char *path = folder_path(state, "spool.db");
	struct spool *spool;

	live_and_die(state, set_back_a_little);
	spool = spool_new(path, "lon", &no_limits, BEGIN + 7 * NS_PER_S, NULL);
	assert_true(spool_resume(spool, BEGIN + 8 * NS_PER_S, "a reason") ==
		    BEGIN + 21 * NS_PER_S);
	commit(spool, BEGIN + 8 * NS_PER_S);
	assert_true(spool_lived(spool) == BEGIN + 20 * NS_PER_S);
	commit(spool, BEGIN - 3600 * NS_PER_S); /* too far */
	assert_true(spool_lived(spool) == BEGIN - 3600 * NS_PER_S);
	spool_free(spool);
	free(path);
}

/* What dies before it ever resumed leaves the last commit of before. */
static void
rest(struct spool *spool)
{
	commit(spool, BEGIN + 3 * NS_PER_S);
	spool_rest(spool);
	commit(spool, BEGIN + 50 * NS_PER_S);
}

static void
a_gap_begins_when_the_rest_began(void **state)
{
	char *path = folder_path(state, "spool.db");
	struct spool *spool;

	live_and_die(state, rest);
	spool = spool_new(path, "lon", &no_limits, BEGIN, NULL);
	assert_true(spool_lived(spool) == BEGIN + 3 * NS_PER_S);
	commit(spool, BEGIN + 100 * NS_PER_S); /* it has no plan, say */
	assert_true(spool_lived(spool) == BEGIN + 3 * NS_PER_S);
	spool_resume(spool, BEGIN + 200 * NS_PER_S, "a reason");
	commit(spool, BEGIN + 200 * NS_PER_S);
	assert_true(spool_lived(spool) == BEGIN + 200 * NS_PER_S);
	spool_free(spool);
	free(path);
}

/* Its first plan may have found a full disk, and been measured by. */
static void
a_first_life_that_committed_nothing_is_named(void **state)
{
	char *path = folder_path(state, "spool.db");
	struct spool *spool = spool_new(path, "lon", &no_limits, BEGIN, NULL);
	json_object *got;

	spool_free(spool); /* no plan was kept */
	spool = spool_new(path, "lon", &no_limits, BEGIN + 9 * NS_PER_S, NULL);
	commit(spool, BEGIN + 30 * NS_PER_S);
	spool_resume(spool, BEGIN + 60 * NS_PER_S, "a reason");
	commit(spool, BEGIN + 60 * NS_PER_S);
	got = batch(spool, 10, ROOMY, NULL);
	assert_int_equal(json_object_array_length(got), 1);
	assert_true(member_number_or(at(got, 0), "start", 0) == 1795300000);
	assert_true(member_number_or(at(got, 0), "end", 0) == 1795300060);
	json_object_put(got);
	spool_free(spool);
	free(path);
}

/* A clock that nobody believes in ages nothing. */
static void
unknown_time_drops_nothing_by_age(void **state)
{
	static const struct spool_limits hour = {ROOMY, 3600 * NS_PER_S};
	struct spool *spool = open_spool(state, &hour, BEGIN);
	struct spool_depth depth;

	add(spool, 1);
	commit(spool, BEGIN);
	spool_rest(spool);
	add(spool, 2);
	commit(spool, 0);
	spool_resume(spool, BEGIN + 1800 * NS_PER_S, "a reason");
	commit(spool, BEGIN + 1800 * NS_PER_S);
	spool_depth(spool, &depth);
	assert_int_equal(depth.records, 3);
	assert_int_equal(depth.dropped, 0);
	commit(spool, BEGIN + 3601 * NS_PER_S);
	spool_depth(spool, &depth);
	assert_int_equal(depth.dropped, 2); /* dated by the last good time */
	spool_free(spool);
}

static void
overflow_leaves_one_gap_that_grows(void **state)
{
	static const struct spool_limits limits = {
	    20000, 366 * 86400 * NS_PER_S};
	struct spool *spool = open_spool(state, &limits, BEGIN);
	struct spool_depth depth;
	json_object *got;
	size_t count, i;

	for (i = 0; i < 1000; i++) {
		add(spool, (int64_t)i);
		if (i % 10 == 9)
			commit(spool, BEGIN + (nanoseconds)i * NS_PER_S);
	}
	spool_depth(spool, &depth);
	got = batch(spool, 1000, ROOMY, NULL);
	count = json_object_array_length(got);
	assert_true(depth.bytes < 21000);
	assert_int_equal(depth.records, count);
	assert_int_equal(depth.dropped, 1000 - (count - 1));
	assert_string_equal(member_text_or(at(got, 0), "outcome", ""), "gap");
	assert_non_null(
	    strstr(member_text_or(at(got, 0), "why", ""), "spool overflow"));
	assert_true(member_number_or(at(got, 0), "start", 0) == 1795300009);
	for (i = 1; i < count; i++)
		assert_int_equal(mark_at(got, i), 1000 - count + i);
	json_object_put(got);
	spool_free(spool);
}

static void
old_records_go_too(void **state)
{
	static const struct spool_limits limits = {ROOMY, 3600 * NS_PER_S};
	struct spool *spool = open_spool(state, &limits, BEGIN);
	struct record_id last;
	json_object *got;

	add(spool, 0);
	add(spool, 1);
	commit(spool, BEGIN);
	add(spool, 2);
	commit(spool, BEGIN + 1800 * NS_PER_S);
	commit(spool, BEGIN + 3601 * NS_PER_S);
	commit(spool, BEGIN + 3602 * NS_PER_S);
	got = batch(spool, 10, ROOMY, &last);
	assert_int_equal(json_object_array_length(got), 2);
	assert_non_null(
	    strstr(member_text_or(at(got, 0), "why", ""), "2 records dropped"));
	assert_int_equal(mark_at(got, 1), 2);
	assert_int_equal(last.sequence, 3);
	json_object_put(got);
	spool_free(spool);
}

static void
limit_files(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
a_full_disk_loses_nothing(void **state)
{
	struct spool *spool = open_spool(state, &no_limits, BEGIN);
	struct error err;
	json_object *got;
	size_t i;

	signal(SIGXFSZ, SIG_IGN);
	limit_files(1);
	for (i = 0; i < 50; i++)
		add(spool, (int64_t)i);
	assert_int_equal(spool_commit(spool, BEGIN, &err), -1);
	add(spool, 50);
	assert_int_equal(spool_commit(spool, BEGIN, &err), -1);
	assert_non_null(strstr(err.text, "spool.db"));
	got = batch(spool, 100, ROOMY, NULL);
	assert_int_equal(json_object_array_length(got), 0);
	json_object_put(got);

	limit_files(RLIM_INFINITY);
	commit(spool, BEGIN);
	got = batch(spool, 100, ROOMY, NULL);
	assert_int_equal(json_object_array_length(got), 51);
	for (i = 0; i < 51; i++)
		assert_int_equal(mark_at(got, i), i);
	json_object_put(got);
	spool_free(spool);
}

static void
a_disk_full_for_long_does_not_fill_memory(void **state)
{
	struct spool *spool = open_spool(state, &no_limits, BEGIN);
	char *filler = malloc(1000001);
	struct spool_depth depth;
	json_object *record, *got;
	int i;

	memset(filler, 'x', 1000000);
	filler[1000000] = '\0';
	signal(SIGXFSZ, SIG_IGN);
	limit_files(1);
	for (i = 0; i < 60; i++) {
		record = json_object_new_object();
		member_add_text(record, "filler", filler);
		assert_int_equal(spool_add(spool, record, NULL), 0);
		json_object_put(record);
		assert_int_equal(spool_commit(spool, BEGIN, NULL), -1);
	}
	spool_depth(spool, &depth);
	assert_in_range(depth.bytes, 30000000, 35000000);
	limit_files(RLIM_INFINITY);
	commit(spool, BEGIN);
	spool_depth(spool, &depth);
	assert_int_equal(depth.dropped, 60 - (depth.records - 1));
	got = batch(spool, 1, ROOMY, NULL);
	assert_string_equal(member_text_or(at(got, 0), "outcome", ""), "gap");
	json_object_put(got);
	free(filler);
	spool_free(spool);
}

static void
a_record_over_the_limit_is_refused(void **state)
{
	struct spool *spool = open_spool(state, &no_limits, BEGIN);
	json_object *record = json_object_new_object();
	char *filler = malloc(RECORD_MOST + 1);
	struct error err;

	memset(filler, 'x', RECORD_MOST);
	filler[RECORD_MOST] = '\0';
	member_add_text(record, "filler", filler);
	assert_int_equal(spool_add(spool, record, &err), -1);
	assert_non_null(strstr(err.text, "1048576"));
	json_object_put(record);
	free(filler);
	spool_free(spool);
}

#define IN_FOLDER(test) \
	cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(first_start_says_nothing),
	    IN_FOLDER(only_committed_records_leave_and_in_order),
	    IN_FOLDER(records_carry_their_id_and_agent),
	    IN_FOLDER(a_batch_keeps_to_its_limits),
	    IN_FOLDER(a_batch_is_of_one_epoch),
	    IN_FOLDER(acknowledged_records_are_gone),
	    IN_FOLDER(what_was_never_sent_cannot_be_acknowledged),
	    IN_FOLDER(spool_survives_kill),
	    IN_FOLDER(what_came_after_a_set_back_gets_ids_of_a_new_epoch),
	    IN_FOLDER(open_runs_come_back_as_failed),
	    IN_FOLDER(an_open_run_is_of_the_name_that_began_it),
	    IN_FOLDER(what_happened_once_is_known_for_a_year),
	    IN_FOLDER(a_run_that_ended_before_the_commit_leaves_nothing),
	    IN_FOLDER(time_away_is_a_gap_record),
	    IN_FOLDER(a_clock_set_back_makes_no_gap_of_negative_length),
	    IN_FOLDER(a_clock_set_back_a_little_is_waited_for),
	    IN_FOLDER(a_clock_set_back_far_is_named),
	    IN_FOLDER(a_clock_set_back_by_years_leaves_what_a_collector_takes),
	    IN_FOLDER(
		what_was_set_back_while_it_lived_is_waited_for_by_the_next_life),
	    IN_FOLDER(a_gap_begins_when_the_rest_began),
	    IN_FOLDER(a_first_life_that_committed_nothing_is_named),
	    IN_FOLDER(unknown_time_drops_nothing_by_age),
	    IN_FOLDER(overflow_leaves_one_gap_that_grows),
	    IN_FOLDER(old_records_go_too),
	    IN_FOLDER(a_full_disk_loses_nothing),
	    IN_FOLDER(a_disk_full_for_long_does_not_fill_memory),
	    IN_FOLDER(a_record_over_the_limit_is_refused),
	};

	return (cmocka_run_group_tests_name("spool", tests, NULL, NULL));
}
