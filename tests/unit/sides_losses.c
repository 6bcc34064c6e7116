/* SPDX-License-Identifier: BSD-2-Clause */
/* How losses lie, of what two sides say. */
#include "common/sides.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/draft.h"
#include "common/numbers.h"
#include "common/pattern.h"
#include "tests/unit/sided.h"

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
	sided_add_sent(bin, draft.text);
	draft_clear(&draft);
}

static void
check_truth(uint32_t seed)
{
	struct truth truths[SESSIONS];
	struct bundle *bin = bundle_new(&sided_manifest);
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
	sided_add_received(bin, draft.text);
	for (int i = 0; i < count; i++) {
		bin = sided_stored(bin, draw(&seed) % 2 == 0);
		assert_true(sided_sum(bin, "loss_periods") == -1);
		add_truth(bin, &truths[i], i);
		numbers_clear(&truths[i].went);
		numbers_clear(&truths[i].came);
	}
	assert_true(sided_sum(bin, "loss_periods") == periods);
	assert_true(sided_sum(bin, "loss_near") == near);
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
		struct bundle *bin = bundle_new(&sided_manifest);
		char text[300];
		double value;

		snprintf(text, sizeof(text), own, cases[i].came);
		sided_add_received(bin, text);
		snprintf(text, sizeof(text), others, cases[i].went);
		assert_true(sided_add_sent(bin, text));
		sided_expect(bin, 9, 6, 0);
		assert_int_equal(
		    sided_sum(bin, "loss_periods") >= 7, cases[i].known);
		assert_int_equal(
		    sided_sum(bin, "loss_near") >= 7, cases[i].known);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(losses_lie_as_one_end_would_have_seen_it),
	    cmocka_unit_test(how_they_lie_is_known_where_all_packets_are),
	    cmocka_unit_test(many_runs_are_not_kept),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
