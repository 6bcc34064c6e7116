/* SPDX-License-Identifier: BSD-2-Clause */
/* What sides become when all are there. */
#include <string.h>

#include "common/pattern.h"
#include "common/sides_parts.h"

#define END (UINT64_C(1) << 32) /* behind the last number that there can be */

static bool
has_all(const struct sides *sides, const struct side *side)
{
	for (unsigned i = 0; i < side->key_count; i++)
		if (sides_find(sides, side->keys[i]) == sides->count)
			return (false);
	return (true);
}

/* The count of that name, which may be new; NULL: there is no room for one. */
static int64_t *
count_of(struct sides_sum *sum, const char *name)
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
add_count(struct sides_sum *sum, const char *name, int64_t more)
{
	int64_t *n = count_of(sum, name);

	if (n != NULL)
		*n += more;
}

static void
add_counts(struct sides_sum *sum, const struct side *side)
{
	for (unsigned i = 0; i < side->count; i++)
		add_count(sum, side->counts[i].name, side->counts[i].n);
}

static void
remove_count(struct sides_sum *sum, const char *name)
{
	for (unsigned i = 0; i < sum->count; i++)
		if (strcmp(sum->counts[i].name, name) == 0)
			sum->counts[i--] = sum->counts[--sum->count];
}

/*
 * How losses lie.
 */

struct walk {
	const struct numbers *numbers;
	uint32_t behind; /* runs that are */
};

/* Is that number one of them? So are, or are not, all that follow until there. */
static bool
has(struct walk *walk, uint64_t number, uint64_t *until)
{
	const struct numbers_run *run = walk->numbers->runs;

	while (walk->behind < walk->numbers->count &&
	       run[walk->behind].next <= number)
		walk->behind++;
	run += walk->behind;
	if (walk->behind == walk->numbers->count) {
		*until = END;
		return (false);
	}
	*until = run->first <= number ? run->next : run->first;
	return (run->first <= number);
}

/* What came went, whatever its sender says. */
static struct pattern
find_pattern(const struct numbers *went, const struct numbers *came)
{
	struct walk sent = {went, 0}, received = {came, 0};
	struct pattern pattern = {.delta = SIDES_NEAR};
	uint64_t at = 0;

	while (at < END) {
		uint64_t until, other;
		bool was_sent = has(&sent, at, &until);
		bool was_received = has(&received, at, &other);

		if (other < until)
			until = other;
		if (was_sent || was_received)
			pattern_add_run(&pattern, (uint32_t)at,
			    (uint32_t)(until - at), !was_received);
		at = until;
	}
	return (pattern);
}

/* False: it is not known which packets these were. */
static bool
add_pattern(struct sides_sum *sum, const struct numbers *went,
    const struct numbers *came)
{
	struct pattern pattern;

	if (went->unknown || came->unknown)
		return (false);
	pattern = find_pattern(went, came);
	add_count(sum, "loss_periods", pattern.periods);
	add_count(sum, "loss_near", pattern.noticeable);
	if (pattern.longest > sum->longest)
		sum->longest = pattern.longest;
	return (true);
}

static void
forget_pattern(struct sides_sum *sum)
{
	remove_count(sum, "loss_periods");
	remove_count(sum, "loss_near");
	sum->longest = 0;
}

/*
 * Meeting.
 */

static int64_t
greater(int64_t a, int64_t b)
{
	return (a > b ? a : b);
}

/* What arrived was sent, whatever its sender says. */
static void
balance(struct sides_sum *sum, const struct side *own)
{
	int64_t *sent = count_of(sum, "sent");
	int64_t *locally = count_of(sum, "lost_locally");
	int64_t *unsure = count_of(sum, "lost_unsure");
	int64_t *lost = count_of(sum, "lost"), excess;

	*sent = greater(*sent, own->received + own->late);
	*lost = *sent - own->received;
	excess = greater(*locally - (*lost - own->late), 0);
	*locally -= excess;
	*unsure = greater(*unsure - excess, 0);
	*lost -= *locally;
}

/* The one at this place, and all that it needs, as one. */
static void
join(struct sides *sides, size_t place, struct sides_sum *sum)
{
	struct side own = sides_take_out(sides, place);
	bool known = true;

	*sum = (struct sides_sum){.longest = (uint32_t)own.longest};
	count_of(sum, "sent"); /* so that there is room for them */
	count_of(sum, "lost_locally");
	count_of(sum, "lost_unsure");
	count_of(sum, "lost");
	add_counts(sum, &own);
	for (unsigned i = 0; i < own.key_count; i++) {
		size_t at = sides_find(sides, own.keys[i]);
		struct side needed;

		if (at == sides->count)
			continue; /* it is named twice */
		needed = sides_take_out(sides, at);
		add_counts(sum, &needed);
		known = known &&
			add_pattern(sum, &needed.packets[0], &own.packets[i]);
		side_clear(&needed);
	}
	if (!known)
		forget_pattern(sum);
	balance(sum, &own);
	side_clear(&own);
}

bool
sides_meet(struct sides *sides, struct sides_sum *sum)
{
	size_t i = 0;

	while (i < sides->count &&
	       !(sides->list[i].needs && has_all(sides, &sides->list[i])))
		i++;
	if (i == sides->count)
		return (false);
	join(sides, i, sum);
	return (true);
}
