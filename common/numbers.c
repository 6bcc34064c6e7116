/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/numbers.h"

#include <stdlib.h>
#include <string.h>

#include "common/draft.h"
#include "common/memory.h"
#include "common/tree.h"

#define END (UINT64_C(1) << 32) /* behind the last number that there can be */

void
numbers_clear(struct numbers *numbers)
{
	free(numbers->runs);
	*numbers = (struct numbers){0};
}

void
numbers_copy(struct numbers *to, const struct numbers *from)
{
	*to = *from;
	to->room = from->count;
	to->runs = NULL;
	if (from->count == 0)
		return;
	to->runs = memory_new(from->count, sizeof(*to->runs));
	memcpy(to->runs, from->runs, from->count * sizeof(*to->runs));
}

static void
forget(struct numbers *numbers)
{
	numbers_clear(numbers);
	numbers->unknown = true;
}

static void
add_run(struct numbers *numbers, uint32_t first, uint64_t next)
{
	if (numbers->count == NUMBERS_RUNS) {
		forget(numbers);
		return;
	}
	if (numbers->count == numbers->room) {
		numbers->room = 2 * numbers->room + 1;
		numbers->runs = memory_resize(
		    numbers->runs, numbers->room, sizeof(*numbers->runs));
	}
	numbers->runs[numbers->count++] =
	    (struct numbers_run){.first = first, .next = next};
}

void
numbers_add(struct numbers *numbers, uint32_t number)
{
	struct numbers_run *last =
	    numbers->count > 0 ? &numbers->runs[numbers->count - 1] : NULL;

	if (numbers->unknown)
		return;
	if (last != NULL && last->next == number)
		last->next++;
	else
		add_run(numbers, number, (uint64_t)number + 1);
}

void
numbers_write(const struct numbers *numbers, struct draft *draft)
{
	if (numbers->unknown) {
		draft_add(draft, "null");
		return;
	}
	draft_add(draft, "[");
	for (uint32_t i = 0; i < numbers->count; i++) {
		const struct numbers_run *run = &numbers->runs[i];

		if (i > 0)
			draft_add(draft, ",");
		draft_whole(draft,
		    i == 0 ? run->first
			   : (int64_t)(run->first - numbers->runs[i - 1].next));
		draft_add(draft, ",");
		draft_whole(draft, (int64_t)(run->next - run->first));
	}
	draft_add(draft, "]");
}

/* The next one of a list, from least to END; false: it is none. */
static bool
read_step(const struct tree_node **at, int64_t least, uint64_t *place)
{
	const struct tree_node *node = *at;
	int64_t step;

	if (node == NULL || node->kind != TREE_WHOLE)
		return (false);
	step = tree_whole_of(node);
	if (step < least || (uint64_t)step > END - *place)
		return (false);
	*place += (uint64_t)step;
	*at = node->next;
	return (true);
}

void
numbers_read(struct numbers *numbers, const struct tree_node *array)
{
	bool listed = array != NULL && array->kind == TREE_ARRAY;
	const struct tree_node *at = listed ? array->first : NULL;
	uint64_t place = 0;

	if (!listed)
		forget(numbers);
	while (at != NULL && !numbers->unknown) {
		uint64_t first;

		if (!read_step(&at, numbers->count > 0, &place)) {
			forget(numbers);
			return;
		}
		first = place;
		if (read_step(&at, 1, &place))
			add_run(numbers, (uint32_t)first, place);
		else
			forget(numbers);
	}
}
