/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pairs as a mesh: who is tied to whom, and what each pair says.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collector/court_private.h"
#include "common/memory.h"

double
mesh_rank(double *values, size_t count, size_t rank)
{
	size_t low = 0, high = count - 1;

	while (low < high) {
		double pivot = values[low + (high - low) / 2];
		size_t i = low, j = high;

		for (;;) {
			while (values[i] < pivot)
				i++;
			while (values[j] > pivot)
				j--;
			if (i >= j)
				break;
			double kept = values[i];

			values[i++] = values[j];
			values[j--] = kept;
		}
		if (rank <= j)
			high = j;
		else
			low = j + 1;
	}
	return (values[rank]);
}

static bool
is_whole(const struct court_pair *pair)
{
	return (
	    pair->a != pair->b && !isnan(pair->there) && !isnan(pair->back));
}

nanoseconds
mesh_time(const struct court_pair *pairs, size_t count, nanoseconds now)
{
	double *ages = memory_new(count, sizeof(*ages));
	nanoseconds time = now;
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		if (is_whole(&pairs[i]))
			ages[n++] = (double)(now - pairs[i].at);
	if (n > 0)
		time = now - (nanoseconds)mesh_rank(ages, n, n / 2);
	free(ages);
	return (time);
}

static uint32_t
root_of(uint32_t *group, uint32_t box)
{
	while (group[box] != box) {
		group[box] = group[group[box]];
		box = group[box];
	}
	return (box);
}

static void
make_groups(struct mesh *mesh)
{
	for (size_t i = 0; i < mesh->boxes; i++)
		mesh->group[i] = (uint32_t)i;
	for (size_t i = 0; i < mesh->count; i++) {
		uint32_t a = root_of(mesh->group, mesh->a[i]);
		uint32_t b = root_of(mesh->group, mesh->b[i]);

		mesh->group[a > b ? a : b] = a > b ? b : a;
	}
	for (size_t i = 0; i < mesh->boxes; i++)
		mesh->group[i] = root_of(mesh->group, (uint32_t)i);
}

/* Pairs by box. */
static void
make_lists(struct mesh *mesh)
{
	uint32_t *first = mesh->first;

	for (size_t i = 0; i < mesh->count; i++) {
		first[mesh->a[i] + 1]++;
		first[mesh->b[i] + 1]++;
	}
	for (size_t i = 0; i < mesh->boxes; i++)
		first[i + 1] += first[i];
	for (size_t i = 0; i < mesh->count; i++) {
		mesh->of_box[first[mesh->a[i]]++] = (uint32_t)i;
		mesh->of_box[first[mesh->b[i]]++] = (uint32_t)i;
	}
	memmove(&first[1], first, mesh->boxes * sizeof(*first));
	first[0] = 0;
}

static void
make_room(struct mesh *mesh, size_t boxes, size_t count)
{
	*mesh = (struct mesh){.boxes = boxes,
	    .a = memory_new(count, sizeof(*mesh->a)),
	    .b = memory_new(count, sizeof(*mesh->b)),
	    .y = memory_new(count, sizeof(*mesh->y)),
	    .weight = memory_new(count, sizeof(*mesh->weight)),
	    .round = memory_new(count, sizeof(*mesh->round)),
	    .residual = memory_new(count, sizeof(*mesh->residual)),
	    .first = memory_new(boxes + 1, sizeof(*mesh->first)),
	    .of_box = memory_new(2 * count, sizeof(*mesh->of_box)),
	    .group = memory_new(boxes, sizeof(*mesh->group)),
	    .offset = memory_new(boxes, sizeof(*mesh->offset)),
	    .spread = memory_new(boxes, sizeof(*mesh->spread)),
	    .doubt = memory_new(boxes, sizeof(*mesh->doubt))};
}

void
mesh_make(struct mesh *mesh, size_t boxes, const struct court_pair *pairs,
    size_t count, const struct mesh_rates *rates)
{
	make_room(mesh, boxes, count);
	for (size_t i = 0; i < count; i++) {
		const struct court_pair *p = &pairs[i];
		double apart = rates->rate[p->b] - rates->rate[p->a];
		size_t n = mesh->count;

		if (!is_whole(p))
			continue;
		mesh->a[n] = p->a;
		mesh->b[n] = p->b;
		mesh->y[n] = (p->there - p->back) / 2 +
			     apart * clock_seconds(rates->at - p->at);
		mesh->round[n] = p->there + p->back;
		mesh->count++;
	}
	make_groups(mesh);
	make_lists(mesh);
}

void
mesh_clear(struct mesh *mesh)
{
	free(mesh->a);
	free(mesh->b);
	free(mesh->y);
	free(mesh->weight);
	free(mesh->round);
	free(mesh->residual);
	free(mesh->first);
	free(mesh->of_box);
	free(mesh->group);
	free(mesh->offset);
	free(mesh->spread);
	free(mesh->doubt);
}
