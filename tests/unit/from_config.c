/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/from_config.h"

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
	assert_int_equal(take(from, "a", "interface\n", &err), -1);
	assert_int_equal(take(from, "A b", "", &err), -1);
	from_config_free(from);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(routers_in_one_network_are_linked),
	    cmocka_unit_test(mistakes_are_refused_at_their_line),
	};

	return (cmocka_run_group_tests_name("from_config", tests, NULL, NULL));
}
