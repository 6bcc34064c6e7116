/* SPDX-License-Identifier: BSD-2-Clause */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "cli/probe.h"
#include "common/clock.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/tree.h"

/* Members of the worker's that are not the record's, or stand elsewhere. */
static bool
is_left_out(const char *name)
{
	static const char *const names[] = {
	    "m", "run", "last", "stamps", "clocks"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return (true);
	return (false);
}

static void
put_text(const char *text, size_t length, FILE *out)
{
	size_t from = 0;

	putc_unlocked('"', out);
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c >= ' ' && c != '"' && c != '\\')
			continue;
		fwrite_unlocked(text + from, 1, i - from, out);
		if (c < ' ')
			fprintf(out, "\\u%04x", c);
		else
			fprintf(out, "\\%c", c);
		from = i + 1;
	}
	fwrite_unlocked(text + from, 1, length - from, out);
	putc_unlocked('"', out);
}

static void put_node(const struct tree_node *node, FILE *out);

static void
put_inside(const struct tree_node *node, FILE *out)
{
	bool named = node->kind == TREE_OBJECT;

	putc_unlocked(named ? '{' : '[', out);
	for (const struct tree_node *n = node->first; n != NULL; n = n->next) {
		if (n != node->first)
			putc_unlocked(',', out);
		if (named) {
			put_text(n->name, strlen(n->name), out);
			putc_unlocked(':', out);
		}
		put_node(n, out);
	}
	putc_unlocked(named ? '}' : ']', out);
}

static void
put_node(const struct tree_node *node, FILE *out)
{
	switch (node->kind) {
	case TREE_NULL:
		fputs("null", out);
		break;
	case TREE_FALSE:
		fputs("false", out);
		break;
	case TREE_TRUE:
		fputs("true", out);
		break;
	case TREE_WHOLE:
	case TREE_NUMBER:
		fwrite_unlocked(node->text, 1, node->length, out);
		break;
	case TREE_TEXT:
		put_text(node->text, node->length, out);
		break;
	case TREE_ARRAY:
	case TREE_OBJECT:
		put_inside(node, out);
		break;
	}
}

static void
put_member(const char *name, const char *text, FILE *out)
{
	fputs(",\"", out);
	fputs(name, out);
	fputs("\":", out);
	put_text(text, strlen(text), out);
}

/* What probe_clock wants to know of it. */
static json_object *
clock_members(const char *stamps, const struct tree_node *clocks)
{
	json_object *found = json_object_new_object(), *bounds;

	member_add_text(found, "stamps", stamps);
	if (clocks == NULL)
		return (found);
	bounds = json_object_new_object();
	for (const struct tree_node *n = clocks->first; n != NULL; n = n->next)
		member_add_number(bounds, n->name, tree_number_of(n));
	json_object_object_add(found, "clocks", bounds);
	return (found);
}

static char *
make_clock(
    enum manifest_end end, const char *stamps, const struct tree_node *clocks)
{
	json_object *found = clock_members(stamps, clocks);
	json_object *clock = probe_clock(end, found);
	char *text = memory_text(json_object_to_json_string_ext(
	    clock, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));

	json_object_put(clock);
	json_object_put(found);
	return (text);
}

/* Most records have the same; it is made anew once a second. */
static const char *
clock_text(
    enum manifest_end end, const char *stamps, const struct tree_node *clocks)
{
	static char *text, *about;
	static nanoseconds made;
	nanoseconds now = clock_monotonic();

	if (text != NULL && now - made < NS_PER_S && clocks == NULL &&
	    strcmp(about, stamps != NULL ? stamps : "") == 0)
		return (text);
	free(text);
	free(about);
	text = make_clock(end, stamps, clocks);
	about = memory_text(stamps != NULL ? stamps : "");
	made = clocks == NULL ? now : 0;
	return (text);
}

void
probe_write(const struct manifest *manifest, const struct probe_aim *aim,
    const struct tree_node *found, FILE *out)
{
	char text[PROBE_OWN];
	const char *own =
	    probe_own_name(tree_text_or(found, "address", ""), text);
	bool sends = aim->end == RUNS_AT_SRC;

	fputs("{\"v\":1", out);
	put_member("probe", manifest->name, out);
	put_member("src", sends ? own : aim->target, out);
	put_member("dst", sends ? aim->target : own, out);
	put_member("agent", own, out);
	for (const struct tree_node *n = found->first; n != NULL; n = n->next) {
		if (is_left_out(n->name))
			continue;
		putc_unlocked(',', out);
		put_text(n->name, strlen(n->name), out);
		putc_unlocked(':', out);
		put_node(n, out);
	}
	fprintf(out, ",\"clock\":%s}\n",
	    clock_text(aim->end, tree_text_or(found, "stamps", NULL),
		tree_get(found, "clocks")));
}
