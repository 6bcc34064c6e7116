/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/manual.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/manifest.h"

static const char *const shapes[] = {"fixed", "poisson", NULL};
static const struct setting settings[] = {
    {"count", OPTION_COUNT, "10", 1, 65535, NULL, "how many packets", 0},
    {"shape", OPTION_CHOICE, "fixed", 0, 0, shapes, "how the gaps are", 0},
    {"wait", OPTION_DURATION, NULL, 0.001, 60, NULL, "how long to wait", 0},
    {"raw", OPTION_FLAG, "no", 0, 0, NULL, "each packet", 0},
    {NULL},
};
static const struct setting responder[] = {
    {"port", OPTION_COUNT, "861", 1, 65535, NULL, "where it listens", 0},
    {NULL},
};
static const struct metric metrics[] = {
    {.name = "rtt",
	.kind = METRIC_DISTRIBUTION,
	.unit = UNIT_SECONDS,
	.graded = true,
	.edges = {0.01, 0.05, 0.1, 0.2, 0.3},
	.help = "round trip time"},
    {.name = "sent",
	.kind = METRIC_COUNT,
	.unit = UNIT_COUNT,
	.better = BETTER_NEITHER,
	.help = "packets that left"},
    {.name = "lost",
	.kind = METRIC_COUNT,
	.unit = UNIT_COUNT,
	.help = "packets without an answer"},
    {.name = "loss",
	.kind = METRIC_RATIO,
	.unit = UNIT_RATIO,
	.part = "lost",
	.whole = "sent",
	.help = "share of packets lost"},
    {.name = "ttl",
	.kind = METRIC_VALUE,
	.merge = MERGE_LAST,
	.better = BETTER_MORE,
	.help = "time to live"},
    {.name = "note", .kind = METRIC_TEXT_KIND, .help = "what routers said"},
    {.name = NULL},
};
static const struct manifest sample = {.name = "echo",
    .version = 3,
    .summary = "round trips by echo",
    .settings = settings,
    .metrics = metrics,
    .lasts = "count*wait"};

/* free() the page */
static void
write_page(const struct manifest *manifest, char **page)
{
	size_t length;
	FILE *out = open_memstream(page, &length);

	manual_write(manifest, out);
	fclose(out);
}

/* What follows the heading, up to the next of its kind; free() it. */
static char *
part_of(const struct manifest *manifest, const char *heading)
{
	char *page, *start, *end, *part;

	write_page(manifest, &page);
	start = strstr(page, heading);
	assert_non_null(start);
	end = strstr(start + 1, "\n.S");
	part = strndup(start, end != NULL ? (size_t)(end - start) : SIZE_MAX);
	free(page);
	return (part);
}

static void
assert_holds(const struct manifest *manifest, const char *heading,
    const char *const *texts)
{
	char *part = part_of(manifest, heading);

	for (; *texts != NULL; texts++)
		if (strstr(part, *texts) == NULL)
			fail_msg("no \"%s\" in \"%s\"", *texts, part);
	free(part);
}

static void
title_is_the_name_in_section_7(void **state)
{
	char *page;

	write_page(&sample, &page);
	assert_non_null(strstr(page, "\n.Dt PHAROS-PROBE-ECHO 7\n"));
	free(page);
	assert_holds(&sample, ".Sh NAME",
	    (const char *const[]){".Nm pharos-probe-echo\n"
				  ".Nd \"round trips by echo\"",
		NULL});
	assert_holds(&sample, ".Sh DESCRIPTION",
	    (const char *const[]){"version 3", "\"count*wait\"", NULL});
}

static void
optional_is_in_brackets_and_required_is_not(void **state)
{
	assert_holds(&sample, ".Sh SYNOPSIS",
	    (const char *const[]){"\n.Op Fl \\-count Ar count\n",
		"\n.Fl \\-wait Ar wait\n", "\n.Op Fl \\-raw Op Cm yes | no\n",
		"\n.Op Ar target ...", NULL});
}

static void
option_says_what_it_accepts_and_its_default(void **state)
{
	assert_holds(&sample, ".Ss Options\n",
	    (const char *const[]){"\\&How many packets.\n"
				  "\\&A whole number from 1 to 65535.\n"
				  "The default is\n.Ql \"10\" .\n",
		"\\&One of: fixed, poisson.\n",
		"\\&A duration from 1ms to 1m.\nIt must be given.\n", NULL});
}

static void
far_end_is_described_where_there_is_one(void **state)
{
	struct manifest two = sample;
	char *page;

	write_page(&sample, &page);
	assert_null(strstr(page, "Options of the far end"));
	assert_null(strstr(page, "pharos respond"));
	free(page);
	two.responder_settings = responder;
	assert_holds(&two, ".Ss Options of the far end",
	    (const char *const[]){
		".It Cm \"port\" Ar port\n", "\\&Where it listens.\n", NULL});
	assert_holds(&two, ".Sh SYNOPSIS",
	    (const char *const[]){
		".Nm \"pharos respond echo\"\n.Op Fl \\-port Ar port", NULL});
}

static void
directions_are_those_of_who_has_two(void **state)
{
	struct manifest two = sample;
	char *page;

	write_page(&sample, &page);
	assert_null(strstr(page, "direction"));
	free(page);
	two.either = true;
	assert_holds(&two, ".Sh SYNOPSIS",
	    (const char *const[]){
		".Op Fl \\-direction Cm from | to | both\n", NULL});
}

static void
metric_says_kind_unit_and_what_is_better(void **state)
{
	assert_holds(&sample, ".Ss Metrics",
	    (const char *const[]){".It Cm \"rtt\" Pq \"distribution, s\"\n"
				  "\\&Round trip time.\n"
				  "\\&Less is better.\n",
		".It Cm \"sent\" Pq \"count\"\n\\&Packets that left.\n.It",
		"It is\n.Cm \"lost\"\nof\n.Cm \"sent\" .\n",
		"\\&Time to live.\n\\&Of several, the last stands.\n"
		"\\&More is better.\n",
		"Pq \"text\"\n\\&What routers said.\n.El", NULL});
}

static void
edges_are_in_units_of_people(void **state)
{
	assert_holds(&sample, ".Ss Grades",
	    (const char *const[]){"\n.It \"rtt\" Ta \"10 ms\" Ta \"50 ms\" Ta "
				  "\"100 ms\" Ta \"200 ms\" Ta \"300 ms\"\n.El",
		NULL});
}

static void
nothing_is_said_of_grades_where_there_are_none(void **state)
{
	struct manifest plain = sample;
	char *page;

	plain.metrics = metrics + 1;
	write_page(&plain, &page);
	assert_null(strstr(page, "Grades"));
	free(page);
}

static void
examples_give_what_is_required(void **state)
{
	assert_holds(&sample, ".Sh EXAMPLES",
	    (const char *const[]){
		"$ pharos probe echo \\-\\-count 10 \\-\\-wait VALUE "
		"www.example.org\n",
		"options: {count: 10, wait: VALUE}\n.Ed", NULL});
}

static void
probe_without_options_has_a_whole_page(void **state)
{
	struct manifest bare = sample;

	bare.settings = settings + 4;
	bare.lasts = NULL;
	assert_holds(&bare, ".Sh EXAMPLES",
	    (const char *const[]){"$ pharos probe echo www.example.org\n",
		"uniform: 60s}\n.Ed", NULL});
}

/* Bold is a letter, a backspace and the letter again. */
static void
remove_bold(char *text)
{
	char *to = text;

	for (; *text != '\0'; text++)
		if (*text != '\b')
			*to++ = *text;
		else
			to--; /* none is at the start */
	*to = '\0';
}

/* What a command says of the page; free() it. */
static char *
render(const struct manifest *manifest, const char *command)
{
	char path[] = "/tmp/pharos-manual-XXXXXX", line[512];
	FILE *page = fdopen(mkstemp(path), "w"), *shown;
	char *text = calloc(1, 65536);

	assert_non_null(page);
	manual_write(manifest, page);
	fclose(page);
	snprintf(line, sizeof(line), command, path);
	shown = popen(line, "r");
	assert_non_null(shown);
	assert_true(fread(text, 1, 65535, shown) < 65535);
	assert_int_equal(pclose(shown), 0);
	unlink(path);
	remove_bold(text);
	return (text);
}

static void
text_of_a_manifest_is_never_a_macro(void **state)
{
	static const struct setting odd[] = {
	    {"mark", OPTION_TEXT, ".Sh \\fB\"x\"", 0, 20, NULL,
		".Sh EVIL \\(bu Ar", 0},
	    {NULL},
	};
	struct manifest hostile = sample;
	char *text;

	if (system("command -v mandoc >/dev/null") != 0)
		skip();
	hostile.summary = "Fl Ar \"quoted\" \\fBbold and 'more'";
	hostile.settings = odd;
	hostile.lasts = NULL;
	text = render(&hostile, "mandoc -Tlint -Wwarning %s 2>&1");
	assert_string_equal(text, "");
	free(text);
	text = render(&hostile, "mandoc -Tascii -O width=200 %s");
	assert_non_null(strstr(text, "Fl Ar \"quoted\" \\fBbold and 'more'"));
	assert_non_null(strstr(text, " .Sh EVIL \\(bu Ar."));
	assert_non_null(strstr(text, "--mark .Sh \\fB\"x\" www"));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(title_is_the_name_in_section_7),
	    cmocka_unit_test(optional_is_in_brackets_and_required_is_not),
	    cmocka_unit_test(option_says_what_it_accepts_and_its_default),
	    cmocka_unit_test(far_end_is_described_where_there_is_one),
	    cmocka_unit_test(directions_are_those_of_who_has_two),
	    cmocka_unit_test(metric_says_kind_unit_and_what_is_better),
	    cmocka_unit_test(edges_are_in_units_of_people),
	    cmocka_unit_test(nothing_is_said_of_grades_where_there_are_none),
	    cmocka_unit_test(examples_give_what_is_required),
	    cmocka_unit_test(probe_without_options_has_a_whole_page),
	    cmocka_unit_test(text_of_a_manifest_is_never_a_macro),
	};

	return (cmocka_run_group_tests_name("manual", tests, NULL, NULL));
}
