/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/truth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/memory.h"
#include "lab/emulator/verdict.h"
#include "lab/frame.h"
#include "lab/truth_file.h"
#include "tests/unit/folder.h"

static FILE *
begin(void **state, const char *name, const char *magic)
{
	char *path = folder_path(state, name);
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fwrite(magic, 1, 8, file);
	free(path);
	return (file);
}

static void
see(FILE *file, enum truth_kind kind, int end, nanoseconds stamp,
    uint64_t value)
{
	fwrite(&(struct truth_record){.stamp = stamp,
		   .value = value,
		   .length = 100,
		   .kind = (uint8_t)kind,
		   .end = (uint8_t)end},
	    sizeof(struct truth_record), 1, file);
}

static void
judge(FILE *file, int way, uint32_t number, uint64_t before, uint64_t after,
    int bits)
{
	fwrite(&(struct verdict){before, after, number, 100, (uint8_t)way,
		   (uint8_t)bits},
	    sizeof(struct verdict), 1, file);
}

static struct truth *
join(void **state, bool verdicts)
{
	char *seen = folder_path(state, "seen"),
	     *judged = folder_path(state, "judged");
	struct error err = {""};
	struct truth *truth = truth_read(seen, verdicts ? judged : NULL, &err);

	if (truth == NULL)
		fail_msg("%s", err.text);
	free(seen);
	free(judged);
	return (truth);
}

static void
expect(const struct truth *truth, size_t row, nanoseconds entered,
    nanoseconds left, enum truth_outcome outcome)
{
	size_t count;
	const struct truth_packet *packets = truth_packets(truth, &count);

	assert_true(row < count);
	assert_int_equal(packets[row].entered, entered);
	assert_int_equal(packets[row].left, left);
	assert_string_equal(truth_outcome_name(packets[row].outcome),
	    truth_outcome_name(outcome));
}

static void
expect_rows(const struct truth *truth, size_t rows)
{
	size_t count;

	truth_packets(truth, &count);
	assert_int_equal(count, rows);
}

static void
packets_are_joined_by_what_they_are(void **state)
{
	FILE *seen = begin(state, "seen", TRUTH_MAGIC);
	struct truth *truth;

	see(seen, TRUTH_ENTERED, 0, 1000, 11);
	see(seen, TRUTH_ENTERED, 0, 2000, 22);
	see(seen, TRUTH_ENTERED, 1, 2500, 11); /* the same the other way */
	see(seen, TRUTH_LEFT, 1, 5000, 22);
	see(seen, TRUTH_LEFT, 0, 5500, 11);
	see(seen, TRUTH_LEFT, 1, 6000, 22); /* twice */
	fclose(seen);
	truth = join(state, false);
	expect_rows(truth, 3);
	expect(truth, 0, 1000, TRUTH_ABSENT, TRUTH_LOST);
	expect(truth, 1, 2000, 5000, TRUTH_DUPLICATE);
	expect(truth, 2, 2500, 5500, TRUTH_DELIVERED);
	truth_free(truth);
}

static void
verdicts_tell_equal_packets_apart(void **state)
{
	FILE *seen = begin(state, "seen", TRUTH_MAGIC),
	     *judged = begin(state, "judged", VERDICT_MAGIC);
	struct truth *truth;

	for (int i = 0; i < 4; i++)
		see(seen, TRUTH_ENTERED, 0, 1000 * i, 7);
	see(seen, TRUTH_LEFT, 1, 11000, 7);
	see(seen, TRUTH_LEFT, 1, 11001, 7);
	see(seen, TRUTH_LEFT, 1, 13000, 7);
	fclose(seen);
	/* told of when they leave: those that are lost come first */
	judge(judged, 0, 0, 7, 0, VERDICT_LOST);
	judge(judged, 0, 2, 7, 0, VERDICT_QUEUE);
	judge(judged, 0, 1, 7, 7, VERDICT_DUPLICATED);
	judge(judged, 0, 3, 7, 7, 0);
	fclose(judged);
	truth = join(state, true);
	expect_rows(truth, 4);
	expect(truth, 0, 0, TRUTH_ABSENT, TRUTH_LOST);
	expect(truth, 1, 1000, 11000, TRUTH_DUPLICATE);
	expect(truth, 2, 2000, TRUTH_ABSENT, TRUTH_QUEUE);
	expect(truth, 3, 3000, 13000, TRUTH_DELIVERED);
	truth_free(truth);
}

static void
a_corrupted_packet_is_known_by_its_verdict(void **state)
{
	FILE *seen = begin(state, "seen", TRUTH_MAGIC),
	     *judged = begin(state, "judged", VERDICT_MAGIC);
	struct truth *truth;

	see(seen, TRUTH_ENTERED, 1, 1000, 7);
	see(seen, TRUTH_LEFT, 0, 5000, 8);
	fclose(seen);
	judge(judged, 1, 0, 7, 8, VERDICT_CORRUPTED);
	fclose(judged);
	truth = join(state, true);
	expect_rows(truth, 1);
	expect(truth, 0, 1000, 5000, TRUTH_CORRUPT);
	truth_free(truth);
	truth = join(state, false);
	expect(truth, 0, 1000, TRUTH_ABSENT, TRUTH_LOST);
	expect(truth, 1, TRUTH_ABSENT, 5000, TRUTH_STRAY);
	truth_free(truth);
}

static void
what_was_not_seen_is_not_called_lost(void **state)
{
	FILE *seen = begin(state, "seen", TRUTH_MAGIC);
	struct truth *truth;

	see(seen, TRUTH_ENTERED, 0, 1000, 7);
	see(seen, TRUTH_DROPS, 1, 2000, 5);
	fclose(seen);
	truth = join(state, false);
	expect(truth, 0, 1000, TRUTH_ABSENT, TRUTH_UNKNOWN);
	assert_int_equal(truth_drops(truth, 1), 5);
	assert_int_equal(truth_drops(truth, 0), 0);
	truth_free(truth);
}

static void
a_file_that_is_being_written_is_read_as_far_as_it_is(void **state)
{
	FILE *seen = begin(state, "seen", TRUTH_MAGIC);
	struct truth *truth;

	see(seen, TRUTH_ENTERED, 0, 1000, 7);
	fwrite("half a record", 1, 13, seen);
	fclose(seen);
	truth = join(state, false);
	expect_rows(truth, 1);
	truth_free(truth);
}

static void
another_file_is_refused(void **state)
{
	char *path = folder_path(state, "seen");
	struct error err;

	fclose(begin(state, "seen", "SQLite f"));
	assert_null(truth_read(path, NULL, &err));
	assert_non_null(strstr(err.text, path));
	assert_null(truth_read("/nowhere", NULL, &err));
	free(path);
}

static void
rows_say_who_spoke_to_whom(void **state)
{
	static const uint8_t udp[] = "\x02\0\0\0\0\2\x02\0\0\0\0\1\x08\0"
				     "\x45\0\0\x20\0\0\0\0\x40\x11\0\0"
				     "\x0a\x40\0\1\x0a\x40\0\2"
				     "\x03\xe8\x03\x5d\0\x0c\0\0\xde\xad\xbe";
	FILE *seen = begin(state, "seen", TRUTH_MAGIC);
	struct truth_record record = {.stamp = 1790000000123456789,
	    .value = 7,
	    .length = 45,
	    .kept = sizeof(udp)};
	struct truth *truth;
	char text[2048] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	fwrite(&record, sizeof(record), 1, seen);
	fwrite(udp, 1, sizeof(udp), seen);
	fwrite(
	    "\0\0\0\0\0\0\0", 1, TRUTH_PADDED(sizeof(udp)) - sizeof(udp), seen);
	see(seen, TRUTH_LEFT, 1, record.stamp + 10000000, 7);
	fclose(seen);
	truth = join(state, false);
	truth_write(truth, TABLE_CSV, out);
	fclose(out);
	assert_non_null(strstr(text,
	    "0,1790000000.123456789,1790000000.133456789,,0.01,delivered,"
	    "sight,45,udp,10.64.0.1,1000,10.64.0.2,861,,,,deadbe"));
	truth_free(truth);
}

static void
echo_requests_have_id_and_sequence(void **state)
{
	uint8_t four[14 + 20 + 8] = {[12] = 0x08,
	    [14] = 0x45,
	    [17] = 28,
	    [23] = 1,
	    [34] = 8,
	    [38] = 0x12,
	    [39] = 0x34,
	    [41] = 9};
	uint8_t six[14 + 40 + 8] = {[12] = 0x86,
	    [13] = 0xdd,
	    [19] = 8,
	    [20] = 58,
	    [54] = 129,
	    [61] = 3};
	struct frame frame;

	frame_read(four, sizeof(four), &frame);
	assert_string_equal(frame.protocol, "icmp");
	assert_int_equal(frame.icmp_type, 8);
	assert_int_equal(frame.icmp_id, 0x1234);
	assert_int_equal(frame.icmp_sequence, 9);
	assert_int_equal(frame.source_port, -1);
	frame_read(six, sizeof(six), &frame);
	assert_string_equal(frame.protocol, "icmpv6");
	assert_int_equal(frame.icmp_sequence, 3);
	for (size_t length = 0; length < sizeof(four); length++)
		frame_read(four, length, &frame);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(packets_are_joined_by_what_they_are),
	    IN_FOLDER(verdicts_tell_equal_packets_apart),
	    IN_FOLDER(a_corrupted_packet_is_known_by_its_verdict),
	    IN_FOLDER(what_was_not_seen_is_not_called_lost),
	    IN_FOLDER(a_file_that_is_being_written_is_read_as_far_as_it_is),
	    IN_FOLDER(another_file_is_refused),
	    IN_FOLDER(rows_say_who_spoke_to_whom),
	    IN_FOLDER(echo_requests_have_id_and_sequence),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
