/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/metric.h"

#include <string.h>

const struct metric *
metric_find(const struct metric *table, const char *name)
{
	for (; table->name != NULL; table++)
		if (strcmp(table->name, name) == 0)
			return (table);
	return (NULL);
}

const struct metric *
metric_bounded(const struct metric *table)
{
	for (; table->name != NULL; table++)
		if (table->kind == METRIC_DISTRIBUTION && table->bound != NULL)
			return (table);
	return (NULL);
}

int
metric_grade(const struct metric *metric, double value)
{
	int passed = 0;

	if (!metric->graded)
		return (-1);
	for (size_t i = 0; i < METRIC_EDGES; i++) /* they rise */
		passed += metric->edges[i] <= value;
	return (metric->better == BETTER_MORE ? METRIC_EDGES - passed : passed);
}

bool
metric_name_valid(const char *name)
{
	size_t n = 0;

	/* strspn makes a table of its set each time */
	while (
	    (name[n] >= 'a' && name[n] <= 'z') ||
	    (n > 0 && ((name[n] >= '0' && name[n] <= '9') || name[n] == '_')))
		n++;
	return (n > 0 && n < METRIC_TEXT && name[n] == '\0');
}
