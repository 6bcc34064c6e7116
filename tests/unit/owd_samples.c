/* SPDX-License-Identifier: BSD-2-Clause */
/* Each packet of a stream's interval. */
#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probes/owamp/ntp.h"
#include "probes/owd/ledger.h"

#define START (INT64_C(1795300000) * NS_PER_S)
#define INTERVAL (10 * NS_PER_S)
#define TIMEOUT (2 * NS_PER_S)
#define PATH (5 * NS_PER_MS)

static const uint8_t sid[KEYS_SID] = {1, 2, 3};
static const struct slot second = {SLOT_FIXED, NTP_S};
static const struct slot millisecond = {SLOT_FIXED, NTP_S / 2000};

/* Its first packet is due half a slot behind START. */
static struct ledger *
new_ledger(const struct slot *slot, bool samples)
{
	const struct ledger_about about = {
	    .sid = sid,
	    .start = ntp_of_wall(START) - slot->length / 2,
	    .slots = slot,
	    .slot_count = 1,
	    .packets = MESSAGE_NEXT_UNKNOWN,
	    .timeout = TIMEOUT,
	    .interval = INTERVAL,
	    .samples = samples,
	};

	struct ledger *ledger = ledger_new(&about);
	struct findings nothing;

	findings_begin(&nothing);
	ledger_cut(ledger, START);
	assert_true(ledger_close(ledger, &nothing));
	findings_clear(&nothing);
	return (ledger);
}

static void
arrive(struct ledger *ledger, uint32_t number, nanoseconds delay)
{
	const nanoseconds sent = ledger_due(ledger, number);
	const struct ledger_arrival arrival = {
	    .sequence = number,
	    .sent = sent,
	    .received = sent + delay,
	    .ttl = number % 2 == 0 ? 250 : ACCOUNT_NO_TTL,
	    .received_by = STAMP_KERNEL,
	};

	ledger_arrived(ledger, &arrival);
}

static void
state(struct ledger *ledger, uint32_t first, uint32_t next)
{
	static const struct message_skip skip = {4, 4};
	const int32_t later[] = {1000000, 1000000, 1000000, 1000000,
	    MESSAGE_NO_STAMP, 1000000, 1000000, 1000000, 1000000, 1000000};
	struct message_statement s = {.first = first,
	    .next = next,
	    .unsent_count = first <= 4 && next > 4,
	    .unsent = &skip,
	    .stamp_count = next - first,
	    .later = later};
	struct error err;

	memcpy(s.sid, sid, sizeof(sid));
	if (ledger_state(ledger, &s, &err) == -1)
		fail_msg("%s", err.text);
}

static json_object *given;

static void
take(struct probe_run *run, const char *metric, const char *json)
{
	assert_string_equal(metric, "samples");
	given = json_tokener_parse(json);
	assert_non_null(given);
}

static json_object *
close_one(struct ledger *ledger)
{
	static const struct probe_host host = {.detail = take};
	static struct probe_worker worker = {.host = &host};
	struct probe_run run = {.worker = &worker};
	struct findings findings;

	given = NULL;
	findings_begin(&findings);
	while (!ledger_close(ledger, &findings))
		continue;
	if (findings.samples_wanted)
		samples_give(&findings.samples, &run);
	findings_clear(&findings);
	return (given);
}

/* "0 3 3 -2": in their order, lost ones with a minus. Each as it left. */
static void
check(json_object *samples, const char *want, nanoseconds later)
{
	json_object *packets = json_object_object_get(samples, "packets");
	char got[200] = "";

	for (size_t i = 0; i < json_object_array_length(packets); i++) {
		json_object *p = json_object_array_get_idx(packets, i);
		size_t members = json_object_array_length(p);
		int number =
		    json_object_get_int(json_object_array_get_idx(p, 0));
		double due = clock_seconds(START) + 0.5 + number;
		double sent =
		    json_object_get_double(json_object_array_get_idx(p, 1));
		bool lost = members == 2;

		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s%d",
		    i > 0 ? " " : "", lost ? "-" : "", number);
		assert_float_equal(
		    sent, lost ? due : due + clock_seconds(later), 1e-6);
		if (!lost)
			assert_int_equal(members, number % 2 == 0 ? 4 : 3);
	}
	assert_string_equal(got, want);
	assert_null(json_object_object_get(samples, "cut"));
	json_object_put(samples);
}

static void
an_interval_has_its_packets_in_their_order(void **unused)
{
	struct ledger *ledger = new_ledger(&second, true);

	arrive(ledger, 0, PATH);
	arrive(ledger, 3, PATH);
	arrive(ledger, 3, PATH); /* a copy */
	arrive(ledger, 2, NS_PER_S + 2 * PATH);
	arrive(ledger, 5, TIMEOUT + NS_PER_S / 2); /* late */
	arrive(ledger, 8, PATH);
	arrive(ledger, 10, PATH); /* of the next one */
	state(ledger, 0, 10);
	ledger_cut(ledger, START + INTERVAL);
	/* 1 was due at 1.5 s, and lost 2 s behind that; 4 was never sent */
	check(close_one(ledger), "0 -1 3 3 2 5 -6 8 -7 -9", NS_PER_MS);
	state(ledger, 10, 11);
	ledger_cut(ledger, START + 2 * INTERVAL);
	ledger_free(ledger);
}

/* Nobody knows what was lost, and when each left but by its own stamp. */
static void
without_a_statement_there_are_arrivals_alone(void **unused)
{
	struct ledger *ledger = new_ledger(&second, true);

	arrive(ledger, 0, PATH);
	arrive(ledger, 2, PATH);
	ledger_cut(ledger, START + 2 * INTERVAL);
	check(close_one(ledger), "0 2", 0);
	check(close_one(ledger), "", 0);
	ledger_free(ledger);
}

static void
more_than_a_record_holds_is_cut_and_marked(void **unused)
{
	struct ledger *ledger = new_ledger(&millisecond, true);
	json_object *samples;

	for (uint32_t i = 0; i < SAMPLES_MOST + 100; i++)
		arrive(ledger, i, PATH);
	ledger_cut(ledger, START + INTERVAL);
	samples = close_one(ledger);
	assert_true(
	    json_object_get_boolean(json_object_object_get(samples, "cut")));
	assert_int_equal(json_object_array_length(
			     json_object_object_get(samples, "packets")),
	    SAMPLES_MOST);
	assert_true(strlen(json_object_to_json_string_ext(
			samples, JSON_C_TO_STRING_PLAIN)) < 1000000);
	json_object_put(samples);
	ledger_free(ledger);
}

static void
where_nobody_wants_them_there_are_none(void **unused)
{
	struct ledger *ledger = new_ledger(&second, false);

	arrive(ledger, 0, PATH);
	ledger_cut(ledger, START + INTERVAL);
	assert_null(close_one(ledger));
	ledger_free(ledger);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_interval_has_its_packets_in_their_order),
	    cmocka_unit_test(without_a_statement_there_are_arrivals_alone),
	    cmocka_unit_test(more_than_a_record_holds_is_cut_and_marked),
	    cmocka_unit_test(where_nobody_wants_them_there_are_none),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
