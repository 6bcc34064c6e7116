/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * starts - when the runs of a plan are to start, from its key alone.
 *
 *   starts PLAN.json FROM UNTIL
 *
 * prints "TEST SRC DST NANOSECONDS" for each start in (FROM, UNTIL], both in
 * nanoseconds of Unix time. It asks scheduler/timing and nobody who ran, so
 * that a test can tell what should have happened from what did.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/daemon.h"
#include "common/error.h"
#include "common/hash.h"
#include "common/member.h"
#include "scheduler/timing.h"

#define PLAN_MOST (64 * 1024 * 1024)

struct span {
	const char *box;
	uint8_t key[32];
	nanoseconds from, until;
};

static void
print_starts(const struct span *span, const char *test, const char *target,
    const struct timing *timing)
{
	struct timing_seed seed;
	nanoseconds at;

	timing_seed(
	    &seed, span->key, sizeof(span->key), test, span->box, target);
	for (at = timing_next(timing, &seed, span->from); at <= span->until;
	     at = timing_next(timing, &seed, at))
		printf("%s %s %s %" PRId64 "\n", test, span->box, target, at);
}

static int
print_test(const struct span *span, json_object *test, struct error *err)
{
	json_object *schedule, *targets;
	struct timing timing;
	const char *name, *target;
	size_t i;

	if (member_text(test, "test", &name, err) < 0 ||
	    member_object(test, "schedule", &schedule, err) < 0 ||
	    member_array(test, "targets", &targets, err) < 0 ||
	    timing_parse(&timing, schedule, err) < 0)
		return (-1);
	for (i = 0; i < json_object_array_length(targets); i++) {
		if (member_text(json_object_array_get_idx(targets, i), "name",
			&target, err) < 0)
			return (-1);
		print_starts(span, name, target, &timing);
	}
	return (0);
}

static int
print_tests(const struct span *span, json_object *tests, struct error *err)
{
	for (size_t i = 0; i < json_object_array_length(tests); i++)
		if (print_test(span, json_object_array_get_idx(tests, i), err) <
		    0)
			return (-1);
	return (0);
}

static int
print_plan(struct span *span, json_object *plan, struct error *err)
{
	json_object *tests, *own = member_get(plan, "own"); /* or none */
	const char *key;

	if (member_text(plan, "box", &span->box, err) < 0 ||
	    member_text(plan, "key", &key, err) < 0 ||
	    member_array(plan, "tests", &tests, err) < 0)
		return (-1);
	if (hash_unhex(key, span->key, sizeof(span->key)) < 0)
		return (error_set(err, "key: expected 64 hexadecimal digits"));
	if (print_tests(span, tests, err) < 0)
		return (-1);
	return (own != NULL ? print_tests(span, own, err) : 0);
}

static json_object *
read_plan(const char *path, struct error *err)
{
	size_t length;
	char *text = daemon_read_file(path, PLAN_MOST, &length, err);
	json_object *plan;

	if (text == NULL)
		return (NULL);
	plan = member_parse(text, length, err);
	if (plan == NULL)
		error_place(err, "%s", path);
	free(text);
	return (plan);
}

int
main(int argc, char *argv[])
{
	struct span span = {0};
	struct error err;
	json_object *plan;
	int status = 0;

	if (argc != 4) {
		fprintf(stderr, "usage: starts PLAN.json FROM UNTIL\n");
		return (2);
	}
	span.from = strtoll(argv[2], NULL, 10);
	span.until = strtoll(argv[3], NULL, 10);
	plan = read_plan(argv[1], &err);
	if (plan == NULL || print_plan(&span, plan, &err) < 0) {
		fprintf(stderr, "starts: %s\n", err.text);
		status = 1;
	}
	json_object_put(plan);
	return (status);
}
