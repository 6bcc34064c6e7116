/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t router[4] = {192, 0, 2, 1};
static const uint8_t router6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};

static const struct icmp_message host = {.type = 3, .code = 1};
static const struct icmp_message admin = {.type = 3, .code = 13};
static const struct icmp_message big = {.type = 2, .code = 0, .mtu = 1280};

static void
each_kind_is_told_apart(void **state)
{
	char json[FAULT_JSON], text[FAULT_TEXT];
	struct fault_list list = {0};

	assert_null(fault_text(&list, text));
	fault_add(&list, 4, router, &host);
	fault_add(&list, 6, router6, &big);
	fault_add(&list, 4, router, NULL);
	fault_add(&list, 4, router, &admin);
	fault_add(&list, 4, router, &host);
	assert_string_equal(fault_json(&list, json),
	    "[{\"from\":\"192.0.2.1\",\"type\":3,\"code\":1,\"what\":"
	    "\"destination unreachable: host unreachable\",\"n\":2},"
	    "{\"from\":\"2001:db8::1\",\"type\":2,\"code\":0,\"what\":"
	    "\"packet too big: MTU 1280\",\"mtu\":1280,\"n\":1},"
	    "{\"from\":\"192.0.2.1\",\"what\":\"answers of another address\","
	    "\"n\":1},"
	    "{\"from\":\"192.0.2.1\",\"type\":3,\"code\":13,\"what\":"
	    "\"destination unreachable: administratively prohibited\","
	    "\"n\":1}]");
	assert_string_equal(fault_text(&list, text),
	    "destination unreachable: host unreachable from 192.0.2.1");
	assert_string_equal(fault_all_text(&list, text),
	    "destination unreachable: host unreachable from 192.0.2.1, and 3 "
	    "of other kinds");
}

static void
one_kind_has_no_others(void **state)
{
	char text[FAULT_TEXT];
	struct fault_list list = {0};

	assert_null(fault_all_text(&list, text));
	fault_add(&list, 4, router, &admin);
	fault_add(&list, 4, router, &admin);
	assert_string_equal(fault_all_text(&list, text),
	    "destination unreachable: administratively prohibited from "
	    "192.0.2.1");
}

static void
more_than_there_is_room_for_are_counted(void **state)
{
	uint8_t who[16] = {0xfd};
	struct fault_list list = {0};
	char json[FAULT_JSON], text[FAULT_TEXT];
	size_t length;

	memset(who, 0xfd, sizeof(who));
	for (int i = 0; i < FAULTS + 5; i++) {
		struct icmp_message message = {
		    .type = 1, .code = 5, .mtu = 4294967295U};

		who[15] = (uint8_t)i;
		fault_add(&list, 6, who, &message);
	}
	for (uint32_t i = 0; i < FAULTS; i++)
		list.faults[i].count = UINT32_MAX;
	length = strlen(fault_json(&list, json));
	assert_true(length < FAULT_JSON - 1);
	assert_true(strlen(fault_all_text(&list, text)) < FAULT_TEXT - 1);
	assert_non_null(strstr(json, ",{\"n\":5}]"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_kind_is_told_apart),
	    cmocka_unit_test(one_kind_has_no_others),
	    cmocka_unit_test(more_than_there_is_room_for_are_counted),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
