/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/metric.h"

#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyz"

const struct metric *
metric_find(const struct metric *table, const char *name)
{
	for (; table->name != NULL; table++)
		if (strcmp(table->name, name) == 0)
			return (table);
	return (NULL);
}

int
metric_grade(const struct metric *metric, double value)
{
	int passed = 0;

	if (!metric->graded)
		return (-1);
	while (passed < METRIC_EDGES && metric->edges[passed] <= value)
		passed++;
	return (metric->better == BETTER_MORE ? METRIC_EDGES - passed : passed);
}

bool
metric_name_valid(const char *name)
{
	size_t length = strlen(name);

	return (length > 0 && length < METRIC_TEXT &&
		strchr(LETTERS, name[0]) != NULL &&
		strspn(name, LETTERS "0123456789_") == length);
}
