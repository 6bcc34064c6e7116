/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/board.h"

#include <stdlib.h>
#include <string.h>

#include "collector/fleet.h"
#include "common/memory.h"

static int
by_name(const void *a, const void *b, void *arg)
{
	const struct fleet *fleet = arg;

	return (strcmp(fleet->ends[*(const size_t *)a].name,
	    fleet->ends[*(const size_t *)b].name));
}

static void
sort_ends(struct board *board)
{
	size_t count = board->fleet->end_count;

	board->by_name = memory_new(count, sizeof(*board->by_name));
	board->heard = memory_new(count, sizeof(*board->heard));
	for (size_t i = 0; i < count; i++)
		board->by_name[i] = i;
	qsort_r(board->by_name, count, sizeof(*board->by_name), by_name,
	    board->fleet);
}

size_t
board_end(const struct board *board, const char *name)
{
	size_t least = 0, most = board->fleet->end_count;

	while (least < most) {
		size_t middle = least + (most - least) / 2;
		size_t end = board->by_name[middle];
		int order = strcmp(name, board->fleet->ends[end].name);

		if (order == 0)
			return (end);
		if (order < 0)
			most = middle;
		else
			least = middle + 1;
	}
	return (FLEET_NOWHERE);
}

static int
open_test(struct board_test *test, const struct fleet *fleet,
    const struct fleet_test *about, const char *dir, struct error *err)
{
	test->fleet = about;
	test->step = timing_step(&about->timing);
	test->lasts = fleet_lasts(about);
	TAILQ_INIT(&test->touched);
	test->source_of =
	    fleet_places(fleet, about->sources, about->source_count);
	test->destination_of =
	    fleet_places(fleet, about->destinations, about->destination_count);
	test->cells = memory_new(about->source_count * about->destination_count,
	    sizeof(*test->cells));
	test->latest = latest_create(dir, fleet, about, &test->made, err);
	return (test->latest == NULL ? -1 : 0);
}

struct board *
board_new(struct fleet *fleet, const char *dir, struct error *err)
{
	struct board *board = memory_new(1, sizeof(*board));

	board->fleet = fleet;
	sort_ends(board);
	board->tests = memory_new(fleet->test_count, sizeof(*board->tests));
	for (size_t i = 0; i < fleet->test_count; i++) {
		if (open_test(&board->tests[i], fleet, &fleet->tests[i], dir,
			err) == 0)
			continue;
		board_free(board);
		return (NULL);
	}
	return (board);
}

void
board_free(struct board *board)
{
	if (board == NULL)
		return;
	heap_clear(&board->windows);
	for (size_t i = 0; i < board->cell_count; i++) {
		bundle_free(board->cells[i]->news.last);
		free(board->cells[i]);
	}
	for (size_t i = 0; i < board->fleet->test_count; i++) {
		latest_free(board->tests[i].latest);
		free(board->tests[i].source_of);
		free(board->tests[i].destination_of);
		free(board->tests[i].cells);
	}
	free(board->cells);
	free(board->tests);
	free(board->heard);
	free(board->by_name);
	fleet_free(board->fleet);
	free(board);
}

static struct board_test *
find_test(struct board *board, const char *name)
{
	for (size_t i = 0; i < board->fleet->test_count; i++)
		if (strcmp(board->fleet->tests[i].name, name) == 0)
			return (&board->tests[i]);
	return (NULL);
}

static struct cell *
add_cell(struct board *board, struct board_test *test, size_t source,
    size_t destination)
{
	struct cell *cell = memory_new(1, sizeof(*cell));
	struct fleet_pair pair;

	fleet_pair(board->fleet, test->fleet, source, destination, &pair);
	cell->test = test;
	cell->source = source;
	cell->destination = destination;
	cell->tested = pair.tested;
	cell->only = pair.family;
	cell->box = FLEET_NOWHERE;
	for (int i = 0; i < LATEST_WINDOWS; i++) {
		cell->windows[i].cell = cell;
		cell->windows[i].window = (enum latest_window)i;
	}
	if (board->cell_count == board->room) {
		board->room = board->room > 0 ? 2 * board->room : 64;
		board->cells = memory_resize(
		    board->cells, board->room, sizeof(*board->cells));
	}
	board->cells[board->cell_count++] = cell;
	return (cell);
}

struct cell *
board_cell(
    struct board *board, const char *name, const char *src, const char *dst)
{
	struct board_test *test = find_test(board, name);
	size_t from = board_end(board, src), to = board_end(board, dst);
	struct cell **cell;

	if (test == NULL || from == FLEET_NOWHERE || to == FLEET_NOWHERE)
		return (NULL);
	from = test->source_of[from];
	to = test->destination_of[to];
	if (from == FLEET_NOWHERE || to == FLEET_NOWHERE)
		return (NULL);
	cell = &test->cells[from * test->fleet->destination_count + to];
	if (*cell == NULL)
		*cell = add_cell(board, test, from, to);
	return ((*cell)->tested ? *cell : NULL);
}

void
board_wake(struct board *board, struct cell_window *window, nanoseconds when)
{
	if (window->waiting && window->node.when <= when)
		return;
	window->node.when = when;
	if (window->waiting)
		heap_move(&board->windows, &window->node);
	else
		heap_add(&board->windows, &window->node);
	window->waiting = true;
}

void
board_touch(struct cell *cell)
{
	if (cell->touched)
		return;
	cell->touched = true;
	TAILQ_INSERT_TAIL(&cell->test->touched, cell, link);
}
