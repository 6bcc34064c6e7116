/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/topology.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/memory.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define NODES "name: n\nnodes: {a: , r: {kind: router}, b: }\n"
#define LINKS "links: {a-r: {ends: [a, r]}, r-b: {ends: [r, b]}}\n"

static struct topology *
parse(const char *text)
{
	struct error err = {""};
	struct topology *topology =
	    topology_parse("f.yaml", text, strlen(text), &err);

	if (topology == NULL)
		fail_msg("%s", err.text);
	return (topology);
}

static void
refuses(const char *text, const char *says)
{
	struct error err = {""};

	if (topology_parse("f.yaml", text, strlen(text), &err) != NULL)
		fail_msg("taken, expected %s", says);
	if (strstr(err.text, says) != err.text ||
	    strstr(err.text, "expected") == NULL)
		fail_msg("%s; expected %s", err.text, says);
}

static void
assert_four(struct in_addr address, const char *text)
{
	char buffer[INET_ADDRSTRLEN];

	assert_string_equal(
	    inet_ntop(AF_INET, &address, buffer, sizeof(buffer)), text);
}

static void
assert_six(struct in6_addr address, const char *text)
{
	char buffer[INET6_ADDRSTRLEN];

	assert_string_equal(
	    inet_ntop(AF_INET6, &address, buffer, sizeof(buffer)), text);
}

static void
topology_is_what_its_file_says(void **state)
{
	struct topology *t =
	    parse("name: diamond\nrouting: frr\npriority: 7\n"
		  "backend: emulator\n"
		  "ospf: {hello: 5s, dead: 10s}\nfamilies: [4, 6]\n"
		  "nodes:\n"
		  "  a: {agent: yes, ingress: wireguard}\n"
		  "  r1: {kind: router, spf: {delay: 1500ms, hold: 2s, most: "
		  "10s}}\n"
		  "  b: {address: 10.9.0.1, cpu: 20%, collector: yes, egress: "
		  "on}\n"
		  "links:\n"
		  "  a-r1: {ends: [a, r1], delay: 10ms, loss: 1%, cost: 233}\n"
		  "  r1-b: {ends: [r1, b], delay: 5ms, back: {delay: 7ms}}\n");

	assert_string_equal(t->name, "diamond");
	assert_int_equal(t->routing, ROUTING_FRR);
	assert_int_equal(t->priority, 7);
	assert_int_equal(t->backend, BACKEND_EMULATOR);
	assert_true(t->hello == 5 * NS_PER_S && t->dead == 10 * NS_PER_S);
	assert_true(t->ipv4 && t->ipv6);
	assert_int_equal(t->node_count, 3);
	assert_true(t->nodes[0].agent && t->nodes[0].kind == NODE_HOST);
	assert_string_equal(t->nodes[0].ingress, "wireguard");
	assert_int_equal(t->nodes[1].kind, NODE_ROUTER);
	assert_true(t->nodes[1].spf_delay == 1500 * NS_PER_MS);
	assert_true(t->nodes[1].spf_most == 10 * NS_PER_S);
	assert_true(t->nodes[0].spf_most == 0);
	assert_four(t->nodes[2].address, "10.9.0.1");
	assert_true(t->nodes[2].cpu == 0.2 && t->nodes[2].collector);
	assert_true(t->nodes[2].egress);
	assert_int_equal(t->link_count, 2);
	assert_int_equal(t->links[0].cost, 233);
	assert_true(t->links[0].ends[0].way.loss == 0.01);
	assert_true(t->links[0].ends[1].way.loss == 0.01);
	assert_true(t->links[1].ends[0].way.delay == 5 * NS_PER_MS);
	assert_true(t->links[1].ends[1].way.delay == 7 * NS_PER_MS);
	assert_string_equal(t->links[0].ends[0].interface, "to-r1");
	assert_string_equal(t->links[0].ends[1].interface, "to-a");
	assert_int_equal(topology_node(t, "b", NULL), 2);
	assert_int_equal(topology_link(t, "r1-b", NULL), 1);
	topology_free(t);
}

static void
addresses_are_assigned_in_order(void **state)
{
	struct topology *t = parse(NODES LINKS);

	assert_four(t->nodes[0].address, "10.127.0.1");
	assert_six(t->nodes[2].address6, "fd64:ffff::3");
	assert_four(t->links[0].ends[0].address, "10.64.0.1");
	assert_four(t->links[1].ends[1].address, "10.64.0.6");
	assert_six(t->links[1].ends[0].address6, "fd64:0:0:2::1");
	assert_int_equal(t->links[1].prefix, 30);
	topology_free(t);
}

static void
given_addresses_are_kept_and_not_assigned_again(void **state)
{
	struct topology *t = parse(
	    "name: n\nfamilies: [4, 6]\n"
	    "nodes: {a: {address: [10.64.0.3, \"fd64:ffff::2\"]}, b: }\n"
	    "links:\n"
	    "  x: {ends: [{node: a, interface: eth0, address: "
	    "[10.64.0.10/29, \"fd64:0:0:1::9/64\"]}, {node: b, interface: "
	    "eth7, address: [10.64.0.9/29, \"fd64:0:0:1::8/64\"]}]}\n"
	    "  y: {ends: [a, b]}\n");

	assert_string_equal(t->links[0].ends[1].interface, "eth7");
	assert_int_equal(t->links[0].prefix, 29);
	assert_four(t->links[0].ends[0].address, "10.64.0.10");
	assert_six(t->links[0].ends[0].address6, "fd64:0:0:1::9");
	assert_four(t->links[1].ends[0].address, "10.64.0.5");
	assert_six(t->links[1].ends[0].address6, "fd64:0:0:2::1");
	assert_six(t->nodes[1].address6, "fd64:ffff::1");
	topology_free(t);
}

static void
events_are_sorted_and_build_on_each_other(void **state)
{
	struct topology *t = parse(NODES
	    "links: {a-r: {ends: [a, r], delay: 1ms}, r-b: {ends: [r, b]}}\n"
	    "events:\n"
	    "  - {at: 40s, set: a-r, loss: 0.5, back: {delay: 9ms}}\n"
	    "  - {at: 10s, fail: a-r}\n"
	    "  - {at: 50s, run: [b, \"ip route\"]}\n"
	    "  - {at: 20s, set: a-r, delay: 3ms}\n"
	    "  - {at: 10s, cut: r-b}\n"
	    "  - {at: 34s, restore: a-r}\n");

	assert_int_equal(t->event_count, 6);
	assert_int_equal(t->events[0].kind, EVENT_FAIL);
	assert_int_equal(t->events[1].kind, EVENT_CUT);
	assert_int_equal(t->events[1].link, 1);
	assert_true(t->events[2].ways[0].delay == 3 * NS_PER_MS);
	assert_int_equal(t->events[3].kind, EVENT_RESTORE);
	assert_true(t->events[4].ways[0].delay == 3 * NS_PER_MS);
	assert_true(t->events[4].ways[0].loss == 0.5);
	assert_true(t->events[4].ways[1].loss == 0.5);
	assert_true(t->events[4].ways[1].delay == 9 * NS_PER_MS);
	assert_string_equal(t->events[5].command, "ip route");
	assert_int_equal(t->events[5].node, 2);
	topology_free(t);
}

/* It is checked by who reads a fleet file, so it comes through as it stands. */
static void
the_fleet_is_kept_as_json(void **state)
{
	struct topology *t =
	    parse("name: n\n"
		  "nodes:\n"
		  "  a:\n"
		  "    site: {label: {en: Ae, zh: 甲}, groups: "
		  "[eu, \"l\\\"r\"],\n"
		  "      location: [51.5, -0.1]}\n"
		  "  b:\n"
		  "links: {x: {ends: [a, b]}}\n"
		  "meshes:\n"
		  "  there: {from: [\"@eu\"], to: [b]}\n"
		  "tests:\n"
		  "  t: {mesh: there, probe: ping, options: "
		  "{count: 3, dscp: }}\n");

	assert_string_equal(t->nodes[0].site,
	    "{\"label\":{\"en\":\"Ae\",\"zh\":\"甲\"},"
	    "\"groups\":[\"eu\",\"l\\\"r\"],"
	    "\"location\":[\"51.5\",\"-0.1\"]}");
	assert_null(t->nodes[1].site);
	assert_string_equal(
	    t->meshes, "{\"there\":{\"from\":[\"@eu\"],\"to\":[\"b\"]}}");
	assert_string_equal(t->tests,
	    "{\"t\":{\"mesh\":\"there\",\"probe\":\"ping\","
	    "\"options\":{\"count\":\"3\",\"dscp\":null}}}");
	topology_free(t);
	t = parse(NODES LINKS "meshes:\ntests:\n");
	assert_null(t->meshes);
	assert_null(t->tests);
	topology_free(t);
}

static size_t
count_ways(const struct topology *t, size_t link)
{
	size_t i = 0, count = 0;

	while (topology_way(t, link, &i) != NULL)
		count++;
	return (count);
}

static void
netem_must_do_what_events_set(void **state)
{
	struct topology *t = parse(NODES LINKS
	    "events: [{at: 1s, set: r-b, jitter: 1ms}, {at: 2s, fail: r-b},\n"
	    "  {at: 3s, set: r-b, reorder: yes}]\n");
	struct error err = {""};

	assert_int_equal(t->backend, BACKEND_AUTO);
	assert_int_equal(count_ways(t, 0), 2);
	assert_int_equal(count_ways(t, 1), 6);
	assert_int_equal(topology_netem(t, 0, &err), 0);
	assert_int_equal(topology_netem(t, 1, &err), -1);
	assert_non_null(strstr(err.text, "jitter"));
	topology_free(t);
}

static const struct {
	const char *text, *says;
} bad[] = {
    {"", "f.yaml:1:1: nothing, expected a topology"},
    {"nodes: {a: }", "f.yaml:1:1: no name"},
    {"name: A b\nnodes: {a: }", "f.yaml:1:1: name \"A b\""},
    {"name: n", "f.yaml:1:1: no nodes"},
    {"name: n\nruoting: frr", "f.yaml:2:1: unknown key \"ruoting\": did you "
			      "mean \"routing\"?"},
    {"name: n\nrouting: rip\nnodes: {a: }", "f.yaml:2:1: routing: \"rip\""},
    {"name: n\nbackend: tc\nnodes: {a: }",
	"f.yaml:2:1: backend: \"tc\": expected one of: auto, netem, emulator"},
    {"name: n\nbackend: netem\nnodes: {a: , b: }\n"
     "links: {x: {ends: [a, b], jitter: 1ms}}",
	"f.yaml:4:9: link \"x\" is by netem, and netem cannot have jitter"},
    {NODES LINKS "backend: netem\nevents: [{at: 1s, set: r-b, back: "
		 "{duplicate: 1%, loss: 1%}}]",
	"f.yaml:3:30: link \"r-b\" is by netem, and netem cannot have dup"},
    {"name: n\nfamilies: [5]\nnodes: {a: }", "f.yaml:2:12: families: \"5\""},
    {"name: n\nospf: {hello: 4s, dead: 4s}\nnodes: {a: }",
	"f.yaml:2:1: dead is not more than hello"},
    {"name: n\nospf: {hello: 1500ms}\nnodes: {a: }",
	"f.yaml:2:1: part of a second"},
    {"name: n\nnodes: {a: {kind: brouter}}",
	"f.yaml:2:13: kind: \"brouter\": expected one of: host, router"},
    {"name: n\nnodes: {A: }", "f.yaml:2:9: node \"A\""},
    {"name: n\nnodes: {abcdefghijklmnop: }",
	"f.yaml:2:9: node \"abcdefghijklmnop\", expected at most 15"},
    {"name: n\nnodes:\n  abcdefghijklm:\n  b:\n"
     "links: {x: {ends: [b, abcdefghijklm]}}",
	"f.yaml:5:13: interface \"to-abcdefghijklm\" is too long"},
    {"name: n\nnodes: {a: , b: }", "f.yaml:2:14: node \"b\" cannot be reached"},
    {"name: n\nnodes: {a: , h: , b: }\n"
     "links: {x: {ends: [a, h]}, y: {ends: [h, b]}}",
	"f.yaml:2:19: node \"b\" cannot be reached from \"a\""},
    {"name: n\nnodes: {a: , b: }\nlinks: {x: {ends: [a, c]}}",
	"f.yaml:3:23: there is no node \"c\""},
    {"name: n\nnodes: {was: , nyc: }\nlinks: {x: {ends: [was, nyx]}}",
	"f.yaml:3:25: there is no node \"nyx\": did you mean \"nyc\"?"},
    {"name: n\nnodes: {a: }\nlinks: {x: {ends: [a, a]}}",
	"f.yaml:3:13: link \"x\" leads from \"a\" to itself"},
    {"name: n\nnodes: {a: , b: }\nlinks: {x: {ends: [a]}}",
	"f.yaml:3:13: 1 ends"},
    {"name: n\nnodes: {a: , b: }\nlinks: {x: {}}",
	"f.yaml:3:9: link \"x\" has no ends"},
    {"name: n\nnodes: {a: , b: }\nlinks: {x: {ends: [a, b], delay: -1ms}}",
	"f.yaml:3:27: delay: \"-1ms\": expected a duration from 0s"},
    {"name: n\nnodes: {a: , b: }\nlinks: {x: {ends: [a, b], delay: 1}}",
	"f.yaml:3:27: delay: \"1\""},
    {"name: n\nnodes: {a: , b: }\nlinks: {x: {ends: [a, b], loss: 110%}}",
	"f.yaml:3:27: loss: \"110%\": expected a ratio from 0 to 1"},
    {"name: n\nnodes: {a: , b: }\nlinks: {x: {ends: [a, b]}, y: {ends: [b, "
     "a]}}",
	"f.yaml:3:28: interface \"to-a\" of node \"b\" is that of link \"x\""},
    {"name: n\nnodes: {a: , b: }\nlinks: {x: {ends: [{node: a, interface: "
     "lo}, b]}}",
	"f.yaml:3:30: interface \"lo\""},
    {"name: n\nnodes: {a: {address: 10.1.0.1}, b: {address: 10.1.0.1}}\n"
     "links: {x: {ends: [a, b]}}",
	"f.yaml:2:33: duplicate address: 10.1.0.1"},
    {"name: n\nnodes: {a: {address: 10.1.0.9}, b: }\nlinks: {x: {ends: "
     "[{node: a, address: 10.1.0.1/24}, {node: b, address: 10.1.0.2/24}]}}",
	"f.yaml:3:9: duplicate address: 10.1.0.1"},
    {"name: n\nnodes: {a: , b: }\nlinks: {x: {ends: "
     "[{node: a, address: 10.1.0.1/24}, {node: b, address: 10.1.0.1/24}]}}",
	"f.yaml:3:9: duplicate address: both ends"},
    {"name: n\nnodes: {a: , b: }\nlinks: {x: {ends: "
     "[{node: a, address: 10.1.0.1/24}, b]}}",
	"f.yaml:3:13: one end has an address"},
    {"name: n\nnodes: {a: , b: }\nlinks: {x: {ends: "
     "[{node: a, address: 10.1.0.1/24}, {node: b, address: 10.1.1.2/24}]}}",
	"f.yaml:3:13: the addresses of its ends are of different networks"},
    {"name: n\nnodes: {a: , b: }\nlinks: {x: {ends: "
     "[{node: a, address: 10.1.0.1/24}, {node: b, address: 10.1.0.2/25}]}}",
	"f.yaml:3:63: prefix /25"},
    {"name: n\nnodes: {a: {address: 127.0.0.1}}",
	"f.yaml:2:13: address \"127.0.0.1\""},
    {"name: n\nnodes: {a: {address: \"fd00::1\"}}",
	"f.yaml:2:13: address of a family"},
    {"name: n\nnodes: {a: {address: [10.0.0.1, 10.0.0.2]}}",
	"f.yaml:2:33: a second IPv4 address"},
    {"name: n\nnodes: {a: {address: 10.1.0.1/24}}",
	"f.yaml:2:13: address \"10.1.0.1/24\""},
    {"name: n\nnodes: {a: {spf: {delay: 1s}}}",
	"f.yaml:2:9: node \"a\" has spf, expected routing: frr"},
    {"name: n\nnodes: {a: , b: }\nlinks: {x: {ends: [a, b], pim: yes}}",
	"f.yaml:3:9: link \"x\" has pim, expected routing: frr"},
    {"name: n\nrouting: frr\nnodes: {a: , b: }\n"
     "links: {x: {ends: [a, b], pim: yes}}",
	"f.yaml:4:9: link \"x\" has pim, expected multicast"},
    {"name: n\nnodes: {a: {collector: yes}, b: {collector: yes}}",
	"f.yaml:2:30: a second collector"},
    {NODES LINKS "multicast: {group: 239.1.1.1, rendezvous: r}",
	"f.yaml:4:1: multicast is carried by FRR alone"},
    {NODES LINKS "routing: frr\nmulticast: {group: 10.1.1.1, rendezvous: r}",
	"f.yaml:5:13: group \"10.1.1.1\""},
    {NODES LINKS "routing: frr\nmulticast: {group: 239.1.1.1, rendezvous: a}",
	"f.yaml:5:31: rendezvous \"a\" is a host"},
    {"name: n\nnodes: {a: {agent: yes}}",
	"f.yaml:2:9: node \"a\" has an agent, expected a node with collector"},
    {"name: n\nfamilies: [6]\nnodes: {a: {egress: yes}}",
	"f.yaml:3:9: node \"a\" has an ingress or egress, expected family 4"},
    {"[a, b]", "f.yaml:1:1: a list, expected a topology"},
    {"name: n\nnodes: {a: , b: }\nlinks: {x/y: {ends: [a, b]}}",
	"f.yaml:3:9: link \"x/y\", expected"},
    {"name: n\nnodes: {../a: }", "f.yaml:2:9: node \"../a\", expected"},
    {"name: n\nnodes: {a: , b: }\n"
     "links: {x: {ends: [a, b], delay: 1e300s}}",
	"f.yaml:3:27: delay: \"1e300s\": expected a duration from 0s to"},
    {"name: n\nnodes: {a: , b: }\nlinks: {x: {ends: [a, b], cost: 1e9}}",
	"f.yaml:3:27: cost: \"1e9\": expected a whole number from 1 to 65535"},
    {NODES LINKS "events: [{at: 1e9s, fail: a-r}]",
	"f.yaml:4:11: at: \"1e9s\": expected a duration from 0s to"},
    {"name: n\nnodes: {a: {site: [x]}}",
	"f.yaml:2:13: a list, expected what is said of a site"},
    {NODES LINKS "meshes: all", "f.yaml:4:1: text, expected meshes by name"},
    {NODES LINKS "tests: [ping]", "f.yaml:4:1: a list, expected tests by name"},
    {NODES LINKS "events: [{at: 1s, fail: a-b}]",
	"f.yaml:4:19: there is no link \"a-b\": did you mean \"a-r\"?"},
    {NODES LINKS "events: [{at: 1s}]", "f.yaml:4:10: nothing to do"},
    {NODES LINKS "events: [{fail: a-r}]", "f.yaml:4:10: no time"},
    {NODES LINKS "events: [{at: 1s, fail: a-r, loss: 1}]",
	"f.yaml:4:30: unknown key \"loss\""},
    {NODES LINKS "events: [{at: 1s, fail: a-r, cut: a-r}]",
	"f.yaml:4:30: a second thing to do"},
    {NODES LINKS "events: [{at: 1s, set: a-r, loss: 2}]",
	"f.yaml:4:29: loss: \"2\""},
    {NODES LINKS "events: [{at: 1s, run: [a]}]", "f.yaml:4:19: 1 items"},
};

static void
mistakes_are_refused_at_their_place(void **state)
{
	for (size_t i = 0; i < COUNT(bad); i++)
		refuses(bad[i].text, bad[i].says);
}

static void
seventeen_gateways_are_too_many(void **state)
{
	char text[2048] = "name: n\nnodes:\n  r: {kind: router}\n";

	for (int i = 0; i < 17; i++)
		sprintf(text + strlen(text), "  n%d: {ingress: openvpn}\n", i);
	strcat(text, "links:\n");
	for (int i = 0; i < 17; i++)
		sprintf(text + strlen(text), "  n%d: {ends: [r, n%d]}\n", i, i);
	refuses(
	    text, "f.yaml:20:3: node \"n16\" has an ingress or egress beyond");
}

static void
backend_may_be_another_than_the_files(void **state)
{
	struct topology *t = parse(NODES
	    "links: {a-r: {ends: [a, r], delay: 1ms}, r-b: {ends: [r, b], "
	    "jitter: 1ms}}\n");
	struct error err = {""};

	assert_int_equal(topology_use_backend(t, "emulator", &err), 0);
	assert_int_equal(t->backend, BACKEND_EMULATOR);
	assert_int_equal(topology_use_backend(t, "auto", &err), 0);
	assert_int_equal(t->backend, BACKEND_AUTO);
	assert_int_equal(topology_use_backend(t, "netem", &err), -1);
	assert_string_equal(err.text,
	    "link \"r-b\": netem cannot have jitter without reordering, "
	    "expected backend auto or emulator for that");
	assert_int_equal(topology_use_backend(t, "tc", &err), -1);
	assert_string_equal(
	    err.text, "backend \"tc\", expected one of: auto, netem, emulator");
	topology_free(t);
}

static void
two_thousand_nodes_are_too_many(void **state)
{
	char *text = memory_new(64 * 1024, 1);
	size_t used = (size_t)sprintf(text, "name: n\nnodes:\n");

	for (int i = 0; i < 2000; i++)
		used += (size_t)sprintf(text + used, "  n%d:\n", i);
	refuses(text, "f.yaml:2:1: 2000 nodes, expected at most 256");
	free(text);
}

static void
bare_name_is_one_that_is_shipped(void **state)
{
	struct error err = {""};

	assert_null(topology_path("no-such", &err));
	assert_non_null(strstr(err.text, "no-such: there is no such file"));
	free(topology_path("/no/such", &err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(topology_is_what_its_file_says),
	    cmocka_unit_test(addresses_are_assigned_in_order),
	    cmocka_unit_test(given_addresses_are_kept_and_not_assigned_again),
	    cmocka_unit_test(events_are_sorted_and_build_on_each_other),
	    cmocka_unit_test(the_fleet_is_kept_as_json),
	    cmocka_unit_test(netem_must_do_what_events_set),
	    cmocka_unit_test(mistakes_are_refused_at_their_place),
	    cmocka_unit_test(seventeen_gateways_are_too_many),
	    cmocka_unit_test(backend_may_be_another_than_the_files),
	    cmocka_unit_test(two_thousand_nodes_are_too_many),
	    cmocka_unit_test(bare_name_is_one_that_is_shipped),
	};

	return (cmocka_run_group_tests_name("topology", tests, NULL, NULL));
}
