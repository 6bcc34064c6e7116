/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/store_stage.h"

#include <json-c/json.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/children.h"
#include "collector/fleet.h"
#include "collector/journal.h"
#include "common/error.h"
#include "common/member.h"
#include "common/memory.h"
#include "tests/unit/folder.h"
#include "tests/unit/sample.h"
#include "tests/unit/store_shape.h"

#define FILE_SIZE (INT64_C(256) * 1024 * 1024)
#define PATIENCE (20 * NS_PER_S)

const struct bins_key nyc_lon = {"core", "nyc", "lon", 4};

char *
stage_path(const struct stage *stage, const char *file)
{
	return (collector_settings_path(&stage->settings, file));
}

int
stage_make(void **state)
{
	struct stage *stage = memory_new(1, sizeof(*stage));
	void *dir;
	char *path;

	signal(SIGPIPE, SIG_IGN);
	folder_make(&dir);
	snprintf(stage->settings.state, sizeof(stage->settings.state), "%s",
	    (char *)dir);
	free(dir);
	path = stage_path(stage, "journal");
	stage->journal = journal_open(path, FILE_SIZE, NULL);
	free(path);
	assert_non_null(stage->journal);
	stage->start = clock_wall() - 600 * NS_PER_S;
	stage->start -= stage->start % (300 * NS_PER_S);
	shape_write(stage, &shape_usual);
	*state = stage;
	return (0);
}

int
stage_remove(void **state)
{
	struct stage *stage = *state;
	void *dir = memory_text(stage->settings.state);

	journal_free(stage->journal);
	fleet_free(stage->fleet);
	free(stage);
	return (folder_remove(&dir));
}

void
stage_start(struct stage *stage)
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

void
stage_stop(struct stage *stage)
{
	int status;

	close(stage->fd);
	assert_int_equal(waitpid(stage->child, &status, 0), stage->child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
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
		if (strcmp(member_text_or(json, "m", ""), "latest") == 0) {
			stage->told =
			    (uint64_t)member_whole_or(json, "number", 0);
			stage->released =
			    (uint64_t)member_whole_or(json, "release", 0);
		}
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

void
stage_kill(struct stage *stage, int ms)
{
	stage_start(stage);
	listen_to(stage, ms);
	kill(stage->child, SIGKILL);
	waitpid(stage->child, NULL, 0);
	close(stage->fd);
}

void
stage_add_line(struct stage *stage, const char *agent, const char *line)
{
	struct record_id id = {.sequence = ++stage->sequence};
	struct error err;

	snprintf(id.box, sizeof(id.box), "%s", agent);
	snprintf(id.epoch, sizeof(id.epoch), "0123456789abcdef");
	if (journal_add(stage->journal, &id, line, strlen(line),
		clock_wall() + stage->ahead, 1, &err) == -1)
		fail_msg("%s", err.text);
}

void
stage_add_run(struct stage *stage, struct stage_run run)
{
	json_object *metrics =
	    run.metrics != NULL ? json_tokener_parse(run.metrics)
				: sample_metrics(10, run.received, NS_PER_MS);
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

	stage_add_line(stage, src, line);
	json_object_put(metrics);
	free(line);
}

void
stage_add(struct stage *stage, nanoseconds start, int received)
{
	stage_add_run(
	    stage, (struct stage_run){.start = start, .received = received});
}

void
stage_commit(struct stage *stage)
{
	struct error err;

	if (journal_commit(stage->journal, &err) == -1)
		fail_msg("%s", err.text);
}

void
stage_take_in(struct stage *stage)
{
	stage_commit(stage);
	stage_start(stage);
	stage_until_told(stage);
}

void
stage_tell(struct stage *stage)
{
	stage_commit(stage);
	stage_say(stage, "{\"m\":\"journal\",\"last\":0}\n");
	stage_until_told(stage);
}

void
stage_pass_time(struct stage *stage)
{
	stage_add_run(stage, (struct stage_run){.dst = "par",
				 .start = clock_wall() - NS_PER_S,
				 .received = 10});
	stage_tell(stage);
}

void
stage_say(const struct stage *stage, const char *line)
{
	assert_int_equal(write(stage->fd, line, strlen(line)), strlen(line));
}

void
stage_until_told(struct stage *stage)
{
	nanoseconds deadline = clock_monotonic() + PATIENCE;
	uint64_t last = journal_last(stage->journal);

	while (stage->told < last)
		if (clock_monotonic() > deadline || !listen_to(stage, 100))
			fail_msg("the store got to %llu of %llu",
			    (unsigned long long)stage->told,
			    (unsigned long long)last);
}

nanoseconds
stage_deadline(void)
{
	return (clock_monotonic() + PATIENCE);
}

void
stage_wait(struct stage *stage, nanoseconds deadline, const char *what)
{
	if (clock_monotonic() > deadline || !listen_to(stage, 20))
		fail_msg("never: %s", what);
}
