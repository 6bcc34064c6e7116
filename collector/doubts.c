/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a fleet file says that can be meant, but rarely is: warnings.
 */
#include <string.h>

#include "collector/fleet.h"
#include "collector/reader.h"
#include "common/member.h"

static const char *
text_at(json_object *array, size_t i)
{
	return (json_object_get_string(json_object_array_get_idx(array, i)));
}

/* Several agents of one host, as of a trial, have nothing else. */
static bool
is_loopback(const char *address)
{
	return (
	    strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0);
}

void
doubts_address(struct reader *r, const struct yml *node, json_object *box)
{
	json_object *addresses = member_get(box, "addresses");
	const char *name = member_text_or(box, "name", "");
	bool said = member_get(box, "inbound") != NULL; /* nobody tries it */

	for (size_t i = 0; i < json_object_array_length(addresses); i++) {
		const char *address = text_at(addresses, i);
		const char *first =
		    member_text_or(r->by_address, address, NULL);

		if (said || is_loopback(address))
			continue;
		if (first == NULL) {
			member_add_text(r->by_address, address, name);
			continue;
		}
		reader_warning(r, node,
		    "box %s has the address %s of box %s: what is sent to one "
		    "may reach the other; expected one of its own, or "
		    "\"inbound: no\" where nothing is to be sent to it",
		    name, address, first);
		said = true;
	}
}

static bool
has_pair(json_object *from, json_object *to)
{
	for (size_t i = 0; i < json_object_array_length(from); i++)
		for (size_t j = 0; j < json_object_array_length(to); j++)
			if (strcmp(text_at(from, i), text_at(to, j)) != 0)
				return (true);
	return (false);
}

void
doubts_pairs(struct reader *r, const struct yml *node, json_object *test)
{
	json_object *from = member_get(test, "from");
	json_object *to = member_get(test, "to");
	const char *name = member_text_or(test, "test", "");

	if (json_object_array_length(r->problems) > 0 || has_pair(from, to))
		return;
	if (json_object_array_length(to) == 0)
		reader_warning(r, node,
		    "test %s has no pair and measures nothing: there are no "
		    "targets",
		    name);
	else
		reader_warning(r, node,
		    "test %s has no pair and measures nothing: %s is the only "
		    "one in it, expected two boxes, or a target",
		    name, text_at(to, 0));
}

void
doubts_untested(
    struct reader *r, const struct fleet *fleet, const struct fleet_test *test)
{
	size_t untested = 0, first_source = 0, first_destination = 0;
	struct error err;

	for (size_t i = 0; i < test->source_count; i++)
		for (size_t j = 0; j < test->destination_count; j++) {
			struct fleet_pair pair;

			fleet_pair(fleet, test, i, j, &pair);
			if (pair.tested ||
			    test->sources[i] == test->destinations[j])
				continue;
			if (untested++ == 0) {
				first_source = i;
				first_destination = j;
			}
		}
	if (untested == 0 || test->calibrates)
		return;
	error_set(&err,
	    "test %s: %zu of its pairs cannot be tested: the "
	    "destination has no address of a family that both ends have, or "
	    "takes nothing inbound; such as %s to %s",
	    test->name, untested, fleet->ends[test->sources[first_source]].name,
	    fleet->ends[test->destinations[first_destination]].name);
	reader_say(r->warnings, &err);
}
