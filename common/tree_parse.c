/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/tree.h"
#include "common/utf8.h"

#define BLOCK 256              /* nodes */
#define BLOCKS_KEPT 16         /* from one parse to the next */
#define TEXT_KEPT (256 * 1024) /* bytes, likewise */
#define SURELY_FINITE 300      /* digits; beyond 10^308 there is none */
#define REPLACEMENT 0xfffd     /* for half a surrogate pair, as json-c does */

struct tree {
	char *text; /* a copy, in which texts are unescaped and ended */
	size_t room;
	struct tree_node **blocks;
	size_t block_count, used; /* blocks; nodes */
};

/* Both may be moved on; *end is NUL. */
struct reading {
	struct tree *tree;
	char *at, *end;
	struct error *err;
};

struct tree *
tree_new(void)
{
	return (memory_new(1, sizeof(struct tree)));
}

static void
keep(struct tree *tree, size_t blocks, size_t text)
{
	while (tree->block_count > blocks)
		free(tree->blocks[--tree->block_count]);
	if (tree->room > text) {
		free(tree->text);
		tree->text = NULL;
		tree->room = 0;
	}
	tree->used = 0;
}

void
tree_free(struct tree *tree)
{
	if (tree == NULL)
		return;
	keep(tree, 0, 0);
	free(tree->blocks);
	free(tree);
}

static struct tree_node *
new_node(struct tree *tree)
{
	size_t block = tree->used / BLOCK;

	if (block == tree->block_count) {
		tree->blocks = memory_resize(
		    tree->blocks, block + 1, sizeof(*tree->blocks));
		tree->blocks[tree->block_count++] =
		    memory_new(BLOCK, sizeof(**tree->blocks));
	}
	return (&tree->blocks[block][tree->used++ % BLOCK]);
}

static int
refuse(const struct reading *r, const char *what)
{
	if (r->at >= r->end)
		return (error_set(r->err, "JSON: ends too early"));
	return (error_set(
	    r->err, "JSON: %s at byte %td", what, r->at - r->tree->text));
}

static void
skip_space(struct reading *r)
{
	while (
	    *r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t')
		r->at++;
}

static bool
is_digit(char c)
{
	return (c >= '0' && c <= '9');
}

/*
 * Numbers.
 */

/* At least one digit. */
static int
skip_digits(struct reading *r)
{
	if (!is_digit(*r->at))
		return (refuse(r, "a number without a digit"));
	while (is_digit(*r->at))
		r->at++;
	return (0);
}

static int
check_whole(const struct reading *r, const struct tree_node *node)
{
	if (node->length <= 18)
		return (0);
	errno = 0;
	strtoll(node->text, NULL, 10);
	return (errno == 0 ? 0 : refuse(r, "a number that is too large"));
}

static int
skip_fraction(struct reading *r, struct tree_node *node, bool *exponent)
{
	if (*r->at == '.') {
		node->kind = TREE_NUMBER;
		r->at++;
		if (skip_digits(r) == -1)
			return (-1);
	}
	*exponent = *r->at == 'e' || *r->at == 'E';
	if (!*exponent)
		return (0);
	node->kind = TREE_NUMBER;
	r->at++;
	if (*r->at == '+' || *r->at == '-')
		r->at++;
	return (skip_digits(r));
}

static int
read_number(struct reading *r, struct tree_node *node)
{
	bool exponent;

	node->kind = TREE_WHOLE;
	node->text = r->at;
	if (*r->at == '-')
		r->at++;
	if (*r->at == '0' && is_digit(r->at[1]))
		return (refuse(r, "a number with a leading zero"));
	if (skip_digits(r) == -1 || skip_fraction(r, node, &exponent) == -1)
		return (-1);
	node->length = (uint32_t)(r->at - node->text);
	if (node->kind == TREE_WHOLE)
		return (check_whole(r, node));
	if ((exponent || node->length > SURELY_FINITE) &&
	    !isfinite(strtod(node->text, NULL)))
		return (error_set(r->err, "JSON: a number is not finite, "
					  "expected an ordinary one"));
	return (0);
}

/*
 * Texts.
 */

static int
hex_digit(char c)
{
	if (is_digit(c))
		return (c - '0');
	c |= 0x20;
	return (c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1);
}

/* Behind "\u": four digits, or -1. Reads nothing beyond the NUL. */
static int32_t
read_hex(const char *at)
{
	int32_t point = 0;

	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(at[i]);

		if (digit == -1)
			return (-1);
		point = point << 4 | digit;
	}
	return (point);
}

static char *
put_utf8(char *out, uint32_t point)
{
	if (point < 0x80) {
		*out++ = (char)point;
		return (out);
	}
	if (point < 0x800) {
		*out++ = (char)(0xc0 | point >> 6);
	} else {
		if (point < 0x10000) {
			*out++ = (char)(0xe0 | point >> 12);
		} else {
			*out++ = (char)(0xf0 | point >> 18);
			*out++ = (char)(0x80 | (point >> 12 & 0x3f));
		}
		*out++ = (char)(0x80 | (point >> 6 & 0x3f));
	}
	*out++ = (char)(0x80 | (point & 0x3f));
	return (out);
}

/* At "\u". NULL when refused. */
static char *
read_unicode(struct reading *r, char *out)
{
	int32_t point = read_hex(r->at + 2), low;

	if (point == -1)
		return (refuse(r, "an escape without four digits"), NULL);
	r->at += 6;
	if (point >= 0xd800 && point < 0xdc00 && r->at[0] == '\\' &&
	    r->at[1] == 'u') {
		low = read_hex(r->at + 2);
		if (low >= 0xdc00 && low < 0xe000) {
			r->at += 6;
			point =
			    0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
		}
	}
	if (point >= 0xd800 && point < 0xe000)
		point = REPLACEMENT;
	return (put_utf8(out, (uint32_t)point));
}

/* At a backslash. NULL when refused. */
static char *
read_escape(struct reading *r, char *out)
{
	static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
	const char *name;

	if (r->at[1] == 'u')
		return (read_unicode(r, out));
	name = r->at[1] != '\0' ? strchr(names, r->at[1]) : NULL;
	if (name == NULL)
		return (refuse(r, "an unknown escape"), NULL);
	*out++ = means[name - names];
	r->at += 2;
	return (out);
}

/* A character beyond ASCII. */
static char *
read_character(struct reading *r, char *out)
{
	uint32_t point;
	size_t length = utf8_next(r->at, &point);

	if (length == 0)
		return (refuse(r, "bytes that are no UTF-8"), NULL);
	memmove(out, r->at, length);
	r->at += length;
	return (out + length);
}

/* At the first quote. What it yields is no longer than what it reads. */
static int
read_text(struct reading *r, const char **text, uint32_t *length)
{
	char *out = ++r->at;

	*text = out;
	for (;;) {
		unsigned char c = (unsigned char)*r->at;

		if (c == '"')
			break;
		if (c >= ' ' && c != '\\' && c < 0x80) {
			*out++ = *r->at++;
			continue;
		}
		if (c < ' ')
			return (refuse(r, "a control character"));
		out = c == '\\' ? read_escape(r, out) : read_character(r, out);
		if (out == NULL)
			return (-1);
	}
	*length = (uint32_t)(out - *text);
	*out = '\0';
	r->at++;
	return (0);
}

/*
 * Values.
 */

static int read_value(
    struct reading *r, struct tree_node *node, unsigned level);

static int
read_literal(struct reading *r, struct tree_node *node, const char *literal,
    enum tree_kind kind)
{
	size_t length = strlen(literal);

	if (strncmp(r->at, literal, length) != 0)
		return (refuse(r, "something unexpected"));
	node->kind = kind;
	r->at += length;
	return (0);
}

static int
read_name(struct reading *r, struct tree_node *node)
{
	skip_space(r);
	if (*r->at != '"')
		return (refuse(r, "no member's name"));
	if (read_text(r, &node->name, &node->name_length) == -1)
		return (-1);
	node->name_length = (uint32_t)strlen(node->name); /* as json-c's */
	skip_space(r);
	if (*r->at != ':')
		return (refuse(r, "no colon"));
	r->at++;
	return (0);
}

static struct tree_node *
add_child(struct reading *r, struct tree_node *node)
{
	struct tree_node *child = new_node(r->tree);

	*child = (struct tree_node){0};
	if (node->first == NULL)
		node->first = child;
	else
		((struct tree_node *)node->last)->next = child;
	node->last = child;
	return (child);
}

/* At the opening bracket. */
static int
read_children(
    struct reading *r, struct tree_node *node, char end, unsigned level)
{
	r->at++;
	skip_space(r);
	if (*r->at == end) {
		r->at++;
		return (0);
	}
	for (;;) {
		struct tree_node *child = add_child(r, node);

		if ((node->kind == TREE_OBJECT && read_name(r, child) == -1) ||
		    read_value(r, child, level + 1) == -1)
			return (-1);
		skip_space(r);
		if (*r->at == end)
			break;
		if (*r->at != ',')
			return (refuse(r, "neither a comma nor an end"));
		r->at++;
	}
	r->at++;
	return (0);
}

static int
read_value(struct reading *r, struct tree_node *node, unsigned level)
{
	skip_space(r);
	if (level > MEMBER_DEPTH)
		return (refuse(r, "nesting too deep"));
	switch (*r->at) {
	case '{':
		node->kind = TREE_OBJECT;
		return (read_children(r, node, '}', level));
	case '[':
		node->kind = TREE_ARRAY;
		return (read_children(r, node, ']', level));
	case '"':
		node->kind = TREE_TEXT;
		return (read_text(r, &node->text, &node->length));
	case 't':
		return (read_literal(r, node, "true", TREE_TRUE));
	case 'f':
		return (read_literal(r, node, "false", TREE_FALSE));
	case 'n':
		return (read_literal(r, node, "null", TREE_NULL));
	default:
		if (*r->at == '-' || is_digit(*r->at))
			return (read_number(r, node));
		return (refuse(r, "something unexpected"));
	}
}

static void
copy_text(struct tree *tree, const char *text, size_t length)
{
	keep(tree, BLOCKS_KEPT, TEXT_KEPT);
	if (length + 1 > tree->room) {
		free(tree->text);
		tree->room = 2 * length + 1024;
		tree->text = memory_new(tree->room, 1);
	}
	memcpy(tree->text, text, length);
	tree->text[length] = '\0';
}

const struct tree_node *
tree_parse(
    struct tree *tree, const char *text, size_t length, struct error *err)
{
	struct reading r = {.tree = tree, .err = err};
	struct tree_node *root;

	if (length >= UINT32_MAX / 2)
		return (error_set(err, "JSON: longer than 2 GiB"), NULL);
	copy_text(tree, text, length);
	r.at = tree->text;
	r.end = tree->text + length;
	root = new_node(tree);
	*root = (struct tree_node){0};
	if (read_value(&r, root, 0) == -1)
		return (NULL);
	skip_space(&r);
	if (r.at < r.end)
		return (refuse(&r, "something behind the value"), NULL);
	if (root->kind == TREE_NULL)
		return (error_set(err, "JSON: null, expected a value"), NULL);
	return (root);
}

const struct tree_node *
tree_of(struct tree *tree, struct json_object *json, struct error *err)
{
	const char *text;
	size_t length;

	if (json == NULL)
		return (NULL);
	text = json_object_to_json_string_length(
	    json, JSON_C_TO_STRING_PLAIN, &length);
	return (tree_parse(tree, text, length, err));
}
