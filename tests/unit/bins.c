/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/bins.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/rollup.h"
#include "common/error.h"
#include "tests/unit/folder.h"
#include "tests/unit/sample.h"

#define DAY (86400 * NS_PER_S)
#define MIDNIGHT (20778 * DAY) /* 2026-11-21 */
#define MINUTE (60 * NS_PER_S)
#define MS NS_PER_MS

static const struct bins_key nyc_lon = {"core", "nyc", "lon", 4};

static struct bins *
open_bins(const char *path, bool read_only)
{
	struct error err;
	struct bins *bins = bins_open(path, read_only, &err);

	if (bins == NULL)
		fail_msg("%s", err.text);
	return (bins);
}

static int64_t
pair_of(struct bins *bins, const struct bins_key *key)
{
	int64_t pair = bins_pair(bins, key, NULL);

	assert_true(pair > 0);
	return (pair);
}

/* A run of a second that got `received` of ten packets back. */
static void
add(struct bins *bins, int64_t pair, nanoseconds step, nanoseconds start,
    int received)
{
	struct bundle *bundle =
	    sample_bundle(&sample_manifest, 10, received, MS);
	struct bins_record record = {.start = start,
	    .end = start + NS_PER_S,
	    .outcome = received > 0 ? OUTCOME_MEASURED : OUTCOME_NO_ANSWER,
	    .bundle = bundle};
	struct error err;

	if (bins_add(bins, pair, step, &sample_manifest, &record, &err) == -1)
		fail_msg("%s", err.text);
	bundle_free(bundle);
}

static void
add_failed(struct bins *bins, int64_t pair, nanoseconds start)
{
	struct bundle *bundle = bundle_new(&sample_manifest);
	struct bins_record record = {.start = start,
	    .end = start,
	    .outcome = OUTCOME_FAILED,
	    .bundle = bundle};

	bundle_add(bundle, OUTCOME_FAILED, NULL);
	assert_int_equal(
	    bins_add(bins, pair, MINUTE, &sample_manifest, &record, NULL), 0);
	bundle_free(bundle);
}

static void
commit(struct bins *bins, uint64_t checkpoint)
{
	struct error err;

	if (bins_commit(bins, checkpoint, &err) == -1)
		fail_msg("%s", err.text);
}

/* What a reading came to. */
struct seen {
	int bins;
	nanoseconds first, last;
	double sent, lost, measured, failed;
};

static int
see(void *arg, nanoseconds start, const struct bundle *bundle,
    struct error *err)
{
	struct seen *seen = arg;
	double value;

	if (seen->bins++ == 0)
		seen->first = start;
	assert_true(start >= seen->last);
	seen->last = start;
	if (bundle_get(bundle, "sent", "sum", &value))
		seen->sent += value;
	if (bundle_get(bundle, "lost", "sum", &value))
		seen->lost += value;
	seen->measured += (double)bundle_outcomes(bundle, OUTCOME_MEASURED);
	seen->failed += (double)bundle_outcomes(bundle, OUTCOME_FAILED);
	return (0);
}

static struct seen
read_all(struct bins *bins, int64_t pair, nanoseconds step)
{
	struct seen seen = {0};
	struct error err;

	if (bins_read(bins, pair, step, &sample_manifest, 0, BINS_NONE, see,
		&seen, &err) == -1)
		fail_msg("%s", err.text);
	return (seen);
}

static void
records_of_one_step_are_merged(void **state)
{
	char *path = folder_path(state, "bins.db");
	struct bins *bins = open_bins(path, false);
	int64_t pair = pair_of(bins, &nyc_lon);
	struct seen seen;

	add(bins, pair, MINUTE, MIDNIGHT + 59 * NS_PER_S, 10);
	add(bins, pair, MINUTE, MIDNIGHT, 4);
	add(bins, pair, MINUTE, MIDNIGHT + MINUTE, 9);
	seen = read_all(bins, pair, MINUTE);
	assert_int_equal(seen.bins, 2);
	assert_int_equal(seen.first, MIDNIGHT);
	assert_int_equal(seen.last, MIDNIGHT + MINUTE);
	assert_true(seen.sent == 30 && seen.lost == 7 && seen.measured == 3);
	bins_free(bins);
	free(path);
}

static void
record_without_findings_only_counts_its_outcome(void **state)
{
	char *path = folder_path(state, "bins.db");
	struct bins *bins = open_bins(path, false);
	int64_t pair = pair_of(bins, &nyc_lon);
	struct seen seen;

	add(bins, pair, MINUTE, MIDNIGHT, 10);
	add_failed(bins, pair, MIDNIGHT + NS_PER_S);
	seen = read_all(bins, pair, MINUTE);
	assert_int_equal(seen.bins, 1);
	assert_true(seen.failed == 1 && seen.measured == 1 && seen.sent == 10);
	bins_free(bins);
	free(path);
}

static void
reader_sees_what_is_committed(void **state)
{
	char *path = folder_path(state, "bins.db");
	struct bins *bins = open_bins(path, false), *reader;
	int64_t pair = pair_of(bins, &nyc_lon);

	add(bins, pair, MINUTE, MIDNIGHT, 10);
	reader = open_bins(path, true);
	assert_int_equal(bins_pair(reader, &nyc_lon, NULL), 0);
	commit(bins, 1);
	assert_int_equal(bins_pair(reader, &nyc_lon, NULL), pair);
	assert_int_equal(read_all(reader, pair, MINUTE).bins, 1);
	add(bins, pair, MINUTE, MIDNIGHT + MINUTE, 10);
	assert_int_equal(read_all(reader, pair, MINUTE).bins, 1);
	commit(bins, 2);
	assert_int_equal(read_all(reader, pair, MINUTE).bins, 2);
	bins_free(reader);
	bins_free(bins);
	free(path);
}

static void
bin_goes_on_after_a_restart(void **state)
{
	char *path = folder_path(state, "bins.db");
	struct bins *bins = open_bins(path, false);
	int64_t pair = pair_of(bins, &nyc_lon);
	struct seen seen;

	add(bins, pair, MINUTE, MIDNIGHT, 10);
	commit(bins, 7);
	add(bins, pair, MINUTE, MIDNIGHT, 1); /* is not committed */
	bins_free(bins);
	bins = open_bins(path, false);
	assert_int_equal(bins_checkpoint(bins), 7);
	assert_int_equal(pair_of(bins, &nyc_lon), pair);
	add(bins, pair, MINUTE, MIDNIGHT, 5);
	seen = read_all(bins, pair, MINUTE);
	assert_true(seen.bins == 1 && seen.sent == 20 && seen.lost == 5);
	bins_free(bins);
	free(path);
}

static void
steps_are_kept_apart(void **state)
{
	char *path = folder_path(state, "bins.db");
	struct bins *bins = open_bins(path, false);
	int64_t pair = pair_of(bins, &nyc_lon);

	add(bins, pair, MINUTE, MIDNIGHT, 10);
	add(bins, pair, 5 * MINUTE, MIDNIGHT, 10);
	commit(bins, 1);
	assert_true(read_all(bins, pair, MINUTE).sent == 10);
	assert_true(read_all(bins, pair, 5 * MINUTE).sent == 10);
	bins_free(bins);
	free(path);
}

static void
flushed_bins_are_no_longer_due(void **state)
{
	char *path = folder_path(state, "bins.db");
	struct bins *bins = open_bins(path, false);
	int64_t pair = pair_of(bins, &nyc_lon);
	struct bins_standing s;

	bins_standing(bins, pair, &s);
	assert_true(s.due == BINS_NONE && s.step == 0);
	add(bins, pair, MINUTE, MIDNIGHT + 3 * MINUTE, 10);
	add(bins, pair, MINUTE, MIDNIGHT, 10);
	bins_standing(bins, pair, &s);
	assert_int_equal(s.due, MIDNIGHT);
	assert_int_equal(s.newest, MIDNIGHT + 3 * MINUTE);
	commit(bins, 1);
	assert_int_equal(
	    bins_set_flushed(bins, pair, MIDNIGHT + MINUTE, NULL), 0);
	bins_standing(bins, pair, &s);
	assert_int_equal(s.due, MIDNIGHT + 3 * MINUTE);
	assert_int_equal(s.flushed, MIDNIGHT + MINUTE);
	commit(bins, 1);
	bins_free(bins);
	bins = open_bins(path, false);
	bins_standing(bins, pair, &s);
	assert_int_equal(s.due, MIDNIGHT + 3 * MINUTE);
	assert_false(s.rebuild);
	bins_set_flushed(bins, pair, MIDNIGHT + 4 * MINUTE, NULL);
	bins_standing(bins, pair, &s);
	assert_true(s.due == BINS_NONE);
	bins_free(bins);
	free(path);
}

static void
late_record_asks_for_a_rebuild(void **state)
{
	char *path = folder_path(state, "bins.db");
	struct bins *bins = open_bins(path, false);
	int64_t pair = pair_of(bins, &nyc_lon);
	struct bins_standing s;

	add(bins, pair, MINUTE, MIDNIGHT, 10);
	add(bins, pair, MINUTE, MIDNIGHT + MINUTE, 10);
	bins_set_flushed(bins, pair, MIDNIGHT + MINUTE, NULL);
	add(bins, pair, MINUTE, MIDNIGHT + MINUTE, 10);
	bins_standing(bins, pair, &s);
	assert_false(s.rebuild);
	add(bins, pair, MINUTE, MIDNIGHT, 10);
	commit(bins, 2);
	bins_free(bins);
	bins = open_bins(path, false);
	bins_standing(bins, pair, &s);
	assert_true(s.rebuild);
	assert_int_equal(s.due, MIDNIGHT + MINUTE);
	bins_set_flushed(bins, pair, MIDNIGHT + MINUTE, NULL);
	bins_standing(bins, pair, &s);
	assert_false(s.rebuild);
	bins_free(bins);
	free(path);
}

static const struct metric sided_metrics[] = {
    {.name = "open", .kind = METRIC_SIDES, .help = "what one end knows"},
    {.name = "sent", .kind = METRIC_COUNT, .help = "sent"},
    {.name = "received", .kind = METRIC_COUNT, .help = "received"},
    {.name = "lost", .kind = METRIC_COUNT, .help = "lost"},
    {0},
};
static const struct setting no_settings[] = {{0}};
static const struct manifest sided = {.name = "sided",
    .version = 1,
    .summary = "Of two ends",
    .settings = no_settings,
    .metrics = sided_metrics};

/* What bins_add says. */
static int
add_side(struct bins *bins, int64_t pair, nanoseconds start,
    enum outcome outcome, const char *metrics)
{
	struct bundle *bundle = bundle_new(&sided);
	json_object *json = json_tokener_parse(metrics);
	struct bins_record record = {.start = start,
	    .end = start + MINUTE,
	    .outcome = outcome,
	    .bundle = bundle};
	struct error err;
	int result;

	bundle_add(bundle, outcome, json);
	result = bins_add(bins, pair, MINUTE, &sided, &record, &err);
	if (result == -1)
		fail_msg("%s", err.text);
	bundle_free(bundle);
	json_object_put(json);
	return (result);
}

#define RECEIVED                                        \
	"{\"received\":7,\"open\":[{\"needs\":[\"k\"]," \
	"\"received\":7,\"late\":0,\"add\":{}}]}"
#define SENT "{\"open\":[{\"is\":\"k\",\"add\":{\"sent\":10}}]}"

/* Whichever was there first, also when it has been committed, and told to the
 * history: only when they meet there is something to be told again. */
static void
two_sides_meet_in_a_bin(void **state)
{
	char *path = folder_path(state, "bins.db");
	struct bins *bins = open_bins(path, false);
	int64_t pair = pair_of(bins, &nyc_lon);
	struct bins_standing s;
	struct bins_last last;
	double value;

	add_side(bins, pair, MIDNIGHT, OUTCOME_MEASURED, RECEIVED);
	add_side(bins, pair, MIDNIGHT + MINUTE, OUTCOME_STATED, SENT);
	add_side(bins, pair, MIDNIGHT + 3 * MINUTE, OUTCOME_STATED, SENT);
	bins_set_flushed(bins, pair, MIDNIGHT + 2 * MINUTE, NULL);
	commit(bins, 1);
	bins_free(bins);
	bins = open_bins(path, false);
	/* a statement that waits is no finding */
	assert_int_equal(
	    bins_last(bins, pair, MINUTE, &sided, 0, &last, NULL), 1);
	assert_int_equal(last.finding, MIDNIGHT + MINUTE);
	assert_int_equal(last.start, MIDNIGHT);
	assert_false(bundle_get(last.bundle, "sent", "sum", &value));
	bundle_free(last.bundle);
	assert_int_equal(
	    add_side(bins, pair, MIDNIGHT, OUTCOME_STATED,
		"{\"open\":[{\"is\":\"other\",\"add\":{\"sent\":1}}]}"),
	    0);
	bins_standing(bins, pair, &s);
	assert_false(s.rebuild);
	assert_int_equal(
	    add_side(bins, pair, MIDNIGHT, OUTCOME_STATED, SENT), 1);
	bins_standing(bins, pair, &s);
	assert_true(s.rebuild);
	assert_int_equal(
	    add_side(bins, pair, MIDNIGHT + MINUTE, OUTCOME_MEASURED, RECEIVED),
	    1);
	commit(bins, 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
		    bins_last(bins, pair, MINUTE, &sided, 0, &last, NULL), 1);
		assert_int_equal(last.start, MIDNIGHT + MINUTE);
		assert_int_equal(last.outcome, OUTCOME_MEASURED);
		assert_true(bundle_get(last.bundle, "sent", "sum", &value) &&
			    value == 10);
		assert_true(bundle_get(last.bundle, "lost", "sum", &value) &&
			    value == 3);
		bundle_free(last.bundle);
		bins_free(bins);
		bins = open_bins(path, false);
	}
	bins_free(bins);
	free(path);
}

static int
expire_all(struct bins *bins, nanoseconds before)
{
	struct error err;
	int more, calls = 0;

	while ((more = bins_expire(bins, before, &err)) == 1)
		calls++;
	if (more == -1)
		fail_msg("%s", err.text);
	return (calls);
}

static void
only_old_bins_in_the_history_expire(void **state)
{
	const struct bins_key other = {"core", "lon", "nyc", 4};
	char *path = folder_path(state, "bins.db");
	struct bins *bins = open_bins(path, false);
	int64_t a = pair_of(bins, &nyc_lon), b = pair_of(bins, &other);
	struct bins_standing s;

	for (int i = 0; i < 10; i++) {
		add(bins, a, MINUTE, MIDNIGHT - DAY + i * MINUTE, 10);
		add(bins, b, MINUTE, MIDNIGHT - DAY + i * MINUTE, 10);
	}
	add(bins, a, MINUTE, MIDNIGHT, 10);
	bins_set_flushed(bins, a, MIDNIGHT + MINUTE, NULL);
	rollup_skip(bins, a, MIDNIGHT);
	commit(bins, 1);
	bins_forget(bins);
	assert_true(expire_all(bins, MIDNIGHT) > 0);
	commit(bins, 1);
	assert_int_equal(read_all(bins, a, MINUTE).bins, 1);
	assert_int_equal(read_all(bins, b, MINUTE).bins, 10);
	/* what comes later still of that time is no reason for a rebuild */
	add(bins, a, MINUTE, MIDNIGHT - MINUTE, 10);
	bins_standing(bins, a, &s);
	assert_false(s.rebuild);
	commit(bins, 2);
	bins_free(bins);
	bins = open_bins(path, false);
	assert_int_equal(bins_horizon(bins), MIDNIGHT);
	bins_free(bins);
	free(path);
}

static void
last_finding_is_found_behind_failures(void **state)
{
	char *path = folder_path(state, "bins.db");
	struct bins *bins = open_bins(path, false);
	int64_t pair = pair_of(bins, &nyc_lon);
	struct bins_last last;
	double lost;

	add_failed(bins, pair, MIDNIGHT);
	assert_int_equal(
	    bins_last(bins, pair, MINUTE, &sample_manifest, 0, &last, NULL), 0);
	add(bins, pair, MINUTE, MIDNIGHT + MINUTE, 3);
	add(bins, pair, MINUTE, MIDNIGHT + MINUTE + NS_PER_S, 0);
	add_failed(bins, pair, MIDNIGHT + 5 * MINUTE);
	commit(bins, 1);
	bins_forget(bins);
	assert_int_equal(
	    bins_last(bins, pair, MINUTE, &sample_manifest, 0, &last, NULL), 1);
	assert_int_equal(last.finding, MIDNIGHT + MINUTE + 2 * NS_PER_S);
	assert_int_equal(last.outcome, OUTCOME_NO_ANSWER);
	assert_true(bundle_get(last.bundle, "lost", "sum", &lost));
	assert_true(lost == 17);
	bundle_free(last.bundle);
	bins_free(bins);
	free(path);
}

static void
name_pair(void *arg, int64_t number, const struct bins_key *key)
{
	char *text = arg;

	sprintf(text + strlen(text), "%lld %s %s %s %d;", (long long)number,
	    key->test, key->src, key->dst, key->family);
}

static void
each_pair_is_told(void **state)
{
	const struct bins_key other = {"core", "nyc", "lon", 6};
	char *path = folder_path(state, "bins.db");
	struct bins *bins = open_bins(path, false);
	char text[200] = "";

	pair_of(bins, &nyc_lon);
	pair_of(bins, &other);
	commit(bins, 0);
	assert_int_equal(bins_each(bins, name_pair, text, NULL), 0);
	assert_string_equal(text, "1 core nyc lon 4;2 core nyc lon 6;");
	bins_free(bins);
	free(path);
}

#define RECORDS 3000

/* A store that reads a journal of which record n started n seconds after
 * midnight, for one of three pairs. It is killed and knows only its bins. */
static void
work(const char *path)
{
	struct bins *bins = open_bins(path, false);
	uint64_t n = bins_checkpoint(bins);

	while (n < RECORDS) {
		struct bins_key key = nyc_lon;

		key.family = (int)(n % 3);
		add(bins, pair_of(bins, &key), MINUTE,
		    MIDNIGHT + (nanoseconds)n * NS_PER_S, (int)(n % 10));
		n++;
		if (n % 7 == 0 || n == RECORDS)
			commit(bins, n);
	}
	bins_free(bins);
}

/* Kills a worker when it has come a little further: true when it was done. */
static bool
work_and_kill(const char *path, unsigned wait)
{
	pid_t child = fork();
	int status;

	assert_true(child != -1);
	if (child == 0) {
		work(path);
		_exit(0);
	}
	usleep(wait); /* any moment is right */
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	return (WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void
kill_at_any_moment_loses_and_doubles_nothing(void **state)
{
	char *path = folder_path(state, "bins.db");
	double sent = 0, lost = 0, expected = 0;
	struct bins *bins;
	int kills = 0;

	while (!work_and_kill(path, 20000 + 1700 * (unsigned)kills))
		kills++;
	assert_true(kills > 2);
	bins = open_bins(path, false);
	assert_int_equal(bins_checkpoint(bins), RECORDS);
	for (int family = 0; family < 3; family++) {
		struct bins_key key = nyc_lon;
		struct seen seen;

		key.family = family;
		seen = read_all(bins, pair_of(bins, &key), MINUTE);
		sent += seen.sent;
		lost += seen.lost;
	}
	for (int n = 0; n < RECORDS; n++)
		expected += 10 - n % 10;
	assert_true(sent == 10 * RECORDS);
	assert_true(lost == expected);
	bins_free(bins);
	free(path);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(records_of_one_step_are_merged),
	    TEST(record_without_findings_only_counts_its_outcome),
	    TEST(reader_sees_what_is_committed),
	    TEST(bin_goes_on_after_a_restart),
	    TEST(steps_are_kept_apart),
	    TEST(flushed_bins_are_no_longer_due),
	    TEST(late_record_asks_for_a_rebuild),
	    TEST(two_sides_meet_in_a_bin),
	    TEST(only_old_bins_in_the_history_expire),
	    TEST(last_finding_is_found_behind_failures),
	    TEST(each_pair_is_told),
	    TEST(kill_at_any_moment_loses_and_doubles_nothing),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
