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
first_start_says_nothing(void **state)
{
	struct spool *spool = spooled_open(state, &spooled_limits, SPOOLED_AT);
	json_object *got = spooled_batch(spool, 10, SPOOLED_ROOM, NULL);
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
	struct spool *spool = spooled_open(state, &spooled_limits, SPOOLED_AT);
	json_object *got;
	size_t i;

	for (i = 0; i < 5; i++)
		spooled_add(spool, (int64_t)i);
	got = spooled_batch(spool, 10, SPOOLED_ROOM, NULL);
	assert_int_equal(json_object_array_length(got), 0);
	json_object_put(got);
	spooled_commit(spool, SPOOLED_AT);
	spooled_add(spool, 5);
	got = spooled_batch(spool, 10, SPOOLED_ROOM, NULL);
	assert_int_equal(json_object_array_length(got), 5);
	for (i = 0; i < 5; i++)
		assert_int_equal(spooled_mark(got, i), i);
	json_object_put(got);
	spool_free(spool);
}

static void
records_carry_their_id_and_agent(void **state)
{
	struct spool *spool = spooled_open(state, &spooled_limits, SPOOLED_AT);
	struct record_id last, id;
	json_object *got;

	spooled_add(spool, 0);
	spooled_add(spool, 1);
	spooled_commit(spool, SPOOLED_AT);
	got = spooled_batch(spool, 10, SPOOLED_ROOM, &last);
	assert_string_equal(
	    member_text_or(spooled_at(got, 1), "agent", ""), "lon");
	assert_int_equal(
	    record_id_parse(
		member_text_or(spooled_at(got, 1), "id", ""), &id, NULL),
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
	struct spool *spool = spooled_open(state, &spooled_limits, SPOOLED_AT);
	struct spool_depth depth;
	json_object *got;
	int i;

	for (i = 0; i < 10; i++)
		spooled_add(spool, i);
	spooled_commit(spool, SPOOLED_AT);
	got = spooled_batch(spool, 3, SPOOLED_ROOM, NULL);
	assert_int_equal(json_object_array_length(got), 3);
	json_object_put(got);
	spool_depth(spool, &depth);
	got = spooled_batch(spool, 10, depth.bytes / 2, NULL);
	assert_in_range(json_object_array_length(got), 3, 5);
	json_object_put(got);
	got = spooled_batch(spool, 10, 1, NULL); /* never stuck */
	assert_int_equal(json_object_array_length(got), 1);
	json_object_put(got);
	spool_free(spool);
}

static void
a_batch_is_of_one_epoch(void **state)
{
	struct spool *spool = spooled_open(state, &spooled_limits, SPOOLED_AT);
	struct record_id first, second;
	json_object *got;

	spooled_add(spool, 0);
	spooled_add(spool, 1);
	spooled_commit(spool, SPOOLED_AT);
	spool_free(spool);
	spool = spooled_open(state, &spooled_limits, SPOOLED_AT);
	spooled_add(spool, 2);
	spooled_commit(spool, SPOOLED_AT);
	got = spooled_batch(spool, 10, SPOOLED_ROOM, &first);
	assert_int_equal(json_object_array_length(got), 2);
	json_object_put(got);
	assert_string_not_equal(first.epoch, spool_epoch(spool));
	assert_int_equal(spool_acknowledge(spool, &first, NULL), 0);
	got = spooled_batch(spool, 10, SPOOLED_ROOM, &second);
	assert_int_equal(json_object_array_length(got), 2); /* gap and 2 */
	assert_int_equal(spooled_mark(got, 1), 2);
	assert_string_equal(second.epoch, spool_epoch(spool));
	assert_int_equal(second.sequence, 2);
	json_object_put(got);
	spool_free(spool);
}

static void
acknowledged_records_are_gone(void **state)
{
	struct spool *spool = spooled_open(state, &spooled_limits, SPOOLED_AT);
	struct spool_depth depth;
	struct record_id last;
	json_object *got;
	int i;

	for (i = 0; i < 5; i++)
		spooled_add(spool, i);
	spooled_commit(spool, SPOOLED_AT);
	json_object_put(spooled_batch(spool, 3, SPOOLED_ROOM, &last));
	assert_int_equal(spool_acknowledge(spool, &last, NULL), 0);
	got = spooled_batch(spool, 10, SPOOLED_ROOM, NULL); /* at once */
	assert_int_equal(spooled_mark(got, 0), 3);
	json_object_put(got);
	spooled_commit(spool, SPOOLED_AT);
	spool_depth(spool, &depth);
	assert_int_equal(depth.records, 2);
	spool_free(spool);
	spool =
	    spooled_open(state, &spooled_limits, SPOOLED_AT); /* and for good */
	got = spooled_batch(spool, 10, SPOOLED_ROOM, NULL);
	assert_int_equal(json_object_array_length(got), 2);
	assert_int_equal(spooled_mark(got, 0), 3);
	json_object_put(got);
	spool_free(spool);
}

static void
what_was_never_sent_cannot_be_acknowledged(void **state)
{
	struct spool *spool = spooled_open(state, &spooled_limits, SPOOLED_AT);
	struct record_id id;
	struct error err;

	spooled_add(spool, 0);
	spooled_commit(spool, SPOOLED_AT);
	json_object_put(spooled_batch(spool, 1, SPOOLED_ROOM, &id));
	spooled_add(spool, 1); /* not committed, so not sent either */
	id.sequence = 2;
	assert_int_equal(spool_acknowledge(spool, &id, &err), -1);
	assert_non_null(strstr(err.text, "never sent"));
	id.sequence = 1;
	memset(id.epoch, 'f', sizeof(id.epoch) - 1);
	assert_int_equal(spool_acknowledge(spool, &id, &err), -1);
	assert_non_null(strstr(err.text, "none of ours"));
	spool_free(spool);
}

static void
what_happened_once_is_known_for_a_year(void **state)
{
	struct spool *spool = spooled_open(state, &spooled_limits, SPOOLED_AT);

	assert_false(spool_was(spool, "a"));
	spool_mark_once(spool, "a", SPOOLED_AT);
	assert_true(spool_was(spool, "a"));
	assert_false(spool_was(spool, "b"));
	spooled_commit(spool, SPOOLED_AT);
	assert_true(spool_was(spool, "a"));
	spool_free(spool);
	spool = spooled_open(
	    state, &spooled_limits, SPOOLED_AT + 365 * 86400 * NS_PER_S);
	assert_true(spool_was(spool, "a"));
	spool_free(spool);
	spool = spooled_open(
	    state, &spooled_limits, SPOOLED_AT + 367 * 86400 * NS_PER_S);
	assert_false(spool_was(spool, "a"));
	spool_free(spool);
}

static void
a_record_over_the_limit_is_refused(void **state)
{
	struct spool *spool = spooled_open(state, &spooled_limits, SPOOLED_AT);
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
	    IN_FOLDER(what_happened_once_is_known_for_a_year),
	    IN_FOLDER(a_record_over_the_limit_is_refused),
	};

	return (cmocka_run_group_tests_name("spool", tests, NULL, NULL));
}
