/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/paths.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "lab/topology.h"

/* Two ways of one cost through x and y, a third through a host. */
static const char diamond[] =
    "name: n\n"
    "nodes: {a: , r: {kind: router}, x: {kind: router}, y: {kind: router}, "
    "s: {kind: router}, b: , h: }\n"
    "links:\n"
    "  a-r: {ends: [a, r]}\n"
    "  r-x: {ends: [r, x], cost: 3}\n"
    "  r-y: {ends: [r, y], cost: 4}\n"
    "  x-s: {ends: [x, s], cost: 5}\n"
    "  y-s: {ends: [y, s], cost: 4}\n"
    "  s-b: {ends: [s, b]}\n"
    "  r-h: {ends: [r, h], cost: 1}\n"
    "  h-s: {ends: [h, s], cost: 1}\n";

enum { A, R, X, Y, S, B, H };
enum { A_R, R_X, R_Y, X_S, Y_S, S_B, R_H, H_S };

static struct topology *
parse(void)
{
	struct error err = {""};
	struct topology *topology =
	    topology_parse("f", diamond, strlen(diamond), &err);

	if (topology == NULL)
		fail_msg("%s", err.text);
	return (topology);
}

static void
ways_of_equal_cost_are_all_used(void **state)
{
	struct topology *topology = parse();
	struct paths *paths = paths_new(topology, R);
	size_t first[8];

	assert_int_equal(paths_cost(paths, S), 8);
	assert_int_equal(paths_first(paths, B, first), 2);
	assert_int_equal(first[0], R_X);
	assert_int_equal(first[1], R_Y);
	assert_int_equal(paths_cost(paths, B), 18);
	assert_int_equal(paths_first(paths, X, first), 1);
	assert_int_equal(first[0], R_X);
	paths_free(paths);
	topology_free(topology);
}

static void
hosts_forward_nothing_but_are_reached(void **state)
{
	struct topology *topology = parse();
	struct paths *of_host = paths_new(topology, H);
	struct paths *of_a = paths_new(topology, A);
	size_t first[8];

	assert_int_equal(paths_cost(of_a, S), 18); /* not 12 through h */
	assert_int_equal(paths_cost(of_a, H), 11);
	assert_int_equal(paths_cost(of_host, R), 1);
	assert_int_equal(paths_first(of_host, B, first), 1);
	assert_int_equal(first[0], H_S);
	paths_free(of_host);
	paths_free(of_a);
	topology_free(topology);
}

static void
link_is_as_far_as_its_nearer_end(void **state)
{
	struct topology *topology = parse();
	struct paths *paths = paths_new(topology, R);
	size_t first[8];

	assert_int_equal(paths_first_to_link(paths, X_S, first), 1);
	assert_int_equal(first[0], R_X);
	assert_int_equal(paths_first_to_link(paths, S_B, first), 2);
	assert_int_equal(paths_first_to_link(paths, H_S, first), 1);
	assert_int_equal(first[0], R_H);
	paths_free(paths);
	topology_free(topology);
}

static void
way_is_the_same_each_time(void **state)
{
	static const size_t expected[] = {A, R, X, S, B};
	struct topology *topology = parse();
	size_t way[7];

	assert_int_equal(paths_way(topology, A, B, way), 5);
	assert_memory_equal(way, expected, sizeof(expected));
	assert_int_equal(paths_way(topology, A, A, way), 1);
	topology_free(topology);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ways_of_equal_cost_are_all_used),
	    cmocka_unit_test(hosts_forward_nothing_but_are_reached),
	    cmocka_unit_test(link_is_as_far_as_its_nearer_end),
	    cmocka_unit_test(way_is_the_same_each_time),
	};

	return (cmocka_run_group_tests_name("paths", tests, NULL, NULL));
}
