/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/web_matrix.h"

#include <stdlib.h>
#include <string.h>

#include "collector/fleet.h"
#include "collector/web.h"
#include "common/manifest.h"
#include "common/memory.h"

/* The first graded distribution, else the first graded metric, else the first
 * one that has a number. */
static const struct metric *
usual_metric(const struct manifest *manifest)
{
	const struct metric *graded = NULL, *numeric = NULL;

	for (const struct metric *m = manifest->metrics; m->name != NULL; m++) {
		if (bundle_stats(manifest, m->name)[0] == NULL)
			continue;
		if (m->graded && m->kind == METRIC_DISTRIBUTION)
			return (m);
		if (graded == NULL && m->graded)
			graded = m;
		if (numeric == NULL)
			numeric = m;
	}
	return (graded != NULL ? graded : numeric);
}

/* "min, p50, max", for messages; free() it. */
static char *
join(const char *const *words)
{
	char *all = memory_text("");

	for (size_t i = 0; words[i] != NULL; i++) {
		char *longer =
		    memory_print("%s%s%s", all, i > 0 ? ", " : "", words[i]);

		free(all);
		all = longer;
	}
	return (all);
}

/* A metric that is a number, with its usual statistic. */
static int
choose(struct http_request *request, const struct manifest *manifest,
    const char *name, struct matrix_number *number)
{
	number->metric = name == NULL ? usual_metric(manifest)
				      : metric_find(manifest->metrics, name);
	if (number->metric != NULL)
		number->stat = bundle_stats(manifest, number->metric->name)[0];
	if (number->stat != NULL)
		return (0);
	http_problem(request, 400, "No such metric",
	    "probe %s has no metric \"%s\" with a number; /api/v1/fleet lists "
	    "its metrics",
	    manifest->name, name == NULL ? "" : name);
	return (-1);
}

static int
ask_stat(struct http_request *request, struct matrix_question *q)
{
	const char *const *stats =
	    bundle_stats(q->test->manifest, q->main.metric->name);
	const char *name = http_query(request, "stat");
	char *accepted;

	if (name == NULL)
		return (0);
	for (size_t i = 0; stats[i] != NULL; i++)
		if (strcmp(stats[i], name) == 0) {
			q->main.stat = stats[i];
			return (0);
		}
	accepted = join(stats);
	http_problem(request, 400, "No such statistic",
	    "metric %s has no statistic \"%s\", only %s", q->main.metric->name,
	    name, accepted);
	free(accepted);
	return (-1);
}

static int
ask_window(struct http_request *request, struct matrix_question *q)
{
	const char *name = http_query(request, "window");

	q->window = LATEST_LAST;
	if (name == NULL)
		return (0);
	for (int i = 0; i < LATEST_WINDOWS; i++)
		if (strcmp(latest_window_names[i], name) == 0) {
			q->window = (enum latest_window)i;
			return (0);
		}
	http_problem(request, 400, "No such window",
	    "window \"%s\": expected last, 5m or 1h", name);
	return (-1);
}

static int
ask_also(struct http_request *request, struct matrix_question *q)
{
	const char *text = http_query(request, "also");
	char *copy, *rest, *name;
	int rc = 0;

	if (text == NULL || text[0] == '\0')
		return (0);
	rest = copy = memory_text(text);
	while (rc == 0 && (name = strsep(&rest, ",")) != NULL) {
		if (q->also_count == MATRIX_ALSO) {
			http_problem(request, 400, "Too many metrics",
			    "\"also\" names more than %d", MATRIX_ALSO);
			rc = -1;
		} else
			rc = choose(request, q->test->manifest, name,
			    &q->also[q->also_count++]);
	}
	free(copy);
	return (rc);
}

int
matrix_ask(
    struct web *web, struct http_request *request, struct matrix_question *q)
{
	*q = (struct matrix_question){0};
	if ((q->test = web_test(web, request)) == NULL)
		return (-1);
	q->fleet = web->fleet;
	if (choose(request, q->test->manifest, http_query(request, "metric"),
		&q->main) == -1 ||
	    ask_stat(request, q) == -1 || ask_window(request, q) == -1 ||
	    ask_also(request, q) == -1)
		return (-1);
	return (0);
}
