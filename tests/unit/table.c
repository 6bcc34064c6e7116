/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/table.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/error.h"

static struct table *
sample(void)
{
	struct table *table = table_new();

	table_column(table, "site", UNIT_NONE);
	table_column(table, "rtt", UNIT_SECONDS);
	table_column(table, "loss", UNIT_RATIO);
	table_column(table, "note", UNIT_NONE);
	table_row(table);
	table_text(table, "nyc");
	table_number(table, 0.0381999);
	table_number(table, 0);
	table_text(table, NULL);
	table_row(table);
	table_text(table, "纽约");
	table_marked(table, 0.12, "stale");
	table_marked(table, NAN, "down");
	table_text(table, "=1+1,\t\"x\"");
	table_row(table);
	table_text(table, "lon");
	return (table);
}

/* Writes and ends the table. */
static void
expect(
    struct table *table, enum table_format format, int width, const char *text)
{
	char *written = NULL;
	size_t size;
	FILE *out = open_memstream(&written, &size);

	assert_non_null(out);
	table_write(table, format, width, out);
	fclose(out);
	assert_string_equal(written, text);
	free(written);
	table_free(table);
}

static void
table_aligns_text_for_people(void **state)
{
	expect(sample(), TABLE_TEXT_FORMAT, 0,
	    "site           rtt    loss  note\n"
	    "nyc        38.2 ms     0 %  -\n"
	    "纽约  120 ms stale  - down  =1+1,?\"x\"\n"
	    "lon              -       -  -\n");
}

static void
table_writes_csv_that_no_spreadsheet_runs(void **state)
{
	expect(sample(), TABLE_CSV, 0,
	    "site,rtt,loss,note\r\n"
	    "nyc,0.0381999,0,\r\n"
	    "纽约,0.12,,\"'=1+1,\t\"\"x\"\"\"\r\n"
	    "lon,,,\r\n");
}

static void
table_writes_tsv_with_one_tab_a_column(void **state)
{
	expect(sample(), TABLE_TSV, 0,
	    "site\trtt\tloss\tnote\n"
	    "nyc\t0.0381999\t0\t\n"
	    "纽约\t0.12\t\t=1+1, \"x\"\n"
	    "lon\t\t\t\n");
}

static void
table_writes_json_with_null_for_missing(void **state)
{
	expect(sample(), TABLE_JSON, 0,
	    "[\n {\"site\":\"nyc\",\"rtt\":0.0381999,\"loss\":0,"
	    "\"note\":null},\n"
	    " {\"site\":\"纽约\",\"rtt\":0.12,\"loss\":null,"
	    "\"note\":\"=1+1,\\t\\\"x\\\"\"},\n"
	    " {\"site\":\"lon\",\"rtt\":null,\"loss\":null,\"note\":null}\n"
	    "]\n");
}

static void
table_without_rows_is_still_a_table(void **state)
{
	struct table *table = table_new();

	table_column(table, "a", UNIT_NONE);
	expect(table, TABLE_JSON, 0, "[]\n");
	table = table_new();
	table_column(table, "a", UNIT_NONE);
	expect(table, TABLE_CSV, 0, "a\r\n");
}

static struct table *
wide(void)
{
	struct table *table = table_new();

	table_column(table, "name", UNIT_NONE);
	table_column(table, "count", UNIT_COUNT);
	table_column(table, "reason", UNIT_NONE);
	table_row(table);
	table_text(table, "纽约纽约纽约");
	table_number(table, 1234567890);
	table_text(table, "a long explanation");
	return (table);
}

static void
table_fits_a_terminal_by_cutting_texts(void **state)
{
	expect(wide(), TABLE_TEXT_FORMAT, 34,
	    "name             count  reason\n"
	    "纽约纽约…   1234567890  a long ex…\n");
}

static void
table_never_cuts_numbers(void **state)
{
	expect(wide(), TABLE_TEXT_FORMAT, 5,
	    "name       count  rea…\n"
	    "纽…   1234567890  a l…\n");
}

static void
table_formats_have_names(void **state)
{
	enum table_format format;
	struct error err;

	assert_int_equal(table_find_format("csv", &format, NULL), 0);
	assert_int_equal(format, TABLE_CSV);
	assert_int_equal(table_find_format("xml", &format, &err), -1);
	assert_string_equal(
	    err.text, "\"xml\": expected one of: text, csv, tsv, json");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(table_aligns_text_for_people),
	    cmocka_unit_test(table_writes_csv_that_no_spreadsheet_runs),
	    cmocka_unit_test(table_writes_tsv_with_one_tab_a_column),
	    cmocka_unit_test(table_writes_json_with_null_for_missing),
	    cmocka_unit_test(table_without_rows_is_still_a_table),
	    cmocka_unit_test(table_fits_a_terminal_by_cutting_texts),
	    cmocka_unit_test(table_never_cuts_numbers),
	    cmocka_unit_test(table_formats_have_names),
	};

	return (cmocka_run_group_tests_name("table", tests, NULL, NULL));
}
