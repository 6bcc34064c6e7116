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
#include "cli/output.h"
#include "collector/fleet.h"
#include "collector/settings.h"
#include "common/error.h"
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

/* What the agents of a collector on this host have told it; while that does not
 * run there is nothing to add. */
static void
add_heard(struct catalog *catalog, const struct collector_settings *settings)
{
	struct fetch_about about = {
	    .method = "GET", .url = "http://localhost/control/v1/manifests"};
	json_object *reply, *manifests;
	char *path = collector_settings_path(settings, "control");

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

/* The collector that is named has to be there; that of this host may be. */
static int
ask_collector(struct catalog *catalog, const char *config, struct error *err)
{
	char *usual = place_config("collector.yaml");
	const char *path = config != NULL ? config : usual;
	struct collector_settings settings;
	int result = 0;

	if (collector_settings_read(&settings, path, err) == 0)
		add_heard(catalog, &settings);
	else if (config != NULL)
		result = -1;
	else if (access(path, F_OK) == 0)
		fprintf(stderr, "warning: %s\n", err->text);
	free(usual);
	return (result);
}

static void
print_all(const char *kind, json_object *texts)
{
	for (size_t i = 0; i < json_object_array_length(texts); i++)
		fprintf(stderr, "%s%s\n", kind,
		    json_object_get_string(
			json_object_array_get_idx(texts, i)));
}

/* Takes the catalog over. */
static int
check(const char *path, struct catalog *catalog)
{
	json_object *problems, *warnings;
	struct fleet *fleet;
	size_t tests;
	int status;

	fleet = fleet_read(path, catalog, &problems, &warnings);
	print_all("", problems);
	print_all("warning: ", warnings);
	if (fleet != NULL) {
		tests = fleet_written(fleet);
		printf("%s: OK, %zu site%s, %zu test%s\n", path,
		    fleet->site_count, output_plural(fleet->site_count), tests,
		    output_plural(tests));
	}
	status = fleet != NULL ? 0 : 2;
	fleet_free(fleet);
	json_object_put(problems);
	json_object_put(warnings);
	return (status);
}

int
command_check(int argc, char **argv)
{
	const char *config = NULL;
	const struct argument arguments[] = {{"config", &config}, {NULL, NULL}};
	int status = arguments_read(argc, argv, arguments, 1, usage);
	struct catalog *catalog;
	struct error err;

	if (status != -1)
		return (status);
	catalog = catalog_new();
	if (catalog_add_installed(catalog, &err) == -1)
		fprintf(stderr, "pharos: %s\n", err.text);
	if (ask_collector(catalog, config, &err) == -1) {
		catalog_free(catalog);
		return (output_fail(2, &err));
	}
	return (check(argv[optind], catalog));
}
