/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the numbers come from: files of the store's and the registry, opened when
 * they are first asked for.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/bins.h"
#include "collector/fleet.h"
#include "collector/latest.h"
#include "collector/registry.h"
#include "collector/settings.h"
#include "collector/web.h"
#include "common/error.h"
#include "common/log.h"

#define BOXES_AGE NS_PER_S

void
web_forget_latest(struct web *web)
{
	for (size_t i = 0; web->latest != NULL && i < web->fleet->test_count;
	     i++)
		latest_free(web->latest[i]);
	free(web->latest);
	web->latest = NULL;
}

struct latest *
web_latest(struct web *web, const struct fleet_test *test)
{
	struct latest **latest = &web->latest[test - web->fleet->tests];
	char *dir;

	/* the store replaces a file whose shape no longer fits */
	if (*latest != NULL && latest_is_replaced(*latest)) {
		latest_free(*latest);
		*latest = NULL;
	}
	if (*latest == NULL) {
		dir = collector_settings_path(web->settings, "latest");
		*latest = latest_open(dir, web->fleet, test, NULL);
		free(dir);
	}
	return (*latest);
}

struct bins *
web_bins(struct web *web)
{
	char *path;

	if (web->bins == NULL) {
		path = collector_settings_path(web->settings, "bins.db");
		if (access(path, F_OK) == 0)
			web->bins = bins_open(path, true, NULL);
		free(path);
	}
	return (web->bins);
}

int
web_known_family(struct web *web, struct bins_key *key)
{
	struct bins *bins = web_bins(web);
	int family = bins != NULL ? bins_newest_family(bins, key, NULL) : 0;

	key->family = family > 0 ? family : 4;
	return (key->family);
}

static void
forget_boxes(struct web *web)
{
	registry_boxes_free(web->boxes, web->box_count);
	web->boxes = NULL;
	web->box_count = 0;
}

static void
read_boxes(struct web *web)
{
	nanoseconds now = clock_monotonic();
	struct error err;
	char *path;

	if (web->boxes_read != 0 && now - web->boxes_read < BOXES_AGE)
		return;
	if (web->registry == NULL) {
		path = collector_settings_path(web->settings, "registry.db");
		if (access(path, F_OK) == 0)
			web->registry = registry_open(path, true, NULL);
		free(path);
	}
	if (web->registry == NULL)
		return;
	forget_boxes(web);
	web->box_count = registry_boxes(web->registry, &web->boxes, &err);
	if (web->box_count == -1) {
		log_warnx("registry: %s", err.text);
		web->box_count = 0;
		web->boxes = NULL;
	}
	web->boxes_read = now;
}

const struct registry_box *
web_box(struct web *web, const char *name)
{
	read_boxes(web);
	for (int i = 0; i < web->box_count; i++)
		if (strcmp(web->boxes[i].name, name) == 0)
			return (&web->boxes[i]);
	return (NULL);
}

bool
web_is_known_box(struct web *web, const char *name)
{
	const struct fleet_end *end =
	    web->fleet == NULL ? NULL : fleet_end(web->fleet, name);

	if (web->fleet == NULL || (end != NULL && end->is_box))
		return (true);
	return (web_box(web, name) != NULL || web->box_count == 0);
}

bool
web_is_silent(struct web *web, const struct fleet_end *end)
{
	const struct registry_box *box;

	if (!end->is_box)
		return (false);
	box = web_box(web, end->name);
	return (box == NULL || registry_is_silent(box->heard, clock_wall()));
}

void
web_close_sources(struct web *web)
{
	web_forget_latest(web);
	forget_boxes(web);
	registry_free(web->registry);
	bins_free(web->bins);
}
