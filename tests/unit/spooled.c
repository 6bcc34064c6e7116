/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/spooled.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/spool.h"
#include "common/member.h"
#include "tests/unit/folder.h"

const struct spool_limits spooled_limits = {
    SPOOLED_ROOM, 366 * 86400 * NS_PER_S};

struct spool *
spooled_open(void **state, const struct spool_limits *limits, nanoseconds now)
{
	char *path = folder_path(state, "spool.db");
	struct error err = {""};
	struct spool *spool = spool_new(path, "lon", limits, now, &err);

	assert_string_equal(err.text, "");
	assert_non_null(spool);
	spool_resume(spool, now + NS_PER_S, "pharosd was not running");
	assert_int_equal(spool_commit(spool, now, &err), 0);
	free(path);
	return (spool);
}

void
spooled_add(struct spool *spool, int64_t mark)
{
	json_object *record = json_object_new_object();

	member_add_whole(record, "mark", mark);
	assert_int_equal(spool_add(spool, record, NULL), 0);
	json_object_put(record);
}

void
spooled_commit(struct spool *spool, nanoseconds now)
{
	struct error err = {""};

	if (spool_commit(spool, now, &err) < 0)
		fail_msg("%s", err.text);
}

json_object *
spooled_batch(
    struct spool *spool, size_t records, size_t bytes, struct record_id *last)
{
	json_object *array = json_object_new_array();
	struct record_id id;
	char *lines, *line, *rest;
	size_t length;
	int count;

	count = spool_batch(spool, records, bytes, &lines, &length,
	    last != NULL ? last : &id, NULL);
	assert_true(count >= 0);
	if (count == 0)
		return (array);
	assert_int_equal(strlen(lines), length);
	for (rest = lines; (line = strsep(&rest, "\n")) != NULL && *line;)
		json_object_array_add(
		    array, member_parse(line, strlen(line), NULL));
	free(lines);
	assert_int_equal(json_object_array_length(array), count);
	return (array);
}

json_object *
spooled_at(json_object *array, size_t i)
{
	return (json_object_array_get_idx(array, i));
}

int64_t
spooled_mark(json_object *array, size_t i)
{
	return (member_whole_or(spooled_at(array, i), "mark", -1));
}

void
spooled_kill(void **state, void (*live)(struct spool *spool))
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct spool *spool =
		    spooled_open(state, &spooled_limits, SPOOLED_AT);

		live(spool);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}
