/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/spool.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/member.h"
#include "tests/unit/folder.h"
#include "tests/unit/spooled.h"

static void
overflow_leaves_one_gap_that_grows(void **state)
{
	static const struct spool_limits limits = {
	    20000, 366 * 86400 * NS_PER_S};
	struct spool *spool = spooled_open(state, &limits, SPOOLED_AT);
	struct spool_depth depth;
	json_object *got;
	size_t count, i;

	for (i = 0; i < 1000; i++) {
		spooled_add(spool, (int64_t)i);
		if (i % 10 == 9)
			spooled_commit(
			    spool, SPOOLED_AT + (nanoseconds)i * NS_PER_S);
	}
	spool_depth(spool, &depth);
	got = spooled_batch(spool, 1000, SPOOLED_ROOM, NULL);
	count = json_object_array_length(got);
	assert_true(depth.bytes < 21000);
	assert_int_equal(depth.records, count);
	assert_int_equal(depth.dropped, 1000 - (count - 1));
	assert_string_equal(
	    member_text_or(spooled_at(got, 0), "outcome", ""), "gap");
	assert_non_null(strstr(
	    member_text_or(spooled_at(got, 0), "why", ""), "spool overflow"));
	assert_true(
	    member_number_or(spooled_at(got, 0), "start", 0) == 1795300009);
	for (i = 1; i < count; i++)
		assert_int_equal(spooled_mark(got, i), 1000 - count + i);
	json_object_put(got);
	spool_free(spool);
}

static void
old_records_go_too(void **state)
{
	static const struct spool_limits limits = {
	    SPOOLED_ROOM, 3600 * NS_PER_S};
	struct spool *spool = spooled_open(state, &limits, SPOOLED_AT);
	struct record_id last;
	json_object *got;

	spooled_add(spool, 0);
	spooled_add(spool, 1);
	spooled_commit(spool, SPOOLED_AT);
	spooled_add(spool, 2);
	spooled_commit(spool, SPOOLED_AT + 1800 * NS_PER_S);
	spooled_commit(spool, SPOOLED_AT + 3601 * NS_PER_S);
	spooled_commit(spool, SPOOLED_AT + 3602 * NS_PER_S);
	got = spooled_batch(spool, 10, SPOOLED_ROOM, &last);
	assert_int_equal(json_object_array_length(got), 2);
	assert_non_null(strstr(member_text_or(spooled_at(got, 0), "why", ""),
	    "2 records dropped"));
	assert_int_equal(spooled_mark(got, 1), 2);
	assert_int_equal(last.sequence, 3);
	json_object_put(got);
	spool_free(spool);
}

/* A clock that nobody believes in ages nothing. */
static void
unknown_time_drops_nothing_by_age(void **state)
{
	static const struct spool_limits hour = {SPOOLED_ROOM, 3600 * NS_PER_S};
	struct spool *spool = spooled_open(state, &hour, SPOOLED_AT);
	struct spool_depth depth;

	spooled_add(spool, 1);
	spooled_commit(spool, SPOOLED_AT);
	spool_rest(spool);
	spooled_add(spool, 2);
	spooled_commit(spool, 0);
	spool_resume(spool, SPOOLED_AT + 1800 * NS_PER_S, "a reason");
	spooled_commit(spool, SPOOLED_AT + 1800 * NS_PER_S);
	spool_depth(spool, &depth);
	assert_int_equal(depth.records, 3);
	assert_int_equal(depth.dropped, 0);
	spooled_commit(spool, SPOOLED_AT + 3601 * NS_PER_S);
	spool_depth(spool, &depth);
	assert_int_equal(depth.dropped, 2); /* dated by the last good time */
	spool_free(spool);
}

static json_object *
whole(struct spool *spool)
{
	return (spooled_batch(spool, 1000, SPOOLED_ROOM, NULL));
}

/* The answer is lost, or comes late. */
static void
a_batch_that_the_collector_may_have_is_not_called_dropped(void **state)
{
	static const struct spool_limits limits = {
	    SPOOLED_ROOM, 3600 * NS_PER_S};
	struct spool *spool = spooled_open(state, &limits, SPOOLED_AT);
	const nanoseconds late = SPOOLED_AT + 7200 * NS_PER_S;
	struct record_id sent;
	json_object *got;

	for (int64_t i = 0; i < 5; i++)
		spooled_add(spool, i);
	spooled_commit(spool, SPOOLED_AT);
	json_object_put(spooled_batch(spool, 3, SPOOLED_ROOM, &sent));
	spooled_commit(spool, late);
	got = whole(spool);
	assert_int_equal(json_object_array_length(got), 4);
	assert_int_equal(spooled_mark(got, 0), 0);
	assert_int_equal(spooled_mark(got, 2), 2);
	assert_non_null(strstr(member_text_or(spooled_at(got, 3), "why", ""),
	    "2 records dropped"));
	json_object_put(got);
	assert_int_equal(spool_acknowledge(spool, &sent, NULL), 0);
	got = whole(spool);
	assert_int_equal(json_object_array_length(got), 1);
	json_object_put(got);
	spool_free(spool);
}

static void
a_batch_under_way_takes_no_room_from_what_follows(void **state)
{
	static const struct spool_limits limits = {
	    20000, 366 * 86400 * NS_PER_S};
	struct spool *spool = spooled_open(state, &limits, SPOOLED_AT);
	struct spool_depth depth;
	json_object *got;
	int64_t i;

	for (i = 0; i < 250; i++)
		spooled_add(spool, i);
	spooled_commit(spool, SPOOLED_AT);
	json_object_put(whole(spool));
	for (; i < 500; i++)
		spooled_add(spool, i);
	spooled_commit(spool, SPOOLED_AT);
	spool_depth(spool, &depth);
	assert_in_range(depth.bytes, 25000, 39000);
	assert_int_equal(depth.dropped, 0);
	for (; i < 750; i++)
		spooled_add(spool, i);
	spooled_commit(spool, SPOOLED_AT);
	spool_depth(spool, &depth);
	assert_in_range(depth.dropped, 1, 250);
	got = whole(spool);
	assert_int_equal(spooled_mark(got, 249), 249);
	assert_string_equal(
	    member_text_or(spooled_at(got, 250), "outcome", ""), "gap");
	assert_int_equal(spooled_mark(got, 251), 250 + depth.dropped);
	json_object_put(got);
	spool_free(spool);
}

/* As after a boot by a clock that is put right a minute later. */
static void
a_clock_that_leapt_before_the_start_makes_nothing_old(void **state)
{
	static const struct spool_limits fortnight = {
	    SPOOLED_ROOM, 14 * 86400 * NS_PER_S};
	const nanoseconds leapt = SPOOLED_AT + 20 * 86400 * NS_PER_S;
	struct spool *spool = spooled_open(state, &fortnight, SPOOLED_AT);
	char *path = folder_path(state, "spool.db");
	struct spool_depth depth;

	spooled_add(spool, 1);
	spooled_add(spool, 2);
	spooled_commit(spool, SPOOLED_AT);
	spool_free(spool);
	spool = spool_new(path, "lon", &fortnight, leapt, NULL);
	assert_non_null(spool);
	spool_depth(spool, &depth);
	assert_int_equal(depth.dropped, 0);
	assert_int_equal(depth.records, 2);
	spooled_commit(spool, leapt); /* the caller knows better by now */
	spool_depth(spool, &depth);
	assert_int_equal(depth.dropped, 2);
	spool_free(spool);
	free(path);
}

/* The hour that the site has asked for is what is named. */
static void
a_leap_of_the_clock_moves_no_limit(void **state)
{
	static const struct spool_limits hour = {SPOOLED_ROOM, 3600 * NS_PER_S};
	struct spool *spool = spooled_open(state, &hour, SPOOLED_AT);
	struct spool_depth depth;
	json_object *got;

	spooled_add(spool, 1);
	spooled_commit(spool, SPOOLED_AT);
	spool_set_leap(spool, 1800 * NS_PER_S);
	spooled_commit(spool, SPOOLED_AT + 5400 * NS_PER_S);
	spool_depth(spool, &depth);
	assert_int_equal(depth.dropped, 0);
	spooled_commit(spool, SPOOLED_AT + 5401 * NS_PER_S);
	got = whole(spool);
	assert_non_null(
	    strstr(member_text_or(spooled_at(got, 0), "why", ""), " and 1 h"));
	json_object_put(got);
	spool_free(spool);
}

static void
a_full_disk_loses_nothing(void **state)
{
	struct spool *spool = spooled_open(state, &spooled_limits, SPOOLED_AT);
	struct error err;
	json_object *got;
	size_t i;

	signal(SIGXFSZ, SIG_IGN);
	folder_limit_files(1);
	for (i = 0; i < 50; i++)
		spooled_add(spool, (int64_t)i);
	assert_int_equal(spool_commit(spool, SPOOLED_AT, &err), -1);
	spooled_add(spool, 50);
	assert_int_equal(spool_commit(spool, SPOOLED_AT, &err), -1);
	assert_non_null(strstr(err.text, "spool.db"));
	got = spooled_batch(spool, 100, SPOOLED_ROOM, NULL);
	assert_int_equal(json_object_array_length(got), 0);
	json_object_put(got);

	folder_limit_files(RLIM_INFINITY);
	spooled_commit(spool, SPOOLED_AT);
	got = spooled_batch(spool, 100, SPOOLED_ROOM, NULL);
	assert_int_equal(json_object_array_length(got), 51);
	for (i = 0; i < 51; i++)
		assert_int_equal(spooled_mark(got, i), i);
	json_object_put(got);
	spool_free(spool);
}

/* Frees it, and what it says meanwhile: through a pipe, which is no file. */
static void
free_heard(struct spool *spool, char *text, size_t size)
{
	int before = dup(STDERR_FILENO), ends[2];
	ssize_t length;

	assert_return_code(pipe(ends), errno);
	assert_return_code(dup2(ends[1], STDERR_FILENO), errno);
	spool_free(spool);
	dup2(before, STDERR_FILENO);
	close(before);
	close(ends[1]);
	length = read(ends[0], text, size - 1);
	close(ends[0]);
	assert_true(length >= 0);
	text[length] = '\0';
}

static void
what_a_full_disk_makes_lost_at_the_end_is_said(void **state)
{
	struct spool *spool = spooled_open(state, &spooled_limits, SPOOLED_AT);
	char said[4096];

	signal(SIGXFSZ, SIG_IGN);
	folder_limit_files(1);
	for (int64_t i = 0; i < 50; i++)
		spooled_add(spool, i);
	assert_int_equal(spool_commit(spool, SPOOLED_AT, NULL), -1);
	free_heard(spool, said, sizeof(said));
	folder_limit_files(RLIM_INFINITY);
	assert_non_null(strstr(said, "50 records are lost: "));
	assert_non_null(strstr(said, "spool.db"));
}

static void
a_disk_full_for_long_does_not_fill_memory(void **state)
{
	struct spool *spool = spooled_open(state, &spooled_limits, SPOOLED_AT);
	char *filler = malloc(1000001);
	struct spool_depth depth;
	json_object *record, *got;
	int i;

	memset(filler, 'x', 1000000);
	filler[1000000] = '\0';
	signal(SIGXFSZ, SIG_IGN);
	folder_limit_files(1);
	for (i = 0; i < 60; i++) {
		record = json_object_new_object();
		member_add_text(record, "filler", filler);
		assert_int_equal(spool_add(spool, record, NULL), 0);
		json_object_put(record);
		assert_int_equal(spool_commit(spool, SPOOLED_AT, NULL), -1);
	}
	spool_depth(spool, &depth);
	assert_in_range(depth.bytes, 30000000, 35000000);
	folder_limit_files(RLIM_INFINITY);
	spooled_commit(spool, SPOOLED_AT);
	spool_depth(spool, &depth);
	assert_int_equal(depth.dropped, 60 - (depth.records - 1));
	got = spooled_batch(spool, 1, SPOOLED_ROOM, NULL);
	assert_string_equal(
	    member_text_or(spooled_at(got, 0), "outcome", ""), "gap");
	json_object_put(got);
	free(filler);
	spool_free(spool);
}

/* SQLite would keep 2 MB of what it has read for as long as it lives. */
static void
an_outage_leaves_little_in_memory(void **state)
{
	struct spool *spool = spooled_open(state, &spooled_limits, SPOOLED_AT);
	int64_t before = sqlite3_memory_used();
	struct record_id last;
	json_object *got;
	size_t count;

	for (int64_t i = 0; i < 20000; i++)
		spooled_add(spool, i);
	spooled_commit(spool, SPOOLED_AT);
	do {
		got = spooled_batch(spool, 1000, SPOOLED_ROOM, &last);
		count = json_object_array_length(got);
		json_object_put(got);
		if (count > 0)
			spool_acknowledge(spool, &last, NULL);
		spooled_commit(spool, SPOOLED_AT);
	} while (count > 0);
	assert_in_range(sqlite3_memory_used() - before, 0, 500000);
	spool_free(spool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(unknown_time_drops_nothing_by_age),
	    IN_FOLDER(overflow_leaves_one_gap_that_grows),
	    IN_FOLDER(old_records_go_too),
	    IN_FOLDER(
		a_batch_that_the_collector_may_have_is_not_called_dropped),
	    IN_FOLDER(a_batch_under_way_takes_no_room_from_what_follows),
	    IN_FOLDER(a_leap_of_the_clock_moves_no_limit),
	    IN_FOLDER(a_clock_that_leapt_before_the_start_makes_nothing_old),
	    IN_FOLDER(a_full_disk_loses_nothing),
	    IN_FOLDER(what_a_full_disk_makes_lost_at_the_end_is_said),
	    IN_FOLDER(a_disk_full_for_long_does_not_fill_memory),
	    IN_FOLDER(an_outage_leaves_little_in_memory),
	};

	return (cmocka_run_group_tests_name("spool_bounds", tests, NULL, NULL));
}
