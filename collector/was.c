/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What boxes of a fleet file were called before.
 */
#include <string.h>

#include "collector/reader.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/name.h"

void
was_read(struct reader *r, const struct yml *node, json_object *end)
{
	if (yml_null(node) ||
	    !reader_is(r, node, YML_SCALAR, "the name that it had"))
		return;
	if (!name_valid(node->text)) {
		reader_problem(
		    r, node, "was: \"%s\", expected %s", node->text, name_rule);
		return;
	}
	r->was = memory_resize(r->was, r->was_count + 1, sizeof(*r->was));
	r->was[r->was_count++] = (struct reader_was){node, end};
	member_add_text(end, "was", node->text);
}

static const char *
name_of(const struct reader_was *was)
{
	return (member_text_or(was->end, "name", ""));
}

/* Of one name there was one box. */
static bool
is_first(struct reader *r, size_t which)
{
	const struct reader_was *was = &r->was[which];

	for (size_t i = 0; i < which; i++) {
		if (strcmp(r->was[i].node->text, was->node->text) != 0)
			continue;
		reader_problem(r, was->node,
		    "was: %s, but %s was %s already (line %d): expected it "
		    "once",
		    was->node->text, name_of(&r->was[i]), was->node->text,
		    r->was[i].node->line);
		return (false);
	}
	return (true);
}

/* A box that has the name now must have had another itself. */
static void
check(struct reader *r, const struct reader_was *was)
{
	const char *old = was->node->text;
	json_object *owner = member_get(r->by_name, old);

	if (strcmp(old, name_of(was)) == 0)
		reader_problem(r, was->node,
		    "was: %s is its name now, expected the one it had before",
		    old);
	else if (owner != NULL && member_get(owner, "was") == NULL)
		reader_problem(r, was->node,
		    "was: %s, but there is a %s %s still: expected the name "
		    "of a box that is here no more, or has a \"was:\" itself",
		    old, member_get(owner, "site") != NULL ? "box" : "target",
		    old);
}

void
was_check(struct reader *r)
{
	for (size_t i = 0; i < r->was_count; i++)
		if (is_first(r, i))
			check(r, &r->was[i]);
}
