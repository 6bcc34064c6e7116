/* SPDX-License-Identifier: BSD-2-Clause */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "cli/probe.h"
#include "common/clock.h"
#include "common/memory.h"
#include "common/tree.h"

/* Members of the worker's that are not the record's, or stand elsewhere. */
static bool
is_left_out(const char *name)
{
	static const char *const names[] = {"m", "run", "last", "stamps"};

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

/* Most records have the same; it is made anew once a second. */
static const char *
clock_text(const struct manifest *manifest, const char *stamps)
{
	static char *text, *about;
	static nanoseconds made;
	nanoseconds now = clock_monotonic();
	json_object *json;

	if (text != NULL && now - made < NS_PER_S &&
	    strcmp(about, stamps != NULL ? stamps : "") == 0)
		return (text);
	free(text);
	free(about);
	json = probe_clock(manifest, stamps);
	text = memory_text(json_object_to_json_string_ext(
	    json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
	about = memory_text(stamps != NULL ? stamps : "");
	made = now;
	return (text);
}

void
probe_write(const struct manifest *manifest, const char *target,
    const struct tree_node *found, FILE *out)
{
	char text[PROBE_OWN];
	const char *own =
	    probe_own_name(tree_text_or(found, "address", ""), text);
	bool sends = manifest->runs_at == RUNS_AT_SRC;

	fputs("{\"v\":1", out);
	put_member("probe", manifest->name, out);
	put_member("src", sends ? own : target, out);
	put_member("dst", sends ? target : own, out);
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
	    clock_text(manifest, tree_text_or(found, "stamps", NULL)));
}
