/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/spool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/member.h"
#include "tests/unit/folder.h"
#include "tests/unit/spooled.h"

static void
one_record(struct spool *spool)
{
	spooled_add(spool, 1);
	spooled_commit(spool, SPOOLED_AT + NS_PER_S);
}

static void
time_away_is_a_gap_record(void **state)
{
	struct record_id last;
	struct spool *spool;
	json_object *got;

	spooled_kill(state, one_record);
	spool =
	    spooled_open(state, &spooled_limits, SPOOLED_AT + 60 * NS_PER_S);
	json_object_put(spooled_batch(spool, 10, SPOOLED_ROOM, &last));
	spool_acknowledge(spool, &last, NULL);
	got = spooled_batch(spool, 10, SPOOLED_ROOM, NULL);
	assert_int_equal(json_object_array_length(got), 1);
	assert_string_equal(
	    member_text_or(spooled_at(got, 0), "outcome", ""), "gap");
	assert_true(
	    member_number_or(spooled_at(got, 0), "start", 0) == 1795300001);
	assert_true(
	    member_number_or(spooled_at(got, 0), "end", 0) == 1795300061);
	assert_null(member_get(spooled_at(got, 0), "test"));
	json_object_put(got);
	spool_free(spool);
}

static void
a_clock_set_back_makes_no_gap_of_negative_length(void **state)
{
	struct spool *spool = spooled_open(state, &spooled_limits, SPOOLED_AT);
	json_object *got;

	spool_free(spool); /* commits at the time of today */
	spool =
	    spooled_open(state, &spooled_limits, SPOOLED_AT - 60 * NS_PER_S);
	got = spooled_batch(spool, 10, SPOOLED_ROOM, NULL);
	assert_int_equal(json_object_array_length(got), 1);
	assert_true(member_number_or(spooled_at(got, 0), "start", -1) <=
		    member_number_or(spooled_at(got, 0), "end", -2));
	json_object_put(got);
	spool_free(spool);
}

/* The gap of a spool that lived until SPOOLED_AT + 1 s, and when runs may start. */
static nanoseconds
resumed(void **state, nanoseconds resume, json_object **gap)
{
	char *path = folder_path(state, "spool.db");
	struct record_id last;
	struct spool *spool;
	json_object *got;

	spooled_kill(state, one_record);
	spool = spool_new(path, "lon", &spooled_limits, resume, NULL);
	resume = spool_resume(spool, resume, "a reason");
	spooled_commit(spool, resume);
	json_object_put(spooled_batch(spool, 10, SPOOLED_ROOM, &last));
	spool_acknowledge(spool, &last, NULL);
	got = spooled_batch(spool, 10, SPOOLED_ROOM, NULL);
	assert_int_equal(json_object_array_length(got), 1);
	*gap = json_object_get(spooled_at(got, 0));
	json_object_put(got);
	spool_free(spool);
	free(path);
	return (resume);
}

static void
a_clock_set_back_a_little_is_waited_for(void **state)
{
	json_object *gap;
	nanoseconds after = resumed(state, SPOOLED_AT - 60 * NS_PER_S, &gap);

	/* what starts in the second behind a commit has been noted in it */
	assert_true(after == SPOOLED_AT + 2 * NS_PER_S);
	assert_true(member_number_or(gap, "start", 0) == 1795300001);
	assert_true(member_number_or(gap, "end", 0) == 1795300002);
	assert_string_equal(member_text_or(gap, "why", ""), "a reason");
	json_object_put(gap);
}

static void
a_clock_set_back_far_is_named(void **state)
{
	json_object *gap;
	nanoseconds after = resumed(state, SPOOLED_AT - 3600 * NS_PER_S, &gap);

	assert_true(after == SPOOLED_AT - 3600 * NS_PER_S);
	assert_true(member_number_or(gap, "start", 0) == 1795300000 - 3600);
	assert_true(member_number_or(gap, "end", 0) == 1795300002);
	assert_non_null(strstr(member_text_or(gap, "why", ""), "set back by"));
	json_object_put(gap);
}

static void
a_clock_set_back_by_years_leaves_what_a_collector_takes(void **state)
{
	json_object *gap;
	nanoseconds after = resumed(state, SPOOLED_AT / 2, &gap);

	assert_true(after == SPOOLED_AT / 2);
	assert_true(member_number_or(gap, "start", 0) ==
		    member_number_or(gap, "end", 1));
	json_object_put(gap);
}

static void
set_back_a_little(struct spool *spool)
{
	spooled_commit(spool, SPOOLED_AT + 20 * NS_PER_S);
	spooled_commit(spool, SPOOLED_AT + 5 * NS_PER_S);
	assert_true(spool_lived(spool) == SPOOLED_AT + 20 * NS_PER_S);
}

static void
what_was_set_back_while_it_lived_is_waited_for_by_the_next_life(void **state)
{
	char *path = folder_path(state, "spool.db");
	struct spool *spool;

	spooled_kill(state, set_back_a_little);
	spool = spool_new(
	    path, "lon", &spooled_limits, SPOOLED_AT + 7 * NS_PER_S, NULL);
	assert_true(spool_resume(spool, SPOOLED_AT + 8 * NS_PER_S,
			"a reason") == SPOOLED_AT + 21 * NS_PER_S);
	spooled_commit(spool, SPOOLED_AT + 8 * NS_PER_S);
	assert_true(spool_lived(spool) == SPOOLED_AT + 20 * NS_PER_S);
	spooled_commit(spool, SPOOLED_AT - 3600 * NS_PER_S); /* too far */
	assert_true(spool_lived(spool) == SPOOLED_AT - 3600 * NS_PER_S);
	spool_free(spool);
	free(path);
}

/* What dies before it ever resumed leaves the last commit of before. */
static void
rest(struct spool *spool)
{
	spooled_commit(spool, SPOOLED_AT + 3 * NS_PER_S);
	spool_rest(spool);
	spooled_commit(spool, SPOOLED_AT + 50 * NS_PER_S);
}

static void
a_gap_begins_when_the_rest_began(void **state)
{
	char *path = folder_path(state, "spool.db");
	struct spool *spool;

	spooled_kill(state, rest);
	spool = spool_new(path, "lon", &spooled_limits, SPOOLED_AT, NULL);
	assert_true(spool_lived(spool) == SPOOLED_AT + 3 * NS_PER_S);
	spooled_commit(
	    spool, SPOOLED_AT + 100 * NS_PER_S); /* it has no plan, say */
	assert_true(spool_lived(spool) == SPOOLED_AT + 3 * NS_PER_S);
	spool_resume(spool, SPOOLED_AT + 200 * NS_PER_S, "a reason");
	spooled_commit(spool, SPOOLED_AT + 200 * NS_PER_S);
	assert_true(spool_lived(spool) == SPOOLED_AT + 200 * NS_PER_S);
	spool_free(spool);
	free(path);
}

/* Its first plan may have found a full disk, and been measured by. */
static void
a_first_life_that_committed_nothing_is_named(void **state)
{
	char *path = folder_path(state, "spool.db");
	struct spool *spool =
	    spool_new(path, "lon", &spooled_limits, SPOOLED_AT, NULL);
	json_object *got;

	spool_free(spool); /* no plan was kept */
	spool = spool_new(
	    path, "lon", &spooled_limits, SPOOLED_AT + 9 * NS_PER_S, NULL);
	spooled_commit(spool, SPOOLED_AT + 30 * NS_PER_S);
	spool_resume(spool, SPOOLED_AT + 60 * NS_PER_S, "a reason");
	spooled_commit(spool, SPOOLED_AT + 60 * NS_PER_S);
	got = spooled_batch(spool, 10, SPOOLED_ROOM, NULL);
	assert_int_equal(json_object_array_length(got), 1);
	assert_true(
	    member_number_or(spooled_at(got, 0), "start", 0) == 1795300000);
	assert_true(
	    member_number_or(spooled_at(got, 0), "end", 0) == 1795300060);
	json_object_put(got);
	spool_free(spool);
	free(path);
}

static void
add_at(struct spool *spool, nanoseconds start)
{
	json_object *record = json_object_new_object();

	member_add_duration(record, "start", start);
	member_add_duration(record, "end", start + NS_PER_S);
	assert_int_equal(spool_add(spool, record, NULL), 0);
	json_object_put(record);
}

#define DAY (86400 * NS_PER_S)

/* Nothing spoke against the clock while it was three days ahead. */
static void
what_a_clock_of_days_to_come_dated_is_named_instead(void **state)
{
	struct spool *spool = spooled_open(state, &spooled_limits, SPOOLED_AT);
	const nanoseconds ahead = 3 * DAY, now = SPOOLED_AT + 60 * NS_PER_S;
	json_object *got, *gap;
	struct error err;

	add_at(spool, SPOOLED_AT + 10 * NS_PER_S);
	add_at(spool, SPOOLED_AT + 20 * NS_PER_S + ahead);
	spooled_commit(spool, SPOOLED_AT + 21 * NS_PER_S + ahead);
	add_at(spool, SPOOLED_AT + 30 * NS_PER_S + ahead);
	assert_int_equal(
	    spool_discredit(spool, now + DAY / 2, ahead, now, &err), 0);
	assert_true(spool_lived(spool) == now);
	got = spooled_batch(spool, 10, SPOOLED_ROOM, NULL);
	assert_int_equal(json_object_array_length(got), 2);
	gap = spooled_at(got, 1);
	assert_true(member_number_or(gap, "start", 0) == 1795300020);
	assert_true(member_number_or(gap, "end", 0) == 1795300031);
	assert_string_equal(member_text_or(gap, "why", ""),
	    "2 records dropped: the clock that they are dated by was 3 d ahead "
	    "of the collector's");
	json_object_put(got);
	assert_int_equal(
	    spool_discredit(spool, now + DAY / 2, ahead, now, &err), 0);
	got = spooled_batch(spool, 10, SPOOLED_ROOM, NULL);
	assert_int_equal(json_object_array_length(got), 2);
	json_object_put(got);
	spool_free(spool);
}

/* As a statement of a far end, which is dated by its peer. */
static void
what_another_clock_dated_between_them_stays(void **state)
{
	struct spool *spool = spooled_open(state, &spooled_limits, SPOOLED_AT);
	const nanoseconds ahead = 3 * DAY, now = SPOOLED_AT + 60 * NS_PER_S;
	struct spool_depth depth;
	json_object *got;
	struct error err;

	add_at(spool, SPOOLED_AT + 20 * NS_PER_S + ahead);
	add_at(spool, SPOOLED_AT + 21 * NS_PER_S + ahead);
	add_at(spool, SPOOLED_AT + 22 * NS_PER_S);
	add_at(spool, SPOOLED_AT + 23 * NS_PER_S + ahead);
	add_at(spool, SPOOLED_AT + 24 * NS_PER_S);
	assert_int_equal(
	    spool_discredit(spool, now + DAY / 2, ahead, now, &err), 0);
	got = spooled_batch(spool, 10, SPOOLED_ROOM, NULL);
	assert_int_equal(json_object_array_length(got), 3);
	assert_true(
	    member_number_or(spooled_at(got, 0), "start", 0) == 1795300022);
	assert_true(
	    member_number_or(spooled_at(got, 1), "start", 0) == 1795300024);
	assert_non_null(strstr(member_text_or(spooled_at(got, 2), "why", ""),
	    "3 records dropped"));
	assert_true(
	    member_number_or(spooled_at(got, 2), "start", 0) == 1795300020);
	json_object_put(got);
	spool_depth(spool, &depth);
	assert_int_equal(depth.records, 3);
	spool_free(spool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(time_away_is_a_gap_record),
	    IN_FOLDER(a_clock_set_back_makes_no_gap_of_negative_length),
	    IN_FOLDER(a_clock_set_back_a_little_is_waited_for),
	    IN_FOLDER(a_clock_set_back_far_is_named),
	    IN_FOLDER(a_clock_set_back_by_years_leaves_what_a_collector_takes),
	    IN_FOLDER(
		what_was_set_back_while_it_lived_is_waited_for_by_the_next_life),
	    IN_FOLDER(a_gap_begins_when_the_rest_began),
	    IN_FOLDER(a_first_life_that_committed_nothing_is_named),
	    IN_FOLDER(what_a_clock_of_days_to_come_dated_is_named_instead),
	    IN_FOLDER(what_another_clock_dated_between_them_stays),
	};

	return (cmocka_run_group_tests_name("spool_gap", tests, NULL, NULL));
}
