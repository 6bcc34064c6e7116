/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/manual.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/manifest.h"
#include "common/unit.h"

#define WRITTEN "November 26, 2026" /* when these words were last changed */

/* One character as roff shows it, wherever it stands in a line. */
static void
put_character(char c, FILE *out)
{
	if (c == '\\')
		fputs("\\e", out);
	else if (c == '"')
		fputs("\\(dq", out);
	else if (c == '-')
		fputs("\\-", out);
	else
		fputc(isspace((unsigned char)c) ? ' ' : c, out);
}

static void
put_characters(const char *text, FILE *out)
{
	for (; *text != '\0'; text++)
		put_character(*text, out);
}

/* As one argument of a macro, never a macro itself. */
static void
put_argument(const char *text, FILE *out)
{
	fputs(" \"", out);
	put_characters(text, out);
	fputc('"', out);
}

/* A line of its own: a capital first, a full stop last. */
static void
put_sentence(const char *text, FILE *out)
{
	if (*text == '\0')
		return;
	fputs("\\&", out);
	put_character((char)toupper((unsigned char)*text), out);
	put_characters(text + 1, out);
	fputs(".\n", out);
}

static void
write_head(const struct manifest *manifest, FILE *out)
{
	fputs(".\\\" Made by pharos-probe --manual; edit the probe.\n"
	      ".Dd " WRITTEN "\n.Dt PHAROS-PROBE-",
	    out);
	for (const char *c = manifest->name; *c != '\0'; c++)
		fputc(toupper((unsigned char)*c), out);
	fprintf(
	    out, " 7\n.Os\n.Sh NAME\n.Nm pharos-probe-%s\n.Nd", manifest->name);
	put_argument(manifest->summary, out);
	fputc('\n', out);
}

/* As it is written on the command line; a flag alone says yes. */
static void
put_flag(const struct setting *setting, FILE *out)
{
	fprintf(out, "Fl \\-%s ", setting->name);
	if (setting->type == OPTION_FLAG)
		fputs("Op Cm yes | no\n", out);
	else
		fprintf(out, "Ar %s\n", setting->name);
}

static void
write_usage(const struct setting *settings, FILE *out)
{
	for (const struct setting *s = settings; s->name != NULL; s++) {
		fputs(s->fallback != NULL ? ".Op " : ".", out);
		put_flag(s, out);
	}
}

static void
write_synopsis(const struct manifest *manifest, FILE *out)
{
	fprintf(out, ".Sh SYNOPSIS\n.Nm \"pharos probe %s\"\n", manifest->name);
	write_usage(manifest->settings, out);
	if (manifest->either)
		fputs(".Op Fl \\-direction Cm from | to | both\n", out);
	fputs(".Op Fl \\-family Cm 4 | 6\n.Op Fl \\-json | \\-quiet | \\-live\n"
	      ".Op Fl \\-at\\-once Ar number\n"
	      ".Op Fl \\-targets\\-from Ar file\n.Op Ar target ...\n",
	    out);
	if (manifest->responder_settings == NULL)
		return;
	fprintf(out, ".Nm \"pharos respond %s\"\n", manifest->name);
	write_usage(manifest->responder_settings, out);
}

static void
write_description(const struct manifest *manifest, FILE *out)
{
	fprintf(out, ".Sh DESCRIPTION\nThe\n.Nm %s\nprobe, version %d:\n\\&",
	    manifest->name, manifest->version);
	put_characters(manifest->summary, out);
	fprintf(out, ".\nIt runs at the %s of a pair.\n",
	    manifest->runs_at == RUNS_AT_SRC ? "source" : "destination");
	if (manifest->either)
		fputs("Where there is no agent at that end, it runs at the "
		      "other one.\n",
		    out);
	fputs(manifest->responder_settings == NULL
		  ? "It needs nothing of ours at the far end.\n"
		  : "It needs a responder at the far end.\n",
	    out);
	if (manifest->streams)
		fputs("It can run all the time, by a schedule of\n"
		      ".Cm continuous .\n",
		    out);
	if (manifest->lasts == NULL)
		return;
	fputs("A run takes at most\n.Ql", out);
	put_argument(manifest->lasts, out);
	fputs(" .\n", out);
	if (!manifest->streams || manifest->reports == NULL)
		return;
	fputs("The report on an interval of a stream comes behind its end by "
	      "at most\n.Ql",
	    out);
	put_argument(manifest->reports, out);
	fputs(" .\n", out);
}

static void
write_option(const struct setting *setting, bool on_command_line, FILE *out)
{
	char *accepts = option_accepts(setting);

	if (on_command_line) {
		fputs(".It ", out);
		put_flag(setting, out);
	} else
		fprintf(
		    out, ".It Cm \"%s\" Ar %s\n", setting->name, setting->name);
	put_sentence(setting->help, out);
	put_sentence(accepts, out);
	if (setting->fallback == NULL) {
		fputs("It must be given.\n", out);
	} else {
		fputs("The default is\n.Ql", out);
		put_argument(setting->fallback, out);
		fputs(" .\n", out);
	}
	free(accepts);
}

static void
write_options(const struct manifest *manifest, FILE *out)
{
	const struct setting *s;

	fputs(".Ss Options\nThey are the same on the command line and, without "
	      "the dashes, under\n.Cm options\nof a test in\n"
	      ".Xr pharos-fleet.yaml 5 .\n.Bl -tag -width Ds\n",
	    out);
	for (s = manifest->settings; s->name != NULL; s++)
		write_option(s, true, out);
	fputs(
	    ".It Fl \\-family Cm 4 | 6\nUse this family only.\n"
	    ".It Fl \\-json\nPrint records, see\n.Xr pharos-record 5 .\n"
	    ".It Fl \\-live\nShow what happens while it runs.\n"
	    ".It Fl \\-quiet\nPrint the line over all targets alone.\n"
	    ".It Fl \\-at\\-once Ar number\nMeasure so many targets at once.\n"
	    ".It Fl \\-targets\\-from Ar file\nRead more targets, one a line.\n",
	    out);
	if (manifest->either)
		fputs(".It Fl \\-direction Cm from | to | both\n"
		      "Which way the packets go, seen from here.\n"
		      "The default is both.\n",
		    out);
	fprintf(out,
	    ".El\n.Pp\nThe last %s are those of every such probe, see\n"
	    ".Xr pharos 1 .\n",
	    manifest->either ? "seven" : "six");
	s = manifest->responder_settings;
	if (s == NULL || s->name == NULL)
		return;
	fputs(".Ss Options of the far end\nOf\n.Cm pharos respond\nwith "
	      "dashes; of a box those of a test that have the same name.\n"
	      ".Bl -tag -width Ds\n",
	    out);
	for (; s->name != NULL; s++)
		write_option(s, false, out);
	fputs(".El\n", out);
}

static void
write_merge(const struct metric *metric, FILE *out)
{
	static const char *const merged[] = {
	    [MERGE_MEAN] = "Of several, the mean stands",
	    [MERGE_MIN] = "Of several, the least stands",
	    [MERGE_MAX] = "Of several, the greatest stands",
	    [MERGE_LAST] = "Of several, the last stands",
	};

	if (metric->kind == METRIC_RATIO)
		fprintf(out, "It is\n.Cm \"%s\"\nof\n.Cm \"%s\" .\n",
		    metric->part, metric->whole);
	else if (metric->kind == METRIC_VALUE)
		put_sentence(merged[metric->merge], out);
}

/* "count", "distribution, s" */
static void
write_metric(const struct metric *metric, FILE *out)
{
	static const char *const better[] = {
	    [BETTER_LESS] = "Less is better",
	    [BETTER_MORE] = "More is better",
	    [BETTER_NEITHER] = "",
	};
	const char *kind = metric_kind_names[metric->kind];
	const char *unit = unit_name(metric->unit);
	bool shown = metric->kind != METRIC_COUNT &&
		     metric->kind != METRIC_RATIO && *unit != '\0';

	fprintf(out, ".It Cm \"%s\" Pq \"%s%s%s\"\n", metric->name, kind,
	    shown ? ", " : "", shown ? unit : "");
	put_sentence(metric->help, out);
	write_merge(metric, out);
	if (metric->kind <= METRIC_DISTRIBUTION)
		put_sentence(better[metric->better], out);
}

static void
write_metrics(const struct manifest *manifest, FILE *out)
{
	fputs(".Ss Metrics\n.Bl -tag -width Ds\n", out);
	for (const struct metric *m = manifest->metrics; m->name != NULL; m++)
		write_metric(m, out);
	fputs(".El\n", out);
}

static void
write_edges(const struct metric *metric, FILE *out)
{
	char text[UNIT_TEXT];

	fprintf(out, ".It \"%s\"", metric->name);
	for (int i = 0; i < METRIC_EDGES; i++) {
		fputs(" Ta", out);
		put_argument(
		    unit_format(metric->unit, metric->edges[i], text), out);
	}
	fputc('\n', out);
}

static void
write_grades(const struct manifest *manifest, FILE *out)
{
	const struct metric *m = manifest->metrics;

	while (m->name != NULL && !m->graded)
		m++;
	if (m->name == NULL)
		return;
	fputs(".Ss Grades\nThese edges part the six grades.\n"
	      "A value on an edge has the grade behind it.\n"
	      ".Bl -column -offset indent \"abcdefghijklm\" \"123 Mbit/s\" "
	      "\"123 Mbit/s\" \"123 Mbit/s\" \"123 Mbit/s\" \"123 Mbit/s\"\n",
	    out);
	for (; m->name != NULL; m++)
		if (m->graded)
			write_edges(m, out);
	fputs(".El\n", out);
}

/* Examples show the first option and whatever must be given. */
static bool
in_example(const struct manifest *manifest, const struct setting *setting)
{
	return (setting == manifest->settings || setting->fallback == NULL);
}

static void
put_value(const struct setting *setting, FILE *out)
{
	put_characters(
	    setting->fallback != NULL ? setting->fallback : "VALUE", out);
}

static void
write_command(const struct manifest *manifest, FILE *out)
{
	const struct setting *s;

	fprintf(out,
	    "Measure once, from here:\n.Bd -literal -offset indent\n"
	    "$ pharos probe %s ",
	    manifest->name);
	for (s = manifest->settings; s->name != NULL; s++) {
		if (!in_example(manifest, s))
			continue;
		fprintf(out, "\\-\\-%s ", s->name);
		put_value(s, out);
		fputc(' ', out);
	}
	fputs("www.example.org\n.Ed\n", out);
}

static void
write_test(const struct manifest *manifest, FILE *out)
{
	const struct setting *s;
	const char *gap = "    options: {";

	fprintf(out,
	    ".Pp\nMeasure all pairs of a mesh, once in each minute:\n"
	    ".Bd -literal -offset indent\ntests:\n"
	    "  core\\-%s:\n    mesh: core\n    probe: %s\n"
	    "    schedule: {uniform: 60s}\n",
	    manifest->name, manifest->name);
	for (s = manifest->settings; s->name != NULL; s++) {
		if (!in_example(manifest, s))
			continue;
		fprintf(out, "%s%s: ", gap, s->name);
		put_value(s, out);
		gap = ", ";
	}
	fprintf(out, "%s.Ed\n", *gap == ',' ? "}\n" : "");
}

/* There is nothing to start and nothing to choose. */
static void
write_host(const struct manifest *manifest, FILE *out)
{
	fprintf(out, ".Sh DESCRIPTION\nThe\n.Nm %s\nprobe, version %d:\n\\&",
	    manifest->name, manifest->version);
	put_characters(manifest->summary, out);
	fputs(".\n.Xr pharosd 8\nfinds that of its own host, all the time and "
	      "without being asked, in a test\nfrom each box to\n"
	      ".Cm localhost :\nsee\n.Xr pharos-fleet.yaml 5 .\n"
	      "It sends nothing.\n",
	    out);
}

static void
write_host_example(const struct manifest *manifest, FILE *out)
{
	fprintf(out,
	    "Its course of the last week, as the collector has it:\n"
	    ".Bd -literal -offset indent\n"
	    "$ pharos series %s BOX localhost \\-\\-from \\-7d\n.Ed\n",
	    manifest->name);
}

void
manual_write(const struct manifest *manifest, FILE *out)
{
	bool of_host = manifest->of_host;

	write_head(manifest, out);
	if (of_host) {
		write_host(manifest, out);
	} else {
		write_synopsis(manifest, out);
		write_description(manifest, out);
		write_options(manifest, out);
	}
	write_metrics(manifest, out);
	write_grades(manifest, out);
	fputs(".Sh EXAMPLES\n", out);
	if (of_host) {
		write_host_example(manifest, out);
	} else {
		write_command(manifest, out);
		write_test(manifest, out);
	}
	fputs(".Sh SEE ALSO\n.Xr pharos 1 ,\n.Xr pharos-fleet.yaml 5 ,\n"
	      ".Xr pharos-record 5 ,\n.Xr pharos-probe 8\n",
	    out);
}
