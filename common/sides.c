/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/sides_parts.h"

#include <stdlib.h>
#include <string.h>

#include "common/draft.h"
#include "common/memory.h"
#include "common/tree.h"

#define PACKETS_MOST (INT64_C(1) << 48) /* of one count: sums do not overflow */

void
side_clear(struct side *side)
{
	for (unsigned i = 0; i < SIDES_KEYS; i++)
		numbers_clear(&side->packets[i]);
}

void
sides_clear(struct sides *sides)
{
	for (size_t i = 0; i < sides->count; i++)
		side_clear(&sides->list[i]);
	free(sides->list);
	*sides = (struct sides){0};
}

struct side
sides_take_out(struct sides *sides, size_t place)
{
	struct side side = sides->list[place];

	sides->count--;
	memmove(&sides->list[place], &sides->list[place + 1],
	    (sides->count - place) * sizeof(*sides->list));
	return (side);
}

static void
drop(struct sides *sides, size_t place)
{
	struct side side = sides_take_out(sides, place);

	side_clear(&side);
}

size_t
sides_find(const struct sides *sides, const char *key)
{
	size_t i = 0;

	while (
	    i < sides->count &&
	    (sides->list[i].needs || strcmp(sides->list[i].keys[0], key) != 0))
		i++;
	return (i);
}

static void
add(struct sides *sides, const struct side *side)
{
	struct side *own;

	if (!side->needs && sides_find(sides, side->keys[0]) < sides->count)
		return;
	if (sides->count == SIDES_MOST)
		drop(sides, 0);
	if (sides->count == sides->room) {
		sides->room = 2 * sides->room + 1;
		sides->list = memory_resize(
		    sides->list, sides->room, sizeof(*sides->list));
	}
	own = &sides->list[sides->count++];
	*own = *side;
	for (unsigned i = 0; i < SIDES_KEYS; i++)
		numbers_copy(&own->packets[i], &side->packets[i]);
}

void
sides_merge(struct sides *into, const struct sides *from)
{
	for (size_t i = 0; i < from->count; i++)
		add(into, &from->list[i]);
}

/*
 * JSON.
 */

static bool
read_key(struct side *side, const struct tree_node *node)
{
	if (node->kind != TREE_TEXT || node->length >= SIDES_KEY ||
	    side->key_count == SIDES_KEYS)
		return (false);
	strcpy(side->keys[side->key_count++], node->text);
	return (true);
}

static bool
read_keys(struct side *side, const struct tree_node *json)
{
	const struct tree_node *is = tree_get(json, "is"), *needs;

	if (is != NULL)
		return (read_key(side, is));
	if (tree_array(json, "needs", &needs, NULL) != 0)
		return (false);
	side->needs = true;
	for (const struct tree_node *key = needs->first; key != NULL;
	     key = key->next)
		if (!read_key(side, key))
			return (false);
	return (side->key_count > 0);
}

static void
read_packets(struct side *side, const struct tree_node *json)
{
	const struct tree_node *came = tree_get(json, "came"), *at;

	if (!side->needs) {
		numbers_read(&side->packets[0], tree_get(json, "went"));
		return;
	}
	at = came != NULL && came->kind == TREE_ARRAY ? came->first : NULL;
	for (unsigned i = 0; i < side->key_count; i++) {
		numbers_read(&side->packets[i], at);
		at = at != NULL ? at->next : NULL;
	}
}

static bool
is_packets(int64_t n)
{
	return (n >= 0 && n <= PACKETS_MOST);
}

static bool
read_counts(struct side *side, const struct tree_node *json)
{
	const struct tree_node *counts;

	side->received = tree_whole_or(json, "received", 0);
	side->late = tree_whole_or(json, "late", 0);
	side->longest = tree_whole_or(json, "longest", 0);
	if (!is_packets(side->received) || !is_packets(side->late) ||
	    side->longest < 0 || side->longest > UINT32_MAX ||
	    tree_object(json, "add", &counts, NULL) != 0)
		return (false);
	for (const struct tree_node *n = counts->first; n != NULL;
	     n = n->next) {
		struct sides_count *count = &side->counts[side->count];

		if (side->count == SIDES_COUNTS || n->kind != TREE_WHOLE ||
		    !metric_name_valid(n->name))
			return (false);
		strcpy(count->name, n->name);
		count->n = tree_whole_of(n);
		if (!is_packets(count->n))
			return (false);
		side->count++;
	}
	return (true);
}

void
sides_read(struct sides *sides, const struct tree_node *array)
{
	if (array == NULL || array->kind != TREE_ARRAY)
		return;
	for (const struct tree_node *json = array->first; json != NULL;
	     json = json->next) {
		struct side side = {0};

		if (read_keys(&side, json) && read_counts(&side, json)) {
			read_packets(&side, json);
			add(sides, &side);
		}
		side_clear(&side);
	}
}

static void
write_keys(const struct side *side, struct draft *draft)
{
	if (!side->needs) {
		draft_member(draft, "is");
		draft_quoted(draft, side->keys[0]);
		if (side->packets[0].unknown)
			return;
		draft_member(draft, "went");
		numbers_write(&side->packets[0], draft);
		return;
	}
	draft_member(draft, "needs");
	for (unsigned i = 0; i < side->key_count; i++) {
		draft_add(draft, i == 0 ? "[" : ",");
		draft_quoted(draft, side->keys[i]);
	}
	draft_add(draft, "]");
	draft_member(draft, "came");
	for (unsigned i = 0; i < side->key_count; i++) {
		draft_add(draft, i == 0 ? "[" : ",");
		numbers_write(&side->packets[i], draft);
	}
	draft_add(draft, "]");
	if (side->longest > 0) {
		draft_member(draft, "longest");
		draft_whole(draft, side->longest);
	}
	draft_member(draft, "received");
	draft_whole(draft, side->received);
	draft_member(draft, "late");
	draft_whole(draft, side->late);
}

void
sides_write(const struct sides *sides, struct draft *draft)
{
	draft_add(draft, "[");
	for (size_t i = 0; i < sides->count; i++) {
		const struct side *side = &sides->list[i];

		draft_add(draft, i == 0 ? "{" : ",{");
		write_keys(side, draft);
		draft_member(draft, "add");
		draft_add(draft, "{");
		for (unsigned k = 0; k < side->count; k++) {
			draft_member(draft, side->counts[k].name);
			draft_whole(draft, side->counts[k].n);
		}
		draft_add(draft, "}}");
	}
	draft_add(draft, "]");
}
