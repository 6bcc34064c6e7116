/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/batch.h"
#include "collector/checker.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/journal.h"
#include "collector/registry.h"
#include "collector/renames.h"
#include "common/error.h"
#include "tests/unit/folder.h"

#define FILE_SIZE (INT64_C(256) * 1024 * 1024)

#define NOW (INT64_C(1795300000) * NS_PER_S)
#define EPOCH "0123456789abcdef"

struct desk {
	char *dir, *file;
	struct journal *journal;
	struct registry *registry;
	struct checker *checker;
	const char *box;
	struct renames renames;
	char text[65536]; /* the next batch */
};

static int
desk_make(void **state)
{
	struct desk *desk = calloc(1, sizeof(*desk));
	struct error err;

	folder_make(state);
	desk->box = "lon";
	desk->dir = *state;
	desk->file = folder_path(state, "registry.db");
	desk->journal = journal_open(desk->dir, FILE_SIZE, &err);
	desk->registry = registry_open(desk->file, false, &err);
	desk->checker = checker_new();
	*state = desk;
	return (desk->journal != NULL && desk->registry != NULL ? 0 : -1);
}

static int
desk_remove(void **state)
{
	struct desk *desk = *state;

	renames_clear(&desk->renames);
	checker_free(desk->checker);
	journal_free(desk->journal);
	registry_free(desk->registry);
	free(desk->file);
	*state = desk->dir;
	free(desk);
	return (folder_remove(state));
}

static void
put(struct desk *desk, const char *line)
{
	strcat(desk->text, line);
	strcat(desk->text, "\n");
}

/* A record with this box, epoch and sequence in its id, lost of ten. */
static void
put_record(struct desk *desk, const char *box, const char *epoch,
    uint64_t sequence, int lost)
{
	char line[1024];

	snprintf(line, sizeof(line),
	    "{\"v\":1,\"id\":\"%s/%s/%" PRIu64 "\",\"plan\":1,\"test\":\"t\","
	    "\"probe\":\"ping\",\"src\":\"%s\",\"dst\":\"nyc\",\"agent\":\"%s\","
	    "\"start\":1795299990,\"end\":1795299991,\"outcome\":\"measured\","
	    "\"metrics\":{\"sent\":10,\"received\":9,\"lost\":%d,\"lost_locally\":0}}",
	    box, epoch, sequence, box, box, lost);
	put(desk, line);
}

static void
put_good(struct desk *desk, uint64_t from, uint64_t to)
{
	for (uint64_t n = from; n <= to; n++)
		put_record(desk, "lon", EPOCH, n, 1);
}

static enum batch_verdict
take(struct desk *desk, struct batch *batch, struct error *err)
{
	const struct batch_sender sender = {desk->box, "lon", &desk->renames};
	enum batch_verdict verdict =
	    batch_take(desk->journal, desk->registry, desk->checker, &sender,
		desk->text, strlen(desk->text), NOW, batch, err);

	desk->text[0] = '\0';
	return (verdict);
}

static void
expect(struct desk *desk, unsigned taken, unsigned again, unsigned refused,
    uint64_t last)
{
	struct batch batch;
	struct error err;

	if (take(desk, &batch, &err) != BATCH_TAKEN)
		fail_msg("%s", err.text);
	assert_int_equal(journal_commit(desk->journal, &err), 0);
	assert_int_equal(registry_commit(desk->registry, &err), 0);
	assert_int_equal(batch.taken, taken);
	assert_int_equal(batch.again, again);
	assert_int_equal(batch.refused, refused);
	assert_int_equal(batch.last, last);
	assert_string_equal(batch.epoch, EPOCH);
}

static void
batch_is_taken_as_it_came(void **state)
{
	struct desk *desk = *state;
	struct journal_reader *reader;
	struct journal_entry entry;
	struct error err;
	char *line;

	put_good(desk, 1, 1);
	line = strdup(desk->text);
	put_good(desk, 2, 3);
	expect(desk, 3, 0, 0, 3);
	assert_int_equal(journal_last(desk->journal), 3);
	reader = journal_reader_open(desk->dir, 0, &err);
	assert_non_null(reader);
	assert_int_equal(journal_read(reader, &entry, &err), 1);
	assert_int_equal(entry.length, strlen(line) - 1);
	assert_memory_equal(entry.line, line, entry.length);
	journal_reader_free(reader);
	free(line);
}

static void
batch_sent_again_is_recognised(void **state)
{
	struct desk *desk = *state;

	put_good(desk, 1, 3);
	expect(desk, 3, 0, 0, 3);
	put_good(desk, 1, 3);
	expect(desk, 0, 3, 0, 3);
	put_good(desk, 2, 5);
	expect(desk, 2, 2, 0, 5);
	assert_int_equal(journal_last(desk->journal), 5);
}

/* Two connections of one box in the same commit. */
static void
batch_is_recognised_before_the_commit(void **state)
{
	struct desk *desk = *state;
	struct batch batch;
	struct error err;

	put_good(desk, 1, 3);
	assert_int_equal(take(desk, &batch, &err), BATCH_TAKEN);
	put_good(desk, 1, 3);
	expect(desk, 0, 3, 0, 3);
	assert_int_equal(journal_last(desk->journal), 3);
}

static void
batch_keeps_bad_records_aside(void **state)
{
	struct desk *desk = *state;

	put_good(desk, 1, 1);
	put(desk, "{\"v\":1,");
	put_record(desk, "lon", EPOCH, 2, 5); /* 10 != 9 + 5 */
	put(desk, "{\"v\":1,\"id\":\"lon/" EPOCH "/3\"}");
	put_good(desk, 4, 4);
	expect(desk, 2, 0, 3, 4);
	assert_int_equal(journal_last(desk->journal), 2);

	put_record(desk, "lon", EPOCH, 2, 5);
	put_good(desk, 4, 4);
	expect(desk, 0, 2, 0, 4);
}

static void
batch_takes_no_record_of_another_agent(void **state)
{
	struct desk *desk = *state;

	put_good(desk, 1, 1);
	put_record(desk, "par", EPOCH, 2, 1);
	put_good(desk, 3, 3);
	expect(desk, 2, 0, 1, 3);
	assert_int_equal(journal_accepted(desk->journal, "par", EPOCH), 0);
	assert_int_equal(journal_accepted(desk->journal, "lon", EPOCH), 3);
}

static void
batch_of_a_renamed_box_is_its_own_under_both_names(void **state)
{
	struct desk *desk = *state;

	put_good(desk, 1, 2);
	expect(desk, 2, 0, 0, 2);
	renames_add(&desk->renames, 7, "lon", "london");
	desk->box = "london";
	put_good(desk, 2, 3); /* spooled before */
	expect(desk, 1, 1, 0, 3);
	put_record(desk, "london", EPOCH, 4, 1);
	put_record(desk, "par", EPOCH, 5, 1);
	expect(desk, 1, 0, 1, 5);
	desk->box = "par"; /* never had it */
	put_good(desk, 6, 6);
	put_record(desk, "par", EPOCH, 7, 1);
	expect(desk, 1, 0, 1, 7);
}

static void
batch_must_rise_within_one_epoch(void **state)
{
	struct desk *desk = *state;

	put_good(desk, 5, 5);
	put_good(desk, 3, 3);
	put_record(desk, "lon", "fedcba9876543210", 6, 1);
	put_good(desk, 6, 6);
	expect(desk, 2, 0, 2, 6);
	assert_int_equal(journal_last(desk->journal), 2);
}

static void
batch_of_garbage_is_bad(void **state)
{
	struct desk *desk = *state;
	struct batch batch;
	struct error err;

	put(desk, "garbage");
	put(desk, "[]");
	assert_int_equal(take(desk, &batch, &err), BATCH_BAD);
	assert_non_null(strstr(err.text, "no line"));
	assert_int_equal(take(desk, &batch, &err), BATCH_BAD);
}

static void
batch_undone_may_come_again(void **state)
{
	struct desk *desk = *state;
	struct batch batch;
	struct error err;

	put_good(desk, 1, 3);
	assert_int_equal(take(desk, &batch, &err), BATCH_TAKEN);
	journal_roll_back(desk->journal);
	put_good(desk, 1, 3);
	expect(desk, 3, 0, 0, 3);
}

static void
bad_lines_beyond_some_are_only_counted(void **state)
{
	struct desk *desk = *state;

	for (int i = 0; i < BATCH_ASIDE + 500; i++)
		put(desk, "x");
	put_good(desk, 1, 1);
	expect(desk, 1, 0, BATCH_ASIDE + 500, 1);
}

/* One of five is no good, each for another reason. */
static bool
put_one_of_many(struct desk *desk, uint64_t sequence)
{
	switch (sequence % 10) {
	case 3:
		put_record(desk, "lon", EPOCH, sequence, 5);
		return (false);
	case 8:
		put_record(desk, "par", EPOCH, sequence, 1);
		return (false);
	case 5:
		put(desk, "");
		/* fall through */
	default:
		put_record(desk, "lon", EPOCH, sequence, 1);
		return (true);
	}
}

static void
expect_good_ones(struct desk *desk, uint64_t most)
{
	struct error err;
	struct journal_reader *reader = journal_reader_open(desk->dir, 0, &err);
	struct journal_entry entry;
	char id[80];

	assert_non_null(reader);
	for (uint64_t i = 1; i <= most; i++) {
		if (i % 10 == 3 || i % 10 == 8)
			continue;
		assert_int_equal(journal_read(reader, &entry, &err), 1);
		snprintf(id, sizeof(id), "\"lon/" EPOCH "/%" PRIu64 "\"", i);
		assert_non_null(strstr(entry.line, id));
	}
	assert_int_equal(journal_read(reader, &entry, &err), 0);
	journal_reader_free(reader);
}

/* Enough of them that a second thread looks at some, sooner or later. */
static void
many_lines_are_judged_one_by_one(void **state)
{
	struct desk *desk = *state;
	uint64_t sequence = 0;

	for (int batch = 0; batch < 40; batch++) {
		unsigned good = 0;

		for (int i = 0; i < 100; i++)
			good += put_one_of_many(desk, ++sequence);
		assert_int_equal(good, 80);
		expect(desk, good, 0, 20, sequence);
	}
	expect_good_ones(desk, sequence);
}

/* Of every size, often after it was said that one comes, which may be none. */
static void
lines_are_judged_however_the_second_thread_was_called(void **state)
{
	struct desk *desk = *state;
	uint64_t sequence = 0;

	for (unsigned batch = 0; batch < 200; batch++) {
		unsigned good = 0, lines = 1 + batch * 7 % 60;

		if (batch % 3 > 0)
			checker_ready(desk->checker, 4096);
		if (batch % 5 == 0)
			checker_ready(desk->checker, 4096);
		for (unsigned i = 0; i < lines; i++)
			good += put_one_of_many(desk, ++sequence);
		expect(desk, good, 0, lines - good, sequence);
	}
	expect_good_ones(desk, sequence);
}

static void
a_batch_of_too_many_lines_is_not_looked_at(void **state)
{
	struct desk *desk = *state;
	struct batch batch;
	struct error err;

	memset(desk->text, '\n', sizeof(desk->text) - 1);
	assert_int_equal(take(desk, &batch, &err), BATCH_LARGE);
	assert_int_equal(batch.refused, 0);
	assert_non_null(strstr(err.text, "expected fewer records"));
	memset(desk->text, 0, sizeof(desk->text));
}

/* Records of an epoch that is long over come once more, of an old disk. */
static void
batch_takes_nothing_again_of_what_is_forgotten(void **state)
{
	static const nanoseconds later = NOW + 2 * JOURNAL_REMEMBERS;
	static char line[65536];
	struct desk *desk = *state;
	struct record_id id = {"par", EPOCH, 0};
	struct error err;

	journal_free(desk->journal);
	desk->journal = journal_open(desk->dir, sizeof(line), &err);
	assert_non_null(desk->journal);
	put_good(desk, 1, 3);
	expect(desk, 3, 0, 0, 3);
	for (size_t i = 0; i < sizeof(line); i++)
		line[i] = (char)('a' + lrand48() % 16);
	while (journal_forgotten(desk->journal) == 0) {
		id.sequence++;
		assert_in_range(
		    id.sequence, 1, 4 * FILE_SIZE / (int64_t)sizeof(line));
		assert_int_equal(journal_add(desk->journal, &id, line,
				     sizeof(line), later, later, &err),
		    0);
		assert_int_equal(journal_commit(desk->journal, &err), 0);
	}
	assert_int_equal(journal_accepted(desk->journal, "lon", EPOCH), 0);
	put_good(desk, 2, 40);
	expect(desk, 0, 0, 39, 40);
	assert_int_equal(journal_last(desk->journal), 3 + id.sequence);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_make, desk_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(batch_is_taken_as_it_came),
	    TEST(batch_sent_again_is_recognised),
	    TEST(batch_is_recognised_before_the_commit),
	    TEST(batch_keeps_bad_records_aside),
	    TEST(batch_takes_no_record_of_another_agent),
	    TEST(batch_of_a_renamed_box_is_its_own_under_both_names),
	    TEST(batch_must_rise_within_one_epoch),
	    TEST(batch_of_garbage_is_bad),
	    TEST(batch_undone_may_come_again),
	    TEST(many_lines_are_judged_one_by_one),
	    TEST(lines_are_judged_however_the_second_thread_was_called),
	    TEST(batch_takes_nothing_again_of_what_is_forgotten),
	    TEST(bad_lines_beyond_some_are_only_counted),
	    TEST(a_batch_of_too_many_lines_is_not_looked_at),
	};

	return (cmocka_run_group_tests_name("batch", tests, NULL, NULL));
}
