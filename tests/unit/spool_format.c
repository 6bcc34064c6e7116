/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A spool that an older version wrote.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/spool.h"
#include "common/error.h"
#include "common/log.h"
#include "tests/unit/folder.h"
#include "tests/unit/formats.h"

#define NOW (INT64_C(1795300010) * NS_PER_S)

static struct spool *
upgraded(void **state)
{
	static const struct spool_limits limits = {
	    1000000, INT64_C(86400) * NS_PER_S};
	char *path = folder_path(state, "spool.db");
	struct error err;
	struct spool *spool;

	formats_make(path, "spool-1.sql");
	spool = spool_new(path, "lon", &limits, NOW, &err);
	if (spool == NULL)
		fail_msg("%s", err.text);
	spool_resume(spool, NOW, "pharosd was not running");
	assert_int_equal(spool_commit(spool, NOW, &err), 0);
	free(path);
	return (spool);
}

/* The next batch; its lines are the caller's. */
static char *
next(struct spool *spool, int records, struct record_id *last)
{
	struct error err;
	size_t length;
	char *lines;

	assert_int_equal(
	    spool_batch(spool, 100, 65536, &lines, &length, last, &err),
	    records);
	assert_int_equal(spool_acknowledge(spool, last, &err), 0);
	return (lines);
}

static void
records_of_format_1_leave_with_their_own_ids(void **state)
{
	struct spool *spool = upgraded(state);
	struct record_id last;
	char *lines = next(spool, 1, &last);

	assert_string_equal(lines, "{\"id\":\"lon/00000000000000aa/6\"}\n");
	assert_string_equal(last.epoch, "00000000000000aa");
	assert_int_equal(last.sequence, 6);
	free(lines);
	free(next(spool, 2, &last));
	assert_string_equal(last.epoch, "00000000000000bb");
	assert_int_equal(last.sequence, 2);
	spool_free(spool);
}

static void
what_was_open_then_is_told(void **state)
{
	struct spool *spool = upgraded(state);
	struct record_id last;
	char *lines;

	free(next(spool, 1, &last));
	free(next(spool, 2, &last));
	lines = next(spool, 2, &last); /* the run, and the gap since */
	assert_string_equal(last.epoch, spool_epoch(spool));
	assert_non_null(strstr(lines, "\"failed\""));
	assert_non_null(strstr(lines, "\"gap\""));
	free(lines);
	spool_free(spool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(records_of_format_1_leave_with_their_own_ids),
	    IN_FOLDER(what_was_open_then_is_told),
	};

	log_open("spool_format", false);
	return (cmocka_run_group_tests_name("spool_format", tests, NULL, NULL));
}
