/* SPDX-License-Identifier: BSD-2-Clause */
/* What daemons and ip are told, word by word: a change here is one of a lab's
 * routing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/memory.h"
#include "lab/bird.h"
#include "lab/frr.h"
#include "lab/routes.h"
#include "lab/topology.h"

typedef void (*writer)(const struct topology *topology, size_t node, FILE *out);

/* Out at b, in at r2. */
#define LINE                                                               \
	"name: n\nospf: {hello: 5s, dead: 10s}\nnodes:\n  a:\n"            \
	"  r1: {kind: router}\n  r2: {kind: router, ingress: wireguard}\n" \
	"  b: {egress: yes}\nlinks:\n  a-r1: {ends: [a, r1]}\n"            \
	"  r1-r2: {ends: [r1, r2], cost: 20}\n  r2-b: {ends: [r2, b], cost: 3}\n"
#define DIAMOND                                                               \
	"name: n\nnodes: {a: {kind: router}, x: {kind: router}, y: {kind: "   \
	"router}, z: {kind: router}}\nlinks:\n  a-x: {ends: [a, x]}\n  a-y: " \
	"{ends: [a, y]}\n  x-z: {ends: [x, z]}\n  y-z: {ends: [y, z]}\n"
#define TREE                                                                   \
	"name: n\nrouting: frr\nmulticast: {group: 239.1.1.1, rendezvous: "    \
	"r2}\nnodes:\n  a:\n  r1: {kind: router, spf: {delay: 1500ms, hold: "  \
	"2s, most: 10s}}\n  r2: {kind: router}\n  b:\nlinks:\n  a-r1: {ends: " \
	"[a, r1], pim: yes}\n  r1-r2: {ends: [r1, r2], pim: yes}\n  r2-b: "    \
	"{ends: [r2, b]}\n"

static char *
written(writer write, const char *file, const char *node)
{
	struct error err = {""};
	struct topology *topology =
	    topology_parse("f", file, strlen(file), &err);
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (topology == NULL)
		fail_msg("%s", err.text);
	write(topology, (size_t)topology_node(topology, node, NULL), out);
	fclose(out);
	topology_free(topology);
	return (text);
}

static void
expect(writer write, const char *file, const char *node, const char *all)
{
	char *text = written(write, file, node);

	assert_string_equal(text, all);
	free(text);
}

/* Somewhere in it. */
static void
expect_part(writer write, const char *file, const char *node, const char *part)
{
	char *text = written(write, file, node);

	if (strstr(text, part) == NULL)
		fail_msg("no\n%s\nin\n%s", part, text);
	free(text);
}

static void
a_host_with_one_link_has_one_route(void **state)
{
	expect(routes_write, LINE, "a",
	    "route add 0.0.0.0/0 src 10.127.0.1 via 10.64.0.2 dev to-r1\n");
	expect_part(routes_write, LINE "families: [4, 6]\n", "a",
	    "route add ::/0 src fd64:ffff::1 via fd64:0:0:1::2 dev to-r1\n");
}

static void
static_routes_lead_to_all(void **state)
{
	expect(routes_write, LINE, "r1",
	    "route add 10.127.0.1/32 src 10.127.0.2 via 10.64.0.1 dev to-a\n"
	    "route add 10.127.0.3/32 src 10.127.0.2 via 10.64.0.6 dev to-r2\n"
	    "route add 10.126.2.0/24 src 10.127.0.2 via 10.64.0.6 dev to-r2\n"
	    "route add 10.127.0.4/32 src 10.127.0.2 via 10.64.0.6 dev to-r2\n"
	    "route add 10.64.0.8/30 src 10.127.0.2 via 10.64.0.6 dev to-r2\n"
	    "route add 0.0.0.0/0 src 10.127.0.2 via 10.64.0.6 dev to-r2\n");
}

static void
static_routes_share_ways_of_one_cost(void **state)
{
	expect(routes_write, DIAMOND, "a",
	    "route add 10.127.0.2/32 src 10.127.0.1 via 10.64.0.2 dev to-x\n"
	    "route add 10.127.0.3/32 src 10.127.0.1 via 10.64.0.6 dev to-y\n"
	    "route add 10.127.0.4/32 src 10.127.0.1 nexthop via 10.64.0.2 dev "
	    "to-x nexthop via 10.64.0.6 dev to-y\n"
	    "route add 10.64.0.8/30 src 10.127.0.1 via 10.64.0.2 dev to-x\n"
	    "route add 10.64.0.12/30 src 10.127.0.1 via 10.64.0.6 dev to-y\n");
}

static void
a_router_with_a_daemon_knows_the_hosts_next_to_it(void **state)
{
	expect(routes_write, LINE "routing: bird\n", "r2",
	    "route add 10.127.0.4/32 src 10.127.0.3 via 10.64.0.10 dev to-b\n"
	    "route add 0.0.0.0/0 src 10.127.0.3 via 10.64.0.10 dev to-b\n");
}

static void
bird_speaks_to_routers_and_for_hosts(void **state)
{
	expect(bird_write, LINE "routing: bird\n", "r2",
	    "log stderr all;\nrouter id 10.127.0.3;\nprotocol device {\n}\n"
	    "protocol kernel {\n\tipv4 {\n\t\texport filter {\n"
	    "\t\t\tif source ~ [RTS_OSPF, RTS_OSPF_IA, RTS_OSPF_EXT1, "
	    "RTS_OSPF_EXT2] then {\n"
	    "\t\t\t\tkrt_prefsrc = 10.127.0.3;\n\t\t\t\taccept;\n\t\t\t}\n"
	    "\t\t\treject;\n\t\t};\n\t};\n}\n"
	    "protocol direct {\n\tipv4;\n}\n"
	    "protocol static {\n\tipv4;\n\troute 0.0.0.0/0 unreachable;\n}\n"
	    "protocol ospf v2 {\n\tecmp yes;\n\tipv4 {\n\t\timport all;\n"
	    "\t\texport filter {\n\t\t\tif source != RTS_STATIC then reject;\n"
	    "\t\t\tospf_metric1 = 1;\n\t\t\taccept;\n\t\t};\n\t};\n"
	    "\tarea 0 {\n"
	    "\t\tstubnet 10.127.0.3/32 { cost 1; };\n"
	    "\t\tstubnet 10.126.2.0/24 { cost 1; };\n"
	    "\t\tinterface \"to-r1\" {\n\t\t\tcost 20;\n\t\t\ttype ptp;\n"
	    "\t\t\thello 5;\n\t\t\tdead 10;\n\t\t};\n"
	    "\t\tinterface \"to-b\" {\n\t\t\tcost 3;\n\t\t\tstub yes;\n\t\t};\n"
	    "\t\tstubnet 10.127.0.4/32 { cost 4; };\n\t};\n}\n");
}

static void
bird_has_ospf_of_each_family(void **state)
{
	static const char both[] = LINE "routing: bird\nfamilies: [4, 6]\n";

	expect_part(bird_write, both, "r1", "\nprotocol ospf v2 {\n");
	expect_part(bird_write, both, "r1", "\nprotocol ospf v3 {\n");
	expect_part(bird_write, both, "r1",
	    "\t\tstubnet fd64:ffff::2/128 { cost 1; };\n"
	    "\t\tinterface \"to-a\" {\n\t\t\tcost 10;\n\t\t\tstub yes;\n\t\t};\n"
	    "\t\tstubnet fd64:ffff::1/128 { cost 11; };\n");
}

static void
zebra_gives_routes_the_address_of_the_node(void **state)
{
	expect(frr_write_zebra, TREE "families: [4, 6]\n", "r1",
	    "hostname r1\nlog stdout\n"
	    "route-map source permit 10\n set src 10.127.0.2\nexit\n"
	    "ip protocol ospf route-map source\n"
	    "route-map source6 permit 10\n set src fd64:ffff::2\nexit\n"
	    "ipv6 protocol ospf6 route-map source6\n");
}

static void
ospfd_has_costs_intervals_and_spf_timers(void **state)
{
	expect(frr_write_ospf, TREE, "r1",
	    "hostname r1\nlog stdout\n"
	    "interface lo\n ip ospf passive\n ip ospf area 0\nexit\n"
	    "interface to-a\n ip ospf cost 10\n ip ospf passive\n"
	    " ip ospf area 0\nexit\n"
	    "interface to-r2\n ip ospf cost 10\n"
	    " ip ospf network point-to-point\n ip ospf hello-interval 1\n"
	    " ip ospf dead-interval 4\n ip ospf retransmit-interval 1\n"
	    " ip ospf area 0\nexit\n"
	    "ip prefix-list hosts-1 permit 10.127.0.1/32\n"
	    "route-map hosts permit 1\n match ip address prefix-list hosts-1\n"
	    " set metric 10\n set metric-type type-1\nexit\n"
	    "router ospf\n ospf router-id 10.127.0.2\n"
	    " timers throttle lsa all 100\n timers lsa min-arrival 50\n"
	    " timers throttle spf 1500 2000 10000\n"
	    " redistribute kernel route-map hosts\nexit\n");
}

static void
ospf6d_has_the_same_in_its_words(void **state)
{
	static const char six[] = TREE "families: [4, 6]\n";

	expect_part(frr_write_ospf6, six, "r1",
	    "interface to-r2\n ipv6 ospf6 cost 10\n"
	    " ipv6 ospf6 network point-to-point\n"
	    " ipv6 ospf6 hello-interval 1\n ipv6 ospf6 dead-interval 4\n"
	    " ipv6 ospf6 retransmit-interval 1\n ipv6 ospf6 area 0\nexit\n"
	    "ipv6 prefix-list hosts-1 permit fd64:ffff::1/128\n");
	expect_part(frr_write_ospf6, six, "r1",
	    "router ospf6\n ospf6 router-id 10.127.0.2\n"
	    " timers lsa min-arrival 50\n timers throttle spf 1500 2000 10000\n"
	    " redistribute kernel route-map hosts\nexit\n");
}

static void
frr_tells_of_the_ways_in_and_out(void **state)
{
	static const char frr[] = LINE "routing: frr\n";

	expect_part(frr_write_ospf, frr, "r2",
	    "ip prefix-list ingress-1 permit 10.126.2.0/24\n"
	    "route-map ingress permit 1\n"
	    " match ip address prefix-list ingress-1\n set metric 1\n"
	    " set metric-type type-1\nexit\n");
	expect_part(frr_write_ospf, frr, "r2",
	    " redistribute connected route-map ingress\n"
	    " default-information originate always metric 1 metric-type 1\n");
}

static void
pimd_is_told_of_the_links_that_multicast_takes(void **state)
{
	expect(frr_write_pim, TREE, "r1",
	    "hostname r1\nlog stdout\nip pim rp 10.127.0.3 239.1.1.1/32\n"
	    "ip pim join-prune-interval 4\n"
	    "interface lo\n ip pim\nexit\n"
	    "interface to-a\n ip pim\n ip pim hello 2 7\n ip igmp\nexit\n"
	    "interface to-r2\n ip pim\n ip pim hello 2 7\nexit\n");
	expect(frr_write_pim, TREE, "r2",
	    "hostname r2\nlog stdout\nip pim rp 10.127.0.3 239.1.1.1/32\n"
	    "ip pim join-prune-interval 4\n"
	    "interface lo\n ip pim\nexit\n"
	    "interface to-r1\n ip pim\n ip pim hello 2 7\nexit\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_host_with_one_link_has_one_route),
	    cmocka_unit_test(static_routes_lead_to_all),
	    cmocka_unit_test(static_routes_share_ways_of_one_cost),
	    cmocka_unit_test(a_router_with_a_daemon_knows_the_hosts_next_to_it),
	    cmocka_unit_test(bird_speaks_to_routers_and_for_hosts),
	    cmocka_unit_test(bird_has_ospf_of_each_family),
	    cmocka_unit_test(zebra_gives_routes_the_address_of_the_node),
	    cmocka_unit_test(ospfd_has_costs_intervals_and_spf_timers),
	    cmocka_unit_test(ospf6d_has_the_same_in_its_words),
	    cmocka_unit_test(frr_tells_of_the_ways_in_and_out),
	    cmocka_unit_test(pimd_is_told_of_the_links_that_multicast_takes),
	};

	return (cmocka_run_group_tests_name("routing", tests, NULL, NULL));
}
