/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/manifest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/member.h"

static const char *const shapes[] = {"fixed", "poisson", NULL};
static const struct setting settings[] = {
    {"count", OPTION_COUNT, "10", 1, 65535, NULL, "how many packets", 0},
    {"wait", OPTION_DURATION, NULL, 0.001, 60, NULL, "how long", 0},
    {"shape", OPTION_CHOICE, "fixed", 0, 0, shapes, "gaps", 0},
    {"quick", OPTION_FLAG, "no", 0, 0, NULL, "no pauses", 0},
    {0},
};
static const struct setting responder[] = {
    {"port", OPTION_COUNT, "861", 1, 65535, NULL, "where it listens", 0},
    {0},
};
static const struct metric metrics[] = {
    {.name = "sent",
	.kind = METRIC_COUNT,
	.unit = UNIT_COUNT,
	.help = "sent",
	.better = BETTER_NEITHER},
    {.name = "lost", .kind = METRIC_COUNT, .unit = UNIT_COUNT, .help = "lost"},
    {.name = "loss",
	.kind = METRIC_RATIO,
	.unit = UNIT_RATIO,
	.part = "lost",
	.whole = "sent",
	.graded = true,
	.edges = {0.001, 0.01, 0.025, 0.05, 0.12},
	.help = "share of packets lost"},
    {.name = "rtt",
	.kind = METRIC_DISTRIBUTION,
	.unit = UNIT_SECONDS,
	.help = "round-trip delay"},
    {.name = "ttl",
	.kind = METRIC_VALUE,
	.merge = MERGE_LAST,
	.help = "ttl",
	.better = BETTER_NEITHER},
    {0},
};
static const struct manifest sample = {
    "echo", 3, "round trips", RUNS_AT_SRC, settings, responder, metrics};

static char *
text_of(const struct manifest *manifest)
{
	json_object *o = manifest_json(manifest);
	char *text = strdup(json_object_to_json_string(o));

	json_object_put(o);
	assert_non_null(text);
	return (text);
}

static void
manifest_comes_back_from_json(void **state)
{
	json_object *o = manifest_json(&sample);
	struct manifest *back = manifest_parse(o, NULL);
	char *before, *after;

	json_object_put(o); /* the manifest must not need it */
	assert_non_null(back);
	before = text_of(&sample);
	after = text_of(back);
	assert_string_equal(before, after);
	assert_string_equal(back->settings[2].choices[1], "poisson");
	assert_null(back->settings[1].fallback);
	assert_true(metric_find(back->metrics, "loss")->graded);
	assert_int_equal(metric_find(back->metrics, "ttl")->merge, MERGE_LAST);
	free(before);
	free(after);
	manifest_free(back);
}

static void
manifest_without_a_far_end_stays_so(void **state)
{
	struct manifest alone = sample, *back;
	json_object *o;

	alone.responder_settings = NULL;
	o = manifest_json(&alone);
	back = manifest_parse(o, NULL);
	assert_non_null(back);
	assert_null(back->responder_settings);
	json_object_put(o);
	manifest_free(back);
}

static void
manifest_says_whether_it_streams(void **state)
{
	struct manifest both = sample;

	for (int streams = 0; streams < 2; streams++) {
		struct manifest *back;
		json_object *o;

		both.streams = streams;
		o = manifest_json(&both);
		back = manifest_parse(o, NULL);
		assert_non_null(back);
		assert_int_equal(back->streams, streams);
		json_object_put(o);
		manifest_free(back);
	}
}

static void
manifest_says_what_is_between_two_clocks(void **state)
{
	struct metric rows[6];
	struct manifest between = sample, *back;
	json_object *o;

	assert_null(metric_bounded(metrics));
	memcpy(rows, metrics, sizeof(metrics));
	rows[3].bound = "ttl";
	rows[3].unbounded = "lost";
	rows[4].merge = MERGE_MAX;
	between.metrics = rows;
	o = manifest_json(&between);
	back = manifest_parse(o, NULL);
	assert_non_null(back);
	assert_string_equal(metric_bounded(back->metrics)->name, "rtt");
	json_object_put(o);
	manifest_free(back);
}

static void
manifest_names_an_option_of_one_way(void **state)
{
	struct manifest one = sample, *back;
	struct error err;
	json_object *o;

	one.to_only = "quick";
	o = manifest_json(&one);
	back = manifest_parse(o, NULL);
	assert_non_null(back);
	assert_string_equal(back->to_only, "quick");
	json_object_put(o);
	manifest_free(back);
	one.to_only = "slow";
	assert_int_equal(manifest_check(&one, &err), -1);
	assert_string_equal(
	    err.text, "manifest echo: to_only: \"slow\", expected an option");
}

static void
manifest_names_options_that_show(void **state)
{
	struct manifest one = sample, *back;
	json_object *o, *options = json_object_new_object();
	struct error err;

	one.shows = "quick  quick";
	o = manifest_json(&one);
	back = manifest_parse(o, NULL);
	json_object_put(o);
	assert_non_null(back);
	assert_false(manifest_shows(back, options));
	json_object_object_add(
	    options, "quick", json_object_new_boolean(false));
	assert_false(manifest_shows(back, options));
	json_object_object_add(options, "quick", json_object_new_boolean(true));
	assert_true(manifest_shows(back, options));
	assert_false(manifest_shows(&sample, options));
	manifest_free(back);
	json_object_put(options);
	one.shows = "quick count";
	assert_int_equal(manifest_check(&one, &err), -1);
	assert_string_equal(
	    err.text, "manifest echo: shows: \"count\", expected a flag");
}

static void
expect_refusal(const struct manifest *manifest, const char *message)
{
	json_object *o = manifest_json(manifest);
	struct error err;

	assert_int_equal(manifest_check(manifest, &err), -1);
	assert_string_equal(err.text, message);
	assert_null(manifest_parse(o, &err));
	assert_string_equal(err.text, message);
	json_object_put(o);
}

static void
manifest_of_a_host_streams_by_itself(void **state)
{
	struct manifest own = sample, *back;
	struct error err;
	json_object *o;

	own.of_host = own.streams = true;
	assert_int_equal(manifest_check(&own, &err), -1);
	assert_non_null(strstr(err.text, "of_host: expected a probe that"));
	own.responder_settings = NULL;
	o = manifest_json(&own);
	back = manifest_parse(o, NULL);
	assert_non_null(back);
	assert_true(back->of_host);
	json_object_put(o);
	manifest_free(back);
}

static void
manifest_refuses_wrong_settings(void **state)
{
	struct setting rows[5];
	struct manifest wrong = sample;

	wrong.responder_settings = NULL;
	wrong.settings = rows;
	memcpy(rows, settings, sizeof(settings));
	rows[0].fallback = "0";
	expect_refusal(&wrong,
	    "manifest echo: option count: default: \"0\": expected a whole "
	    "number from 1 to 65535");
	memcpy(rows, settings, sizeof(settings));
	rows[0].least = 70000;
	expect_refusal(&wrong,
	    "manifest echo: option count: range 70000 to 65535 is not "
	    "usable");
	memcpy(rows, settings, sizeof(settings));
	rows[1].name = "count";
	expect_refusal(&wrong, "manifest echo: option count: declared twice");
	memcpy(rows, settings, sizeof(settings));
	rows[1].name = "Wait";
	expect_refusal(&wrong,
	    "manifest echo: option Wait: name is wrong, expected "
	    "[a-z][a-z0-9_-]{0,30}");
}

static void
manifest_refuses_wrong_metrics(void **state)
{
	struct metric rows[6];
	struct manifest wrong = sample;

	wrong.metrics = rows;
	memcpy(rows, metrics, sizeof(metrics));
	rows[2].part = "missing";
	expect_refusal(&wrong,
	    "manifest echo: metric loss: part and whole of a ratio must be "
	    "counts");
	memcpy(rows, metrics, sizeof(metrics));
	rows[2].edges[3] = rows[2].edges[2];
	expect_refusal(&wrong, "manifest echo: metric loss: edges do not rise");
	memcpy(rows, metrics, sizeof(metrics));
	rows[1].name = "sent";
	expect_refusal(&wrong, "manifest echo: metric sent: declared twice");
	memcpy(rows, metrics, sizeof(metrics));
	rows[3].bound = "ttl"; /* of which the last stands */
	rows[3].unbounded = "lost";
	expect_refusal(&wrong,
	    "manifest echo: metric rtt: bound and unbounded are of a "
	    "distribution, and must be a value that is merged as max, and a "
	    "count");
}

static json_object *
changed(const char *member, const char *value)
{
	json_object *o = manifest_json(&sample), *v = NULL;

	if (value != NULL)
		v = json_tokener_parse(value);
	if (v == NULL)
		json_object_object_del(o, member);
	else
		json_object_object_add(o, member, v);
	return (o);
}

static void
manifest_refuses_wrong_json(void **state)
{
	static const struct {
		const char *member, *value;
	} cases[] = {
	    {"name", NULL},
	    {"name", "\"Echo\""},
	    {"name", "7"},
	    {"version", "0"},
	    {"version", "4294967297"},
	    {"version", "1.0"},
	    {"summary", NULL},
	    {"runs_at", "\"both\""},
	    {"options", NULL},
	    {"options", "{}"},
	    {"options", "[7]"},
	    {"options", "[{\"name\":\"a\",\"type\":\"odd\",\"help\":\"x\"}]"},
	    {"options", "[{\"name\":\"a\",\"type\":\"choice\",\"help\":\"x\","
			"\"choices\":[1]}]"},
	    {"options", "[{\"name\":\"a\",\"type\":\"choice\",\"help\":\"x\","
			"\"choices\":[]}]"},
	    {"options", "[{\"name\":\"a\",\"type\":\"text\",\"help\":\"x\"}]"},
	    {"metrics", NULL},
	    {"metrics", "[{\"name\":\"a\",\"kind\":\"odd\",\"help\":\"x\"}]"},
	    {"metrics", "[{\"name\":\"a\",\"kind\":\"count\",\"help\":\"x\","
			"\"unit\":\"furlong\"}]"},
	    {"metrics", "[{\"name\":\"a\",\"kind\":\"count\",\"help\":\"x\","
			"\"better\":\"less\",\"edges\":[1,2]}]"},
	    {"responder_options", "7"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_object *o = changed(cases[i].member, cases[i].value);
		struct error err = {""};

		if (manifest_parse(o, &err) != NULL)
			fail_msg(
			    "accepts %s: %s", cases[i].member, cases[i].value);
		assert_memory_equal(err.text, "manifest", 8);
		json_object_put(o);
	}
}

static void
manifest_ignores_members_of_later_versions(void **state)
{
	json_object *o = changed("later", "{\"x\":1}");
	struct manifest *back = manifest_parse(o, NULL);

	assert_non_null(back);
	manifest_free(back);
	json_object_put(o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(manifest_comes_back_from_json),
	    cmocka_unit_test(manifest_without_a_far_end_stays_so),
	    cmocka_unit_test(manifest_says_whether_it_streams),
	    cmocka_unit_test(manifest_says_what_is_between_two_clocks),
	    cmocka_unit_test(manifest_names_an_option_of_one_way),
	    cmocka_unit_test(manifest_names_options_that_show),
	    cmocka_unit_test(manifest_of_a_host_streams_by_itself),
	    cmocka_unit_test(manifest_refuses_wrong_settings),
	    cmocka_unit_test(manifest_refuses_wrong_metrics),
	    cmocka_unit_test(manifest_refuses_wrong_json),
	    cmocka_unit_test(manifest_ignores_members_of_later_versions),
	};

	return (cmocka_run_group_tests_name("manifest", tests, NULL, NULL));
}
