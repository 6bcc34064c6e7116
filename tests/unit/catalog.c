/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/catalog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/manifest.h"
#include "common/member.h"
#include "tests/unit/folder.h"

#define MANIFEST(name, version)                                  \
	"{\"name\":\"" name "\",\"version\":" version            \
	",\"summary\":\"x\",\"runs_at\":\"src\",\"options\":[]," \
	"\"metrics\":[]}"

static void
add(struct catalog *catalog, const char *text)
{
	json_object *o = member_parse(text, strlen(text), NULL);

	assert_non_null(o);
	assert_int_equal(catalog_add(catalog, o, NULL), 0);
	json_object_put(o);
}

static void
catalog_finds_by_name(void **state)
{
	struct catalog *catalog = catalog_new();

	add(catalog, MANIFEST("ping", "1"));
	add(catalog, MANIFEST("owd", "1"));
	add(catalog, MANIFEST("trace", "1"));
	assert_int_equal(catalog_size(catalog), 3);
	assert_string_equal(catalog_at(catalog, 0)->name, "owd");
	assert_string_equal(catalog_at(catalog, 2)->name, "trace");
	assert_string_equal(catalog_find(catalog, "ping")->name, "ping");
	assert_null(catalog_find(catalog, "pin"));
	assert_null(catalog_find(catalog, "zzz"));
	catalog_free(catalog);
}

static void
catalog_keeps_the_higher_version(void **state)
{
	struct catalog *catalog = catalog_new();
	const struct manifest *first;

	add(catalog, MANIFEST("ping", "2"));
	first = catalog_find(catalog, "ping");
	add(catalog, MANIFEST("ping", "1"));
	add(catalog, MANIFEST("ping", "2"));
	assert_ptr_equal(catalog_find(catalog, "ping"), first);
	add(catalog, MANIFEST("ping", "3"));
	assert_int_equal(catalog_find(catalog, "ping")->version, 3);
	assert_int_equal(first->version, 2); /* still readable */
	assert_int_equal(catalog_size(catalog), 1);
	catalog_free(catalog);
}

static void
catalog_goes_through_json(void **state)
{
	struct catalog *catalog = catalog_new();
	json_object *array;

	add(catalog, MANIFEST("ping", "1"));
	add(catalog, MANIFEST("owd", "4"));
	array = catalog_json(catalog);
	assert_int_equal(json_object_array_length(array), 2);
	assert_int_equal(
	    member_whole_or(json_object_array_get_idx(array, 0), "version", 0),
	    4);
	json_object_put(array);
	catalog_free(catalog);
}

/* Puts a pharos-probe that is this shell script where it is looked for. */
static void
install(void **folder, const char *script)
{
	char *path = folder_path(folder, "pharos-probe");
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	fprintf(out, "#!/bin/sh\n%s\n", script);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(path, 0755), 0);
	free(path);
}

static int
ask(const char *script, struct catalog *catalog, struct error *err)
{
	void *folder;
	int result;

	assert_int_equal(folder_make(&folder), 0);
	setenv("PHAROS_LIBEXEC", folder, 1);
	if (script != NULL)
		install(&folder, script);
	result = catalog_add_installed(catalog, err);
	unsetenv("PHAROS_LIBEXEC");
	assert_int_equal(folder_remove(&folder), 0);
	return (result);
}

static void
catalog_asks_the_installed_probes(void **state)
{
	struct catalog *catalog = catalog_new();

	assert_int_equal(ask("[ \"$1\" = --manifests ] || exit 1\n"
			     "echo '" MANIFEST("ping",
				 "1") "'\n"
				      "printf %s '" MANIFEST("owd", "1") "'",
			     catalog, NULL),
	    0);
	assert_int_equal(catalog_size(catalog), 2);
	catalog_free(catalog);
}

static void
catalog_without_a_probe_host_stays_empty(void **state)
{
	struct catalog *catalog = catalog_new();

	assert_int_equal(ask(NULL, catalog, NULL), 0);
	assert_int_equal(catalog_size(catalog), 0);
	catalog_free(catalog);
}

static void
catalog_reports_a_probe_host_that_fails(void **state)
{
	static const struct {
		const char *script, *message;
	} cases[] = {
	    {"exit 3", "ended with status 3"},
	    {"kill -9 $$", "ended by signal 9"},
	    {"echo '" MANIFEST("ping", "1") "'; exit 1", "ended with status 1"},
	    {"echo '" MANIFEST("ping", "1") "'; echo oops; yes",
		"line 2: JSON:"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct catalog *catalog = catalog_new();
		struct error err = {""};

		assert_int_equal(ask(cases[i].script, catalog, &err), -1);
		assert_non_null(strstr(err.text, cases[i].message));
		assert_non_null(strstr(err.text, "pharos-probe --manifests: "));
		catalog_free(catalog);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(catalog_finds_by_name),
	    cmocka_unit_test(catalog_keeps_the_higher_version),
	    cmocka_unit_test(catalog_goes_through_json),
	    cmocka_unit_test(catalog_asks_the_installed_probes),
	    cmocka_unit_test(catalog_without_a_probe_host_stays_empty),
	    cmocka_unit_test(catalog_reports_a_probe_host_that_fails),
	};

	return (cmocka_run_group_tests_name("catalog", tests, NULL, NULL));
}
