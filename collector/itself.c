/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests that nobody has to ask for: of each box with itself, NAME_ITSELF.
 */
#include <string.h>

#include "collector/fleet.h"
#include "collector/reader.h"
#include "common/member.h"

#define REPORT (60 * NS_PER_S)

/* "none", or nothing. */
static bool
is_wanted(struct reader *r, const struct yml *node, const char *name)
{
	if (yml_null(node))
		return (true);
	if (reader_is(r, node, YML_SCALAR, "none, or leave it out") &&
	    strcmp(node->text, "none") != 0)
		reader_problem(r, node,
		    "%s: \"%.80s\", expected none, or leave it out", name,
		    node->text);
	return (false);
}

static bool
is_taken(const struct reader *r, const char *name)
{
	json_object *tests = member_get(r->json, "tests");

	for (size_t i = 0; i < json_object_array_length(tests); i++)
		if (strcmp(member_text_or(
			       json_object_array_get_idx(tests, i), "test", ""),
			name) == 0)
			return (true);
	return (false);
}

bool
itself_wanted(struct reader *r, const struct yml *node, const char *name)
{
	if (!is_wanted(r, node, name) ||
	    json_object_array_length(r->problems) > 0)
		return (false);
	return (!is_taken(r, name) &&
		(r->itself || member_get(r->by_name, NAME_ITSELF) == NULL));
}

static void
add_itself(struct reader *r)
{
	json_object *end = json_object_new_object();
	json_object *addresses;

	member_add_text(end, "name", NAME_ITSELF);
	reader_add_array(end, "groups");
	addresses = reader_add_array(end, "addresses");
	reader_add_once(addresses, "127.0.0.1");
	reader_add_once(addresses, "::1");
	json_object_array_add(r->ends, end);
	json_object_object_add(r->by_name, NAME_ITSELF, json_object_get(end));
	r->itself = true;
}

json_object *
itself_add_test(
    struct reader *r, const char *name, const char *probe, json_object *options)
{
	const struct timing timing = {
	    .kind = TIMING_CONTINUOUS, .every = REPORT};
	json_object *test = json_object_new_object();

	if (!r->itself)
		add_itself(r);
	reader_add_array(test, "from");
	reader_add_once(reader_add_array(test, "to"), NAME_ITSELF);
	member_add_text(test, "test", name);
	member_add_text(test, "probe", probe);
	json_object_object_add(test, "schedule", timing_json(&timing));
	json_object_object_add(test, "options", options);
	json_object_object_add(
	    test, "keep", yml_settings(NULL, fleet_keep_settings, NULL));
	json_object_object_add(
	    test, "rectangle", json_object_new_boolean(true));
	json_object_array_add(member_get(r->json, "tests"), test);
	return (test);
}

/*
 * What a box finds of itself alone.
 */

static const struct manifest *
find_of_host(const struct catalog *catalog)
{
	for (size_t i = 0; i < catalog_size(catalog); i++)
		if (catalog_at(catalog, i)->of_host)
			return (catalog_at(catalog, i));
	return (NULL);
}

/* How often, where the file says so. */
static void
read_timing(struct reader *r, const struct yml *node, struct timing *timing)
{
	struct error err;

	if (timing_read(timing, node, &err) == -1)
		reader_say(r->problems, &err);
	else if (timing->kind != TIMING_CONTINUOUS)
		reader_problem(r, node,
		    "%s: it goes on all the time, expected a schedule such as "
		    "{continuous: {report: 60s}}",
		    FLEET_CLOCK);
}

void
clock_read(struct reader *r, const struct yml *node)
{
	const struct manifest *manifest = find_of_host(r->catalog);
	bool told = node != NULL && node->kind == YML_MAP;
	json_object *test, *boxes;
	struct timing timing;

	if (told)
		read_timing(r, node, &timing);
	if (!itself_wanted(r, told ? NULL : node, FLEET_CLOCK) ||
	    manifest == NULL || json_object_object_length(r->site_boxes) == 0)
		return;
	test = itself_add_test(
	    r, FLEET_CLOCK, manifest->name, json_object_new_object());
	member_add_whole(test, "family", 4); /* which one it is says nothing */
	if (told)
		json_object_object_add(test, "schedule", timing_json(&timing));
	boxes = member_get(test, "from");
	json_object_object_foreach (r->site_boxes, site, names) {
		(void)site;
		for (size_t i = 0; i < json_object_array_length(names); i++)
			reader_add_once(
			    boxes, json_object_get_string(
				       json_object_array_get_idx(names, i)));
	}
}
