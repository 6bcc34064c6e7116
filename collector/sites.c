/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sites, their boxes, and targets of a fleet file.
 */
#include <stdlib.h>
#include <string.h>

#include "collector/fleet.h"
#include "collector/reader.h"
#include "common/member.h"

/* yes, no and their kin; anything else is a problem. */
static bool
read_flag(struct reader *r, const struct yml *node, const char *what)
{
	static const char *const yes[] = {"yes", "true", "on"};
	static const char *const no[] = {"no", "false", "off"};

	if (!reader_is(r, node, YML_SCALAR, "yes or no"))
		return (false);
	for (size_t i = 0; i < 3; i++) {
		if (strcmp(node->text, yes[i]) == 0)
			return (true);
		if (strcmp(node->text, no[i]) == 0)
			return (false);
	}
	reader_problem(
	    r, node, "%s: \"%.80s\", expected yes or no", what, node->text);
	return (false);
}

static void
read_groups(struct reader *r, const struct yml *node, json_object *json)
{
	json_object *groups = reader_add_array(json, "groups");

	if (yml_null(node) || !reader_is(r, node, YML_LIST, "a list of groups"))
		return;
	for (size_t i = 0; i < node->count; i++) {
		const struct yml *item = node->items[i];

		if (!reader_is(r, item, YML_SCALAR, "a group"))
			continue;
		if (!name_valid(item->text))
			reader_problem(r, item, "group \"%.80s\": expected %s",
			    item->text, name_rule);
		else
			reader_add_once(groups, item->text);
	}
}

/* label: New York, or label: {en: New York, zh: ...} */
static void
read_label(struct reader *r, const struct yml *node, json_object *json)
{
	json_object *label;

	if (yml_null(node))
		return;
	label = json_object_new_object();
	json_object_object_add(json, "label", label);
	if (node->kind == YML_SCALAR) {
		member_add_text(label, "en", node->text);
		return;
	}
	if (!reader_is(r, node, YML_MAP, "a label, or one for each language,"))
		return;
	for (size_t i = 0; i < node->count; i++)
		if (reader_is(r, node->items[i], YML_SCALAR, "a label"))
			member_add_text(
			    label, node->keys[i], node->items[i]->text);
}

static bool
read_degrees(struct reader *r, const struct yml *node, double most,
    json_object *location)
{
	double value;
	char *end;

	if (!reader_is(r, node, YML_SCALAR, "degrees"))
		return (false);
	value = strtod(node->text, &end);
	if (end == node->text || *end != '\0' ||
	    !(value >= -most && value <= most)) {
		reader_problem(r, node,
		    "\"%.80s\": expected degrees from %g to %g", node->text,
		    -most, most);
		return (false);
	}
	json_object_array_add(location, member_new_number(value));
	return (true);
}

static void
read_location(struct reader *r, const struct yml *node, json_object *json)
{
	json_object *location;

	if (yml_null(node) ||
	    !reader_is(r, node, YML_LIST, "[latitude, longitude]"))
		return;
	if (node->count != 2) {
		reader_problem(
		    r, node, "location: expected [latitude, longitude]");
		return;
	}
	location = json_object_new_array();
	if (read_degrees(r, node->items[0], 90, location) &&
	    read_degrees(r, node->items[1], 180, location))
		json_object_object_add(
		    json, "location", json_object_get(location));
	json_object_put(location);
}

static void
read_address(struct reader *r, const struct yml *node, json_object *addresses)
{
	union address address;
	char text[ADDRESS_TEXT];

	if (!reader_is(r, node, YML_SCALAR, "an address"))
		return;
	if (!address_parse(node->text, 0, &address))
		reader_problem(r, node,
		    "\"%.80s\": expected an IPv4 or IPv6 address, not a name",
		    node->text);
	else if (json_object_array_length(addresses) >= FLEET_ADDRESSES)
		reader_problem(
		    r, node, "more than %d addresses", FLEET_ADDRESSES);
	else
		reader_add_once(addresses, address_format(&address, text));
}

static void
read_addresses(struct reader *r, const struct yml *node, json_object *json)
{
	json_object *addresses = reader_add_array(json, "addresses");

	if (yml_null(node))
		return;
	if (node->kind == YML_SCALAR) {
		read_address(r, node, addresses);
		return;
	}
	if (!reader_is(r, node, YML_LIST, "an address or a list of them"))
		return;
	for (size_t i = 0; i < node->count; i++)
		read_address(r, node->items[i], addresses);
}

/* A name that nothing else has yet: boxes and targets share one space. */
static bool
is_new(struct reader *r, const struct yml *node, const char *name)
{
	if (json_object_object_get_ex(r->by_name, name, NULL)) {
		reader_problem(r, node, "the name %s is taken", name);
		return (false);
	}
	return (true);
}

static json_object *
add_end(struct reader *r, const char *name)
{
	json_object *end = json_object_new_object();

	member_add_text(end, "name", name);
	json_object_array_add(r->ends, end);
	json_object_object_add(r->by_name, name, json_object_get(end));
	return (end);
}

static void
read_box(struct reader *r, const struct yml *node, const char *name,
    const char *site, json_object *boxes)
{
	const struct yml *inbound = yml_get(node, "inbound");
	json_object *end;

	if (!name_valid(name)) {
		reader_problem(
		    r, node, "box \"%.80s\": expected %s", name, name_rule);
		return;
	}
	if (!is_new(r, node, name))
		return;
	end = add_end(r, name);
	member_add_text(end, "site", site);
	read_addresses(r, yml_get(node, "address"), end);
	if (!yml_null(inbound) && !read_flag(r, inbound, "inbound"))
		json_object_object_add(
		    end, "inbound", json_object_new_boolean(false));
	doubts_address(r, node, end);
	was_read(r, yml_get(node, "was"), end);
	json_object_array_add(boxes, json_object_new_string(name));
}

static void
read_boxes(struct reader *r, const struct yml *node, const char *site,
    json_object *boxes)
{
	static const char *const keys[] = {"address", "inbound", "was", NULL};

	if (!reader_is(r, node, YML_MAP, "a map of boxes"))
		return;
	if (node->count == 0)
		reader_problem(r, node, "boxes: expected at least one");
	for (size_t i = 0; i < node->count; i++) {
		const struct yml *box = node->items[i];

		if (!reader_is(
			r, box, YML_MAP, "a box such as {address: 192.0.2.1}"))
			continue;
		reader_only(r, box, keys);
		read_box(r, box, node->keys[i], site, boxes);
	}
}

static void
read_site(struct reader *r, const struct yml *node, const char *name)
{
	static const char *const keys[] = {"address", "label", "groups",
	    "location", "boxes", "inbound", "was", NULL};
	const struct yml *boxes = yml_get(node, "boxes");
	json_object *site, *names;

	if (!name_valid(name)) {
		reader_problem(
		    r, node, "site \"%.80s\": expected %s", name, name_rule);
		return;
	}
	if (!reader_is(r, node, YML_MAP, "a site such as {address: 192.0.2.1}"))
		return;
	reader_only(r, node, keys);
	site = json_object_new_object();
	json_object_array_add(r->sites, site);
	member_add_text(site, "name", name);
	read_label(r, yml_get(node, "label"), site);
	read_groups(r, yml_get(node, "groups"), site);
	read_location(r, yml_get(node, "location"), site);
	names = reader_add_array(r->site_boxes, name);
	if (yml_null(boxes)) {
		read_box(r, node, name, name, names);
		return;
	}
	if (yml_get(node, "address") != NULL ||
	    yml_get(node, "inbound") != NULL || yml_get(node, "was") != NULL)
		reader_problem(r, node,
		    "site %s has boxes: address, inbound and was "
		    "belong to each of them",
		    name);
	read_boxes(r, boxes, name, names);
}

void
sites_read(struct reader *r, const struct yml *node)
{
	if (yml_null(node) || !reader_is(r, node, YML_MAP, "a map of sites"))
		return;
	for (size_t i = 0; i < node->count; i++)
		read_site(r, node->items[i], node->keys[i]);
}

static void
read_target(struct reader *r, const struct yml *node, const char *name)
{
	static const char *const keys[] = {"address", "groups", NULL};
	union address address;
	json_object *end;

	if (!name_valid_target(name)) {
		reader_problem(r, node,
		    "target \"%.80s\": expected a host name or an "
		    "address of at most 63 characters",
		    name);
		return;
	}
	if (!is_new(r, node, name))
		return;
	end = add_end(r, name);
	if (!yml_null(node) && !reader_is(r, node, YML_MAP,
				   "a target such as {address: 192.0.2.1}"))
		node = NULL;
	if (!yml_null(node))
		reader_only(r, node, keys);
	read_groups(r, yml_get(node, "groups"), end);
	read_addresses(r, yml_get(node, "address"), end);
	if (address_parse(name, 0, &address))
		reader_add_once(member_get(end, "addresses"), name);
}

void
sites_read_targets(struct reader *r, const struct yml *node)
{
	if (yml_null(node) || !reader_is(r, node, YML_MAP, "a map of targets"))
		return;
	for (size_t i = 0; i < node->count; i++)
		read_target(r, node->items[i], node->keys[i]);
}
