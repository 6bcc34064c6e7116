/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
address_reads_back_what_it_wrote(void **state)
{
	static const char *const texts[] = {
	    "192.0.2.1", "0.0.0.0", "2001:db8::1", "::", "fe80::1%lo"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		union address address;
		char text[ADDRESS_TEXT];

		assert_true(address_parse(texts[i], 80, &address));
		assert_string_equal(address_format(&address, text), texts[i]);
	}
}

static void
address_refuses_what_is_none(void **state)
{
	static const char *const bad[] = {"", "example.org", "192.0.2",
	    "192.0.2.256", "192.0.2.1:80", "[::1]", "::1%", "::1%nosuchif",
	    "1:2:3:4:5:6:7:8:9",
	    "2001:0db8:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001"};
	union address address;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (address_parse(bad[i], 0, &address))
			fail_msg("accepts \"%s\"", bad[i]);
}

static void
address_knows_its_family(void **state)
{
	union address four, six, none = {.sa.sa_family = AF_UNIX};
	char text[ADDRESS_TEXT];

	assert_true(address_parse("127.0.0.1", 8640, &four));
	assert_true(address_parse("::1", 8641, &six));
	assert_int_equal(address_family(&four), 4);
	assert_int_equal(address_family(&six), 6);
	assert_int_equal(address_family(&none), 0);
	assert_int_equal(address_length(&four), sizeof(struct sockaddr_in));
	assert_int_equal(address_length(&six), sizeof(struct sockaddr_in6));
	assert_int_equal(ntohs(four.in.sin_port), 8640);
	assert_int_equal(ntohs(six.in6.sin6_port), 8641);
	assert_string_equal(address_format(&none, text), "");
}

/* As IPv6 it would be sent to nobody, and called lost. */
static void
a_mapped_address_is_ipv4(void **state)
{
	union address mapped, four;
	char text[ADDRESS_TEXT];

	assert_true(address_parse("192.0.2.1", 80, &four));
	assert_true(address_parse("::ffff:192.0.2.1", 80, &mapped));
	assert_int_equal(address_family(&mapped), 4);
	assert_int_equal(ntohs(mapped.in.sin_port), 80);
	assert_true(address_equal(&mapped, &four));
	assert_string_equal(address_format(&mapped, text), "192.0.2.1");
	assert_true(address_parse("::192.0.2.1", 80, &mapped));
	assert_int_equal(address_family(&mapped), 6);
}

static void
address_compares_without_the_port(void **state)
{
	union address a, b;

	assert_true(address_parse("192.0.2.1", 1, &a));
	assert_true(address_parse("192.0.2.1", 2, &b));
	assert_true(address_equal(&a, &b));
	assert_true(address_parse("192.0.2.2", 1, &b));
	assert_false(address_equal(&a, &b));
	assert_true(address_parse("fe80::1%lo", 1, &a));
	assert_true(address_parse("fe80::1", 1, &b));
	assert_false(address_equal(&a, &b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(address_reads_back_what_it_wrote),
	    cmocka_unit_test(address_refuses_what_is_none),
	    cmocka_unit_test(address_knows_its_family),
	    cmocka_unit_test(a_mapped_address_is_ipv4),
	    cmocka_unit_test(address_compares_without_the_port),
	};

	return (cmocka_run_group_tests_name("address", tests, NULL, NULL));
}
