/* SPDX-License-Identifier: BSD-2-Clause */
#include "scheduler/heap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define NODES 1000

static void
fill(struct heap *heap, struct heap_node nodes[static NODES])
{
	for (int i = 0; i < NODES; i++) {
		nodes[i].when = rand() % 500 - 250; /* many the same */
		heap_add(heap, &nodes[i]);
	}
}

/* Takes them all out and says how many came in order. */
static int
drain(struct heap *heap)
{
	nanoseconds before = INT64_MIN;
	struct heap_node *node;
	int count = 0;

	while ((node = heap_first(heap)) != NULL) {
		assert_true(node->when >= before);
		before = node->when;
		heap_remove(heap, node);
		count++;
	}
	return (count);
}

static void
heap_gives_the_smallest_first(void **state)
{
	struct heap_node nodes[NODES];
	struct heap heap = {0};

	srand(1);
	assert_null(heap_first(&heap));
	fill(&heap, nodes);
	assert_int_equal(drain(&heap), NODES);
	heap_clear(&heap);
}

static void
heap_removes_from_the_middle(void **state)
{
	struct heap_node nodes[NODES];
	struct heap heap = {0};

	srand(2);
	fill(&heap, nodes);
	for (int i = 0; i < NODES; i += 3)
		heap_remove(&heap, &nodes[i]);
	assert_int_equal(drain(&heap), NODES - (NODES + 2) / 3);
	heap_clear(&heap);
}

static void
heap_follows_a_changed_instant_both_ways(void **state)
{
	struct heap_node nodes[NODES];
	struct heap heap = {0};

	srand(3);
	fill(&heap, nodes);
	for (int i = 0; i < NODES; i += 2) {
		nodes[i].when += rand() % 1000 - 500;
		heap_move(&heap, &nodes[i]);
	}
	assert_int_equal(drain(&heap), NODES);
	heap_clear(&heap);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(heap_gives_the_smallest_first),
	    cmocka_unit_test(heap_removes_from_the_middle),
	    cmocka_unit_test(heap_follows_a_changed_instant_both_ways),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
