/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/from_config.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "lab/topology.h"

static const char den[] = "hostname den\ninterface lo\n ip address "
			  "192.0.2.1/32\nexit\ninterface ge0\n description "
			  "to Kansas City\n ip address 10.1.0.1/30\n ip ospf "
			  "cost 639\n!\nrouter ospf\n network 10.1.0.0/30 area "
			  "0\n";
static const char kan[] = "interface eth1\n ip address 10.1.0.2/30\ninterface "
			  "eth2\n ip address 10.2.0.1/24\n";
static const char kan_bird[] = "protocol ospf v2 {\n area 0 {\n  interface "
			       "\"eth1\" {\n   cost 639;\n  };\n };\n}\n";

static int
take(struct from_config *from, const char *router, const char *text,
    struct error *err)
{
	return (from_config_take(from, router, "f", text, strlen(text), err));
}

static void
routers_in_one_network_are_linked(void **state)
{
	struct from_config *from = from_config_new();
	struct topology *topology;
	struct error err = {""};
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	assert_int_equal(take(from, "den", den, &err), 0);
	assert_int_equal(take(from, "kan", kan, &err), 0);
	assert_int_equal(take(from, "kan", kan_bird, &err), 0);
	assert_int_equal(from_config_write(from, "n", out, &err), 0);
	fclose(out);
	if ((topology = topology_parse("t", text, length, &err)) == NULL)
		fail_msg("%s in %s", err.text, text);
	assert_int_equal(topology->link_count, 1);
	assert_int_equal(topology->links[0].cost, 639);
	assert_string_equal(topology->links[0].ends[1].interface, "eth1");
	assert_int_equal(ntohl(topology->nodes[0].address.s_addr), 0xc0000201);
	assert_non_null(strstr(text, "# kan eth2: no other end"));
	topology_free(topology);
	from_config_free(from);
	free(text);
}

static char *
written(struct from_config *from)
{
	struct error err = {""};
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (from_config_write(from, "n", out, &err) == -1)
		fail_msg("%s", err.text);
	fclose(out);
	return (text);
}

static struct topology *
read(const char *text)
{
	struct error err = {""};
	struct topology *topology =
	    topology_parse("t", text, strlen(text), &err);

	if (topology == NULL)
		fail_msg("%s in %s", err.text, text);
	return (topology);
}

static const char was[] =
    "interface lo\n ip address 192.0.2.1/32\n ipv6 address 2001:db8::1/128\n"
    "interface ge0\n ip address 10.1.0.1/30\n"
    " ipv6 address fe80::1/64\n ipv6 address 2001:db8:1::1/64\n"
    " ip ospf cost 233\n ip ospf hello-interval 5\n"
    " ip ospf dead-interval 15\n ipv6 ospf6 cost 233\n"
    " ipv6 ospf6 hello-interval 5\n ipv6 ospf6 dead-interval 15\n"
    "router ospf\n timers throttle spf 1500 2000 10000\n"
    "router ospf6\n timers throttle spf 1500 2000 10000\n";
static const char nyc[] = "interface eth0\n ip address 10.1.0.2/30\n"
			  " ipv6 address 2001:db8:1::2/64\n";
static const char nyc_bird[] =
    "protocol ospf v3 {\n tick 2;\n area 0 {\n"
    "  stubnet 2001:db8:9::/64 { cost 7; };\n"
    "  interface \"eth0\" { cost 233; hello 5; dead count 3; }; # was\n"
    "  stubnet 2001:db8:8::/64 { cost 8; };\n };\n}\n";

static void
both_families_and_timers_are_taken(void **state)
{
	struct from_config *from = from_config_new();
	struct error err = {""};
	struct topology *t;
	char *text, six[64];

	assert_int_equal(take(from, "was", was, &err), 0);
	assert_int_equal(take(from, "nyc", nyc, &err), 0);
	assert_int_equal(take(from, "nyc", nyc_bird, &err), 0);
	text = written(from);
	t = read(text);
	assert_true(t->ipv4 && t->ipv6);
	assert_true(t->hello == 5 * NS_PER_S && t->dead == 15 * NS_PER_S);
	assert_int_equal(t->links[0].cost, 233);
	inet_ntop(AF_INET6, &t->links[0].ends[1].address6, six, sizeof(six));
	assert_string_equal(six, "2001:db8:1::2");
	inet_ntop(AF_INET6, &t->nodes[0].address6, six, sizeof(six));
	assert_string_equal(six, "2001:db8::1");
	assert_true(t->nodes[0].spf_delay == 1500 * NS_PER_MS);
	assert_true(t->nodes[0].spf_most == 10 * NS_PER_S);
	assert_true(t->nodes[1].spf_hold == 2 * NS_PER_S);
	topology_free(t);
	from_config_free(from);
	free(text);
}

static void
networks_of_ipv6_alone_are_linked_too(void **state)
{
	struct from_config *from = from_config_new();
	struct error err = {""};
	struct topology *t;
	char *text;

	take(from, "a", "interface e\n ipv6 address 2001:db8::4/126\n", &err);
	take(from, "b", "interface e\n ipv6 address 2001:db8::7/126\n", &err);
	take(from, "c", "interface e\n ipv6 address 2001:db8::8/126\n", &err);
	take(from, "c", "interface f\n ipv6 address 2001:db8:1::1/64\n", &err);
	take(from, "b", "interface f\n ipv6 address 2001:db8:1::2/64\n", &err);
	text = written(from);
	t = read(text);
	assert_false(t->ipv4);
	assert_int_equal(t->link_count, 2);
	assert_int_equal(t->links[0].ends[0].address6.s6_addr[0], 0xfd);
	assert_int_equal(t->links[1].ends[0].address6.s6_addr[0], 0x20);
	assert_non_null(
	    strstr(text, "# a e: no address of IPv6, for its network "
			 "is a /126"));
	assert_non_null(strstr(text, "# c e: no other end"));
	topology_free(t);
	from_config_free(from);
	free(text);
}

static void
what_a_lab_has_once_must_agree(void **state)
{
	static const char port[] = "interface x\n ip address 10.1.0.1/30\n";
	static const char peer[] = "interface y\n ip address 10.1.0.2/30\n"
				   " ip ospf hello-interval 5\n";
	struct from_config *from = from_config_new();
	struct error err = {""};
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	assert_int_equal(take(from, "a", port, &err), 0);
	assert_int_equal(take(from, "b", peer, &err), 0);
	assert_int_equal(from_config_write(from, "n", out, &err), -1);
	assert_string_equal(err.text,
	    "a x: hello 10 and dead 40 s, but b y: 5 and 20 s, expected the "
	    "same everywhere");
	assert_int_equal(take(from, "a",
			     "interface x\n ip ospf cost 3\n ipv6 ospf6 cost "
			     "4\n",
			     &err),
	    -1);
	assert_string_equal(err.text,
	    "f:3: cost 4, expected 3 as before: a lab has one for OSPF and "
	    "OSPFv3");
	fclose(out);
	free(text);
	from_config_free(from);
}

static void
mistakes_are_refused_at_their_line(void **state)
{
	struct from_config *from = from_config_new();
	struct error err;

	assert_int_equal(
	    take(from, "a", "interface x\n ip address 10.1.0.300/30\n", &err),
	    -1);
	assert_string_equal(err.text,
	    "f:2: address \"10.1.0.300/30\", expected ADDRESS/LENGTH of IPv4");
	assert_int_equal(
	    take(from, "a", "interface x\n ip ospf cost 0\n", &err), -1);
	assert_string_equal(err.text, "f:2: cost \"0\", expected 1 to 65535");
	assert_int_equal(take(from, "a",
			     "interface x\n ip ospf dead-interval minimal "
			     "hello-multiplier 4\n",
			     &err),
	    -1);
	assert_string_equal(
	    err.text, "f:2: dead-interval \"minimal\", expected 1 to 65535");
	assert_int_equal(
	    take(from, "a", "router ospf\n timers throttle spf 0 9\n", &err),
	    -1);
	assert_string_equal(
	    err.text, "f:2: timers throttle spf \"\", expected 0 to 600000");
	assert_int_equal(
	    take(from, "a", "protocol ospf v2 {\n tick 0;\n}\n", &err), -1);
	assert_string_equal(err.text, "f:2: tick \"0\", expected 1 to 600");
	assert_int_equal(take(from, "a", "interface\n", &err), -1);
	assert_int_equal(take(from, "A b", "", &err), -1);
	from_config_free(from);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(routers_in_one_network_are_linked),
	    cmocka_unit_test(both_families_and_timers_are_taken),
	    cmocka_unit_test(networks_of_ipv6_alone_are_linked_too),
	    cmocka_unit_test(what_a_lab_has_once_must_agree),
	    cmocka_unit_test(mistakes_are_refused_at_their_line),
	};

	return (cmocka_run_group_tests_name("from_config", tests, NULL, NULL));
}
