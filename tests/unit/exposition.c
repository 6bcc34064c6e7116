/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/exposition.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void
a_family_is_said_with_help_and_type(void **state)
{
	struct exposition *exposition = exposition_new();
	char *text;

	exposition_one(exposition, "pharos_a_total", EXPOSITION_COUNTER,
	    "What was counted", 12);
	exposition_family(
	    exposition, "pharos_b_bytes", EXPOSITION_GAUGE, "What is there");
	exposition_add(exposition, 0.25, "box", "lon");
	exposition_add(exposition, 12345678901234.0, "box", "nyc");
	text = exposition_text(exposition);
	assert_string_equal(text,
	    "# HELP pharos_a_total What was counted\n"
	    "# TYPE pharos_a_total counter\n"
	    "pharos_a_total 12\n"
	    "# HELP pharos_b_bytes What is there\n"
	    "# TYPE pharos_b_bytes gauge\n"
	    "pharos_b_bytes{box=\"lon\"} 0.25\n"
	    "pharos_b_bytes{box=\"nyc\"} 12345678901234\n");
	free(text);
	exposition_free(exposition);
}

static void
labels_hold_any_text(void **state)
{
	struct exposition *exposition = exposition_new();
	char *text;

	exposition_family(exposition, "pharos_c", EXPOSITION_GAUGE, "x");
	exposition_add(exposition, 1, "why", "a \"b\" \\ c\nd");
	text = exposition_text(exposition);
	assert_non_null(text);
	assert_string_equal(text, "# HELP pharos_c x\n# TYPE pharos_c gauge\n"
				  "pharos_c{why=\"a \\\"b\\\" \\\\ c\\nd\"} "
				  "1\n");
	free(text);
	exposition_free(exposition);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_family_is_said_with_help_and_type),
	    cmocka_unit_test(labels_hold_any_text),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
