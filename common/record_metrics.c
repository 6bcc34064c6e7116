/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/record_parts.h"

#include <inttypes.h>

#include "common/error.h"
#include "common/metric.h"
#include "common/tree.h"

#define COUNT_MOST (INT64_C(1) << 53) /* what every JSON reader keeps */

/* The counts that mean the same in every probe. */
enum {
	SENT,
	RECEIVED,
	LOST,
	LOST_LOCALLY,
	LATE,
	CORRUPTED,
	DUPLICATES,
	REORDERED,
	COUNTS
};

static const char *const count_names[COUNTS] = {
    [SENT] = "sent",
    [RECEIVED] = "received",
    [LOST] = "lost",
    [LOST_LOCALLY] = "lost_locally",
    [LATE] = "late",
    [CORRUPTED] = "corrupted",
    [DUPLICATES] = "duplicates",
    [REORDERED] = "reordered",
};

/* -1 in count[] where none is given. */
static int
read_counts(const struct tree_node *metrics, int64_t count[static COUNTS],
    struct error *err)
{
	const struct tree_node *found[COUNTS];

	tree_pick(metrics, count_names, COUNTS, found);
	for (size_t i = 0; i < COUNTS; i++) {
		count[i] = -1;
		if (found[i] == NULL)
			continue;
		if (tree_as_whole(found[i], count_names[i], &count[i], err) !=
		    0)
			return (-1);
		if (count[i] < 0 || count[i] > COUNT_MOST)
			return (error_set(err,
			    "member \"%s\": %" PRId64
			    ", expected a count from 0",
			    count_names[i], count[i]));
	}
	return (0);
}

static int
check_counts(const struct tree_node *metrics, struct error *err)
{
	int64_t c[COUNTS], parts = 0;

	if (read_counts(metrics, c, err) != 0)
		return (-1);
	if (c[SENT] >= 0 && c[RECEIVED] >= 0 && c[LOST] >= 0 &&
	    c[LOST_LOCALLY] >= 0 &&
	    c[SENT] != c[RECEIVED] + c[LOST] + c[LOST_LOCALLY])
		return (error_set(err,
		    "sent %" PRId64 ", received %" PRId64 ", lost %" PRId64
		    ", lost_locally %" PRId64
		    ": expected sent to be the sum of the others",
		    c[SENT], c[RECEIVED], c[LOST], c[LOST_LOCALLY]));
	parts += c[LATE] > 0 ? c[LATE] : 0;
	parts += c[CORRUPTED] > 0 ? c[CORRUPTED] : 0;
	if (c[LOST] >= 0 && parts > c[LOST])
		return (error_set(err,
		    "late and corrupted %" PRId64 ", lost %" PRId64
		    ": expected them to be parts of it",
		    parts, c[LOST]));
	return (0);
}

int
record_check_metrics(const struct tree_node *metrics, struct error *err)
{
	if (metrics == NULL)
		return (0);
	if (tree_as_object(metrics, "metrics", err) != 0)
		return (-1);
	for (const struct tree_node *m = metrics->first; m != NULL; m = m->next)
		if (!metric_name_valid(m->name))
			return (error_set(err,
			    "member \"metrics\": \"%.80s\", expected a "
			    "metric's name",
			    m->name));
	if (check_counts(metrics, err) != 0)
		return (error_place(err, "member \"metrics\""));
	return (0);
}
