/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each box that measures times between clocks measures itself, too, and the other
 * boxes of its site: what comes out is what its own stamps are off by.
 */
#include <string.h>

#include "collector/fleet.h"
#include "collector/reader.h"
#include "common/catalog.h"
#include "common/manifest.h"
#include "common/member.h"

static const struct manifest *
manifest_of(struct reader *r, json_object *test)
{
	return (catalog_find(r->catalog, member_text_or(test, "probe", "")));
}

/* The first test of a probe that can do it. */
static json_object *
find_model(struct reader *r, json_object *tests)
{
	for (size_t i = 0; i < json_object_array_length(tests); i++) {
		json_object *test = json_object_array_get_idx(tests, i);
		const struct manifest *manifest = manifest_of(r, test);

		if (manifest != NULL && manifest->calibrates != NULL)
			return (test);
	}
	return (NULL);
}

/* A box has one far end of a probe: what it is like is in its tests. */
static json_object *
make_options(const struct manifest *manifest, json_object *model)
{
	json_object *options = member_parse(
	    manifest->calibrates, strlen(manifest->calibrates), NULL);
	json_object *value;

	for (const struct setting *s = manifest->responder_settings;
	     s->name != NULL; s++)
		if (option_find(manifest->settings, s->name) != NULL &&
		    (value = member_get(
			 member_get(model, "options"), s->name)) != NULL)
			json_object_object_add(
			    options, s->name, json_object_get(value));
	return (options);
}

static void
add_boxes(struct reader *r, json_object *axis, json_object *boxes)
{
	for (size_t i = 0; i < json_object_array_length(axis); i++) {
		const char *name =
		    json_object_get_string(json_object_array_get_idx(axis, i));

		if (member_get(member_get(r->by_name, name), "site") != NULL)
			reader_add_once(boxes, name);
	}
}

/* Those that have the probe, since they are to measure with it. */
static void
add_sources(struct reader *r, json_object *tests,
    const struct manifest *manifest, json_object *boxes)
{
	for (size_t i = 0; i < json_object_array_length(tests); i++) {
		json_object *test = json_object_array_get_idx(tests, i);

		if (manifest_of(r, test) != manifest)
			continue;
		add_boxes(r, member_get(test, "from"), boxes);
		add_boxes(r, member_get(test, "to"), boxes);
	}
}

/* Sites with several boxes have neighbours. */
static void
add_destinations(struct reader *r, json_object *to)
{
	json_object_object_foreach (r->site_boxes, site, boxes) {
		(void)site;
		if (json_object_array_length(boxes) > 1)
			add_boxes(r, boxes, to);
	}
}

static void
add_test(struct reader *r, json_object *tests, json_object *model)
{
	const struct manifest *manifest = manifest_of(r, model);
	json_object *test = itself_add_test(r, FLEET_CALIBRATION,
	    manifest->name, make_options(manifest, model));

	add_sources(r, tests, manifest, member_get(test, "from"));
	add_destinations(r, member_get(test, "to"));
	json_object_object_add(
	    test, "calibrates", json_object_new_boolean(true));
}

void
calibration_read(struct reader *r, const struct yml *node)
{
	json_object *tests = member_get(r->json, "tests"), *model;

	if (!itself_wanted(r, node, FLEET_CALIBRATION) ||
	    (model = find_model(r, tests)) == NULL)
		return;
	add_test(r, tests, model);
}
