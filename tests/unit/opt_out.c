/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/opt_out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/memory.h"

static char path[] = "/tmp/opt_out.XXXXXX";

static void
write_file(const char *content)
{
	FILE *out = fopen(path, "w");

	fputs(content, out);
	fclose(out);
}

static bool
allows(struct opt_out *list, const char *text, struct error *err)
{
	union address address;

	assert_true(address_parse(text, 0, &address));
	return (opt_out_allows(list, &address, err));
}

static void
addresses_and_prefixes_are_honoured(void **state)
{
	struct opt_out *list = opt_out_new(memory_text(path));
	char expected[200];
	struct error err;

	write_file("# all of these asked\n198.51.100.7 # by mail\n\n"
		   "203.0.113.64/26\n2001:db8:1::/48\n2001:db8:1:2::/64\n"
		   "192.0.2.0/31\n192.0.2.1\n  ::1  \n");
	assert_false(allows(list, "198.51.100.7", &err));
	snprintf(expected, sizeof(expected),
	    "198.51.100.7 does not want to be measured (%s, line 2)", path);
	assert_string_equal(err.text, expected);
	assert_true(allows(list, "198.51.100.6", &err));
	assert_true(allows(list, "198.51.100.8", &err));
	assert_true(allows(list, "203.0.113.63", &err));
	assert_false(allows(list, "203.0.113.64", &err));
	assert_false(allows(list, "203.0.113.127", &err));
	assert_true(allows(list, "203.0.113.128", &err));
	assert_false(allows(list, "2001:db8:1:2::9", &err));
	assert_false(allows(list, "2001:db8:1:ffff::9", &err));
	assert_true(allows(list, "2001:db8:2::", &err));
	assert_false(allows(list, "192.0.2.0", &err));
	assert_true(allows(list, "192.0.2.2", &err));
	assert_false(allows(list, "::1", &err));
	assert_true(allows(list, "::2", &err));
	opt_out_free(list);
}

static void
a_prefix_of_nothing_is_all(void **state)
{
	struct opt_out *list = opt_out_new(memory_text(path));
	struct error err;

	write_file("0.0.0.0/0\n");
	assert_false(allows(list, "255.255.255.255", &err));
	assert_false(allows(list, "0.0.0.0", &err));
	assert_true(allows(list, "2001:db8::1", &err));
	opt_out_free(list);
}

static void
a_line_that_is_not_understood_stops_everything(void **state)
{
	const char *const bad[] = {"lon.example", "192.0.2.1/33", "192.0.2.1/",
	    "2001:db8::/129", "192.0.2/24", "192.0.2.0/-1"};
	char expected[200], content[100];
	struct error err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct opt_out *list = opt_out_new(memory_text(path));

		snprintf(content, sizeof(content), "192.0.2.9\n%s\n", bad[i]);
		write_file(content);
		assert_false(allows(list, "127.0.0.1", &err));
		snprintf(expected, sizeof(expected),
		    "nothing is measured while %s: line 2: \"%s\": expected an "
		    "address or a prefix, such as 192.0.2.0/24",
		    path, bad[i]);
		assert_string_equal(err.text, expected);
		opt_out_free(list);
	}
}

static void
without_a_file_all_may_be_measured(void **state)
{
	struct opt_out *list = opt_out_new(memory_text("/nonexistent/none"));
	struct opt_out *folder = opt_out_new(memory_text("/"));
	struct error err;

	assert_true(allows(list, "127.0.0.1", &err));
	assert_false(allows(folder, "127.0.0.1", &err));
	assert_string_equal(
	    err.text, "nothing is measured while /: Is a directory");
	opt_out_free(list);
	opt_out_free(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses_and_prefixes_are_honoured),
	    cmocka_unit_test(a_prefix_of_nothing_is_all),
	    cmocka_unit_test(a_line_that_is_not_understood_stops_everything),
	    cmocka_unit_test(without_a_file_all_may_be_measured),
	};
	int result;

	close(mkstemp(path));
	result = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return (result);
}
