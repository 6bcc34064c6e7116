/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "common/error.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/strict.h"
#include "common/tree.h"

#define BLOCK 256              /* nodes */
#define BLOCKS_KEPT 16         /* from one parse to the next */
#define TEXT_KEPT (256 * 1024) /* bytes, likewise */
#define SURELY_FINITE 300      /* digits; beyond 10^308 there is none */
#define SURELY_WHOLE 18        /* digits that 64 bits hold */

struct tree {
	char *text; /* a copy, in which texts are ended */
	size_t room;
	struct tree_node **blocks;
	size_t block_count, used; /* blocks; nodes */
	char **apart;             /* texts that had escapes */
	size_t apart_count;
};

struct reading {
	struct tree *tree;
	yajl_handle handle;
	size_t length, end; /* of the text; of the root in it */
	struct tree_node *open[MEMBER_DEPTH + 1]; /* from the root inwards */
	unsigned level;                           /* how many are open */
	const char *name;                         /* of the next member */
	const char *why; /* it is refused; NULL: yajl says it */
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
	while (tree->apart_count > 0)
		free(tree->apart[--tree->apart_count]);
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
	free(tree->apart);
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

/* What yajl shows is in our copy, unless it had to put it together. */
static char *
own(struct tree *tree, size_t whole, const void *shown, size_t length)
{
	const char *text = shown;
	char *copy;

	if (text >= tree->text && text < tree->text + whole)
		return (tree->text + (text - tree->text));
	copy = memory_new(length + 1, 1);
	memcpy(copy, text, length);
	tree->apart = memory_resize(
	    tree->apart, tree->apart_count + 1, sizeof(*tree->apart));
	tree->apart[tree->apart_count++] = copy;
	return (copy);
}

/* In our copy a quote follows, which has been read. */
static const char *
own_text(struct reading *r, const unsigned char *shown, size_t length)
{
	char *text = own(r->tree, r->length, shown, length);

	text[length] = '\0';
	return (text);
}

static int
refuse(struct reading *r, const char *why)
{
	r->why = why;
	return (0);
}

/* The next value, inside of what is open; NULL: it lies too deep. */
static struct tree_node *
add(struct reading *r, enum tree_kind kind)
{
	struct tree_node *node, *parent;

	if (r->level > MEMBER_DEPTH)
		return (refuse(r, "nesting too deep"), NULL);
	node = new_node(r->tree);
	*node = (struct tree_node){.kind = kind, .name = r->name};
	r->name = NULL;
	if (r->level == 0) {
		r->end = yajl_get_bytes_consumed(r->handle);
		return (node);
	}
	parent = r->open[r->level - 1];
	if (parent->first == NULL)
		parent->first = node;
	else
		((struct tree_node *)parent->last)->next = node;
	parent->last = node;
	return (node);
}

static int
on_null(void *ctx)
{
	return (add(ctx, TREE_NULL) != NULL);
}

static int
on_boolean(void *ctx, int value)
{
	return (add(ctx, value ? TREE_TRUE : TREE_FALSE) != NULL);
}

/* Has it a point or an exponent? */
static enum tree_kind
kind_of(const char *digits, size_t length, bool *exponent)
{
	enum tree_kind kind = TREE_WHOLE;

	*exponent = false;
	for (size_t i = 0; i < length; i++) {
		if (digits[i] == 'e' || digits[i] == 'E')
			*exponent = true;
		if (digits[i] == '.' || *exponent)
			kind = TREE_NUMBER;
	}
	return (kind);
}

static int
on_number(void *ctx, const char *shown, size_t length)
{
	struct reading *r = ctx;
	bool exponent;
	struct tree_node *node = add(r, kind_of(shown, length, &exponent));

	if (node == NULL)
		return (0);
	node->text = own(r->tree, r->length, shown, length);
	node->length = (uint32_t)length;
	errno = 0;
	if (node->kind == TREE_WHOLE && length > SURELY_WHOLE)
		strtoll(node->text, NULL, 10);
	if (errno != 0)
		return (refuse(r, "a number that is too large"));
	if (node->kind == TREE_NUMBER && (exponent || length > SURELY_FINITE) &&
	    !isfinite(strtod(node->text, NULL)))
		return (refuse(
		    r, "a number is not finite, expected an ordinary one"));
	return (1);
}

static int
on_text(void *ctx, const unsigned char *shown, size_t length)
{
	struct tree_node *node = add(ctx, TREE_TEXT);

	if (node == NULL)
		return (0);
	node->text = own_text(ctx, shown, length);
	node->length = (uint32_t)length;
	return (1);
}

static int
on_name(void *ctx, const unsigned char *shown, size_t length)
{
	struct reading *r = ctx;

	r->name = own_text(r, shown, length);
	return (1);
}

static int
begin(struct reading *r, enum tree_kind kind)
{
	struct tree_node *node = add(r, kind);

	if (node == NULL)
		return (0);
	r->open[r->level++] = node;
	return (1);
}

static int
on_object(void *ctx)
{
	return (begin(ctx, TREE_OBJECT));
}

static int
on_array(void *ctx)
{
	return (begin(ctx, TREE_ARRAY));
}

static int
on_end(void *ctx)
{
	struct reading *r = ctx;

	if (--r->level == 0)
		r->end = yajl_get_bytes_consumed(r->handle);
	return (1);
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_text,
    .yajl_start_map = on_object,
    .yajl_map_key = on_name,
    .yajl_end_map = on_end,
    .yajl_start_array = on_array,
    .yajl_end_array = on_end,
};

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

/* yajl takes a token that is cut for nothing at all behind the value. */
static int
check_end(const struct reading *r, struct error *err)
{
	size_t end = r->end + strspn(r->tree->text + r->end, " \t\r\n");

	if (end == r->length)
		return (0);
	return (error_set(
	    err, "JSON: something behind the value at byte %zu", end));
}

static int
run(struct reading *r, struct error *err)
{
	const unsigned char *text = (const unsigned char *)r->tree->text;
	yajl_handle handle = r->handle;
	yajl_status status = yajl_parse(handle, text, r->length);
	size_t at = yajl_get_bytes_consumed(handle);
	unsigned char *words;

	if (status == yajl_status_ok && r->tree->used == 0) {
		status = yajl_complete_parse(handle); /* a number ends now */
		r->end = at;
	} else if (status == yajl_status_ok) {
		status = yajl_complete_parse(handle);
	}
	if (status == yajl_status_ok)
		return (check_end(r, err));
	if (r->why != NULL)
		return (error_set(err, "JSON: %s at byte %zu", r->why, at));
	words = yajl_get_error(handle, 0, text, r->length);
	error_set(err, "JSON: %.*s at byte %zu",
	    (int)strcspn((const char *)words, "\n"), (const char *)words, at);
	yajl_free_error(handle, words);
	return (-1);
}

const struct tree_node *
tree_parse(
    struct tree *tree, const char *text, size_t length, struct error *err)
{
	struct reading r = {.tree = tree, .length = length};
	int result;

	if (length >= UINT32_MAX / 2)
		return (error_set(err, "JSON: longer than 2 GiB"), NULL);
	if (strict_texts(text, length, err) == -1)
		return (NULL);
	copy_text(tree, text, length);
	r.handle = yajl_alloc(&callbacks, NULL, &r);
	yajl_config(r.handle, yajl_dont_validate_strings, 1);
	result = run(&r, err);
	yajl_free(r.handle);
	if (result == -1)
		return (NULL);
	/* the first node is the root */
	if (tree->blocks[0][0].kind == TREE_NULL)
		return (error_set(err, "JSON: null, expected a value"), NULL);
	return (&tree->blocks[0][0]);
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
