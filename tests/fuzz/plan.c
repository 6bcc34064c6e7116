/* SPDX-License-Identifier: BSD-2-Clause */
/* A plan that was taken is taken again from what it wrote, and can be run; a
 * refusal says where. */
#include "agent/plan.h"

#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/member.h"
#include "common/memory.h"
#include "scheduler/schedule.h"
#include "tests/fuzz/specimen.h"
#include "tests/fuzz/target.h"

#define NOW (INT64_C(1795300000) * NS_PER_S)
#define LEAD (NS_PER_S / 2)

static void
due(void *arg, void *owner, nanoseconds start)
{
	if (start > NOW + NS_PER_S + LEAD)
		abort();
}

static void
missed(
    void *arg, void *owner, uint64_t count, nanoseconds from, nanoseconds until)
{
	if (count == 0 || from > until)
		abort();
}

static const struct schedule_calls calls = {.due = due, .missed = missed};

static size_t
add_test(const struct plan *plan, const struct plan_test *test,
    struct schedule_job *jobs)
{
	for (size_t i = 0; i < test->target_count; i++)
		jobs[i] = (struct schedule_job){.test = test->name,
		    .src = plan->box,
		    .dst = test->targets[i].name,
		    .timing = test->timing};
	return (test->target_count);
}

static void
try_schedule(const struct plan *plan)
{
	struct schedule *schedule =
	    schedule_new(plan->key, sizeof(plan->key), LEAD, &calls, NULL);
	struct schedule_job *jobs;
	size_t count = 0;

	for (size_t i = 0; i < plan->test_count; i++)
		count += plan->tests[i].target_count;
	jobs = memory_new(count, sizeof(*jobs));
	count = 0;
	for (size_t i = 0; i < plan->test_count; i++)
		if (plan->tests[i].timing.kind != TIMING_CONTINUOUS)
			count += add_test(plan, &plan->tests[i], jobs + count);
	schedule_set(schedule, jobs, count, NOW);
	if (schedule_size(schedule) != count ||
	    schedule_run(schedule, NOW + NS_PER_S) <= NOW)
		abort();
	free(jobs);
	schedule_free(schedule);
}

static void
try_plan(const struct plan *plan, const struct catalog *catalog)
{
	const char *text =
	    json_object_to_json_string_ext(plan->json, JSON_C_TO_STRING_PLAIN);
	json_object *json = member_parse(text, strlen(text), NULL);
	struct plan *again = plan_parse(json, "nyc", catalog, NULL);

	if (again == NULL || again->test_count != plan->test_count)
		abort();
	for (size_t i = 0; i < plan->test_count; i++)
		if (plan->tests[i].patience <= 0)
			abort();
	try_schedule(plan);
	plan_free(again);
	json_object_put(json);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_object *json = member_parse((const char *)data, size, NULL);
	static struct catalog *catalog;
	struct error err = {""};
	struct plan *plan;

	if (catalog == NULL)
		catalog = specimen_catalog();
	plan = plan_parse(json, "nyc", catalog, &err);
	if (plan != NULL)
		try_plan(plan, catalog);
	else
		specimen_place(err.text, "plan: ");
	plan_free(plan);
	json_object_put(json);
	return (0);
}
