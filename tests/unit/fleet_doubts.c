/* SPDX-License-Identifier: BSD-2-Clause */
/* What a fleet file says that can be meant, but rarely is. */
#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/planned.h"

static const char echo[] =
    "{\"name\":\"echo\",\"version\":1,\"summary\":\"an echo\","
    "\"runs_at\":\"src\",\"options\":[],"
    "\"metrics\":[{\"name\":\"n\",\"kind\":\"count\",\"help\":\"x\"}]}";
static const char *const manifests[] = {echo, NULL};

#define EACH "probe: echo, schedule: {uniform: 60s}}\n"

/* The file is taken and gives this one warning; NULL: none. */
static void
assert_warned(const char *sites, const char *tests, const char *says)
{
	struct planned planned = {manifests, sites, NULL};
	json_object *problems, *warnings;
	struct fleet *fleet =
	    planned_read(&planned, tests, &problems, &warnings);
	const char *all = json_object_to_json_string_ext(
	    warnings, JSON_C_TO_STRING_NOSLASHESCAPE);

	if (fleet == NULL)
		fail_msg("%s", json_object_to_json_string(problems));
	if (json_object_array_length(warnings) != (says != NULL) ||
	    (says != NULL && strstr(all, says) == NULL))
		fail_msg("expected %s in %s", says, all);
	fleet_free(fleet);
	json_object_put(problems);
	json_object_put(warnings);
}

static void
a_test_without_any_pair_is_one(void **state)
{
	const char *sites = "sites:\n"
			    "  nyc: {address: 192.0.2.1}\n"
			    "  lon: {address: 192.0.2.2}\n"
			    "meshes: {alone: {members: [lon]}}\n"
			    "tests:\n";

	assert_warned(sites, "  t: {from: [nyc, lon], to: [targets], " EACH,
	    ":6:3: test t has no pair and measures nothing: there are no "
	    "targets");
	assert_warned(sites, "  t: {from: [lon], to: [lon], " EACH,
	    ":6:3: test t has no pair and measures nothing: lon is the only "
	    "one");
	assert_warned(sites, "  t: {mesh: alone, " EACH,
	    ":6:3: test t has no pair and measures nothing: lon is the only "
	    "one");
	assert_warned(sites, "  t: {from: [lon], to: [nyc], " EACH, NULL);
	assert_warned(sites, "  t: {from: [lon], to: [lon, nyc], " EACH, NULL);
}

static void
the_address_of_another_box_is_one(void **state)
{
	const char *test =
	    "  c: {address: 192.0.2.3}\n"
	    "targets: {192.0.2.1: , 192.0.2.9: {address: 192.0.2.3}}\n"
	    "tests:\n  t: {from: [a], to: [c], " EACH;

	assert_warned("sites:\n  a: {address: [192.0.2.1, \"2001:db8::1\"]}\n"
		      "  b: {address: [\"2001:db8:0::1\", 192.0.2.1]}\n",
	    test, ":3:3: box b has the address 2001:db8::1 of box a");
	assert_warned("sites:\n  a: {boxes: {a1: {address: 192.0.2.1}}}\n"
		      "  b: {boxes: {b1: {address: 192.0.2.2},\n"
		      "    b2: {address: 192.0.2.1}}}\n",
	    test, ":4:5: box b2 has the address 192.0.2.1 of box a1");
	assert_warned("sites:\n  a: {address: 192.0.2.1}\n"
		      "  b: {address: [192.0.2.2, 192.0.2.2]}\n",
	    test, NULL);
}

static void
one_address_that_is_meant_is_none(void **state)
{
	const char *test = "  c: {address: 192.0.2.3}\n"
			   "tests:\n  t: {from: [a], to: [c], " EACH;

	/* behind address translation */
	assert_warned("sites:\n  a: {address: 192.0.2.1, inbound: no}\n"
		      "  b: {address: 192.0.2.1, inbound: no}\n",
	    test, NULL);
	assert_warned("sites:\n  a: {address: 192.0.2.1}\n"
		      "  b: {address: 192.0.2.1, inbound: no}\n",
	    test, NULL);
	/* agents of one host */
	assert_warned("sites:\n  a: {address: [127.0.0.1, \"::1\"]}\n"
		      "  b: {address: [127.0.0.1, \"::1\"]}\n",
	    test, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_test_without_any_pair_is_one),
	    cmocka_unit_test(the_address_of_another_box_is_one),
	    cmocka_unit_test(one_address_that_is_meant_is_none),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
