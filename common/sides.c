/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/sides.h"

#include <stdlib.h>
#include <string.h>

#include "common/draft.h"
#include "common/memory.h"
#include "common/tree.h"

#define PACKETS_MOST (INT64_C(1) << 48) /* of one count: sums do not overflow */

void
sides_clear(struct sides *sides)
{
	free(sides->list);
	*sides = (struct sides){0};
}

static void
take_out(struct sides *sides, size_t place)
{
	sides->count--;
	memmove(&sides->list[place], &sides->list[place + 1],
	    (sides->count - place) * sizeof(*sides->list));
}

/* The one that is that; count: there is none. */
static size_t
find(const struct sides *sides, const char *key)
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
	if (!side->needs && find(sides, side->keys[0]) < sides->count)
		return;
	if (sides->count == SIDES_MOST)
		take_out(sides, 0);
	if (sides->count == sides->room) {
		sides->room = 2 * sides->room + 1;
		sides->list = memory_resize(
		    sides->list, sides->room, sizeof(*sides->list));
	}
	sides->list[sides->count++] = *side;
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
	if (!is_packets(side->received) || !is_packets(side->late) ||
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

		if (read_keys(&side, json) && read_counts(&side, json))
			add(sides, &side);
	}
}

static void
write_keys(const struct side *side, struct draft *draft)
{
	if (!side->needs) {
		draft_member(draft, "is");
		draft_quoted(draft, side->keys[0]);
		return;
	}
	draft_member(draft, "needs");
	for (unsigned i = 0; i < side->key_count; i++) {
		draft_add(draft, i == 0 ? "[" : ",");
		draft_quoted(draft, side->keys[i]);
	}
	draft_add(draft, "]");
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

/*
 * Meeting.
 */

static bool
has_all(const struct sides *sides, const struct side *side)
{
	for (unsigned i = 0; i < side->key_count; i++)
		if (find(sides, side->keys[i]) == sides->count)
			return (false);
	return (true);
}

/* The count of that name, which may be new; NULL: there is no room for one. */
static int64_t *
count_of(struct side *sum, const char *name)
{
	unsigned i = 0;

	while (i < sum->count && strcmp(sum->counts[i].name, name) != 0)
		i++;
	if (i == SIDES_COUNTS)
		return (NULL);
	if (i == sum->count) {
		sum->counts[i] = (struct sides_count){.n = 0};
		strcpy(sum->counts[i].name, name);
		sum->count++;
	}
	return (&sum->counts[i].n);
}

static void
add_counts(struct side *sum, const struct side *side)
{
	for (unsigned i = 0; i < side->count; i++) {
		int64_t *n = count_of(sum, side->counts[i].name);

		if (n != NULL)
			*n += side->counts[i].n;
	}
}

/* What arrived was sent, whatever its sender says. */
static void
balance(struct side *sum)
{
	int64_t *sent = count_of(sum, "sent");
	int64_t *locally = count_of(sum, "lost_locally");
	int64_t *lost = count_of(sum, "lost");

	if (*sent < sum->received + sum->late)
		*sent = sum->received + sum->late;
	*lost = *sent - sum->received;
	if (*locally > *lost - sum->late)
		*locally = *lost - sum->late;
	*lost -= *locally;
}

/* The one at this place, and all that it needs, as one. */
static void
join(struct sides *sides, size_t place, struct side *sum)
{
	const struct side own = sides->list[place];

	*sum = (struct side){.received = own.received, .late = own.late};
	count_of(sum, "sent"); /* so that there is room for them */
	count_of(sum, "lost_locally");
	count_of(sum, "lost");
	add_counts(sum, &own);
	take_out(sides, place);
	for (unsigned i = 0; i < own.key_count; i++) {
		size_t needed = find(sides, own.keys[i]);

		if (needed == sides->count)
			continue; /* it is named twice */
		add_counts(sum, &sides->list[needed]);
		take_out(sides, needed);
	}
	balance(sum);
}

bool
sides_meet(struct sides *sides, struct sides_count counts[SIDES_COUNTS],
    unsigned *count)
{
	struct side sum;
	size_t i = 0;

	while (i < sides->count &&
	       !(sides->list[i].needs && has_all(sides, &sides->list[i])))
		i++;
	if (i == sides->count)
		return (false);
	join(sides, i, &sum);
	memcpy(counts, sum.counts, sizeof(sum.counts));
	*count = sum.count;
	return (true);
}
