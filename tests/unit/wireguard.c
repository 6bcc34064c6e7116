/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/wireguard.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void
each_end_knows_the_other(void **state)
{
	char words[][8] = {"NSECRET", "NPUBLIC", "HSECRET", "HPUBLIC"};
	const struct wireguard_pair node = {words[0], words[1]},
				    host = {words[2], words[3]};
	struct wireguard ends = {&node, &host, {0}, {0}};
	char *text;

	inet_pton(AF_INET, "100.64.0.2", &ends.outside);
	inet_pton(AF_INET, "10.126.3.2", &ends.inside);
	text = wireguard_node(&ends);
	assert_string_equal(text,
	    "[Interface]\nPrivateKey = NSECRET\nListenPort = 51820\n"
	    "[Peer]\nPublicKey = HPUBLIC\nAllowedIPs = 10.126.3.2/32\n");
	free(text);
	text = wireguard_host(&ends);
	assert_string_equal(text,
	    "# Enters the lab: wg-quick up THIS-FILE\n"
	    "# For all traffic, not the lab's alone: AllowedIPs = 0.0.0.0/0\n"
	    "[Interface]\nPrivateKey = HSECRET\nAddress = 10.126.3.2/24\n"
	    "[Peer]\nPublicKey = NPUBLIC\nEndpoint = 100.64.0.2:51820\n"
	    "AllowedIPs = 10.64.0.0/10\n");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_end_knows_the_other),
	};

	return (cmocka_run_group_tests_name("wireguard", tests, NULL, NULL));
}
