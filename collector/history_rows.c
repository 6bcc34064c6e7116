/* SPDX-License-Identifier: BSD-2-Clause */
#include <rrd.h>
#include <string.h>

#include "collector/history_layout.h"
#include "common/error.h"

int
history_failed(const char *path, struct error *err)
{
	error_set(err, "%s: %s", path, rrd_get_error());
	rrd_clear_error();
	return (-1);
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
	unsigned long step = (unsigned long)row, count;
	time_t first = start, last = end;

	*rows = (struct history_rows){0};
	if (rrd_fetch_r(path, cf, &first, &last, &step, &count, &rows->names,
		&rows->values) == -1)
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
