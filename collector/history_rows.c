/* SPDX-License-Identifier: BSD-2-Clause */
#include <poll.h>
#include <rrd.h>
#include <string.h>

#include "collector/history_layout.h"
#include "common/error.h"

int
history_failed(const char *path, struct error *err)
{
	const char *why = rrd_get_error();

	/* it has no word for a write that failed */
	error_set(err, "%s: %s", path,
	    *why != '\0' ? why : "cannot be written; is the disk full?");
	rrd_clear_error();
	return (-1);
}

#define TRIES 200 /* of a millisecond */

bool
history_busy(int *tries)
{
	const char *why = rrd_get_error();

	if (strstr(why, "could not lock") == NULL || ++*tries > TRIES)
		return (false);
	rrd_clear_error();
	poll(NULL, 0, 1);
	return (true);
}

struct rrd_info_t *
history_info(const char *path)
{
	rrd_info_t *info;
	int tries = 0;

	do
		info = rrd_info_r(path);
	while (info == NULL && history_busy(&tries));
	return (info);
}

long
history_number(const rrd_info_t *info, const char *key)
{
	for (; info != NULL; info = info->next)
		if (strcmp(info->key, key) == 0)
			return ((long)info->value.u_cnt);
	return (0);
}

int
history_rows_read(struct history_rows *rows, const char *path, const char *cf,
    long row, long start, long end, struct error *err)
{
	unsigned long step, count;
	time_t first, last;
	int tries = 0, result;

	do {
		*rows = (struct history_rows){0};
		step = (unsigned long)row;
		first = start;
		last = end;
		result = rrd_fetch_r(path, cf, &first, &last, &step, &count,
		    &rows->names, &rows->values);
	} while (result == -1 && history_busy(&tries));
	if (result == -1)
		return (history_failed(path, err));
	rows->source_count = count;
	rows->start = first;
	rows->row = row;
	rows->count = (end - start) / row;
	if (step == (unsigned long)row && first == start && last >= end)
		return (0);
	history_rows_clear(rows);
	return (
	    error_set(err, "%s: has no rows of %ld s by %s", path, row, cf));
}

void
history_rows_clear(struct history_rows *rows)
{
	for (size_t i = 0; i < rows->source_count; i++)
		rrd_freemem(rows->names[i]);
	rrd_freemem(rows->names);
	rrd_freemem(rows->values);
	*rows = (struct history_rows){0};
}

int
history_rows_find(const struct history_rows *rows, const char *name)
{
	for (size_t i = 0; i < rows->source_count; i++)
		if (strcmp(rows->names[i], name) == 0)
			return ((int)i);
	return (-1);
}
