/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/web_matrix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/bins.h"
#include "collector/fleet.h"
#include "collector/web.h"
#include "common/error.h"
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

/* Of a median of delays, as it is usual for it. */
static int
ask_ref(struct http_request *request, struct matrix_question *q)
{
	const char *name = http_query(request, "ref");

	if (name == NULL || strcmp(name, "abs") == 0)
		return (0);
	if (strcmp(name, "base") != 0) {
		http_problem(request, 400, "No such reference",
		    "ref: \"%.40s\", expected abs or base", name);
		return (-1);
	}
	q->based =
	    baseline_fits(q->main.metric) && strcmp(q->main.stat, "p50") == 0;
	if (q->based)
		return (0);
	http_problem(request, 400, "No baseline",
	    "ref=base is for the p50 of a delay, not for %s of %s",
	    q->main.stat, q->main.metric->name);
	return (-1);
}

static int
add_also(
    struct http_request *request, struct matrix_question *q, const char *name)
{
	struct matrix_number number = {0};

	if (q->also_count == MATRIX_ALSO) {
		http_problem(request, 400, "Too many metrics",
		    "\"also\" names more than %d", MATRIX_ALSO);
		return (-1);
	}
	if (choose(request, q->test->manifest, name, &number) == -1)
		return (-1);
	q->also[q->also_count++] = number;
	return (0);
}

static bool
is_there(const struct matrix_question *q, const char *name)
{
	bool found = strcmp(q->main.metric->name, name) == 0;

	for (size_t i = 0; i < q->also_count; i++)
		found |= strcmp(q->also[i].metric->name, name) == 0;
	return (found);
}

/* The other graded metrics, and the counts that ratios are made of, as far as
 * there is room. */
static int
add_graded(struct http_request *request, struct matrix_question *q)
{
	int rc = 0;

	for (const struct metric *m = q->test->manifest->metrics;
	     m->name != NULL && rc == 0; m++) {
		const char *names[] = {m->name, m->part, m->whole};
		bool shown = m->graded || m == q->main.metric;
		size_t count = m->kind == METRIC_RATIO ? 3 : 1;

		for (size_t i = 0; shown && i < count && rc == 0; i++)
			if (q->also_count < MATRIX_ALSO &&
			    !is_there(q, names[i]))
				rc = add_also(request, q, names[i]);
	}
	return (rc);
}

static int
ask_also(struct http_request *request, struct matrix_question *q)
{
	const char *text = http_query(request, "also");
	char *copy, *rest, *name;
	int rc = 0;

	if (text == NULL || text[0] == '\0')
		return (0);
	if (strcmp(text, "graded") == 0)
		return (add_graded(request, q));
	rest = copy = memory_text(text);
	while (rc == 0 && (name = strsep(&rest, ",")) != NULL)
		rc = add_also(request, q, name);
	free(copy);
	return (rc);
}

static void
add_known(struct matrix_question *q, const char *name, const char *stat)
{
	q->also[q->known++] = (struct matrix_number){
	    metric_find(q->test->manifest->metrics, name), stat};
}

/* matrix_bound has them. */
static void
add_bound(struct matrix_question *q)
{
	q->known = q->also_count;
	if (q->main.metric->bound == NULL || q->test->calibrates)
		return;
	add_known(q, q->main.metric->bound, "max");
	add_known(q, q->main.metric->unbounded, "sum");
}

void
matrix_leave_also(struct matrix_question *q)
{
	q->also_count = 0;
	add_bound(q);
}

static const struct {
	const char *name;
	unsigned plane;
} planes[] = {{"value", MATRIX_VALUE}, {"grade", MATRIX_GRADE},
    {"state", MATRIX_STATE}, {"age", MATRIX_AGE}, {"count", MATRIX_COUNT},
    {"also", MATRIX_BESIDE}, {"none", 0}};

static int
ask_plane(struct http_request *request, const char *name, unsigned *chosen)
{
	for (size_t i = 0; i < sizeof(planes) / sizeof(planes[0]); i++)
		if (strcmp(planes[i].name, name) == 0) {
			*chosen |= planes[i].plane;
			return (0);
		}
	http_problem(request, 400, "No such plane",
	    "planes: \"%.40s\", expected value, grade, state, age, count, "
	    "also, or none",
	    name);
	return (-1);
}

static int
ask_planes(struct http_request *request, unsigned *chosen)
{
	const char *text = http_query(request, "planes");
	char *copy, *rest, *name;
	int rc = 0;

	*chosen = text == NULL ? MATRIX_ALL : 0;
	rest = copy = memory_text(text == NULL ? "none" : text);
	while (rc == 0 && (name = strsep(&rest, ",")) != NULL)
		rc = ask_plane(request, name, chosen);
	free(copy);
	return (rc);
}

static size_t
least(size_t a, size_t b)
{
	return (a < b ? a : b);
}

/* "ROW,COLUMN,SIZE"; at the end of an axis there is less of it. */
static int
ask_tile(struct http_request *request, const struct fleet_test *t,
    struct matrix_reply *reply)
{
	const char *text = http_query(request, "tile");
	struct matrix_tile *tile = &reply->tile;
	size_t size;
	char rest;

	*tile =
	    (struct matrix_tile){0, 0, t->source_count, t->destination_count};
	if (text == NULL)
		return (0);
	reply->tiled = true;
	if (strspn(text, "0123456789,") == strlen(text) &&
	    sscanf(text, "%6zu,%6zu,%6zu%c", &tile->row, &tile->column, &size,
		&rest) == 3 &&
	    tile->row < t->source_count &&
	    tile->column < t->destination_count && size > 0) {
		tile->rows = least(size, t->source_count - tile->row);
		tile->columns =
		    least(size, t->destination_count - tile->column);
		return (0);
	}
	http_problem(request, 400, "No such tile",
	    "tile: \"%.40s\", expected ROW,COLUMN,SIZE inside of %zu x %zu, as "
	    "in 0,64,64",
	    text, t->source_count, t->destination_count);
	return (-1);
}

/* A moment that is over. */
static int
ask_at(struct web *web, struct http_request *request, struct matrix_question *q)
{
	const char *text = http_query(request, "at");
	struct bins *bins = web_bins(web);
	nanoseconds now = clock_wall(), horizon;
	struct error err;

	if (text == NULL)
		return (0);
	if (clock_parse(text, now, &q->at, &err) == -1 || q->at <= 0 ||
	    q->at > now) {
		http_problem(request, 400, "No such time",
		    "at: \"%.40s\", expected a time that is over", text);
		return (-1);
	}
	if (q->based) {
		http_problem(request, 400, "No baseline",
		    "ref=base is of now; leave \"at\" out");
		return (-1);
	}
	if (bins != NULL && bins_find_horizon(bins, &horizon, &err) == 0)
		q->hours = q->at <= horizon;
	return (0);
}

static int
ask_reply(struct http_request *request, const struct fleet_test *test,
    struct matrix_reply *reply)
{
	return (ask_planes(request, &reply->planes) == -1
		    ? -1
		    : ask_tile(request, test, reply));
}

static int
ask_rest(struct web *web, struct http_request *request,
    struct matrix_question *q, const struct fleet_test *test)
{
	*q = (struct matrix_question){.fleet = web->fleet, .test = test};
	if (test == NULL ||
	    choose(request, test->manifest, http_query(request, "metric"),
		&q->main) == -1 ||
	    ask_stat(request, q) == -1 || ask_window(request, q) == -1 ||
	    ask_ref(request, q) == -1 || ask_also(request, q) == -1)
		return (-1);
	add_bound(q);
	return (0);
}

int
matrix_ask(struct web *web, struct http_request *request,
    struct matrix_question *q, struct matrix_reply *reply)
{
	if (reply == NULL)
		return (ask_rest(web, request, q, web_test(web, request)));
	*reply = (struct matrix_reply){0};
	if (ask_rest(web, request, q,
		web_test_as(web, request, &reply->format)) == -1 ||
	    ask_at(web, request, q) == -1)
		return (-1);
	return (ask_reply(request, q->test, reply));
}

int
matrix_ask_named(struct web *web, struct http_request *request,
    const char *name, struct matrix_question *q)
{
	return (ask_rest(web, request, q, web_find_test(web, request, name)));
}
