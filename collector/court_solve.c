/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The offsets of boxes to each other, from all pairs at once.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collector/court_private.h"
#include "common/memory.h"

#define ABSOLUTE 12   /* rounds of least absolute deviations */
#define BIWEIGHT 4    /* and of Tukey's, from there on */
#define STEPS_MOST 60 /* of conjugate gradients in a round */
#define CLOSE 1e-9    /* seconds: nearer than that is the same */
#define FINEST 2e-6   /* a distance under this counts like it */
#define TUKEY 4.685
#define NORMAL 1.4826
#define NEGLECTED 1e-3 /* of a weight stays, so that nobody falls off */

/* Conjugate gradients on the weighted Laplacian, each group of which is
 * singular along its common shift: what begins without one stays so. */
struct solver {
	double *left, *step, *image, *scale; /* by box */
};

static void
apply(const struct mesh *mesh, const double *x, double *image)
{
	memset(image, 0, mesh->boxes * sizeof(*image));
	for (size_t i = 0; i < mesh->count; i++) {
		uint32_t a = mesh->a[i], b = mesh->b[i];
		double flow = mesh->weight[i] * (x[b] - x[a]);

		image[b] += flow;
		image[a] -= flow;
	}
}

/* The gradient where we are, and the diagonal. */
static void
begin(const struct mesh *mesh, struct solver *s)
{
	memset(s->left, 0, mesh->boxes * sizeof(*s->left));
	memset(s->scale, 0, mesh->boxes * sizeof(*s->scale));
	for (size_t i = 0; i < mesh->count; i++) {
		uint32_t a = mesh->a[i], b = mesh->b[i];
		double w = mesh->weight[i];
		double flow =
		    w * (mesh->y[i] - mesh->offset[b] + mesh->offset[a]);

		s->left[b] += flow;
		s->left[a] -= flow;
		s->scale[a] += w;
		s->scale[b] += w;
	}
	for (size_t i = 0; i < mesh->boxes; i++)
		s->scale[i] = s->scale[i] > 0 ? 1 / s->scale[i] : 0;
}

static double
product(const double *a, const double *b, const double *scale, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += a[i] * b[i] * (scale != NULL ? scale[i] : 1);
	return (sum);
}

/* The largest step of a box in one go, were it alone. */
static double
distance(const struct mesh *mesh, const struct solver *s)
{
	double most = 0;

	for (size_t i = 0; i < mesh->boxes; i++)
		most = fmax(most, fabs(s->left[i] * s->scale[i]));
	return (most);
}

static void
relax(struct mesh *mesh, struct solver *s)
{
	size_t n = mesh->boxes;
	double now, next;

	begin(mesh, s);
	for (size_t i = 0; i < n; i++)
		s->step[i] = s->left[i] * s->scale[i];
	now = product(s->left, s->left, s->scale, n);
	for (int k = 0; k < STEPS_MOST && distance(mesh, s) > CLOSE; k++) {
		double along, length;

		apply(mesh, s->step, s->image);
		along = product(s->step, s->image, NULL, n);
		if (along <= 0)
			break;
		length = now / along;
		for (size_t i = 0; i < n; i++) {
			mesh->offset[i] += length * s->step[i];
			s->left[i] -= length * s->image[i];
		}
		next = product(s->left, s->left, s->scale, n);
		for (size_t i = 0; i < n; i++)
			s->step[i] =
			    s->left[i] * s->scale[i] + next / now * s->step[i];
		now = next;
	}
}

static void
find_residuals(struct mesh *mesh)
{
	for (size_t i = 0; i < mesh->count; i++)
		mesh->residual[i] = mesh->y[i] - mesh->offset[mesh->b[i]] +
				    mesh->offset[mesh->a[i]];
}

/* Of all distances; room is for them. */
static double
middle_of(const struct mesh *mesh, double *room)
{
	for (size_t i = 0; i < mesh->count; i++)
		room[i] = fabs(mesh->residual[i]);
	return (mesh_rank(room, mesh->count, mesh->count / 2));
}

/* Each round nearer to a weight of one over the distance. */
static void
weigh_absolute(struct mesh *mesh, double finest)
{
	for (size_t i = 0; i < mesh->count; i++)
		mesh->weight[i] =
		    finest / fmax(fabs(mesh->residual[i]), finest);
}

static void
weigh_biweight(struct mesh *mesh, double far)
{
	for (size_t i = 0; i < mesh->count; i++) {
		double r = mesh->residual[i] / far, w = 1 - r * r;

		mesh->weight[i] = fmax(w > 0 ? w * w : 0, NEGLECTED);
	}
}

void
mesh_solve(struct mesh *mesh)
{
	struct solver s = {memory_new(mesh->boxes, sizeof(double)),
	    memory_new(mesh->boxes, sizeof(double)),
	    memory_new(mesh->boxes, sizeof(double)),
	    memory_new(mesh->boxes, sizeof(double))};
	double *room = memory_new(mesh->count, sizeof(*room));

	for (size_t i = 0; i < mesh->count; i++)
		mesh->weight[i] = 1;
	for (int k = 0; k <= ABSOLUTE + BIWEIGHT && mesh->count > 0; k++) {
		double middle;

		relax(mesh, &s);
		find_residuals(mesh);
		middle = middle_of(mesh, room);
		if (k < ABSOLUTE)
			weigh_absolute(mesh, fmax(middle / (1 + k), FINEST));
		else
			weigh_biweight(
			    mesh, TUKEY * fmax(NORMAL * middle, FINEST));
	}
	free(room);
	free(s.left);
	free(s.step);
	free(s.image);
	free(s.scale);
}
