/* SPDX-License-Identifier: BSD-2-Clause */
#include <glob.h>
#include <json-c/json.h>
#include <math.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/archive.h"
#include "collector/bins.h"
#include "collector/children.h"
#include "collector/fleet.h"
#include "collector/history.h"
#include "collector/journal.h"
#include "collector/latest.h"
#include "collector/rollup.h"
#include "collector/settings.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/member.h"
#include "common/memory.h"
#include "tests/unit/folder.h"
#include "tests/unit/sample.h"

#define FILE_SIZE (INT64_C(256) * 1024 * 1024)

#define STEP (10 * NS_PER_S)
#define MS NS_PER_MS
#define PATIENCE (20 * NS_PER_S)

/* A store in a process of its own, the journal it reads and what it makes. */
struct stage {
	struct collector_settings settings;
	struct journal *journal;
	struct fleet *fleet; /* as the store has it */
	pid_t child;
	int fd;
	char heard[4096]; /* of the store, up to an unfinished line */
	size_t length;
	uint64_t told;     /* the last number it has committed */
	uint64_t sequence; /* of the last record */
	nanoseconds start; /* of the first bin: ten minutes ago */
	nanoseconds ahead; /* the clock that journal entries go by */
};

static char *
state_path(const struct stage *stage, const char *file)
{
	return (collector_settings_path(&stage->settings, file));
}

static void
add_end(json_object *sites, json_object *ends, const char *name, int number)
{
	char text[256];

	snprintf(text, sizeof(text), "{\"name\":\"%s\",\"groups\":[]}", name);
	json_object_array_add(sites, json_tokener_parse(text));
	snprintf(text, sizeof(text),
	    "{\"name\":\"%s\",\"site\":\"%s\",\"addresses\":[\"192.0.2.%d\"]}",
	    name, name, number);
	json_object_array_add(ends, json_tokener_parse(text));
}

static json_object *
test_json(const char *name, const char *axis, int every)
{
	char *text = memory_print(
	    "{\"test\":\"%s\",\"mesh\":\"m\",\"probe\":\"sample\","
	    "\"schedule\":{\"kind\":\"periodic\",\"every\":%d},"
	    "\"history\":true,\"options\":{},\"from\":%s,\"to\":%s,"
	    "\"rectangle\":false}",
	    name, every, axis, axis);
	json_object *json = json_tokener_parse(text);

	free(text);
	assert_non_null(json);
	return (json);
}

/* What a fleet file is to say. */
struct shape {
	int revision;
	const char *axis; /* JSON */
	int every;
	const char *also;    /* a second test, or NULL */
	const char *lon;     /* what that box is called; NULL: so */
	const char *renames; /* JSON, or NULL */
	const char *keep;    /* JSON, or NULL */
};

static const struct shape first = {1, "[\"lon\",\"nyc\",\"par\"]", 10, NULL};

static void
write_fleet(struct stage *stage, const struct shape *shape)
{
	json_object *json = json_object_new_object();
	json_object *sites = json_object_new_array();
	json_object *ends = json_object_new_array();
	json_object *tests = json_object_new_array();
	json_object *manifests = json_object_new_array();
	char *path = state_path(stage, "fleet.json");
	const char *text;
	struct error err;

	add_end(sites, ends, shape->lon != NULL ? shape->lon : "lon", 1);
	add_end(sites, ends, "nyc", 2);
	add_end(sites, ends, "par", 3);
	json_object_array_add(
	    tests, test_json("core", shape->axis, shape->every));
	if (shape->keep != NULL)
		json_object_object_add(json_object_array_get_idx(tests, 0),
		    "keep", json_tokener_parse(shape->keep));
	if (shape->also != NULL)
		json_object_array_add(
		    tests, test_json(shape->also, shape->axis, 10));
	json_object_array_add(manifests, manifest_json(&sample_manifest));
	member_add_whole(json, "v", 1);
	member_add_whole(json, "revision", shape->revision);
	json_object_object_add(json, "sites", sites);
	json_object_object_add(json, "ends", ends);
	json_object_object_add(json, "meshes", json_object_new_object());
	json_object_object_add(json, "tests", tests);
	json_object_object_add(json, "manifests", manifests);
	if (shape->renames != NULL)
		json_object_object_add(
		    json, "renames", json_tokener_parse(shape->renames));
	text = json_object_to_json_string(json);
	assert_int_equal(
	    daemon_write_file(path, text, strlen(text), 0640, &err), 0);
	fleet_free(stage->fleet);
	stage->fleet = fleet_load(path, &err);
	if (stage->fleet == NULL)
		fail_msg("%s", err.text);
	json_object_put(json);
	free(path);
}

static void
start(struct stage *stage)
{
	int pair[2];
	struct error err;

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	stage->child = fork();
	assert_true(stage->child != -1);
	if (stage->child == 0) {
		int status;

		close(pair[0]);
		status = store_main(&stage->settings, pair[1], &err);
		if (status != 0)
			fprintf(stderr, "store: %s\n", err.text);
		_exit(status);
	}
	close(pair[1]);
	stage->fd = pair[0];
	stage->length = 0;
	stage->told = 0;
}

static void
say(const struct stage *stage, const char *line)
{
	assert_int_equal(write(stage->fd, line, strlen(line)), strlen(line));
}

static void
take_lines(struct stage *stage)
{
	char *end;

	stage->heard[stage->length] = '\0';
	while ((end = strchr(stage->heard, '\n')) != NULL) {
		json_object *json;

		*end = '\0';
		json = json_tokener_parse(stage->heard);
		if (strcmp(member_text_or(json, "m", ""), "latest") == 0)
			stage->told =
			    (uint64_t)member_whole_or(json, "number", 0);
		json_object_put(json);
		stage->length -= (size_t)(end + 1 - stage->heard);
		memmove(stage->heard, end + 1, stage->length + 1);
	}
}

/* Listens to the store for a while; false: it has gone. */
static bool
listen_to(struct stage *stage, int ms)
{
	struct pollfd pfd = {.fd = stage->fd, .events = POLLIN};
	ssize_t n;

	if (poll(&pfd, 1, ms) <= 0)
		return (true);
	n = read(stage->fd, stage->heard + stage->length,
	    sizeof(stage->heard) - stage->length - 1);
	if (n <= 0)
		return (false);
	stage->length += (size_t)n;
	take_lines(stage);
	return (true);
}

/* Until the store has committed all there is. */
static void
until_told(struct stage *stage)
{
	nanoseconds deadline = clock_monotonic() + PATIENCE;
	uint64_t last = journal_last(stage->journal);

	while (stage->told < last)
		if (clock_monotonic() > deadline || !listen_to(stage, 100))
			fail_msg("the store got to %llu of %llu",
			    (unsigned long long)stage->told,
			    (unsigned long long)last);
}

#define UNTIL(stage, condition)                                      \
	do {                                                         \
		nanoseconds deadline = clock_monotonic() + PATIENCE; \
                                                                     \
		while (!(condition))                                 \
			if (clock_monotonic() > deadline ||          \
			    !listen_to(stage, 20))                   \
				fail_msg("never: %s", #condition);   \
	} while (0)

/* The parent goes, and the store after it. */
static void
stop(struct stage *stage)
{
	int status;

	close(stage->fd);
	assert_int_equal(waitpid(stage->child, &status, 0), stage->child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* A run; what is 0 or NULL is as usual. */
struct run {
	const char *test, *src, *dst, *outcome;
	nanoseconds start;
	int received, plan, family;
	const char *metrics;
};

static void
add_line(struct stage *stage, const char *agent, const char *line)
{
	struct record_id id = {.sequence = ++stage->sequence};
	struct error err;

	snprintf(id.box, sizeof(id.box), "%s", agent);
	snprintf(id.epoch, sizeof(id.epoch), "0123456789abcdef");
	if (journal_add(stage->journal, &id, line, strlen(line),
		clock_wall() + stage->ahead, &err) == -1)
		fail_msg("%s", err.text);
}

static void
add(struct stage *stage, struct run run)
{
	json_object *metrics = run.metrics != NULL
				   ? json_tokener_parse(run.metrics)
				   : sample_metrics(10, run.received, MS);
	const char *src = run.src != NULL ? run.src : "nyc";
	const char *outcome = run.received > 0 ? "measured" : "no-answer";
	char *line = memory_print(
	    "{\"v\":1,\"plan\":%d,\"test\":\"%s\",\"probe\":\"sample\","
	    "\"src\":\"%s\",\"dst\":\"%s\",\"agent\":\"%s\",\"family\":%d,"
	    "\"start\":%.9f,\"end\":%.9f,\"outcome\":\"%s\",\"metrics\":%s}",
	    run.plan > 0 ? run.plan : 1, run.test != NULL ? run.test : "core",
	    src, run.dst != NULL ? run.dst : "lon", src,
	    run.family > 0 ? run.family : 4, clock_seconds(run.start),
	    clock_seconds(run.start + NS_PER_S),
	    run.outcome != NULL ? run.outcome : outcome,
	    json_object_to_json_string(metrics));

	add_line(stage, src, line);
	json_object_put(metrics);
	free(line);
}

static void
commit(struct stage *stage)
{
	struct error err;

	if (journal_commit(stage->journal, &err) == -1)
		fail_msg("%s", err.text);
}

static void
commit_and_tell(struct stage *stage)
{
	commit(stage);
	say(stage, "{\"m\":\"journal\",\"last\":0}\n");
	until_told(stage);
}

/* A record of now: nothing older is to come from that box. */
static void
pass_time(struct stage *stage)
{
	add(stage, (struct run){.dst = "par",
		       .start = clock_wall() - NS_PER_S,
		       .received = 10});
	commit_and_tell(stage);
}

static double
latest_value(struct stage *stage, enum latest_window window, const char *stat,
    size_t source, size_t destination)
{
	char *dir = state_path(stage, "latest");
	struct latest *latest = latest_open(
	    dir, stage->fleet, fleet_test(stage->fleet, "core"), NULL);
	struct latest_view view;
	double value = NAN;

	free(dir);
	if (latest == NULL)
		return (NAN);
	if (latest_view(latest, window,
		strcmp(stat, "sum") == 0 ? "sent" : "rtt", stat, &view,
		NULL) == 0)
		value = view.value[source * view.destinations + destination];
	latest_view_clear(&view);
	latest_free(latest);
	return (value);
}

static const struct bins_key nyc_lon = {"core", "nyc", "lon", 4};

struct sums {
	int bins;
	double sent, lost, findings, others;
};

static int
add_up(
    void *arg, nanoseconds at, const struct bundle *bundle, struct error *err)
{
	struct sums *sums = arg;
	double value;

	sums->bins++;
	if (bundle_get(bundle, "sent", "sum", &value))
		sums->sent += value;
	if (bundle_get(bundle, "lost", "sum", &value))
		sums->lost += value;
	sums->findings += (double)bundle_outcomes(bundle, OUTCOME_MEASURED);
	sums->findings += (double)bundle_outcomes(bundle, OUTCOME_NO_ANSWER);
	sums->others += (double)bundle_outcomes(bundle, OUTCOME_FAILED);
	sums->others += (double)bundle_outcomes(bundle, OUTCOME_SKIPPED);
	return (0);
}

static struct sums
sums_of(struct stage *stage, const struct bins_key *key)
{
	char *path = state_path(stage, "bins.db");
	struct bins *bins = bins_open(path, true, NULL);
	struct sums sums = {0};
	int64_t pair;

	assert_non_null(bins);
	pair = bins_pair(bins, key, NULL);
	if (pair > 0)
		assert_int_equal(bins_read(bins, pair, STEP, &sample_manifest,
				     0, BINS_NONE, add_up, &sums, NULL),
		    0);
	bins_free(bins);
	free(path);
	return (sums);
}

/* "sent" in the history of a pair's n-th bin of this step since the start. */
static double
history_of(
    struct stage *stage, const struct bins_key *key, nanoseconds step, int n)
{
	char *dir = state_path(stage, "rrd");
	char *path = history_path(dir, key);
	nanoseconds from = stage->start + n * step;
	struct history_span span;
	struct error err;
	double value;

	if (history_read(path, &sample_manifest, "sent", step, from,
		from + step, 100, &span, &err) == -1)
		fail_msg("%s", err.text);
	value = span.count == 1 ? span.values[0] : NAN;
	history_span_clear(&span);
	free(path);
	free(dir);
	return (value);
}

/* How far the bins on disk are; 0 before there are any. */
static uint64_t
checkpoint_of(struct stage *stage)
{
	char *path = state_path(stage, "bins.db");
	struct bins *bins =
	    access(path, F_OK) == 0 ? bins_open(path, true, NULL) : NULL;
	uint64_t number = bins != NULL ? bins_checkpoint(bins) : 0;

	bins_free(bins);
	free(path);
	return (number);
}

static int
make_stage(void **state)
{
	struct stage *stage = memory_new(1, sizeof(*stage));
	void *dir;
	char *path;

	folder_make(&dir);
	snprintf(stage->settings.state, sizeof(stage->settings.state), "%s",
	    (char *)dir);
	free(dir);
	path = state_path(stage, "journal");
	stage->journal = journal_open(path, FILE_SIZE, NULL);
	free(path);
	assert_non_null(stage->journal);
	stage->start = clock_wall() - 600 * NS_PER_S;
	stage->start -= stage->start % (300 * NS_PER_S);
	write_fleet(stage, &first);
	*state = stage;
	return (0);
}

static int
remove_stage(void **state)
{
	struct stage *stage = *state;
	void *dir = memory_text(stage->settings.state);

	journal_free(stage->journal);
	fleet_free(stage->fleet);
	free(stage);
	return (folder_remove(&dir));
}

static void
findings_reach_the_matrix(void **state)
{
	struct stage *stage = *state;
	nanoseconds now = clock_wall();

	add(stage, (struct run){.start = now - 600 * NS_PER_S, .received = 8});
	add(stage, (struct run){.start = now - 40 * NS_PER_S, .received = 4});
	add(stage, (struct run){.start = now - 20 * NS_PER_S, .received = 2});
	commit(stage);
	start(stage);
	until_told(stage);
	assert_true(latest_value(stage, LATEST_LAST, "max", 1, 0) == 0.002);
	UNTIL(stage, latest_value(stage, LATEST_5M, "sum", 1, 0) == 20);
	UNTIL(stage, latest_value(stage, LATEST_1H, "sum", 1, 0) == 30);
	assert_true(latest_value(stage, LATEST_5M, "max", 1, 0) == 0.004);
	assert_true(latest_value(stage, LATEST_1H, "max", 1, 0) == 0.008);
	assert_true(isnan(latest_value(stage, LATEST_LAST, "max", 0, 1)));
	add(stage, (struct run){.start = now - 10 * NS_PER_S, .received = 1});
	commit_and_tell(stage);
	assert_true(latest_value(stage, LATEST_LAST, "max", 1, 0) == 0.001);
	UNTIL(stage, latest_value(stage, LATEST_5M, "sum", 1, 0) == 30);
	stop(stage);
}

static void
old_record_does_not_become_the_last_finding(void **state)
{
	struct stage *stage = *state;
	nanoseconds now = clock_wall();

	start(stage);
	add(stage, (struct run){.start = now - 20 * NS_PER_S, .received = 2});
	commit_and_tell(stage);
	add(stage, (struct run){.start = now - 50 * NS_PER_S, .received = 5});
	commit_and_tell(stage);
	assert_true(latest_value(stage, LATEST_LAST, "max", 1, 0) == 0.002);
	stop(stage);
}

static void
records_without_findings_only_count(void **state)
{
	struct stage *stage = *state;
	struct sums sums;

	add(stage, (struct run){.start = stage->start, .received = 5});
	add(stage, (struct run){.start = stage->start + NS_PER_S,
		       .received = 5,
		       .outcome = "failed"});
	add(stage, (struct run){.start = stage->start + NS_PER_S,
		       .received = 5,
		       .outcome = "skipped"});
	add_line(stage, "nyc",
	    "{\"v\":1,\"agent\":\"nyc\",\"start\":1795300000,"
	    "\"end\":1795300001,\"outcome\":\"gap\",\"why\":\"was away\"}");
	commit(stage);
	start(stage);
	until_told(stage);
	sums = sums_of(stage, &nyc_lon);
	assert_true(sums.findings == 1 && sums.others == 2);
	assert_true(sums.sent == 10 && sums.lost == 5);
	stop(stage);
}

static void
what_the_fleet_does_not_measure_is_passed_over(void **state)
{
	struct stage *stage = *state;
	const struct bins_key six = {"core", "nyc", "lon", 6};

	add(stage,
	    (struct run){.test = "gone", .start = stage->start, .received = 1});
	add(stage,
	    (struct run){.dst = "rom", .start = stage->start, .received = 1});
	add(stage,
	    (struct run){.dst = "nyc", .start = stage->start, .received = 1});
	add(stage,
	    (struct run){.family = 6, .start = stage->start, .received = 1});
	add_line(stage, "nyc", "{\"v\":1,\"outcome\":\"measured\"}");
	add(stage,
	    (struct run){.start = stage->start,
		.received = 1,
		.metrics = "{\"sent\":3,\"unknown\":7,\"lost\":\"text\"}"});
	commit(stage);
	start(stage);
	until_told(stage);
	assert_int_equal(sums_of(stage, &six).bins, 0);
	assert_int_equal(sums_of(stage, &nyc_lon).bins, 1);
	assert_true(sums_of(stage, &nyc_lon).sent == 3);
	stop(stage);
}

static void
complete_bins_go_into_the_history(void **state)
{
	struct stage *stage = *state;

	for (int n = 0; n < 20; n++)
		if (n != 7)
			add(stage,
			    (struct run){.start = stage->start + n * STEP / 2,
				.received = 10});
	commit(stage);
	start(stage);
	/* the box has told nothing that is newer than its last bin */
	UNTIL(stage, history_of(stage, &nyc_lon, STEP, 8) == 20);
	assert_true(history_of(stage, &nyc_lon, STEP, 0) == 20);
	assert_true(history_of(stage, &nyc_lon, STEP, 3) == 10);
	assert_true(isnan(history_of(stage, &nyc_lon, STEP, 9)));
	pass_time(stage);
	UNTIL(stage, history_of(stage, &nyc_lon, STEP, 9) == 20);
	stop(stage);
}

static void
late_record_changes_the_history(void **state)
{
	struct stage *stage = *state;

	add(stage, (struct run){.start = stage->start, .received = 10});
	add(stage, (struct run){.start = stage->start + STEP, .received = 10});
	add(stage,
	    (struct run){.start = stage->start + 3 * STEP, .received = 10});
	commit(stage);
	start(stage);
	pass_time(stage);
	UNTIL(stage, history_of(stage, &nyc_lon, STEP, 3) == 10);
	add(stage, (struct run){.start = stage->start + STEP, .received = 10});
	add(stage,
	    (struct run){.start = stage->start + 2 * STEP, .received = 10});
	commit_and_tell(stage);
	UNTIL(stage, history_of(stage, &nyc_lon, STEP, 1) == 20);
	assert_true(history_of(stage, &nyc_lon, STEP, 0) == 10);
	assert_true(history_of(stage, &nyc_lon, STEP, 2) == 10);
	assert_true(history_of(stage, &nyc_lon, STEP, 3) == 10);
	stop(stage);
}

/* Is this bin of nyc to lon in the history? */
static bool
history_known(struct stage *stage, nanoseconds start)
{
	char *dir = state_path(stage, "rrd");
	char *path = history_path(dir, &nyc_lon);
	nanoseconds last;

	history_fits(path, &sample_manifest, STEP, &last);
	free(path);
	free(dir);
	return (last > start);
}

static int
add_row_up(
    void *arg, nanoseconds at, const struct rollup *rollup, struct error *err)
{
	return (add_up(arg, at, rollup_bundle(rollup), err));
}

/* All of a pair's hours or days. */
static struct sums
rows_of(struct stage *stage, const struct bins_key *key, nanoseconds row)
{
	char *path = state_path(stage, "bins.db");
	struct bins *bins = bins_open(path, true, NULL);
	struct sums sums = {0};
	int64_t pair;

	assert_non_null(bins);
	pair = bins_pair(bins, key, NULL);
	assert_int_equal(rollup_read(bins, pair, row, &sample_manifest, 0,
			     clock_wall(), add_row_up, &sums, NULL),
	    0);
	bins_free(bins);
	free(path);
	return (sums);
}

static struct sums
days_of(struct stage *stage, const struct bins_key *key)
{
	return (rows_of(stage, key, ROLLUP_DAY));
}

static void
rows_go_when_their_test_wants_them_no_longer(void **state)
{
	static const struct shape brief = {.revision = 1,
	    .axis = "[\"lon\",\"nyc\",\"par\"]",
	    .every = 10,
	    .keep = "{\"hours\":172800}"};
	struct stage *stage = *state;
	nanoseconds day = clock_wall() / ROLLUP_DAY * ROLLUP_DAY;

	day -= 4 * ROLLUP_DAY;
	write_fleet(stage, &brief);
	for (int n = 0; n < 30; n++)
		add(stage, (struct run){
			       .start = day + n * ROLLUP_HOUR, .received = 10});
	commit(stage);
	start(stage);
	pass_time(stage);
	UNTIL(stage, history_known(stage, day + 29 * ROLLUP_HOUR));
	stop(stage);
	start(stage);
	UNTIL(stage, rows_of(stage, &nyc_lon, ROLLUP_HOUR).bins == 0);
	assert_int_equal(days_of(stage, &nyc_lon).bins, 2);
	assert_true(days_of(stage, &nyc_lon).sent == 300);
	stop(stage);
}

static void
days_outlive_bins_and_take_what_is_late(void **state)
{
	struct stage *stage = *state;
	nanoseconds day = clock_wall() / ROLLUP_DAY * ROLLUP_DAY;

	day -= 4 * ROLLUP_DAY;
	for (int n = 0; n < 30; n++)
		add(stage, (struct run){.start = day + n * ROLLUP_HOUR,
			       .received = n == 7 ? 0 : 10});
	commit(stage);
	start(stage);
	pass_time(stage);
	UNTIL(stage, history_known(stage, day + 29 * ROLLUP_HOUR));
	stop(stage);
	start(stage); /* bins that came old are forgotten at midnight or now */
	UNTIL(stage, sums_of(stage, &nyc_lon).bins == 0);
	assert_int_equal(days_of(stage, &nyc_lon).bins, 2);
	assert_true(days_of(stage, &nyc_lon).sent == 300);
	assert_true(days_of(stage, &nyc_lon).lost == 10);
	add(stage, (struct run){.start = day + STEP, .received = 5});
	commit_and_tell(stage);
	assert_int_equal(days_of(stage, &nyc_lon).bins, 2);
	assert_true(days_of(stage, &nyc_lon).sent == 310);
	assert_true(days_of(stage, &nyc_lon).lost == 15);
	assert_int_equal(sums_of(stage, &nyc_lon).bins, 0);
	stop(stage);
}

static void
kill_at_any_moment_loses_and_doubles_nothing(void **state)
{
	struct stage *stage = *state;
	const int records = 3000;
	double lost = 0, sent = 0;
	int kills = 0, wait = 1;

	for (int n = 0; n < records; n++) {
		add(stage, (struct run){.start = stage->start + n * 100 * MS,
			       .received = n % 7 + 1});
		lost += 10 - (n % 7 + 1);
	}
	commit(stage);
	while (checkpoint_of(stage) < (uint64_t)records) {
		start(stage);
		listen_to(stage, wait);
		wait += wait / 3 + 1; /* however quick or slow it is */
		kills++;
		kill(stage->child, SIGKILL);
		waitpid(stage->child, NULL, 0);
		close(stage->fd);
	}
	assert_true(kills > 2);
	start(stage);
	pass_time(stage);
	assert_true(sums_of(stage, &nyc_lon).sent == 10 * records);
	assert_true(sums_of(stage, &nyc_lon).lost == lost);
	UNTIL(stage, history_of(stage, &nyc_lon, STEP, 29) == 1000);
	for (int n = 0; n < 30; n++)
		sent += history_of(stage, &nyc_lon, STEP, n);
	assert_true(sent == 10 * records);
	stop(stage);
}

/* How many records the archive has; each is another one. */
static size_t
archived(struct stage *stage)
{
	const struct archive_query all = {.from = 0, .to = INT64_MAX};
	char *dir = state_path(stage, "archive");
	struct archive *archive = archive_open(dir, true, NULL);
	struct archive_cursor *cursor = archive_find(archive, &all, NULL);
	struct archive_record record;
	nanoseconds last = 0;
	size_t count = 0;

	while (archive_next(cursor, &record, NULL) == 1) {
		assert_true(record.start > last);
		last = record.start;
		count++;
	}
	archive_cursor_free(cursor);
	archive_free(archive);
	free(dir);
	return (count);
}

static void
every_record_is_archived_once_whenever_it_is_killed(void **state)
{
	struct stage *stage = *state;
	const int records = 2000;
	int kills = 0, wait = 1;

	for (int n = 0; n < records; n++)
		add(stage, (struct run){.start = stage->start + n * 100 * MS,
			       .received = n % 7 + 1});
	commit(stage);
	while (archived(stage) < (size_t)records / 2) {
		start(stage);
		listen_to(stage, wait);
		wait += wait / 3 + 1; /* however quick or slow it is */
		kills++;
		kill(stage->child, SIGKILL);
		waitpid(stage->child, NULL, 0);
		close(stage->fd);
	}
	assert_true(kills > 1);
	start(stage);
	until_told(stage);
	stop(stage); /* what it has in memory is committed then */
	assert_int_equal(archived(stage), records);
}

/* A record of the past in the archive, accepted when it was measured. */
static void
archive_old(struct archive *archive, uint64_t number, nanoseconds start)
{
	char line[64];
	struct archive_record record = {.test = "core",
	    .src = "nyc",
	    .dst = "lon",
	    .start = start,
	    .line = line,
	    .number = number,
	    .received = start};

	record.length = (size_t)snprintf(line, sizeof(line), "{\"start\":%lld}",
	    (long long)(start / NS_PER_S));
	assert_int_equal(archive_add(archive, &record, NULL), 0);
}

static void
records_are_forgotten_when_their_test_keeps_them_no_longer(void **state)
{
	const nanoseconds day = 86400 * NS_PER_S;
	struct stage *stage = *state;
	nanoseconds today = clock_wall() / day * day;
	char *dir = state_path(stage, "archive");
	struct archive *archive = archive_open(dir, false, NULL);

	archive_old(archive, 1, today - 400 * day);
	archive_old(archive, 2, today - 360 * day);
	archive_old(archive, 3, today - 1 * day);
	assert_int_equal(archive_commit(archive, 3, NULL), 0);
	archive_free(archive);
	assert_int_equal(archived(stage), 3);
	for (int n = 0; n < 3; n++)
		add(stage, (struct run){.start = stage->start, .received = 10});
	commit(stage);
	start(stage);
	UNTIL(stage, archived(stage) == 2); /* a year is usual */
	stop(stage);
	assert_int_equal(archived(stage), 2);
	free(dir);
}

static void
clock_years_ahead_makes_no_file_of_then(void **state)
{
	struct stage *stage = *state;
	char *pattern = state_path(stage, "archive/*.db");
	glob_t found;

	add(stage, (struct run){.start = stage->start, .received = 10});
	stage->ahead = 3650 * 86400 * NS_PER_S;
	add(stage, (struct run){.start = stage->start + STEP, .received = 9});
	stage->ahead = 0;
	add(stage,
	    (struct run){.start = stage->start + 2 * STEP, .received = 8});
	commit(stage);
	start(stage);
	until_told(stage);
	stop(stage);
	assert_int_equal(archived(stage), 3);
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	assert_int_equal(found.gl_pathc, 1);
	globfree(&found);
	free(pattern);
}

static void
lost_matrix_is_made_from_bins(void **state)
{
	struct stage *stage = *state;
	char *path = state_path(stage, "latest/core");

	add(stage,
	    (struct run){.start = clock_wall() - 20 * NS_PER_S, .received = 6});
	commit(stage);
	start(stage);
	until_told(stage);
	stop(stage);
	assert_int_equal(unlink(path), 0);
	start(stage);
	UNTIL(stage, latest_value(stage, LATEST_LAST, "max", 1, 0) == 0.006);
	UNTIL(stage, latest_value(stage, LATEST_5M, "max", 1, 0) == 0.006);
	stop(stage);
	free(path);
}

static void
change_of_the_fleet_keeps_what_stays(void **state)
{
	static const struct shape smaller = {2, "[\"lon\",\"nyc\"]", 10, NULL};
	const struct bins_key gone = {"core", "nyc", "par", 4};
	struct stage *stage = *state;
	nanoseconds now = clock_wall();

	add(stage, (struct run){.start = now - 20 * NS_PER_S, .received = 3});
	add(stage,
	    (struct run){.dst = "par", .start = stage->start, .received = 4});
	commit(stage);
	start(stage);
	until_told(stage);
	write_fleet(stage, &smaller);
	say(stage, "{\"m\":\"fleet\"}\n");
	UNTIL(stage, latest_value(stage, LATEST_LAST, "max", 1, 0) == 0.003);
	/* what was left of the other pair is in its history, complete or not */
	assert_true(history_of(stage, &gone, STEP, 0) == 10);
	add(stage, (struct run){.start = now - 10 * NS_PER_S, .received = 5});
	commit_and_tell(stage);
	assert_true(latest_value(stage, LATEST_LAST, "max", 1, 0) == 0.005);
	stop(stage);
}

/* A number that bins.db has, or 0; the store is away where it is changed. */
static int64_t
ask_bins(struct stage *stage, const char *sql)
{
	char *path = state_path(stage, "bins.db");
	int64_t answer = 0;
	sqlite3_stmt *stmt;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 10000);
	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	if (sqlite3_step(stmt) == SQLITE_ROW)
		answer = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	free(path);
	return (answer);
}

static bool
has_file(struct stage *stage, const char *name)
{
	char *path = state_path(stage, name);
	bool has = access(path, F_OK) == 0;

	free(path);
	return (has);
}

#define PARTED "SELECT gone FROM pair WHERE dst = 'par'"
/* Hours, as rollup_row.h numbers them. */
#define ROWS_OF(dst)                                                  \
	"SELECT count(*) FROM rollup WHERE id >> 25 = 2 * (SELECT id" \
	" FROM pair WHERE dst = '" dst "')"
#define ROWS_OF_PAR ROWS_OF("par")
#define ROWS_OF_LON ROWS_OF("lon")
#define LONG_AGO                                             \
	"UPDATE pair SET gone = gone - 400 * 86400000000000" \
	" WHERE gone > 0"
#define YEAR (365 * 86400 * NS_PER_S)

static const struct shape without_par = {2, "[\"lon\",\"nyc\"]", 10, NULL};
static const struct shape with_par_again = {
    3, "[\"lon\",\"nyc\",\"par\"]", 10, NULL};

/* So many hours of two pairs, some weeks ago; the store is away. */
static nanoseconds
make_old_hours(struct stage *stage, int hours)
{
	nanoseconds day = clock_wall() / ROLLUP_DAY * ROLLUP_DAY;

	day -= 40 * ROLLUP_DAY;
	for (int n = 0; n < hours; n++)
		for (int i = 0; i < 2; i++)
			add(stage, (struct run){.dst = i == 0 ? "lon" : "par",
				       .start = day + n * ROLLUP_HOUR,
				       .received = 10});
	commit(stage);
	start(stage);
	add(stage,
	    (struct run){.start = clock_wall() - NS_PER_S, .received = 10});
	commit_and_tell(stage);
	/* the histories are left in peace: an hour has its row after them */
	UNTIL(stage, ask_bins(stage, ROWS_OF_PAR) >= hours);
	UNTIL(stage, ask_bins(stage, ROWS_OF_LON) >= hours);
	stop(stage);
	return (day);
}

static void
what_left_is_kept_and_goes_on_when_it_is_back(void **state)
{
	const struct bins_key par = {"core", "nyc", "par", 4};
	struct stage *stage = *state;

	stage->settings.departed = YEAR;
	make_old_hours(stage, 30);
	write_fleet(stage, &without_par);
	start(stage);
	UNTIL(stage, ask_bins(stage, PARTED) > 0);
	assert_true(days_of(stage, &par).sent == 300);
	assert_true(has_file(stage, "rrd/core/4/nyc/par.rrd"));
	assert_int_equal(ask_bins(stage, "SELECT gone FROM pair"
					 " WHERE dst = 'lon'"),
	    0);
	write_fleet(stage, &with_par_again);
	say(stage, "{\"m\":\"fleet\"}\n");
	UNTIL(stage, ask_bins(stage, PARTED) == 0);
	pass_time(stage);
	stop(stage);
	start(stage);
	UNTIL(stage, sums_of(stage, &par).sent == 10);
	assert_true(days_of(stage, &par).sent >= 300);
	stop(stage);
}

/* One who is kept for ever, or not for as long yet, stays. */
static void
what_left_long_ago_goes_whenever_the_store_is_killed(void **state)
{
	enum { HOURS = 700 }; /* more than go at once */
	struct stage *stage = *state;
	nanoseconds day;
	int wait = 1;

	day = make_old_hours(stage, HOURS);
	write_fleet(stage, &without_par);
	start(stage);
	UNTIL(stage, ask_bins(stage, PARTED) > 0);
	UNTIL(stage, ask_bins(stage, "SELECT count(*) FROM bin WHERE start <"
				     " strftime('%s', 'now', '-3 days') *"
				     " 1000000000") == 0);
	stop(stage);
	ask_bins(stage, LONG_AGO);
	start(stage); /* departed: 0 */
	pass_time(stage);
	stop(stage);
	assert_true(ask_bins(stage, ROWS_OF_PAR) >= HOURS);
	stage->settings.departed = YEAR;
	while (ask_bins(stage, PARTED) != 0) {
		start(stage);
		listen_to(stage, wait);
		wait += wait / 3 + 1;
		kill(stage->child, SIGKILL);
		waitpid(stage->child, NULL, 0);
		close(stage->fd);
	}
	assert_false(has_file(stage, "rrd/core/4/nyc/par.rrd"));
	assert_int_equal(
	    ask_bins(stage, "SELECT count(*) FROM rollup WHERE id >> 26"
			    " NOT IN (SELECT id FROM pair)"),
	    0);
	assert_int_equal(
	    ask_bins(stage, "SELECT count(*) FROM pair_step WHERE pair"
			    " NOT IN (SELECT id FROM pair)"),
	    0);
	start(stage);
	pass_time(stage);
	stop(stage);
	assert_true(days_of(stage, &nyc_lon).sent >= 10 * HOURS);
	assert_true(history_known(stage, day + (HOURS - 1) * ROLLUP_HOUR));
}

static void
what_a_test_leaves_goes_with_it(void **state)
{
	static const struct shape both = {
	    1, "[\"lon\",\"nyc\",\"par\"]", 10, "other"};
	static const struct shape one = {
	    2, "[\"lon\",\"nyc\",\"par\"]", 10, NULL};
	struct stage *stage = *state;

	write_fleet(stage, &both);
	start(stage);
	add(stage, (struct run){
		       .test = "other", .start = stage->start, .received = 10});
	commit_and_tell(stage);
	assert_true(has_file(stage, "latest/other"));
	write_fleet(stage, &one);
	say(stage, "{\"m\":\"fleet\"}\n");
	UNTIL(stage, !has_file(stage, "latest/other"));
	assert_true(has_file(stage, "latest/core"));
	UNTIL(stage, ask_bins(stage, "SELECT gone FROM pair WHERE test ="
				     " 'other'") > 0);
	assert_int_equal(ask_bins(stage, "SELECT probe = 'sample' FROM test"
					 " WHERE name = 'other'"),
	    1);
	stop(stage);
}

static void
hours_without_a_bound_stay(void **state)
{
	static const struct shape unbound = {.revision = 1,
	    .axis = "[\"lon\",\"nyc\",\"par\"]",
	    .every = 10,
	    .keep = "{\"hours\":0,\"days\":0}"};
	struct stage *stage = *state;

	write_fleet(stage, &unbound);
	make_old_hours(stage, 30);
	start(stage);
	pass_time(stage);
	stop(stage);
	assert_true(rows_of(stage, &nyc_lon, ROLLUP_HOUR).bins >= 30);
}

static void
another_step_continues_the_history(void **state)
{
	static const struct shape slower = {
	    2, "[\"lon\",\"nyc\",\"par\"]", 300, NULL};
	struct stage *stage = *state;

	for (int n = 0; n < 30; n++)
		add(stage, (struct run){.start = stage->start + n * STEP,
			       .received = 10});
	commit(stage);
	start(stage);
	until_told(stage);
	write_fleet(stage, &slower);
	say(stage, "{\"m\":\"fleet\"}\n");
	add(stage,
	    (struct run){.start = stage->start + 30 * STEP, .received = 10});
	pass_time(stage);
	UNTIL(stage, history_of(stage, &nyc_lon, 300 * NS_PER_S, 1) == 10);
	/* the row of five minutes that the old step left: an average per bin */
	assert_true(history_of(stage, &nyc_lon, 300 * NS_PER_S, 0) == 10);
	stop(stage);
}

static void
record_that_overtakes_its_fleet_is_not_lost(void **state)
{
	static const struct shape more = {
	    2, "[\"lon\",\"nyc\",\"par\"]", 10, "extra"};
	const struct bins_key extra = {"extra", "nyc", "lon", 4};
	struct stage *stage = *state;

	add(stage, (struct run){.start = stage->start, .received = 10});
	commit(stage);
	start(stage);
	until_told(stage);
	write_fleet(stage, &more);
	add(stage, (struct run){.test = "extra",
		       .plan = 2,
		       .start = stage->start,
		       .received = 10});
	commit_and_tell(stage);
	assert_int_equal(sums_of(stage, &extra).bins, 1);
	stop(stage);
}

static const struct bins_key lon_nyc = {"core", "lon", "nyc", 4};
static const struct bins_key nyc_london = {"core", "nyc", "london", 4};

static bool
has_history(struct stage *stage, const struct bins_key *key)
{
	char *dir = state_path(stage, "rrd");
	char *path = history_path(dir, key);
	bool has = access(path, F_OK) == 0;

	free(path);
	free(dir);
	return (has);
}

/* Bins of nyc to lon with two records each, the other way with one, and their
 * histories. */
static void
make_histories(struct stage *stage)
{
	for (int n = 0; n < 20; n++) {
		nanoseconds at = stage->start + n * STEP / 2;

		add(stage, (struct run){.start = at, .received = 10});
		if (n % 2 == 0)
			add(stage, (struct run){.src = "lon",
				       .dst = "nyc",
				       .start = at,
				       .received = 10});
	}
	add(stage, (struct run){.src = "lon",
		       .dst = "par",
		       .start = clock_wall() - NS_PER_S,
		       .received = 10});
	commit(stage);
	start(stage);
	pass_time(stage);
	UNTIL(stage, history_of(stage, &nyc_lon, STEP, 9) == 20);
	UNTIL(stage, history_of(stage, &lon_nyc, STEP, 9) == 10);
}

static const struct shape london = {.revision = 2,
    .axis = "[\"london\",\"nyc\",\"par\"]",
    .every = 10,
    .lon = "london",
    .renames = "[{\"revision\":2,\"was\":\"lon\",\"name\":\"london\"}]"};

static void
renamed_box_keeps_all_that_was_measured(void **state)
{
	const struct bins_key london_nyc = {"core", "london", "nyc", 4};
	struct stage *stage = *state;

	make_histories(stage);
	write_fleet(stage, &london);
	say(stage, "{\"m\":\"fleet\"}\n");
	UNTIL(stage, has_history(stage, &nyc_london));
	UNTIL(stage, history_of(stage, &london_nyc, STEP, 3) == 10);
	/* spooled under the old names, and measured under the new */
	add(stage, (struct run){.start = stage->start, .received = 10});
	add(stage, (struct run){.dst = "london",
		       .plan = 2,
		       .start = stage->start,
		       .received = 10});
	add(stage, (struct run){.src = "lon",
		       .dst = "nyc",
		       .start = stage->start,
		       .received = 10});
	pass_time(stage);
	assert_true(sums_of(stage, &nyc_london).sent == 20 * 10 + 20);
	assert_true(sums_of(stage, &london_nyc).sent == 10 * 10 + 10);
	assert_int_equal(sums_of(stage, &nyc_lon).bins, 0);
	UNTIL(stage, history_of(stage, &nyc_london, STEP, 0) == 40);
	assert_true(history_of(stage, &nyc_london, STEP, 9) == 20);
	assert_false(has_history(stage, &nyc_lon));
	UNTIL(stage, latest_value(stage, LATEST_LAST, "max", 0, 2) == 0.01);
	stop(stage);
	start(stage); /* and not again */
	pass_time(stage);
	assert_true(sums_of(stage, &nyc_london).sent == 20 * 10 + 20);
	assert_true(history_of(stage, &nyc_london, STEP, 9) == 20);
	stop(stage);
}

static void
what_had_the_new_name_before_is_put_aside(void **state)
{
	static const struct shape target = {
	    .revision = 1, .axis = "[\"lon\",\"nyc\",\"par\"]", .every = 10};
	struct stage *stage = *state;
	struct bins_key aside = nyc_london;
	char *path = state_path(stage, "bins.db");
	struct bins *bins = bins_open(path, false, NULL);
	struct error err;
	int64_t pair = bins_pair(bins, &nyc_london, &err);

	assert_true(pair > 0);
	assert_int_equal(bins_commit(bins, 0, &err), 0);
	bins_free(bins);
	write_fleet(stage, &target);
	make_histories(stage);
	write_fleet(stage, &london);
	say(stage, "{\"m\":\"fleet\"}\n");
	UNTIL(stage, has_history(stage, &nyc_london));
	stop(stage);
	snprintf(aside.dst, sizeof(aside.dst), "~%d", (int)pair);
	bins = bins_open(path, true, NULL);
	assert_true(bins_pair(bins, &aside, &err) == pair);
	bins_free(bins);
	assert_true(sums_of(stage, &nyc_london).sent == 20 * 10);
	free(path);
}

static const struct rename exchange[] = {{2, "lon", "nyc"}, {2, "nyc", "lon"}};

static void
write_exchange(struct stage *stage)
{
	static const struct shape shape = {.revision = 2,
	    .axis = "[\"lon\",\"nyc\",\"par\"]",
	    .every = 10,
	    .renames = "[{\"revision\":2,\"was\":\"lon\",\"name\":\"nyc\"},"
		       "{\"revision\":2,\"was\":\"nyc\",\"name\":\"lon\"}]"};

	write_fleet(stage, &shape);
}

static void
move_history(struct stage *stage, const struct bins_key *from, bool from_aside,
    const struct bins_key *to, bool to_aside)
{
	char *dir = state_path(stage, "rrd");
	char *path = history_path(dir, from), *other = history_path(dir, to);
	char *a = memory_print("%s%s", path, from_aside ? ".moving" : "");
	char *b = memory_print("%s%s", other, to_aside ? ".moving" : "");

	assert_int_equal(rename(a, b), 0);
	free(b);
	free(a);
	free(other);
	free(path);
	free(dir);
}

/* What the store had done when it was killed, from one commit to the next. */
static void
do_partly(struct stage *stage, int steps)
{
	char *path = state_path(stage, "bins.db");
	struct bins *bins = bins_open(path, false, NULL);
	struct error err;

	assert_int_equal(bins_follow(bins, exchange, 2, &err), 0);
	if (steps > 0)
		move_history(stage, &nyc_lon, false, &lon_nyc, true);
	if (steps > 1)
		move_history(stage, &lon_nyc, false, &nyc_lon, true);
	if (steps > 2)
		assert_int_equal(bins_set_phase(bins, BINS_ARRIVING, &err), 0);
	if (steps > 3)
		move_history(stage, &lon_nyc, true, &lon_nyc, false);
	if (steps > 4)
		move_history(stage, &nyc_lon, true, &nyc_lon, false);
	bins_free(bins);
	free(path);
}

static void
expect_exchanged(struct stage *stage)
{
	assert_true(sums_of(stage, &lon_nyc).sent == 200);
	assert_true(sums_of(stage, &nyc_lon).sent == 100);
	assert_true(history_of(stage, &lon_nyc, STEP, 9) == 20);
	assert_true(history_of(stage, &nyc_lon, STEP, 9) == 10);
}

static void
boxes_change_names_whenever_the_store_is_killed(void **state)
{
	for (int steps = -1; steps <= 5; steps++) {
		void *again;
		struct stage *stage;

		make_stage(&again);
		stage = again;
		make_histories(stage);
		stop(stage);
		if (steps >= 0)
			do_partly(stage, steps);
		write_exchange(stage);
		for (int i = 0; i < 2; i++) {
			start(stage);
			pass_time(stage);
			expect_exchanged(stage);
			/* a record of before is of the other pair now */
			add(stage,
			    (struct run){.start = stage->start + 300 * NS_PER_S,
				.received = 10,
				.metrics = "{\"sent\":0}"});
			commit_and_tell(stage);
			assert_int_equal(sums_of(stage, &lon_nyc).bins, 11);
			assert_int_equal(sums_of(stage, &nyc_lon).bins, 10);
			stop(stage);
		}
		remove_stage(&again);
	}
}

static void
waits_for_a_first_fleet(void **state)
{
	struct stage *stage = *state;
	char *path = state_path(stage, "fleet.json");

	assert_int_equal(unlink(path), 0);
	add(stage, (struct run){.start = stage->start, .received = 10});
	commit(stage);
	start(stage);
	say(stage, "{\"m\":\"journal\",\"last\":1}\n");
	write_fleet(stage, &first);
	say(stage, "{\"m\":\"fleet\"}\n");
	until_told(stage);
	assert_true(sums_of(stage, &nyc_lon).sent == 10);
	stop(stage);
	free(path);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, make_stage, remove_stage)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(findings_reach_the_matrix),
	    TEST(old_record_does_not_become_the_last_finding),
	    TEST(records_without_findings_only_count),
	    TEST(what_the_fleet_does_not_measure_is_passed_over),
	    TEST(complete_bins_go_into_the_history),
	    TEST(late_record_changes_the_history),
	    TEST(rows_go_when_their_test_wants_them_no_longer),
	    TEST(days_outlive_bins_and_take_what_is_late),
	    TEST(kill_at_any_moment_loses_and_doubles_nothing),
	    TEST(every_record_is_archived_once_whenever_it_is_killed),
	    TEST(clock_years_ahead_makes_no_file_of_then),
	    TEST(records_are_forgotten_when_their_test_keeps_them_no_longer),
	    TEST(lost_matrix_is_made_from_bins),
	    TEST(change_of_the_fleet_keeps_what_stays),
	    TEST(what_left_is_kept_and_goes_on_when_it_is_back),
	    TEST(what_left_long_ago_goes_whenever_the_store_is_killed),
	    TEST(what_a_test_leaves_goes_with_it),
	    TEST(hours_without_a_bound_stay),
	    TEST(another_step_continues_the_history),
	    TEST(record_that_overtakes_its_fleet_is_not_lost),
	    TEST(renamed_box_keeps_all_that_was_measured),
	    TEST(what_had_the_new_name_before_is_put_aside),
	    cmocka_unit_test(boxes_change_names_whenever_the_store_is_killed),
	    TEST(waits_for_a_first_fleet),
	};

	signal(SIGPIPE, SIG_IGN);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
