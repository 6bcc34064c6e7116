/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/member.h"
#include "probes/owamp/ntp.h"
#include "probes/owd/owd.h"

extern const struct probe_ops probe;

static struct owd_settings
defaults(void)
{
	struct owd_settings s;

	assert_int_equal(option_load(probe.about->settings, &s, NULL, NULL), 0);
	return (s);
}

static void
tables_are_right(void **state)
{
	struct error err;

	if (manifest_check(probe.about, &err) == -1)
		fail_msg("%s", err.text);
}

/* For whoever prints them: a page makes sentences of them, a help does not. Only
 * names as UDP are great. */
static void
helps_begin_small(void **state)
{
	const struct setting *const tables[] = {
	    probe.about->settings, probe.about->responder_settings};

	for (size_t i = 0; i < 2; i++)
		for (const struct setting *s = tables[i]; s->name != NULL; s++)
			if (isupper((unsigned char)s->help[0]) &&
			    !isupper((unsigned char)s->help[1]))
				fail_msg("%s: %s", s->name, s->help);
}

static void
rate_and_distribution_are_a_slot(void **state)
{
	struct owd_settings s = defaults();
	struct slot slots[OWD_SLOTS];
	uint32_t count;

	assert_int_equal(wish_slots(&s, slots, &count, NULL), 0);
	assert_int_equal(count, 1);
	assert_int_equal(slots[0].kind, SLOT_EXPONENTIAL);
	assert_int_equal(slots[0].length, NTP_S / 2);
	s.distribution = OWD_FIXED;
	s.rate = 10;
	assert_int_equal(wish_slots(&s, slots, &count, NULL), 0);
	assert_int_equal(slots[0].kind, SLOT_FIXED);
	assert_float_equal(wish_mean(slots, count), 0.1, 1e-9);
}

static void
slots_are_a_list(void **state)
{
	static const char *const wrong[] = {"exp", "exp:", "exp:100", "x:1s",
	    "exp:1s,", ",exp:1s", "fixed:0", "fixed:100ns", "exp:2d"};
	struct owd_settings s = defaults();
	struct slot slots[OWD_SLOTS];
	struct error err;
	uint32_t count;

	strcpy(s.slots, "exp:100ms,fixed:20ms,fixed:1.5s");
	assert_int_equal(wish_slots(&s, slots, &count, NULL), 0);
	assert_int_equal(count, 3);
	assert_int_equal(slots[0].kind, SLOT_EXPONENTIAL);
	assert_int_equal(slots[1].kind, SLOT_FIXED);
	assert_int_equal(slots[2].length, NTP_S + NTP_S / 2);
	assert_float_equal(wish_mean(slots, count), 0.54, 1e-9);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		strcpy(s.slots, wrong[i]);
		if (wish_slots(&s, slots, &count, &err) == 0)
			fail_msg("%s: taken", wrong[i]);
		assert_ptr_equal(strstr(err.text, "option slots"), err.text);
	}
}

static void
refuse(const struct owd_settings *s, const char *option)
{
	struct error err;

	assert_int_equal(probe.check(s, &err), -1);
	if (strstr(err.text, option) == NULL)
		fail_msg("\"%s\", expected one about %s", err.text, option);
}

static void
contradictions_are_refused(void **state)
{
	struct owd_settings s = defaults();

	assert_int_equal(probe.check(&s, NULL), 0);
	strcpy(s.slots, "fixed:5s"); /* while rate says 2/s */
	refuse(&s, "slots");
	s = defaults();
	strcpy(s.modes, "open,secret");
	refuse(&s, "modes");
	strcpy(s.modes, "auth,encrypted"); /* as the far end has them */
	assert_int_equal(probe.check(&s, NULL), 0);
	s = defaults();
	strcpy(s.test_ports, "9960-8760");
	refuse(&s, "test-ports");
	strcpy(s.test_ports, "0-10");
	refuse(&s, "test-ports");
	s = defaults();
	strcpy(s.source, "here");
	refuse(&s, "source");
	s = defaults();
	strcpy(s.fetch, "0123");
	refuse(&s, "fetch");
	s = defaults();
	strcpy(s.key_id, "anna");
	refuse(&s, "keys");
}

/* What a host waits for is never less than what the collector reckons with, but
 * for what a report of a stream takes. */
static void
cost_is_what_it_takes(void **state)
{
	struct owd_settings s = defaults();
	struct cost cost;

	probe.cost(&s, &cost);
	assert_float_equal(cost.packets, 2, 1e-6);
	assert_float_equal(cost.bits, 2 * 8 * (48 + 28), 1e-3);
	assert_float_equal(cost.seconds, 124, 1e-3);
	assert_true(manifest_lasts(probe.about, NULL) >= cost.seconds);
	s.count = 1;
	s.rate = 100;
	s.timeout = 30 * NS_PER_S;
	probe.cost(&s, &cost);
	assert_float_equal(cost.seconds, 80.02, 1e-3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tables_are_right),
	    cmocka_unit_test(helps_begin_small),
	    cmocka_unit_test(rate_and_distribution_are_a_slot),
	    cmocka_unit_test(slots_are_a_list),
	    cmocka_unit_test(contradictions_are_refused),
	    cmocka_unit_test(cost_is_what_it_takes),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
