/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/experiment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "lab/experiment_report.h"
#include "lab/topology.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define MOST 1000

#define NETWORK                                           \
	"name: n\nrouting: bird\nnodes: {was: , stl: }\n" \
	"links: {l: {ends: [was, stl]}}\n"
#define MEASURE "measure: {from: was, to: stl, probe: p}"

/* Abilene's, as its figure was measured: the link fails 3 s after a hello. */
static const char abilene[] =
    NETWORK "experiment:\n"
	    "  " MEASURE "\n"
	    "  lasts: 50s\n"
	    "  align: {link: l, hello: 3s}\n"
	    "  phases:\n"
	    "    - {name: primary, rtt: 76ms, within: 3ms, least: 9s}\n"
	    "    - {name: outage, lost: yes, least: 5s, most: 9s}\n"
	    "    - {name: transient, rtt: 110ms, within: 5ms, least: 500ms}\n"
	    "    - {name: backup, rtt: 88ms, within: 3ms, least: 10s}\n"
	    "    - {name: restored, rtt: 76ms, within: 3ms, least: 5s}\n";

/* From, until; milliseconds. */
struct stretch {
	double from, until, rtt; /* rtt -1: lost */
};

/* What was measured of it once, ten packets a second. */
static const struct stretch measured[] = {{0, 11.2, 76.8}, {11.3, 18.2, -1},
    {18.3, 19.6, 111}, {19.7, 19.7, 99.6}, {19.8, 38.4, 88.1},
    {38.5, 41.9, 74.5}, {42, 48.4, 78.5}};

struct series {
	struct experiment_sample samples[MOST];
	size_t count;
};

static void
add(struct series *series, const struct stretch *stretches, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (int t = (int)(stretches[i].from * 10 + 0.5);
		     t <= (int)(stretches[i].until * 10 + 0.5); t++) {
			double rtt = stretches[i].rtt;

			series->samples[series->count++] =
			    (struct experiment_sample){t * 100 * NS_PER_MS,
				rtt < 0
				    ? -1
				    : (nanoseconds)(rtt * (double)NS_PER_MS)};
		}
}

static struct topology *
parse(const char *text, struct error *err)
{
	return (topology_parse("f", text, strlen(text), err));
}

static bool
judge(const struct series *series, struct experiment_found *found)
{
	struct error err = {""};
	struct topology *topology = parse(abilene, &err);
	bool good;

	if (topology == NULL)
		fail_msg("%s", err.text);
	good = experiment_judge(
	    topology->experiment, series->samples, series->count, found);
	topology_free(topology);
	return (good);
}

static void
phases_are_found_in_what_abilene_did(void **state)
{
	struct experiment_found found[EXPERIMENT_PHASES];
	struct series series = {.count = 0};

	add(&series, measured, COUNT(measured));
	if (!judge(&series, found))
		fail_msg("%s; %s; %s; %s; %s", found[0].why, found[1].why,
		    found[2].why, found[3].why, found[4].why);
	assert_int_equal(found[0].begins, 0);
	assert_true(found[1].begins == 11300 * NS_PER_MS);
	assert_true(found[1].lasts == 7000 * NS_PER_MS);
	assert_true(found[1].median == -1 && found[1].lost == 70);
	assert_true(found[2].begins == 18300 * NS_PER_MS);
	assert_true(found[2].median == 111 * NS_PER_MS);
	assert_true(found[3].median == 88100 * NS_PER_US);
	assert_true(found[4].begins == 38500 * NS_PER_MS);
	assert_true(found[4].lasts == 10 * NS_PER_S);
	assert_int_equal(found[0].count + found[1].count + found[2].count +
			     found[3].count + found[4].count,
	    series.count);
}

static void
single_losses_and_late_packets_do_not_matter(void **state)
{
	struct experiment_found found[EXPERIMENT_PHASES];
	struct series series = {.count = 0};

	add(&series, measured, COUNT(measured));
	for (size_t i = 7; i < series.count; i += 29)
		series.samples[i].rtt = -1;
	series.samples[30].rtt = 500 * NS_PER_MS;
	series.samples[150].rtt = 90 * NS_PER_MS; /* one that came through */
	assert_true(judge(&series, found));
}

static void
no_failure_is_not_what_was_expected(void **state)
{
	static const struct stretch calm[] = {{0, 50, 76.8}};
	struct experiment_found found[EXPERIMENT_PHASES];
	struct series series = {.count = 0};

	add(&series, calm, COUNT(calm));
	assert_false(judge(&series, found));
	assert_string_not_equal(found[1].why, "");
}

static void
phases_out_of_order_are_refused(void **state)
{
	static const struct stretch other[] = {{0, 11.2, 76.8},
	    {11.3, 18.2, -1}, {18.3, 36.9, 88.1}, {37, 38.4, 111},
	    {38.5, 48.4, 76}};
	struct experiment_found found[EXPERIMENT_PHASES];
	struct series series = {.count = 0};

	add(&series, other, COUNT(other));
	assert_false(judge(&series, found));
}

static void
outage_of_another_length_is_refused(void **state)
{
	struct experiment_found found[EXPERIMENT_PHASES];
	struct stretch other[COUNT(measured)];
	struct series series = {.count = 0};

	memcpy(other, measured, sizeof(other));
	other[0].until = 14.2;
	other[1].from = 14.3;
	add(&series, other, COUNT(other));
	assert_false(judge(&series, found));
	assert_string_equal(found[1].why, "4.00 s, expected 5.00 s and more");
	assert_string_equal(found[0].why, "");
	other[0].until = 8.1;
	other[1].from = 8.2;
	series.count = 0;
	add(&series, other, COUNT(other));
	assert_false(judge(&series, found));
	assert_string_equal(found[1].why, "10.10 s, expected 9.00 s at most");
}

static void
another_round_trip_is_refused(void **state)
{
	struct experiment_found found[EXPERIMENT_PHASES];
	struct stretch other[COUNT(measured)];
	struct series series = {.count = 0};

	memcpy(other, measured, sizeof(other));
	other[4].rtt = 93;
	add(&series, other, COUNT(other));
	assert_false(judge(&series, found));
	assert_string_not_equal(found[3].why, "");
}

static void
nothing_measured_is_refused(void **state)
{
	struct experiment_found found[EXPERIMENT_PHASES];
	struct series series = {.count = 0};

	assert_false(judge(&series, found));
	assert_true(found[0].median == -1);
	assert_string_equal(found[0].why, "0 packets, expected 3 and more");
	series.count = 4; /* fewer than phases */
	assert_false(judge(&series, found));
}

static void
experiment_is_what_its_file_says(void **state)
{
	struct topology *topology = parse(abilene, NULL);
	const struct topology_experiment *experiment = topology->experiment;

	assert_int_equal(experiment->to, 1);
	assert_string_equal(experiment->probe, "p");
	assert_true(experiment->every == 100 * NS_PER_MS);
	assert_true(experiment->lasts == 50 * NS_PER_S);
	assert_true(experiment->aligned);
	assert_true(experiment->align_hello == 3 * NS_PER_S);
	assert_int_equal(experiment->phase_count, 5);
	assert_true(experiment->phases[1].lost);
	assert_true(experiment->phases[1].most == 9 * NS_PER_S);
	topology_free(topology);
}

/* What one of the writers wrote; free it. */
static char *
report(int which, const struct series *series)
{
	struct topology *topology = parse(abilene, NULL);
	struct topology_experiment *e = topology->experiment;
	struct experiment_found found[EXPERIMENT_PHASES];
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	experiment_judge(e, series->samples, series->count, found);
	if (which == 0)
		experiment_write_phases(e, found, TABLE_CSV, out);
	else if (which == 1)
		experiment_write_packets(e, found, series->samples, out);
	else
		experiment_write_plot(
		    e, found, series->samples, "a < b & c", out);
	fclose(out);
	topology_free(topology);
	return (text);
}

static size_t
occurrences(const char *text, const char *of)
{
	size_t count = 0;

	while ((text = strstr(text, of)) != NULL) {
		count++;
		text += strlen(of);
	}
	return (count);
}

static void
report_has_phases_packets_and_a_picture(void **state)
{
	struct series series = {.count = 0};
	char *phases, *packets, *plot;

	add(&series, measured, COUNT(measured));
	phases = report(0, &series);
	packets = report(1, &series);
	plot = report(2, &series);
	assert_non_null(strstr(phases, "outage,11.3,7,,70,70,ok"));
	assert_int_equal(occurrences(phases, "\n"), 6);
	assert_int_equal(occurrences(packets, "\n"), series.count + 1);
	assert_non_null(strstr(packets, "\r\n11.300,outage,\r\n"));
	assert_non_null(strstr(packets, "\r\n0.000,primary,0.076800\r\n"));
	assert_int_equal(occurrences(plot, "<circle"), series.count);
	assert_int_equal(occurrences(plot, "#c0392b\"/>"), 70);
	assert_non_null(strstr(plot, "a &lt; b &amp; c"));
	assert_non_null(strstr(plot, ">transient</text>"));
	free(phases);
	free(packets);
	free(plot);
}

static void
mistakes_are_refused_at_their_place(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
	    {NETWORK "experiment: {lasts: 1s}", "f:5:1: no measure"},
	    {NETWORK "experiment: {" MEASURE ", lasts: 1s, phases: []}",
		"f:5:66: 0 phases"},
	    {NETWORK "experiment: {" MEASURE ", lasts: 1s, phases: [{name: "
		     "a}]}",
		"f:5:75: phase \"a\", expected either"},
	    {NETWORK "experiment: {" MEASURE ", lasts: 1s, phases: [{name: "
		     "a, lost: yes, least: 2s, most: 1s}]}",
		"f:5:75: phase \"a\": most is less than least"},
	    {NETWORK "experiment: {measure: {from: was, to: sea, probe: p}, "
		     "lasts: 1s, phases: []}",
		"f:5:35: there is no node \"sea\""},
	    {NETWORK "experiment: {" MEASURE ", lasts: 1s, align: {link: k, "
		     "hello: 1s}, phases: []}",
		"f:5:74: there is no link \"k\""},
	    {NETWORK "experiment: {" MEASURE ", lasts: 1s, align: {link: l}, "
		     "phases: []}",
		"f:5:66: no link or no hello"},
	    {NETWORK "experiment: {measure: {from: was, to: stl}, lasts: 1s, "
		     "phases: []}",
		"f:5:14: no probe"},
	    {NETWORK "experiment: {measure: {from: was, to: was, probe: p}, "
		     "lasts: 1s, phases: []}",
		"f:5:35: to is the node that from is"},
	    {NETWORK "events: [{at: 70s, fail: l}, {at: 1s, cut: l}]\n"
		     "experiment:\n  " MEASURE "\n  lasts: 60s\n"
		     "  phases: [{name: a, lost: yes}]",
		"f:8:3: an event is at 70s, after its end"},
	    {NETWORK "experiment: {measure: {from: was, to: stl, probe: p, "
		     "every: 1ms}, lasts: 1d, phases: []}",
		"f:5:1: it would measure 86400000 packets"},
	    {NETWORK "experiment: {measure: {from: was, to: stl, probe: p, "
		     "every: 2s}, lasts: 1s, phases: []}",
		"f:5:1: it would measure 0 packets"},
	};
	struct error err;

	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_null(parse(bad[i].text, &err));
		if (strstr(err.text, bad[i].says) != err.text ||
		    strstr(err.text, "expected") == NULL)
			fail_msg("%s; expected %s", err.text, bad[i].says);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(phases_are_found_in_what_abilene_did),
	    cmocka_unit_test(single_losses_and_late_packets_do_not_matter),
	    cmocka_unit_test(no_failure_is_not_what_was_expected),
	    cmocka_unit_test(phases_out_of_order_are_refused),
	    cmocka_unit_test(outage_of_another_length_is_refused),
	    cmocka_unit_test(another_round_trip_is_refused),
	    cmocka_unit_test(nothing_measured_is_refused),
	    cmocka_unit_test(experiment_is_what_its_file_says),
	    cmocka_unit_test(report_has_phases_packets_and_a_picture),
	    cmocka_unit_test(mistakes_are_refused_at_their_place),
	};

	return (cmocka_run_group_tests_name("experiment", tests, NULL, NULL));
}
