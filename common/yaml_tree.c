/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/yaml_reader.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"

/* Anchors and tags would make a text mean something else elsewhere. */
static int
check_plain(const struct reader *r, const yaml_event_t *event)
{
	const yaml_char_t *anchor, *tag;

	switch (event->type) {
	case YAML_SCALAR_EVENT:
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
		break;
	case YAML_SEQUENCE_START_EVENT:
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
		break;
	case YAML_MAPPING_START_EVENT:
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
		break;
	default:
		return (reader_refuse(
		    r, event, "an alias, expected the value written out"));
	}
	if (anchor != NULL)
		return (reader_refuse(r, event,
		    "an anchor, expected the value written out each time"));
	if (tag != NULL)
		return (
		    reader_refuse(r, event, "a tag, expected a plain value"));
	return (0);
}

struct yml *
reader_node(
    const struct reader *r, const yaml_event_t *event, enum yml_kind kind)
{
	struct yml *node = memory_new(1, sizeof(*node));

	*node = reader_place(r, &event->start_mark);
	node->kind = kind;
	return (node);
}

void
reader_free(struct yml *node)
{
	if (node == NULL)
		return;
	for (size_t i = 0; i < node->count; i++) {
		reader_free(node->items[i]);
		if (node->kind == YML_MAP)
			free(node->keys[i]);
	}
	free(node->items);
	free(node->keys);
	free(node->text);
	free(node);
}

/* Makes room for one more; the sizes are powers of two. */
static void
node_grow(struct yml *node)
{
	size_t count = node->count;

	if ((count & (count - 1)) != 0)
		return;
	count = count > 0 ? 2 * count : 1;
	node->items = memory_resize(node->items, count, sizeof(*node->items));
	if (node->kind == YML_MAP)
		node->keys =
		    memory_resize(node->keys, count, sizeof(*node->keys));
}

static struct yml *
read_scalar(struct reader *r, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	struct yml *node;

	if (strlen(text) != event->data.scalar.length)
		return (reader_refuse(
			    r, event, "a zero byte in text, expected none"),
		    NULL);
	node = reader_node(r, event, YML_SCALAR);
	node->text = memory_text(text);
	node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	return (node);
}

static struct yml *
read_list(struct reader *r, const yaml_event_t *start, int depth)
{
	struct yml *list = reader_node(r, start, YML_LIST), *item;
	yaml_event_t event;

	while (reader_next(r, &event) == 0) {
		if (event.type == YAML_SEQUENCE_END_EVENT) {
			yaml_event_delete(&event);
			return (list);
		}
		item = reader_tree(r, &event, depth + 1);
		yaml_event_delete(&event);
		if (item == NULL)
			break;
		node_grow(list);
		list->items[list->count++] = item;
	}
	reader_free(list);
	return (NULL);
}

static int
read_member(
    struct reader *r, struct yml *map, const yaml_event_t *key_event, int depth)
{
	struct yml *key, *item;
	yaml_event_t event;

	if (key_event->type == YAML_MAPPING_START_EVENT ||
	    key_event->type == YAML_SEQUENCE_START_EVENT)
		return (reader_refuse(
		    r, key_event, "a list or a map for a key, expected text"));
	key = reader_tree(r, key_event, depth);
	if (key == NULL || reader_next(r, &event) != 0) {
		reader_free(key);
		return (-1);
	}
	item = reader_tree(r, &event, depth);
	yaml_event_delete(&event);
	if (item != NULL) {
		item->line = key->line;
		item->column = key->column;
		node_grow(map);
		map->keys[map->count] = memory_text(key->text);
		map->items[map->count++] = item;
	}
	reader_free(key);
	return (item != NULL ? 0 : -1);
}

struct numbered {
	const char *key;
	size_t i;
};

static int
compare(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;
	int order = strcmp(x->key, y->key);

	return (order != 0 ? order : (x->i > y->i) - (x->i < y->i));
}

static int
check_duplicates(const struct reader *r, const struct yml *map)
{
	struct numbered *sorted = memory_new(map->count, sizeof(*sorted));
	int status = 0;

	for (size_t i = 0; i < map->count; i++)
		sorted[i] = (struct numbered){map->keys[i], i};
	qsort(sorted, map->count, sizeof(*sorted), compare);
	for (size_t i = 1; i < map->count && status == 0; i++)
		if (strcmp(sorted[i - 1].key, sorted[i].key) == 0)
			status = yml_error(map->items[sorted[i].i], r->err,
			    "key \"%.80s\" again, expected it once: it is on "
			    "line %d",
			    sorted[i].key, map->items[sorted[i - 1].i]->line);
	free(sorted);
	return (status);
}

static struct yml *
read_map(struct reader *r, const yaml_event_t *start, int depth)
{
	struct yml *map = reader_node(r, start, YML_MAP);
	yaml_event_t event;
	int status;

	while (reader_next(r, &event) == 0) {
		if (event.type == YAML_MAPPING_END_EVENT) {
			yaml_event_delete(&event);
			if (check_duplicates(r, map) != 0)
				break;
			return (map);
		}
		status = read_member(r, map, &event, depth + 1);
		yaml_event_delete(&event);
		if (status != 0)
			break;
	}
	reader_free(map);
	return (NULL);
}

struct yml *
reader_tree(struct reader *r, const yaml_event_t *event, int depth)
{
	struct yml at = reader_place(r, &event->start_mark);

	if (check_plain(r, event) != 0)
		return (NULL);
	if (event->type == YAML_SCALAR_EVENT)
		return (read_scalar(r, event));
	if (depth > YML_DEPTH)
		return (
		    yml_error(&at, r->err,
			"one level too deep, expected at most %d", YML_DEPTH),
		    NULL);
	if (event->type == YAML_SEQUENCE_START_EVENT)
		return (read_list(r, event, depth));
	return (read_map(r, event, depth));
}
