/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* Takes the text, so that a test is one line per expectation. */
static void
expect(char *text, const char *expected)
{
	assert_string_equal(text, expected);
	free(text);
}

static void
place_of_the_build_tree_is_found(void **state)
{
	unsetenv("PHAROS_LIBEXEC");
	unsetenv("PHAROS_PROBES");
	unsetenv("PHAROS_WEB");
	unsetenv("PHAROS_LAB_FILES");
	expect(place_libexec("pharos-probe"), PHAROS_BUILDDIR "/pharos-probe");
	expect(place_program("pharosd"), PHAROS_BUILDDIR "/pharosd");
	expect(place_probes(), PHAROS_BUILDDIR "/.libs");
	expect(place_web(), PHAROS_SRCDIR "/web");
	expect(place_lab(), PHAROS_SRCDIR "/lab/topologies");
}

static void
place_follows_the_environment(void **state)
{
	setenv("PHAROS_LIBEXEC", "/a", 1);
	setenv("PHAROS_PROBES", "/b", 1);
	setenv("PHAROS_LAB_FILES", "/c", 1);
	setenv("PHAROS_WEB", "", 1); /* empty is not set */
	expect(place_libexec("pharos-probe"), "/a/pharos-probe");
	expect(place_probes(), "/b");
	expect(place_lab(), "/c");
	expect(place_web(), PHAROS_SRCDIR "/web");
}

static void
place_of_configuration_is_the_systems(void **state)
{
	expect(place_config("agent.yaml"), PHAROS_SYSCONFDIR "/agent.yaml");
	expect(place_state("agent"), PHAROS_STATEDIR "/agent");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(place_of_the_build_tree_is_found),
	    cmocka_unit_test(place_follows_the_environment),
	    cmocka_unit_test(place_of_configuration_is_the_systems),
	};

	return (cmocka_run_group_tests_name("place", tests, NULL, NULL));
}
