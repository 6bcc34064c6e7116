/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos check: is this fleet file right?
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "collector/fleet.h"
#include "collector/settings.h"
#include "common/fetch.h"
#include "common/member.h"
#include "common/place.h"

static void
usage(FILE *out)
{
	fprintf(out,
	    "usage: pharos check [--config COLLECTOR.YAML] FLEET.YAML\n"
	    "\n"
	    "Names every mistake in a fleet file with its line and column.\n"
	    "Probes are those installed here and, where a collector runs, those\n"
	    "its agents have told of.\n");
}

/* What the agents of a collector on this host have told it; without one there
 * is nothing to add. */
static void
add_heard(struct catalog *catalog, const char *config)
{
	struct collector_settings settings;
	struct fetch_about about = {
	    .method = "GET", .url = "http://localhost/control/v1/manifests"};
	json_object *reply, *manifests;
	char *path;

	if (collector_settings_read(&settings, config, NULL) == -1)
		return;
	path = collector_settings_path(&settings, "control");
	about.unix_socket = path;
	reply = access(path, F_OK) == 0 ? fetch_json(NULL, &about, NULL) : NULL;
	manifests = member_get(reply, "manifests");
	if (json_object_is_type(manifests, json_type_array))
		for (size_t i = 0; i < json_object_array_length(manifests); i++)
			catalog_add(catalog,
			    json_object_array_get_idx(manifests, i), NULL);
	json_object_put(reply);
	free(path);
}

static void
print_all(const char *kind, json_object *texts)
{
	for (size_t i = 0; i < json_object_array_length(texts); i++)
		fprintf(stderr, "%s%s\n", kind,
		    json_object_get_string(
			json_object_array_get_idx(texts, i)));
}

/* Not those that nobody asked for. */
static size_t
count_written(const struct fleet *fleet)
{
	size_t written = 0;

	for (size_t i = 0; i < fleet->test_count; i++)
		written += !fleet->tests[i].calibrates &&
			   !fleet->tests[i].manifest->of_host;
	return (written);
}

static int
check(const char *path, const char *config)
{
	struct catalog *catalog = catalog_new();
	json_object *problems, *warnings;
	struct fleet *fleet;
	struct error err;
	int status;

	if (catalog_add_installed(catalog, &err) == -1)
		fprintf(stderr, "pharos: %s\n", err.text);
	add_heard(catalog, config);
	fleet = fleet_read(path, catalog, &problems, &warnings);
	print_all("", problems);
	print_all("warning: ", warnings);
	if (fleet != NULL)
		printf("%s: OK, %zu sites, %zu tests\n", path,
		    fleet->site_count, count_written(fleet));
	status = fleet != NULL ? 0 : 2;
	fleet_free(fleet);
	json_object_put(problems);
	json_object_put(warnings);
	return (status);
}

int
command_check(int argc, char **argv)
{
	char *fallback = place_config("collector.yaml");
	const char *config = fallback;
	const struct argument arguments[] = {{"config", &config}, {NULL, NULL}};
	int status = arguments_read(argc, argv, arguments, 1, usage);

	if (status == -1)
		status = check(argv[optind], config);
	free(fallback);
	return (status);
}
