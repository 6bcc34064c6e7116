/* SPDX-License-Identifier: BSD-2-Clause */
#include <json-c/json.h>
#include <stdio.h>

#include "collector/collector.h"
#include "collector/fleet.h"
#include "collector/publisher.h"
#include "collector/settings.h"
#include "common/error.h"

static void
print_texts(json_object *texts, const char *kind)
{
	for (size_t i = 0; i < json_object_array_length(texts); i++)
		fprintf(stderr, "%s%s\n", kind,
		    json_object_get_string(
			json_object_array_get_idx(texts, i)));
}

int
collector_check(const struct collector_settings *settings, const char *config)
{
	json_object *problems, *warnings;
	struct catalog *catalog;
	struct fleet *fleet;
	struct error err;
	int status;

	catalog = publisher_catalog(settings, &err);
	if (catalog == NULL) {
		fprintf(stderr, "%s\n", err.text);
		return (2);
	}
	fleet = fleet_read(settings->fleet, catalog, &problems, &warnings);
	print_texts(problems, "");
	print_texts(warnings, "warning: ");
	status = fleet != NULL ? 0 : 2;
	if (collector_check_state(settings, &err) == -1) {
		fprintf(stderr, "%s\n", err.text);
		status = fleet != NULL ? 1 : 2;
	}
	if (fleet != NULL)
		printf("%s: OK\n%s: OK\n", config, settings->fleet);
	fleet_free(fleet);
	json_object_put(problems);
	json_object_put(warnings);
	return (status);
}
