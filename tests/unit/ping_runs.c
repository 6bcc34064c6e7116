/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probes/ping.h"

#define MANY 3000 /* more than the chains that there are at first */
#define EACH 2    /* runs towards each target */

struct scene {
	struct ping_runs runs;
	struct echo echo;
	struct ping_run run[MANY];
	struct probe_run probe[MANY];
	union address target[MANY];
};

static void
make_run(struct scene *scene, uint32_t i)
{
	struct ping_run *run = &scene->run[i];
	uint32_t mixed = i * UINT32_C(2654435761);

	scene->target[i].in = (struct sockaddr_in){.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(0x7f010000 + i / EACH)};
	scene->probe[i].target = &scene->target[i];
	run->probe = &scene->probe[i];
	run->echo = &scene->echo;
	memcpy(run->request.cookie, &mixed, sizeof(mixed));
}

static int
make(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	scene->echo.family = 4;
	ping_runs_open(&scene->runs);
	for (uint32_t i = 0; i < MANY; i++)
		make_run(scene, i);
	*state = scene;
	return (0);
}

static int
unmake(void **state)
{
	struct scene *scene = *state;

	ping_runs_close(&scene->runs);
	free(scene);
	return (0);
}

static const uint8_t *
address_of(const struct scene *scene, uint32_t i)
{
	return ((const uint8_t *)&scene->target[i].in.sin_addr);
}

static uint32_t
count_towards(const struct scene *scene, const uint8_t *address)
{
	uint32_t n = 0;
	struct ping_run *run;

	LIST_FOREACH (
	    run, ping_runs_towards(&scene->runs, 4, address), by_target)
		n += ping_is_towards(run, 4, address);
	return (n);
}

static void
each_run_is_found_while_more_and_more_come(void **state)
{
	struct scene *scene = *state;

	for (uint32_t i = 0; i < MANY; i++) {
		ping_runs_add(&scene->runs, &scene->run[i]);
		if (i % 97 != 0 && i + 1 != MANY)
			continue;
		for (uint32_t k = 0; k <= i; k++)
			assert_ptr_equal(ping_runs_find(&scene->runs,
					     scene->run[k].request.cookie),
			    &scene->run[k]);
	}
	for (uint32_t i = 0; i < MANY; i++)
		assert_int_equal(
		    count_towards(scene, address_of(scene, i)), EACH);
	assert_true(scene->runs.room >= MANY);
	for (uint32_t i = 0; i < MANY; i++)
		ping_runs_remove(&scene->runs, &scene->run[i]);
}

static void
one_that_has_gone_is_not_found(void **state)
{
	struct scene *scene = *state;

	for (uint32_t i = 0; i < MANY; i++)
		ping_runs_add(&scene->runs, &scene->run[i]);
	for (uint32_t i = 0; i < MANY; i += EACH)
		ping_runs_remove(&scene->runs, &scene->run[i]);
	for (uint32_t i = 0; i < MANY; i++) {
		struct ping_run *found =
		    ping_runs_find(&scene->runs, scene->run[i].request.cookie);

		assert_ptr_equal(found, i % EACH == 0 ? NULL : &scene->run[i]);
		assert_int_equal(
		    count_towards(scene, address_of(scene, i)), EACH - 1);
	}
	for (uint32_t i = 1; i < MANY; i += EACH)
		ping_runs_remove(&scene->runs, &scene->run[i]);
	assert_int_equal(scene->runs.count, 0);
}

/* The ceiling of a target is that of all runs towards it. */
static void
runs_towards_one_target_share_it(void **state)
{
	struct scene *scene = *state;

	for (uint32_t i = 0; i < MANY; i++)
		ping_runs_add(&scene->runs, &scene->run[i]);
	for (uint32_t i = 0; i < MANY; i += EACH) {
		assert_ptr_equal(
		    scene->run[i].target, scene->run[i + 1].target);
		assert_int_equal(scene->run[i].target->users, EACH);
		if (i > 0)
			assert_ptr_not_equal(
			    scene->run[i].target, scene->run[i - 1].target);
	}
	for (uint32_t i = 0; i < MANY; i++)
		ping_runs_remove(&scene->runs, &scene->run[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		each_run_is_found_while_more_and_more_come, make, unmake),
	    cmocka_unit_test_setup_teardown(
		one_that_has_gone_is_not_found, make, unmake),
	    cmocka_unit_test_setup_teardown(
		runs_towards_one_target_share_it, make, unmake),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
