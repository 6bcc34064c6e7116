/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/sides.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/bundle.h"
#include "common/draft.h"
#include "common/manifest.h"
#include "common/numbers.h"
#include "common/pattern.h"
#include "common/tree.h"

static const struct setting no_settings[] = {{NULL}};

static const struct metric metrics[] = {
    {"open", METRIC_SIDES},
    {"sent", METRIC_COUNT, UNIT_COUNT},
    {"received", METRIC_COUNT, UNIT_COUNT},
    {"lost", METRIC_COUNT, UNIT_COUNT},
    {"lost_locally", METRIC_COUNT, UNIT_COUNT},
    {"lost_unsure", METRIC_COUNT, UNIT_COUNT},
    {"skipped", METRIC_COUNT, UNIT_COUNT},
    {"loss_periods", METRIC_COUNT, UNIT_COUNT},
    {"loss_near", METRIC_COUNT, UNIT_COUNT},
    {"loss_longest", METRIC_VALUE, UNIT_COUNT, .merge = MERGE_MAX},
    {"loss", METRIC_RATIO, UNIT_RATIO, .part = "lost", .whole = "sent"},
    {NULL},
};

static const struct manifest manifest = {
    .name = "sample",
    .version = 1,
    .summary = "measures nothing",
    .settings = no_settings,
    .metrics = metrics,
};

/* Records as they come: of who received, and of who sent. */
static const char received[] =
    "{\"received\":97,\"open\":[{\"needs\":[\"a/1\"],\"received\":97,"
    "\"late\":1,\"add\":{\"sent\":0,\"lost_locally\":1,\"skipped\":0}}]}";
static const char sent[] = "{\"open\":[{\"is\":\"a/1\",\"add\":{\"sent\":100,"
			   "\"lost_locally\":0,\"skipped\":2}}]}";
static const char whole[] =
    "{\"sent\":50,\"received\":49,\"lost\":1,\"lost_locally\":0,\"skipped\":0}";

static bool
merge(struct bundle *into, enum outcome outcome, const char *text)
{
	struct bundle *record = bundle_new(&manifest);
	json_object *json = json_tokener_parse(text);
	bool met;

	assert_non_null(json);
	bundle_add(record, outcome, json);
	met = bundle_merge(into, record);
	bundle_free(record);
	json_object_put(json);
	return (met);
}

static bool
add_received(struct bundle *into, const char *text)
{
	return (merge(into, OUTCOME_MEASURED, text));
}

static bool
add_sent(struct bundle *into, const char *text)
{
	return (merge(into, OUTCOME_STATED, text));
}

static double
sum(const struct bundle *bundle, const char *metric)
{
	double value;

	return (bundle_get(bundle, metric, "sum", &value) ? value : -1);
}

static void
assert_counts(
    const struct bundle *bundle, double all, double lost, double locally)
{
	assert_true(sum(bundle, "sent") == all);
	assert_true(sum(bundle, "lost") == lost);
	assert_true(sum(bundle, "lost_locally") == locally);
	if (all >= 0)
		assert_true(all == sum(bundle, "received") + lost + locally);
}

/* As a bin is stored and read again, by way of json-c and without. */
static struct bundle *
stored(struct bundle *bundle, bool quickly)
{
	struct draft draft = {0};
	struct tree *tree = tree_new();
	json_object *json = bundle_json(bundle);
	struct bundle *back;

	if (quickly) {
		bundle_write(bundle, &draft);
		back = bundle_read(&manifest,
		    tree_parse(tree, draft.text, draft.length, NULL), NULL);
	} else
		back = bundle_parse(&manifest, json, NULL);
	assert_non_null(back);
	draft_clear(&draft);
	json_object_put(json);
	tree_free(tree);
	bundle_free(bundle);
	return (back);
}

static void
two_sides_meet_in_either_order(void **state)
{
	for (int order = 0; order < 2; order++) {
		struct bundle *bin = bundle_new(&manifest);
		double ratio;

		assert_false(order == 0 ? add_received(bin, received)
					: add_sent(bin, sent));
		assert_counts(bin, -1, -1, -1);
		assert_true(order == 0 ? add_sent(bin, sent)
				       : add_received(bin, received));
		assert_counts(bin, 100, 2, 1);
		assert_true(sum(bin, "skipped") == 2);
		assert_true(bundle_get(bin, "loss", "ratio", &ratio));
		assert_true(ratio == 0.02);
		/* and but once */
		assert_false(add_sent(bin, sent));
		assert_counts(bin, 100, 2, 1);
		bundle_free(bin);
	}
}

static void
they_meet_when_one_was_stored(void **state)
{
	for (int how = 0; how < 4; how++) {
		struct bundle *bin = bundle_new(&manifest);

		if (how < 2)
			add_received(bin, received);
		else
			add_sent(bin, sent);
		bin = stored(bin, how % 2 == 0);
		assert_true(how < 2 ? add_sent(bin, sent)
				    : add_received(bin, received));
		bin = stored(bin, how % 2 == 0);
		assert_counts(bin, 100, 2, 1);
		bundle_free(bin);
	}
}

static void
one_side_alone_claims_nothing(void **state)
{
	struct bundle *bin = bundle_new(&manifest);

	add_received(bin, whole);
	assert_false(add_received(bin, received));
	assert_true(sum(bin, "sent") == 50 && sum(bin, "lost") == 1);
	assert_true(sum(bin, "received") == 49 + 97);
	assert_true(add_sent(bin, sent));
	assert_counts(bin, 150, 3, 1);
	bundle_free(bin);
}

/* The receiver had heard of it in time. */
static void
what_is_said_twice_counts_once(void **state)
{
	for (int order = 0; order < 2; order++) {
		struct bundle *bin = bundle_new(&manifest);

		if (order == 1)
			assert_false(add_sent(bin, sent));
		assert_false(add_received(bin, whole));
		if (order == 0)
			assert_false(add_sent(bin, sent));
		assert_counts(bin, 50, 1, 0);
		bundle_free(bin);
	}
}

/* An interval of three sessions, one of which was stated in time. */
static void
all_that_is_needed_has_to_be_there(void **state)
{
	static const char parts[] =
	    "{\"received\":90,\"open\":[{\"needs\":[\"a/1\",\"b/1\"],"
	    "\"received\":90,\"late\":0,"
	    "\"add\":{\"sent\":30,\"lost_locally\":0,\"skipped\":1}}]}";
	static const char other[] = "{\"open\":[{\"is\":\"b/1\",\"add\":{"
				    "\"sent\":5,\"lost_locally\":2}}]}";
	struct bundle *bin = bundle_new(&manifest);

	assert_false(add_sent(bin, other));
	assert_false(add_received(bin, parts));
	assert_counts(bin, -1, -1, -1);
	assert_true(add_sent(bin, sent));
	assert_counts(bin, 135, 43, 2);
	assert_true(sum(bin, "skipped") == 3);
	bundle_free(bin);
}

/* Of what may have been lost locally no more was than is missing. */
static void
sums_hold_whatever_is_said(void **state)
{
	static const char most[] =
	    "{\"received\":10,\"open\":[{\"needs\":[\"a/1\"],\"received\":10,"
	    "\"late\":2,\"add\":{\"lost_locally\":500}}]}";
	static const char less[] =
	    "{\"open\":[{\"is\":\"a/1\",\"add\":{\"sent\":15}}]}";
	static const char fewer[] =
	    "{\"open\":[{\"is\":\"a/1\",\"add\":{\"sent\":3}}]}";
	struct bundle *bin = bundle_new(&manifest);

	add_received(bin, most);
	assert_true(add_sent(bin, less));
	assert_counts(bin, 15, 2, 3);
	bundle_free(bin);
	bin = bundle_new(&manifest);
	add_received(bin, most);
	assert_true(add_sent(bin, fewer));
	assert_counts(bin, 12, 2, 0);
	bundle_free(bin);
}

/* What the path may have lost of it shrinks with what was lost locally. */
static void
what_is_unsure_is_no_more_than_was_lost_locally(void **state)
{
	static const char maybe[] =
	    "{\"received\":10,\"open\":[{\"needs\":[\"a/1\"],\"received\":10,"
	    "\"late\":0,\"add\":{\"lost_locally\":9,\"lost_unsure\":6}}]}";

	for (int missing = 0; missing < 15; missing++) {
		struct bundle *bin = bundle_new(&manifest);
		int locally = missing < 9 ? missing : 9;
		char text[100];

		snprintf(text, sizeof(text),
		    "{\"open\":[{\"is\":\"a/1\",\"add\":{\"sent\":%d}}]}",
		    10 + missing);
		add_received(bin, maybe);
		assert_true(add_sent(bin, text));
		assert_counts(bin, 10 + missing, missing - locally, locally);
		assert_true(
		    sum(bin, "lost_unsure") == (locally > 3 ? locally - 3 : 0));
		bundle_free(bin);
	}
}

/*
 * How losses lie.
 */

#define PACKETS 300
#define SESSIONS 3

/* Of a session whose packets have numbers from `first` on. */
struct truth {
	struct numbers went, came;
	struct pattern pattern;
	int left, got;
};

static uint32_t
draw(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 16);
}

static void
make_truth(struct truth *truth, uint32_t first, uint32_t *seed)
{
	bool lossy = false;

	*truth = (struct truth){.pattern = {.delta = SIDES_NEAR}};
	for (uint32_t i = first; i < first + PACKETS; i++) {
		bool left = draw(seed) % 10 > 0, came;

		if (draw(seed) % 8 == 0)
			lossy = !lossy;
		came = left && draw(seed) % 4 > (lossy ? 2 : 0);
		if (!left)
			continue;
		numbers_add(&truth->went, i);
		if (came)
			numbers_add(&truth->came, i);
		pattern_add(&truth->pattern, i, !came);
		truth->left++;
		truth->got += came;
	}
}

static void
write_received(
    struct draft *draft, const struct truth *truths, int count, int got)
{
	draft_add(draft, "{\"open\":[{\"needs\":[");
	for (int i = 0; i < count; i++)
		draft_add(draft, (const char *const[]){
				     "\"0/1\"", ",\"1/1\"", ",\"2/1\""}[i]);
	draft_add(draft, "],\"came\":[");
	for (int i = 0; i < count; i++) {
		draft_add(draft, i > 0 ? "," : "");
		numbers_write(&truths[i].came, draft);
	}
	draft_add(draft, "],\"longest\":2,\"received\":");
	draft_whole(draft, got);
	draft_add(draft, ",\"late\":0,\"add\":{\"sent\":0,"
			 "\"loss_periods\":5,\"loss_near\":4}}]}");
}

static void
add_truth(struct bundle *bin, const struct truth *truth, int i)
{
	struct draft draft = {0};

	draft_add(&draft, "{\"open\":[{\"is\":\"");
	draft_whole(&draft, i);
	draft_add(&draft, "/1\",\"went\":");
	numbers_write(&truth->went, &draft);
	draft_add(&draft, ",\"add\":{\"sent\":");
	draft_whole(&draft, truth->left);
	draft_add(&draft, "}}]}");
	add_sent(bin, draft.text);
	draft_clear(&draft);
}

static void
check_truth(uint32_t seed)
{
	struct truth truths[SESSIONS];
	struct bundle *bin = bundle_new(&manifest);
	struct draft draft = {0};
	int count = 1 + (int)(draw(&seed) % SESSIONS), got = 0;
	uint32_t periods = 5, near = 4, longest = 2;
	double value;

	for (int i = 0; i < count; i++) {
		struct pattern *p = &truths[i].pattern;

		make_truth(&truths[i], draw(&seed), &seed);
		got += truths[i].got;
		periods += p->periods;
		near += p->noticeable;
		longest = p->longest > longest ? p->longest : longest;
	}
	write_received(&draft, truths, count, got);
	add_received(bin, draft.text);
	for (int i = 0; i < count; i++) {
		bin = stored(bin, draw(&seed) % 2 == 0);
		assert_true(sum(bin, "loss_periods") == -1);
		add_truth(bin, &truths[i], i);
		numbers_clear(&truths[i].went);
		numbers_clear(&truths[i].came);
	}
	assert_true(sum(bin, "loss_periods") == periods);
	assert_true(sum(bin, "loss_near") == near);
	assert_true(bundle_get(bin, "loss_longest", "max", &value));
	assert_true(value == longest);
	draft_clear(&draft);
	bundle_free(bin);
}

static void
losses_lie_as_one_end_would_have_seen_it(void **state)
{
	for (uint32_t seed = 0; seed < 300; seed++)
		check_truth(seed);
}

/* Or nothing is said of it, not even what is known of other parts. */
static void
how_they_lie_is_known_where_all_packets_are(void **state)
{
	static const char own[] =
	    "{\"received\":3,\"open\":[{\"needs\":[\"a/1\"],\"came\":[%s],"
	    "\"received\":3,\"late\":0,\"longest\":3,"
	    "\"add\":{\"loss_periods\":7,\"loss_near\":7}}]}";
	static const char others[] =
	    "{\"open\":[{\"is\":\"a/1\",\"went\":%s,\"add\":{\"sent\":9}}]}";
	static const struct {
		const char *came, *went;
		bool known;
	} cases[] = {{"[1,3]", "[0,9]", true}, {"[]", "[]", true},
	    {"[4294967295,1]", "[0,4294967296]", true},
	    {"[1,3]", "[0,4294967297]", false}, {"[1,3]", "null", false},
	    {"null", "[0,9]", false}, {"", "[0,9]", false},
	    {"[1]", "[0,9]", false}, {"[1,0]", "[0,9]", false},
	    {"[1,1,0,1]", "[0,9]", false}, {"[-1,1]", "[0,9]", false},
	    {"[1.5,1]", "[0,9]", false}, {"[\"1\",1]", "[0,9]", false},
	    {"{}", "[0,9]", false}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bundle *bin = bundle_new(&manifest);
		char text[300];
		double value;

		snprintf(text, sizeof(text), own, cases[i].came);
		add_received(bin, text);
		snprintf(text, sizeof(text), others, cases[i].went);
		assert_true(add_sent(bin, text));
		assert_counts(bin, 9, 6, 0);
		assert_int_equal(sum(bin, "loss_periods") >= 7, cases[i].known);
		assert_int_equal(sum(bin, "loss_near") >= 7, cases[i].known);
		assert_int_equal(bundle_get(bin, "loss_longest", "max", &value),
		    cases[i].known);
		bundle_free(bin);
	}
}

static void
many_runs_are_not_kept(void **state)
{
	struct numbers numbers = {0};

	for (uint32_t i = 0; i < NUMBERS_RUNS; i++)
		numbers_add(&numbers, 2 * i);
	assert_false(numbers.unknown);
	assert_int_equal(numbers.count, NUMBERS_RUNS);
	numbers_add(&numbers, 2 * NUMBERS_RUNS - 1);
	assert_int_equal(numbers.count, NUMBERS_RUNS);
	numbers_add(&numbers, 2 * NUMBERS_RUNS + 1);
	assert_true(numbers.unknown);
	assert_null(numbers.runs);
	numbers_add(&numbers, 2 * NUMBERS_RUNS + 5);
	assert_int_equal(numbers.count, 0);
}

static void
what_is_no_side_is_left_out(void **state)
{
	static const char *const wrong[] = {"{}", "[1]", "[{}]",
	    "[{\"is\":1,\"add\":{}}]", "[{\"is\":\"a/1\"}]",
	    "[{\"needs\":[],\"add\":{}}]", "[{\"needs\":[1],\"add\":{}}]",
	    "[{\"is\":\"a/1\",\"add\":{\"sent\":-1}}]",
	    "[{\"is\":\"a/1\",\"add\":{\"sent\":1e3}}]",
	    "[{\"is\":\"a/1\",\"add\":{\"sent\":9223372036854775807}}]",
	    "[{\"is\":\"a/1\",\"add\":{\"a name that is far too long\":1}}]",
	    "[{\"needs\":[\"a\"],\"received\":-1,\"add\":{}}]",
	    "[{\"is\":\"0123456789012345678901234567890123456789"
	    "012345678901234567890123\",\"add\":{}}]"};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct bundle *bin = bundle_new(&manifest);
		char text[256];

		snprintf(text, sizeof(text), "{\"open\":%s}", wrong[i]);
		add_sent(bin, text);
		add_received(bin, received);
		assert_counts(bin, -1, -1, -1);
		bundle_free(bin);
	}
}

/* Of those that nobody comes for the last ones stay. */
static void
no_more_wait_than_there_is_room_for(void **state)
{
	struct bundle *bin = bundle_new(&manifest);
	struct draft draft = {0};
	char text[100];

	assert_false(add_sent(bin, sent));
	for (int i = 0; i < 10 * SIDES_MOST; i++) {
		snprintf(text, sizeof(text),
		    "{\"open\":[{\"is\":\"b/%d\",\"add\":{\"sent\":1}}]}", i);
		assert_false(add_sent(bin, text));
	}
	bundle_write(bin, &draft);
	assert_true(draft.length < SIDES_MOST * 40);
	draft_clear(&draft);
	assert_false(add_received(bin, received));
	bundle_free(bin);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(two_sides_meet_in_either_order),
	    cmocka_unit_test(they_meet_when_one_was_stored),
	    cmocka_unit_test(one_side_alone_claims_nothing),
	    cmocka_unit_test(what_is_said_twice_counts_once),
	    cmocka_unit_test(all_that_is_needed_has_to_be_there),
	    cmocka_unit_test(sums_hold_whatever_is_said),
	    cmocka_unit_test(what_is_unsure_is_no_more_than_was_lost_locally),
	    cmocka_unit_test(losses_lie_as_one_end_would_have_seen_it),
	    cmocka_unit_test(how_they_lie_is_known_where_all_packets_are),
	    cmocka_unit_test(many_runs_are_not_kept),
	    cmocka_unit_test(what_is_no_side_is_left_out),
	    cmocka_unit_test(no_more_wait_than_there_is_room_for),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
