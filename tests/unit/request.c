/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/emulator/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *
parse(struct request *request, const char *line)
{
	return (request_parse(request, line, strlen(line)));
}

static void
set_changes_what_is_named(void **state)
{
	struct way way = {.delay = 1, .loss = 0.5, .queue = 7};
	struct request request;

	assert_null(parse(&request,
	    "set a-b 1 delay=10000000 reorder=1 rate=1e7 to_bad=0.01"));
	assert_int_equal(request.verb, REQUEST_SET);
	assert_string_equal(request.name, "a-b");
	assert_int_equal(request.number, 1);
	request_apply(&request, &way);
	assert_int_equal(way.delay, 10 * NS_PER_MS);
	assert_true(way.reorder);
	assert_true(way.rate == 1e7 && way.to_bad == 0.01 && way.loss == 0.5);
	assert_int_equal(way.queue, 7);
}

static void
every_command_is_known(void **state)
{
	static const char *const lines[] = {"link x", "set x 0", "fail x",
	    "carrier x 1", "restore x", "seed 18446744073709551615",
	    "verdicts x", "stats x 0", "hello x 1", "stats x 1\n"};
	struct request request;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_null(parse(&request, lines[i]));
}

static void
what_is_wrong_is_refused(void **state)
{
	static const char *const lines[] = {"", " ", "links x", "link",
	    "link x y", "set x", "set x 2", "set x 01", "set x 0 delay",
	    "set x 0 delay=", "set x 0 delay=-1", "set x 0 delay=1.5",
	    "set x 0 delay=10ms", "set x 0 delay=3600000000001",
	    "set x 0 loss=1.1", "set x 0 loss=nan", "set x 0 loss=inf",
	    "set x 0 loss=0x1p-3", "set x 0 loss=-0.1", "set x 0 reorder=2",
	    "set x 0 queue=0", "set x 0 queue=1000001", "set x 0 rate=1e13",
	    "set x 0 lose=1", "set x 0 delay=99999999999999999999", "carrier x",
	    "carrier x 2", "seed", "seed -1", "seed x",
	    "seed 18446744073709551616", "stats x", "fail x 1"};
	struct request request;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (parse(&request, lines[i]) == NULL)
			fail_msg("taken: %s", lines[i]);
}

static void
a_line_may_not_be_too_long(void **state)
{
	char line[2000];
	struct request request;

	memset(line, 'x', sizeof(line));
	assert_non_null(request_parse(&request, line, sizeof(line)));
	memcpy(line, "fail ", 5);
	assert_non_null(request_parse(&request, line, 5 + REQUEST_NAME + 1));
	assert_null(request_parse(&request, line, 5 + REQUEST_NAME));
	assert_non_null(request_parse(&request, "fail a\0b", 8));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(set_changes_what_is_named),
	    cmocka_unit_test(every_command_is_known),
	    cmocka_unit_test(what_is_wrong_is_refused),
	    cmocka_unit_test(a_line_may_not_be_too_long),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
