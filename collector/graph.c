/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/graph.h"

#include <rrd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "collector/history_layout.h"
#include "collector/states.h"
#include "common/error.h"
#include "common/manifest.h"
#include "common/memory.h"

#define WORDS_MOST 96

/* What rrd_graph is told; each is freed. */
struct words {
	char *word[WORDS_MOST];
	int count;
};

struct look {
	const char *back, *front, *faint, *line, *accent, *band, *grey, *red;
};
/* As web/style.css has them. */
static const struct look looks[] = {
    {"#ffffff", "#1c2423", "#66716f", "#d5dcda", "#1f6f8f", "#c7dbe3",
	"#eceeee", "#f2d9da"},
    {"#101615", "#e4ebe9", "#8f9b98", "#2c3634", "#6cbbdc", "#263f48",
	"#1d2423", "#4a2a2a"},
};

enum word { WORD_BAND, WORD_LOSS, WORD_LAST, WORD_HIGH, WORD_UTC };
static const struct {
	const char *en, *zh;
} legend[] = {
    [WORD_BAND] = {"min to p95", "min 至 p95"},
    [WORD_LOSS] = {"loss", "丢失"},
    [WORD_LAST] = {"last", "最近"},
    [WORD_HIGH] = {"highest", "最高"},
    [WORD_UTC] = {"times are UTC", "时间为 UTC"},
};

static const char *
word_of(const struct graph_question *q, enum word word)
{
	return (q->chinese ? legend[word].zh : legend[word].en);
}

static void __attribute__((format(printf, 2, 3)))
say(struct words *words, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (words->count < WORDS_MOST)
		words->word[words->count++] = memory_text(text);
}

static void
clear(struct words *words)
{
	for (int i = 0; i < words->count; i++)
		free(words->word[i]);
}

/* In which unit it is shown, and by what it is multiplied. */
static double
factor_of(const struct metric *metric, const char **unit)
{
	if (metric->unit == UNIT_SECONDS) {
		*unit = "ms";
		return (1000);
	}
	if (metric->unit == UNIT_RATIO) {
		*unit = "%";
		return (100);
	}
	*unit = metric->unit == UNIT_COUNT ? "" : unit_name(metric->unit);
	return (1);
}

static void
say_frame(struct words *words, const struct graph_question *q, const char *unit)
{
	const struct look *look = &looks[q->dark];
	const char *const colours[][2] = {{"BACK", look->back},
	    {"CANVAS", look->back}, {"SHADEA", look->back},
	    {"SHADEB", look->back}, {"FONT", look->front},
	    {"AXIS", look->faint}, {"ARROW", look->back}, {"FRAME", look->line},
	    {"GRID", look->line}, {"MGRID", look->line}};

	say(words, "graph");
	say(words, "-");
	say(words, "--imgformat=PNG");
	say(words, "--full-size-mode");
	say(words, "--start=%lld", (long long)(q->from / NS_PER_S));
	say(words, "--end=%lld", (long long)(q->to / NS_PER_S));
	say(words, "--width=%d", q->width);
	say(words, "--height=%d", q->height);
	say(words, "--title=%s", q->title);
	say(words, "--vertical-label=%s", unit);
	say(words, "--border=0");
	say(words, "--disable-rrdtool-tag");
	say(words, "--units-exponent=0");
	if (q->metric->kind == METRIC_DISTRIBUTION ||
	    q->metric->kind == METRIC_VALUE)
		say(words, "--alt-autoscale");
	else
		say(words, "--lower-limit=0");
	for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++)
		say(words, "--color=%s%s", colours[i][0], colours[i][1]);
}

/* The file's name; a colon in it would end it. */
static void
quote(const char *path, char quoted[static 512])
{
	size_t used = 0;

	for (; *path != '\0' && used < 509; path++) {
		if (*path == ':' || *path == '\\')
			quoted[used++] = '\\';
		quoted[used++] = *path;
	}
	quoted[used] = '\0';
}

/* name: x, as the source of the file, times factor. */
static void
say_source(struct words *words, const struct graph_question *q,
    const char *name, const char *source, double factor)
{
	char quoted[512];

	quote(q->path, quoted);
	say(words, "DEF:%s_raw=%s:%s:AVERAGE", name, quoted, source);
	say(words, "CDEF:%s=%s_raw,%g,*", name, name, factor);
}

/* y where x has this grade, else unknown. */
static void
say_grade(struct words *words, const struct metric *metric, int grade,
    double factor, const char *x, const char *y)
{
	int reached =
	    metric->better == BETTER_MORE ? METRIC_EDGES - grade : grade;
	double low = reached == 0 ? -1e300 : metric->edges[reached - 1];
	double high = reached == METRIC_EDGES ? 1e300 : metric->edges[reached];

	say(words, "CDEF:g%d=%s,%.9g,GE,%s,%.9g,LT,+,2,EQ,%s,UNKN,IF", grade, x,
	    low * factor, x, high * factor, y);
}

/* What is in each grade of x: as ticks along the foot, or as bars. */
static void
say_grades(struct words *words, const struct graph_question *q,
    const struct metric *metric, double factor, const char *x, bool foot)
{
	for (int grade = foot ? 1 : 0; grade <= METRIC_EDGES; grade++) {
		const char *colour = states_colour(grade, q->dark);

		say_grade(words, metric, grade, factor, x, x);
		/* librrd writes a tick's words over its swatch, Chinese
		 * ones farther */
		if (foot)
			say(words, "TICK:g%d%s:0.06:%s%s", grade, colour,
			    q->chinese ? "     " : "  ",
			    states_label(grade, q->chinese));
		else
			say(words, "AREA:g%d%s:%s", grade, colour,
			    states_label(grade, q->chinese));
	}
}

/* The share of what was lost, when the probe has one: as "loss". */
static const struct metric *
say_loss(struct words *words, const struct graph_question *q)
{
	for (const struct metric *m = q->manifest->metrics; m->name != NULL;
	     m++)
		if (m->kind == METRIC_RATIO && m->graded &&
		    m->better == BETTER_LESS) {
			say_source(words, q, "part", m->part, 1);
			say_source(words, q, "of", m->whole, 1);
			say(words, "CDEF:loss=part,of,/");
			return (m);
		}
	return (NULL);
}

static void
say_ground(struct words *words, const struct graph_question *q, const char *of,
    bool lossy)
{
	say(words, "CDEF:none=%s,UN,INF,UNKN,IF", of);
	say(words, "AREA:none%s", looks[q->dark].grey);
	if (!lossy)
		return;
	say(words, "CDEF:gone=loss,0.999999,GE,INF,UNKN,IF");
	say(words, "AREA:gone%s", looks[q->dark].red);
}

static void
say_figures(struct words *words, const struct graph_question *q, const char *x,
    const char *most, const char *unit)
{
	const char *sign = strcmp(unit, "%") == 0 ? "%%" : unit;

	say(words, "COMMENT:\\l");
	say(words, "VDEF:last=%s,LAST", x);
	say(words, "VDEF:high=%s,MAXIMUM", most);
	say(words, "GPRINT:last:%s %%.3lg %s", word_of(q, WORD_LAST), sign);
	say(words, "GPRINT:high:%s %%.3lg %s", word_of(q, WORD_HIGH), sign);
	say(words, "COMMENT:%s\\r", word_of(q, WORD_UTC));
}

static void
say_distribution(struct words *words, const struct graph_question *q,
    double factor, const char *unit)
{
	static const char *const stats[] = {"min", "p50", "p95", "max"};
	const struct look *look = &looks[q->dark];
	const struct metric *loss = say_loss(words, q);

	for (size_t i = 0; i < sizeof(stats) / sizeof(stats[0]); i++) {
		char source[HISTORY_NAME + 8];

		snprintf(
		    source, sizeof(source), "%s_%s", q->metric->name, stats[i]);
		say_source(words, q, stats[i], source, factor);
	}
	say_ground(words, q, loss != NULL ? "of" : "p50", loss != NULL);
	/* of few packets there is no p95 */
	say(words, "CDEF:top=p95,UN,max,p95,IF");
	say(words, "CDEF:band=top,min,-");
	say(words, "LINE0:min");
	say(words, "AREA:band%s:%s:STACK", look->band, word_of(q, WORD_BAND));
	say(words, "LINE1.5:p50%s:p50", look->accent);
	if (loss != NULL) {
		say(words, "COMMENT:%s\\:", word_of(q, WORD_LOSS));
		say_grades(words, q, loss, 1, "loss", true);
	}
	say_figures(words, q, "p50", "max", unit);
}

static void
say_bars(struct words *words, const struct graph_question *q, double factor,
    const char *unit)
{
	const struct metric *m = q->metric;
	const char *accent = looks[q->dark].accent;

	if (m->kind == METRIC_RATIO) {
		say_source(words, q, "part", m->part, 1);
		say_source(words, q, "of", m->whole, 1);
		say(words, "CDEF:x=part,of,/,%g,*", factor);
	} else {
		say_source(words, q, "x", m->name, factor);
	}
	say_ground(words, q, m->kind == METRIC_RATIO ? "of" : "x", false);
	if (m->graded)
		say_grades(words, q, m, factor, "x", false);
	else if (m->kind == METRIC_COUNT)
		say(words, "AREA:x%s:%s", accent, m->name);
	/* none is a line, not nothing */
	say(words, "CDEF:zero=x,0,EQ,0,UNKN,IF");
	say(words, "LINE2:zero%s", accent);
	if (m->kind == METRIC_VALUE)
		say(words, "LINE1.5:x%s:%s", accent, m->name);
	say_figures(words, q, "x", "x", unit);
}

/* What librrd has drawn into memory. */
static void *
image_of(const rrd_info_t *info, size_t *length, struct error *err)
{
	for (; info != NULL; info = info->next)
		if (strcmp(info->key, "image") == 0) {
			void *copy = memory_new(1, info->value.u_blo.size + 1);

			memcpy(copy, info->value.u_blo.ptr,
			    info->value.u_blo.size);
			*length = info->value.u_blo.size;
			return (copy);
		}
	error_set(err, "librrd drew no picture");
	return (NULL);
}

void *
graph_draw(const struct graph_question *q, size_t *length, struct error *err)
{
	struct words words = {.count = 0};
	void *image = NULL;
	rrd_info_t *info;
	const char *unit;
	double factor = factor_of(q->metric, &unit);
	int tries = 0;

	setenv("TZ", "UTC", 1);
	tzset();
	say_frame(&words, q, unit);
	if (q->metric->kind == METRIC_DISTRIBUTION)
		say_distribution(&words, q, factor, unit);
	else
		say_bars(&words, q, factor, unit);
	do
		info = rrd_graph_v(words.count, words.word);
	while (info == NULL && history_busy(&tries));
	if (info != NULL)
		image = image_of(info, length, err);
	else
		history_failed(q->path, err);
	rrd_info_free(info);
	clear(&words);
	return (image);
}
