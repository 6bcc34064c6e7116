/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * librrd cannot do this: its own --source takes an unknown row from a coarser
 * archive, and a value is never interpolated here. So rows are read by librrd
 * and put where rrd_info says that they are: behind header_size follow the
 * archives in order, each a ring of rows of doubles, cur_row the latest.
 */
#include <fcntl.h>
#include <rrd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/history_layout.h"
#include "common/error.h"

/* The new file, mapped. */
struct target {
	const char *path;
	const struct history_layout *layout;
	long keep;
	rrd_info_t *info;
	size_t size;
	char *map;
};

static long
number_of(const rrd_info_t *info, size_t archive, const char *what)
{
	char key[48];

	snprintf(key, sizeof(key), "rra[%zu].%s", archive, what);
	return (history_number(info, key));
}

static const char *
function_of(const rrd_info_t *info, size_t archive)
{
	char key[48];

	snprintf(key, sizeof(key), "rra[%zu].cf", archive);
	for (; info != NULL; info = info->next)
		if (strcmp(info->key, key) == 0)
			return (info->value.u_str);
	return (NULL);
}

/* The rows' time range (start, end] in a file, by its own word. */
static bool
range_of(const rrd_info_t *info, const struct history_archive *archive,
    long *start, long *end)
{
	long step = history_number(info, "step");
	long last = history_number(info, "last_update");
	const char *cf;

	for (size_t i = 0; (cf = function_of(info, i)) != NULL; i++) {
		if (strcmp(cf, archive->cf) != 0 ||
		    number_of(info, i, "pdp_per_row") * step != archive->row)
			continue;
		*end = last - last % archive->row;
		*start = *end - number_of(info, i, "rows") * archive->row;
		return (true);
	}
	return (false);
}

static int
map_target(struct target *target, struct error *err)
{
	struct stat st;
	int fd = open(target->path, O_RDWR | O_CLOEXEC);

	if (fd == -1 || fstat(fd, &st) == -1) {
		error_set(err, "%s: %m", target->path);
		if (fd != -1)
			close(fd);
		return (-1);
	}
	target->size = (size_t)st.st_size;
	target->map =
	    mmap(NULL, target->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (target->map == MAP_FAILED)
		return (error_set(err, "%s: %m", target->path));
	return (0);
}

/* One archive's rows in the file. */
struct ring {
	char *first;
	long row, rows;
	long latest, end; /* position and time of the latest row */
	size_t width;     /* bytes of a row */
};

static struct ring
ring_of(const struct target *target, size_t archive)
{
	const struct history_archive *a = &target->layout->archives[archive];
	size_t at = (size_t)history_number(target->info, "header_size");
	struct ring ring = {.row = a->row,
	    .rows = a->rows,
	    .latest = number_of(target->info, archive, "cur_row"),
	    .end = target->keep - target->keep % a->row,
	    .width = target->layout->source_count * sizeof(double)};

	for (size_t i = 0; i < archive; i++)
		at += (size_t)target->layout->archives[i].rows * ring.width;
	ring.first = target->map + at;
	return (ring);
}

/* The place of the row that ends at this time. */
static char *
place_of(const struct ring *ring, long time)
{
	long back = (ring->end - time) / ring->row;
	long place = (ring->latest - back + ring->rows) % ring->rows;

	return (ring->first + (size_t)place * ring->width);
}

static void
put_column(const struct ring *ring, size_t column,
    const struct history_rows *rows, size_t from)
{
	for (long i = 0; i < rows->count; i++) {
		long time = rows->start + (i + 1) * rows->row;

		memcpy(place_of(ring, time) + column * sizeof(double),
		    &rows->values[(size_t)i * rows->source_count + from],
		    sizeof(double));
	}
}

static void
put_rows(const struct target *target, size_t archive,
    const struct history_rows *rows)
{
	struct ring ring = ring_of(target, archive);

	for (size_t s = 0; s < target->layout->source_count; s++) {
		int from =
		    history_rows_find(rows, target->layout->sources[s].name);

		if (from != -1)
			put_column(&ring, s, rows, (size_t)from);
	}
}

static bool
same_column(const struct history_rows *a, size_t x,
    const struct history_rows *b, size_t y)
{
	for (long i = 0; i < a->count; i++)
		if (memcmp(&a->values[(size_t)i * a->source_count + x],
			&b->values[(size_t)i * b->source_count + y],
			sizeof(double)) != 0)
			return (false);
	return (true);
}

static bool
same_rows(const struct history_layout *layout, const struct history_rows *a,
    const struct history_rows *b)
{
	for (size_t s = 0; s < layout->source_count; s++) {
		int x = history_rows_find(a, layout->sources[s].name);
		int y = history_rows_find(b, layout->sources[s].name);

		if (x != -1 &&
		    (y == -1 || !same_column(a, (size_t)x, b, (size_t)y)))
			return (false);
	}
	return (true);
}

static int
read_back(const struct target *target, const char *cf,
    const struct history_rows *rows, struct error *err)
{
	struct history_rows again;
	bool same;

	if (history_rows_read(&again, target->path, cf, rows->row, rows->start,
		rows->start + rows->count * rows->row, err) == -1)
		return (-1);
	same = same_rows(target->layout, rows, &again);
	history_rows_clear(&again);
	if (!same)
		return (error_set(err,
		    "%s: rows of %ld s do not read back as written; is this "
		    "librrd's file format a new one?",
		    target->path, rows->row));
	return (0);
}

static int
copy_archive(const struct target *target, size_t archive, const char *from,
    const rrd_info_t *info, struct error *err)
{
	const struct history_archive *a = &target->layout->archives[archive];
	long end = target->keep - target->keep % a->row;
	long start = end - a->rows * a->row, first, last;
	struct history_rows rows;
	int result;

	if (!range_of(info, a, &first, &last))
		return (0);
	start = first > start ? first : start;
	end = last < end ? last : end;
	if (end <= start)
		return (0);
	if (history_rows_read(&rows, from, a->cf, a->row, start, end, err) ==
	    -1)
		return (-1);
	put_rows(target, archive, &rows);
	result = read_back(target, a->cf, &rows, err);
	history_rows_clear(&rows);
	return (result);
}

static int
copy_all(const struct target *target, const char *from, struct error *err)
{
	rrd_info_t *info = history_info(from);
	int result = 0;

	if (info == NULL)
		return (history_failed(from, err));
	for (size_t i = 0; i < target->layout->archive_count; i++)
		if (result == 0)
			result = copy_archive(target, i, from, info, err);
	rrd_info_free(info);
	return (result);
}

int
history_copy(const char *from, const char *into,
    const struct history_layout *layout, long keep, struct error *err)
{
	struct target target = {.path = into, .layout = layout, .keep = keep};
	int result;

	target.info = history_info(into);
	if (target.info == NULL)
		return (history_failed(into, err));
	result = map_target(&target, err);
	if (result == 0) {
		result = copy_all(&target, from, err);
		munmap(target.map, target.size);
	}
	rrd_info_free(target.info);
	return (result);
}
