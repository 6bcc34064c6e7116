/* SPDX-License-Identifier: BSD-2-Clause */
#include <math.h>
#include <rrd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/history.h"
#include "collector/history_layout.h"
#include "common/error.h"
#include "common/manifest.h"
#include "common/memory.h"

/* One reading: which rows, and how many of them make a point. */
struct reading {
	const char *path; /* NULL: no such file yet */
	const struct metric *metric;
	struct history_layout file;
	struct history_layout wanted; /* the metric's data sources alone */
	long last;                    /* seconds; how far the file goes */
	long row, oldest;             /* the archive's, and where it begins */
	long point;                   /* a multiple of row */
	long start, end;              /* multiples of a point */
	size_t count;                 /* points */
};

void
history_span_clear(struct history_span *span)
{
	free(span->names);
	free(span->values);
	*span = (struct history_span){0};
}

/* The time from which an archive has rows. */
static long
oldest_of(const struct history_archive *archive, long last)
{
	return (last - last % archive->row - archive->rows * archive->row);
}

static long
up_to_multiple(long value, long of)
{
	return ((value + of - 1) / of * of);
}

/* The coarsest archive that has enough rows for the points, or else the finest
 * that goes back far enough, or else the one that goes back furthest. */
static const struct history_archive *
choose(const struct history_layout *layout, long from, long to, size_t points,
    long last)
{
	const struct history_archive *chosen = NULL;

	for (size_t i = 0; i < layout->archive_count; i++) {
		const struct history_archive *a = &layout->archives[i];
		bool enough =
		    (double)a->row * (double)points <= (double)(to - from);

		if (strcmp(a->cf, "AVERAGE") != 0)
			continue;
		if (chosen == NULL || enough || oldest_of(chosen, last) > from)
			chosen = a;
	}
	return (chosen);
}

/* At most this many points, each of whole rows. */
static void
take_together(struct reading *reading, long from, long to, size_t points)
{
	long rows = up_to_multiple(to - from, reading->row) / reading->row;
	long together = up_to_multiple(rows, (long)points) / (long)points;

	for (;; together++) {
		reading->point = reading->row * together;
		reading->start = from - from % reading->point;
		reading->end = up_to_multiple(to, reading->point);
		reading->count =
		    (size_t)((reading->end - reading->start) / reading->point);
		if (reading->count <= points || together >= rows)
			return;
	}
}

static void
plan(struct reading *reading, long from, long to, size_t points)
{
	const struct history_archive *archive =
	    choose(&reading->file, from, to, points, reading->last);

	reading->row = archive->row;
	reading->oldest = oldest_of(archive, reading->last);
	take_together(reading, from, to, points);
}

/* How several rows make one figure: as the archive makes several bins one.
 * NAN is no value; averages are divided when all are in. */
static double
combine(const char *cf, double so_far, double value)
{
	if (isnan(so_far) || isnan(value))
		return (isnan(so_far) ? value : so_far);
	if (strcmp(cf, "MIN") == 0)
		return (fmin(so_far, value));
	if (strcmp(cf, "MAX") == 0)
		return (fmax(so_far, value));
	return (so_far + value);
}

static void
gather(const struct reading *reading, const struct history_source *source,
    const struct history_rows *rows, double *points)
{
	int column = history_rows_find(rows, source->name);
	long *known = memory_new(reading->count, sizeof(*known));

	for (long i = 0; column != -1 && i < rows->count; i++) {
		double value = rows->values[(size_t)i * rows->source_count +
					    (size_t)column];
		long at = (rows->start + i * rows->row - reading->start) /
			  reading->point;

		points[at] = combine(source->cf, points[at], value);
		known[at] += !isnan(value);
	}
	for (size_t i = 0; i < reading->count; i++)
		if (strcmp(source->cf, "AVERAGE") == 0 && known[i] > 0)
			points[i] /= (double)known[i];
	free(known);
}

/* All wanted data sources that this function speaks for. */
static int
read_function(const struct reading *reading, const char *cf, double *values,
    struct error *err)
{
	bool own = reading->row == reading->file.step;
	long start = reading->start, end = reading->end;
	struct history_rows rows;

	if (start < reading->oldest)
		start = reading->oldest;
	if (end > up_to_multiple(reading->last, reading->row))
		end = up_to_multiple(reading->last, reading->row);
	if (end <= start)
		return (0);
	/* a row of one bin is its own minimum and maximum */
	if (history_rows_read(&rows, reading->path, own ? "AVERAGE" : cf,
		reading->row, start, end, err) == -1)
		return (-1);
	for (size_t s = 0; s < reading->wanted.source_count; s++)
		if (strcmp(reading->wanted.sources[s].cf, cf) == 0)
			gather(reading, &reading->wanted.sources[s], &rows,
			    values + s * reading->count);
	history_rows_clear(&rows);
	return (0);
}

static bool
needs(const struct history_layout *layout, const char *cf)
{
	for (size_t s = 0; s < layout->source_count; s++)
		if (strcmp(layout->sources[s].cf, cf) == 0)
			return (true);
	return (false);
}

static int
read_values(const struct reading *reading, double *values, struct error *err)
{
	static const char *const functions[] = {"AVERAGE", "MIN", "MAX"};

	for (size_t i = 0; i < reading->count * reading->wanted.source_count;
	     i++)
		values[i] = NAN;
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		if (reading->path != NULL &&
		    needs(&reading->wanted, functions[i]) &&
		    read_function(reading, functions[i], values, err) == -1)
			return (-1);
	return (0);
}

static void
name_column(struct history_span *span, const char *name)
{
	span->names =
	    memory_resize(span->names, span->columns + 1, sizeof(*span->names));
	snprintf(
	    span->names[span->columns++], sizeof(*span->names), "%s", name);
}

/* values[0] is the part's column, behind it the whole's. */
static void
divide(struct history_span *span)
{
	for (size_t i = 0; i < span->count; i++) {
		double whole = span->values[span->count + i];

		span->values[i] =
		    whole > 0 ? span->values[i] / whole : (double)NAN;
	}
	span->columns = 0;
	name_column(span, "ratio");
}

static void
name_consolidation(const struct reading *reading, struct history_span *span)
{
	bool min = needs(&reading->wanted, "MIN");
	bool max = needs(&reading->wanted, "MAX");
	bool average = needs(&reading->wanted, "AVERAGE");

	if (reading->point == reading->file.step) {
		snprintf(span->consolidation, sizeof(span->consolidation),
		    "bins of %ld s", reading->file.step);
		return;
	}
	snprintf(span->consolidation, sizeof(span->consolidation),
	    "%s%s%s%s%s over %ld s of bins of %ld s", average ? "AVERAGE" : "",
	    average && min ? ", " : "", min ? "MIN" : "",
	    (average || min) && max ? ", " : "", max ? "MAX" : "",
	    reading->point, reading->file.step);
}

static int
fill_span(
    const struct reading *reading, struct history_span *span, struct error *err)
{
	span->start = reading->start * NS_PER_S;
	span->step = reading->point * NS_PER_S;
	span->count = reading->count;
	span->values = memory_new(
	    reading->count * reading->wanted.source_count, sizeof(double));
	name_consolidation(reading, span);
	for (size_t s = 0; s < reading->wanted.source_count; s++)
		name_column(span, reading->wanted.sources[s].stat);
	if (read_values(reading, span->values, err) == -1)
		return (-1);
	if (reading->metric->kind == METRIC_RATIO)
		divide(span);
	return (0);
}

/* The data sources that the metric is read from. */
static int
find_sources(struct reading *reading, const struct manifest *manifest,
    const char *name, struct error *err)
{
	reading->metric = metric_find(manifest->metrics, name);
	if (reading->metric == NULL)
		return (error_set(
		    err, "%s has no metric \"%s\"", manifest->name, name));
	if (reading->metric->kind == METRIC_RATIO) {
		history_layout_add(&reading->wanted,
		    metric_find(manifest->metrics, reading->metric->part));
		history_layout_add(&reading->wanted,
		    metric_find(manifest->metrics, reading->metric->whole));
	} else {
		history_layout_add(&reading->wanted, reading->metric);
	}
	if (reading->wanted.source_count == 0)
		return (error_set(err,
		    "metric \"%s\" has no history: it is no number", name));
	return (0);
}

/* The file's own word on its step and on how far it goes. */
static int
read_shape(struct reading *reading, nanoseconds *step, struct error *err)
{
	rrd_info_t *info;

	if (access(reading->path, F_OK) == -1) {
		reading->path = NULL;
		return (0);
	}
	info = history_info(reading->path);
	if (info == NULL)
		return (history_failed(reading->path, err));
	reading->last = history_number(info, "last_update");
	*step = history_number(info, "step") * NS_PER_S;
	rrd_info_free(info);
	return (0);
}

int
history_read(const char *path, const struct manifest *manifest,
    const char *metric, nanoseconds step, nanoseconds from, nanoseconds to,
    size_t points, struct history_span *span, struct error *err)
{
	struct reading reading = {.path = path};
	long first = (long)(from / NS_PER_S);
	long end = (long)((to + NS_PER_S - 1) / NS_PER_S);
	int result;

	*span = (struct history_span){0};
	if (end <= first)
		return (error_set(err, "from is not before to"));
	reading.last = end;
	result = find_sources(&reading, manifest, metric, err);
	if (result == 0)
		result = read_shape(&reading, &step, err);
	if (result == 0) {
		history_layout_fill(&reading.file, manifest, step);
		plan(&reading, first, end, points > 0 ? points : 1);
		result = fill_span(&reading, span, err);
	}
	if (result == -1)
		history_span_clear(span);
	history_layout_clear(&reading.file);
	history_layout_clear(&reading.wanted);
	return (result);
}
