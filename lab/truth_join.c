/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <stdlib.h>

#include "common/memory.h"
#include "lab/truth_parts.h"

/* One of the things that are joined: which, and what it is found by. */
struct item {
	uint64_t key, order;
	size_t index;
	uint8_t way;
};

static int
compare(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->way != y->way)
		return (x->way < y->way ? -1 : 1);
	if (x->key != y->key)
		return (x->key < y->key ? -1 : 1);
	return (x->order < y->order ? -1 : x->order > y->order);
}

static bool
same(const struct item *a, const struct item *b)
{
	return (a->way == b->way && a->key == b->key);
}

/* Packets by a key each, those with key 0 left out. */
static struct item *
list_packets(const struct truth *truth, const uint64_t *keys, size_t *count)
{
	struct item *items = memory_new(truth->count + 1, sizeof(*items));

	*count = 0;
	for (size_t i = 0; i < truth->count; i++) {
		uint64_t key = keys != NULL ? keys[i] : truth->packets[i].hash;

		if (key != 0)
			items[(*count)++] = (struct item){key,
			    (uint64_t)truth->packets[i].entered, i,
			    truth->packets[i].way};
	}
	qsort(items, *count, sizeof(*items), compare);
	return (items);
}

static struct item *
list_verdicts(const struct truth *truth)
{
	struct item *items =
	    memory_new(truth->verdict_count + 1, sizeof(*items));

	for (size_t i = 0; i < truth->verdict_count; i++)
		items[i] = (struct item){truth->verdicts[i].before,
		    truth->verdicts[i].number, i, truth->verdicts[i].way};
	qsort(items, truth->verdict_count, sizeof(*items), compare);
	return (items);
}

static struct item *
list_exits(const struct truth *truth)
{
	struct item *items = memory_new(truth->exit_count + 1, sizeof(*items));

	for (size_t i = 0; i < truth->exit_count; i++)
		items[i] = (struct item){truth->exits[i].hash,
		    (uint64_t)truth->exits[i].stamp, i, truth->exits[i].way};
	qsort(items, truth->exit_count, sizeof(*items), compare);
	return (items);
}

static void
judge(struct truth *truth, size_t packet, const struct verdict *verdict)
{
	truth->bits[packet] = verdict->bits;
	truth->keys[packet] = verdict->after; /* 0 of one that is gone */
}

/* The n-th verdict of a content is that of the n-th packet of it. */
static void
join_verdicts(struct truth *truth)
{
	size_t count, at = 0;
	struct item *packets = list_packets(truth, NULL, &count),
		    *verdicts = list_verdicts(truth);

	for (size_t v = 0; v < truth->verdict_count; v++) {
		while (at < count && compare(&packets[at], &verdicts[v]) < 0 &&
		       !same(&packets[at], &verdicts[v]))
			at++;
		if (at < count && same(&packets[at], &verdicts[v]))
			judge(truth, packets[at++].index,
			    &truth->verdicts[verdicts[v].index]);
	}
	free(packets);
	free(verdicts);
}

static void
add_stray(struct truth *truth, const struct truth_exit *exit)
{
	truth_add(truth, &(struct truth_packet){.entered = TRUTH_ABSENT,
			     .left = exit->stamp,
			     .again = TRUTH_ABSENT,
			     .hash = exit->hash,
			     .outcome = TRUTH_STRAY,
			     .length = exit->length,
			     .way = exit->way});
}

/* May it leave a second time? Who has no verdict may. */
static bool
may_again(const struct truth *truth, size_t index)
{
	uint8_t bits = truth->bits[index];

	return (truth->packets[index].again == TRUTH_ABSENT &&
		(bits == TRUTH_UNJUDGED || (bits & VERDICT_DUPLICATED) != 0));
}

/* Gives an exit to the packet that waits for it, from *at on, or to the one
 * before as its second. */
static bool
give(struct truth *truth, const struct item *packets, size_t count, size_t *at,
    const struct item *item)
{
	const struct truth_exit *exit = &truth->exits[item->index];
	size_t last;

	if (*at > 0 && same(&packets[*at - 1], item)) {
		last = packets[*at - 1].index;
		if (truth->bits[last] != TRUTH_UNJUDGED &&
		    may_again(truth, last)) {
			truth->packets[last].again = exit->stamp;
			return (true);
		}
	}
	if (*at < count && same(&packets[*at], item) &&
	    truth->packets[packets[*at].index].entered <= exit->stamp) {
		truth->packets[packets[(*at)++].index].left = exit->stamp;
		return (true);
	}
	if (*at == 0 || !same(&packets[*at - 1], item) ||
	    !may_again(truth, packets[*at - 1].index))
		return (false);
	truth->packets[packets[*at - 1].index].again = exit->stamp;
	return (true);
}

static void
join_exits(struct truth *truth)
{
	size_t count, at = 0;
	struct item *packets = list_packets(truth, truth->keys, &count),
		    *exits = list_exits(truth);

	for (size_t x = 0; x < truth->exit_count; x++) {
		while (at < count && compare(&packets[at], &exits[x]) < 0 &&
		       !same(&packets[at], &exits[x]))
			at++;
		if (!give(truth, packets, count, &at, &exits[x]))
			add_stray(truth, &truth->exits[exits[x].index]);
	}
	free(packets);
	free(exits);
}

static enum truth_outcome
outcome_by_verdict(uint8_t bits)
{
	static const struct {
		uint8_t bit;
		enum truth_outcome outcome;
	} order[] = {{VERDICT_LOST, TRUTH_LOST}, {VERDICT_QUEUE, TRUTH_QUEUE},
	    {VERDICT_FAILED, TRUTH_FAILED}, {VERDICT_OVERFLOW, TRUTH_OVERFLOW},
	    {VERDICT_CORRUPTED, TRUTH_CORRUPT},
	    {VERDICT_DUPLICATED, TRUTH_DUPLICATE}};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if ((bits & order[i].bit) != 0)
			return (order[i].outcome);
	return (TRUTH_DELIVERED);
}

/* Not seen to leave is lost only if whatever left was seen. */
static enum truth_outcome
outcome_by_sight(const struct truth *truth, const struct truth_packet *packet)
{
	if (packet->again != TRUTH_ABSENT)
		return (TRUTH_DUPLICATE);
	if (packet->left != TRUTH_ABSENT)
		return (TRUTH_DELIVERED);
	if (truth->verdicts != NULL || truth->drops[!packet->way] > 0)
		return (TRUTH_UNKNOWN);
	return (TRUTH_LOST);
}

static int
by_time(const void *a, const void *b)
{
	const struct truth_packet *x = a, *y = b;
	nanoseconds one = x->entered != TRUTH_ABSENT ? x->entered : x->left,
		    two = y->entered != TRUTH_ABSENT ? y->entered : y->left;

	return (one < two ? -1 : one > two);
}

void
truth_join(struct truth *truth)
{
	size_t entered = truth->count;

	truth->keys = memory_new(entered + 1, sizeof(*truth->keys));
	truth->bits = memory_new(entered + 1, sizeof(*truth->bits));
	for (size_t i = 0; i < entered; i++) {
		truth->keys[i] = truth->packets[i].hash;
		truth->bits[i] = TRUTH_UNJUDGED;
	}
	join_verdicts(truth);
	join_exits(truth);
	for (size_t i = 0; i < entered; i++) {
		struct truth_packet *packet = &truth->packets[i];

		packet->judged = truth->bits[i] != TRUTH_UNJUDGED;
		packet->outcome = packet->judged
				      ? outcome_by_verdict(truth->bits[i])
				      : outcome_by_sight(truth, packet);
	}
	if (truth->count > 0)
		qsort(truth->packets, truth->count, sizeof(*truth->packets),
		    by_time);
}
