/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/fleet.h"
#include "collector/web.h"
#include "collector/web_etag.h"
#include "collector/web_matrix.h"
#include "common/hash.h"

/* The tile's cells of a plane. */
static void
add_plane(struct hash *told, const struct matrix *m,
    const struct matrix_tile *tile, const void *plane, size_t size)
{
	size_t width = m->q.test->destination_count;

	for (size_t row = tile->row; row < tile->row + tile->rows; row++)
		hash_add(told,
		    (const char *)plane + (row * width + tile->column) * size,
		    tile->columns * size);
}

/* In place of ages it is when cells were measured. */
bool
matrix_is_known(struct http_request *request, struct json_object *frame,
    const struct matrix *m, const struct matrix_reply *reply)
{
	const struct matrix_tile *t = &reply->tile;
	unsigned planes =
	    reply->format == TABLE_JSON ? reply->planes : MATRIX_ALL;
	struct hash *told = hash_new();
	size_t wide = sizeof(double);

	hash_add(told, &reply->format, sizeof(reply->format));
	web_etag_add_json(told, frame);
	if (planes & (MATRIX_VALUE | MATRIX_GRADE))
		add_plane(told, m, t, m->main.value, wide);
	if (planes & (MATRIX_VALUE | MATRIX_GRADE) && m->q.based)
		add_plane(told, m, t, m->base, wide);
	if (planes & MATRIX_STATE)
		add_plane(told, m, t, m->state, sizeof(*m->state));
	if (planes & MATRIX_AGE)
		add_plane(told, m, t, m->main.finding, sizeof(nanoseconds));
	if (planes & MATRIX_COUNT)
		add_plane(told, m, t, m->main.weight, wide);
	for (size_t i = 0; i < m->q.known; i++)
		if (planes &
		    (i < m->q.also_count ? MATRIX_BESIDE : MATRIX_VALUE))
			add_plane(told, m, t, m->also[i].value, wide);
	http_set_header(request, "Vary", "Accept");
	return (web_etag_is_known(request, told));
}
