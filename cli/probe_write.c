/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "cli/probe.h"
#include "common/member.h"
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
	putc_unlocked('"', out);
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '"' || c == '\\')
			putc_unlocked('\\', out);
		if (c < ' ')
			fprintf(out, "\\u%04x", c);
		else
			putc_unlocked(c, out);
	}
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
			put_text(n->name, n->name_length, out);
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

void
probe_write(const struct manifest *manifest, const char *target,
    const struct tree_node *found, FILE *out)
{
	json_object *frame = json_object_new_object(), *record;
	const char *text;
	size_t length;

	/* what does not come from the worker, in the one place that knows it */
	member_add_text(frame, "address", tree_text_or(found, "address", NULL));
	member_add_text(frame, "stamps", tree_text_or(found, "stamps", NULL));
	record = probe_complete(manifest, target, frame);
	json_object_object_del(record, "address");
	text = json_object_to_json_string_length(record,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);
	fwrite_unlocked(text, 1, length - 1, out);
	for (const struct tree_node *n = found->first; n != NULL; n = n->next) {
		if (is_left_out(n->name))
			continue;
		putc_unlocked(',', out);
		put_text(n->name, n->name_length, out);
		putc_unlocked(':', out);
		put_node(n, out);
	}
	fputs("}\n", out);
	json_object_put(record);
	json_object_put(frame);
}
