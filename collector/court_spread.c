/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How far pairs are from the joint estimate, and so what that is worth.
 */
#include <math.h>
#include <stdlib.h>

#include "collector/court_private.h"
#include "common/memory.h"

#define NORMAL 1.4826
#define TWICE 2.0
#define FINEST 10e-6 /* seconds: no offset is known better */

/* Pairs beyond those that a tree has: what residuals are made of. */
static void
count_spare(const struct mesh *mesh, size_t *pairs, size_t *boxes)
{
	for (size_t i = 0; i < mesh->boxes; i++)
		boxes[mesh->group[i]]++;
	for (size_t i = 0; i < mesh->count; i++)
		pairs[mesh->group[mesh->a[i]]]++;
}

/* The least round trip of a box bounds what its routes can hide. */
static double
least_round(const struct mesh *mesh, size_t box)
{
	double least = INFINITY;

	for (uint32_t k = mesh->first[box]; k < mesh->first[box + 1]; k++)
		least = fmin(least, mesh->round[mesh->of_box[k]]);
	return (fmax(least, 0));
}

static double
doubt_of(const struct mesh *mesh, size_t box, size_t pairs, size_t boxes)
{
	size_t degree = mesh->first[box + 1] - mesh->first[box];
	double spread = fmax(mesh->spread[box], mesh->middle), free;

	if (degree == 0)
		return (INFINITY);
	if (pairs + 1 <= boxes) /* no pair checks another */
		return (least_round(mesh, box) / 2 + FINEST);
	free = (double)pairs / (double)(pairs + 1 - boxes);
	return (FINEST + TWICE * NORMAL * spread * sqrt(free / (double)degree));
}

static void
spread_boxes(struct mesh *mesh, double *room)
{
	for (size_t i = 0; i < mesh->boxes; i++) {
		uint32_t first = mesh->first[i];
		size_t n = mesh->first[i + 1] - first;

		for (size_t k = 0; k < n; k++)
			room[k] = fabs(mesh->residual[mesh->of_box[first + k]]);
		mesh->spread[i] = n > 0 ? mesh_rank(room, n, n / 2) : NAN;
	}
}

void
mesh_weigh(struct mesh *mesh)
{
	double *room = memory_new(mesh->count, sizeof(*room));
	size_t *pairs = memory_new(mesh->boxes, sizeof(*pairs));
	size_t *boxes = memory_new(mesh->boxes, sizeof(*boxes));

	spread_boxes(mesh, room);
	for (size_t i = 0; i < mesh->count; i++)
		room[i] = fabs(mesh->residual[i]);
	if (mesh->count > 0) {
		mesh->middle = mesh_rank(room, mesh->count, mesh->count / 2);
		mesh->upper = mesh_rank(room, mesh->count, mesh->count * 3 / 4);
	}
	count_spare(mesh, pairs, boxes);
	for (size_t i = 0; i < mesh->boxes; i++)
		mesh->doubt[i] = doubt_of(
		    mesh, i, pairs[mesh->group[i]], boxes[mesh->group[i]]);
	free(room);
	free(pairs);
	free(boxes);
}
