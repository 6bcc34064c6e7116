/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/chrony.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/memory.h"
#include "tests/unit/folder.h"
#include "tests/unit/loop.h"

#define SEQUENCE 0x01020304
#define AT (1000 * NS_PER_S)

/* What chronyd 4.3 answered on a link of 2 us. */
static const uint8_t sample[CHRONY_SIZE] = {6, 2, 0, 0, 0, 33, 0, 5, 0, 0, 0, 0,
    0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 10, 9, 0, 1, /* id */
    10, 9, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,             /* address */
    0, 1, 0, 0, 0, 6, 0, 0, /* IPv4, stratum 6 */
    0, 0, 0, 0, 0x6b, 0x02, 0xd3, 0x00, 0x1d, 0xcd, 0x65, 0, /* .5 s */
    0x02, 0x80, 0, 0,       /* correction 0.625 */
    0, 0, 0, 0, 0, 0, 0, 0, /* last, rms */
    0x05, 0x7f, 0xff, 0xff, /* frequency */
    0xfe, 0x80, 0, 0,       /* residual 0.0625 */
    0x02, 0x40, 0, 0,       /* skew .. */
    0x02, 0x80, 0, 0,       /* delay */
    0x00, 0x80, 0, 0,       /* dispersion */
    0, 0, 0, 0};

static void
put(uint8_t *answer, size_t at, unsigned value)
{
	answer[at] = (uint8_t)(value >> 8);
	answer[at + 1] = (uint8_t)value;
}

static void
an_answer_is_read(void **state)
{
	struct chrony_tracking t;

	assert_int_equal(
	    chrony_read(&t, sample, sizeof(sample), SEQUENCE, NULL), 0);
	assert_string_equal(t.reference, "10.9.0.1");
	assert_int_equal(t.stratum, 6);
	assert_int_equal(t.leap, LEAP_NONE);
	assert_int_equal(
	    t.updated, INT64_C(0x6b02d300) * NS_PER_S + NS_PER_S / 2);
	/* coefficient / 2^25 * 2^exponent */
	assert_float_equal(t.correction, 0x800000 / 0x1p25 * 2, 0);
	assert_float_equal(t.frequency, -0x800001 / 0x1p25 * 4, 0);
	assert_float_equal(t.residual, 0x800000 / 0x1p25 / 2, 0);
	assert_float_equal(t.skew, 0x400000 / 0x1p25 * 2, 0);
	assert_true(chrony_synchronised(&t));
}

static void
the_bound_is_offset_dispersion_and_half_the_delay(void **state)
{
	struct chrony_tracking t = {
	    .reference = "192.0.2.1",
	    .id = 0xc0000201,
	    .stratum = 2,
	    .correction = 0.002,
	    .frequency = 12,
	    .residual = -0.5,
	    .skew = 0.25,
	    .delay = 0.010,
	    .dispersion = 0.001,
	};
	struct discipline clock = {.steal = -1};

	chrony_judge(&clock, &t, AT);
	assert_string_equal(clock.source, "chrony");
	assert_string_equal(clock.reference, "192.0.2.1");
	assert_true(clock.bounded);
	assert_float_equal(clock.parts.offset, -0.002, 0); /* it is slow */
	assert_float_equal(clock.error, 0.008, 1e-12);
	assert_float_equal(clock.growth, 1.75e-6, 1e-15);
	assert_float_equal(clock.frequency, 12, 0);
	assert_string_equal(clock.trouble, "");
}

/* A clock that nobody follows, or that follows itself, has no bound. */
static void
without_a_server_there_is_no_bound(void **state)
{
	static const struct chrony_tracking fine = {
	    .id = 1, .stratum = 2, .dispersion = 0.001};
	struct chrony_tracking wrong[4] = {fine, fine, fine, fine};
	struct discipline clock;

	wrong[0].leap = LEAP_UNSYNCHRONISED;
	wrong[1].stratum = 16;
	wrong[2].id = 0;
	wrong[3].id = 0x7f7f0101;
	for (int i = 0; i < 4; i++) {
		clock = (struct discipline){.steal = -1};
		chrony_judge(&clock, &wrong[i], AT);
		assert_string_equal(clock.source, "chrony");
		assert_false(clock.bounded);
		assert_true(isinf(discipline_error_at(&clock, AT)));
		assert_true(clock.trouble[0] != '\0');
	}
	wrong[0] = fine;
	wrong[0].stratum = 0;
	assert_false(chrony_synchronised(&wrong[0]));
}

static void
expect_why(const uint8_t *answer, size_t length, const char *why)
{
	struct chrony_tracking t;
	struct error err;

	assert_int_equal(chrony_read(&t, answer, length, SEQUENCE, &err), -1);
	if (strstr(err.text, why) == NULL)
		fail_msg("\"%s\", expected \"%s\"", err.text, why);
}

static void
what_is_no_answer_is_refused(void **state)
{
	uint8_t wrong[CHRONY_SIZE];
	struct chrony_tracking t;

	for (size_t i = 0; i < sizeof(sample); i++)
		assert_int_equal(
		    chrony_read(&t, sample, i, SEQUENCE, NULL), -1);
	assert_int_equal(
	    chrony_read(&t, sample, sizeof(sample), SEQUENCE + 1, NULL), -1);
	memcpy(wrong, sample, sizeof(wrong));
	wrong[0] = 5;
	expect_why(wrong, sizeof(wrong), "version 5, expected 6");
	wrong[0] = 6;
	wrong[1] = 1; /* our own question, come back */
	expect_why(wrong, sizeof(wrong), "no answer");
	wrong[1] = 2;
	put(wrong, 8, 2);
	expect_why(wrong, sizeof(wrong), "cmdallow");
	put(wrong, 8, 7);
	expect_why(wrong, sizeof(wrong), "status 7");
	put(wrong, 8, 0);
	put(wrong, 6, 14);
	expect_why(wrong, sizeof(wrong), "cut short");
	put(wrong, 6, 5);
	put(wrong, 54, 4);
	expect_why(wrong, sizeof(wrong), "leap status 4");
	put(wrong, 54, 0);
	put(wrong, 96, 0x0180); /* a coefficient below 0 */
	put(wrong, 98, 0);
	wrong[96] = 0x01;
	expect_why(wrong, sizeof(wrong), "no clock can have");
}

static void
a_reference_clock_has_letters(void **state)
{
	uint8_t gps[CHRONY_SIZE];
	struct chrony_tracking t;

	memcpy(gps, sample, sizeof(gps));
	memcpy(gps + 28, "GP\033S", 4);
	put(gps, 48, 0);
	assert_int_equal(chrony_read(&t, gps, sizeof(gps), SEQUENCE, NULL), 0);
	assert_string_equal(t.reference, "GPS");
	put(gps, 48, 2);
	memcpy(gps + 32, &in6addr_loopback, 16);
	assert_int_equal(chrony_read(&t, gps, sizeof(gps), SEQUENCE, NULL), 0);
	assert_string_equal(t.reference, "::1");
}

/*
 * Asking.
 */

/* What answers in chronyd's place, and how. */
struct other {
	struct event_base *base;
	int fd;
	struct event *event;
	void (*act)(struct other *other, uint8_t *answer, size_t *length);
	int asked;
	struct chrony *chrony;
	bool answered;
	bool tracked;
	struct chrony_tracking tracking;
	char why[200];
};

static void
on_question(evutil_socket_t fd, short what, void *arg)
{
	struct other *other = arg;
	struct sockaddr_storage from;
	socklen_t size = sizeof(from);
	uint8_t question[512], answer[CHRONY_SIZE];
	size_t length = sizeof(answer);
	ssize_t got = recvfrom(
	    fd, question, sizeof(question), 0, (struct sockaddr *)&from, &size);

	assert_int_equal(got, CHRONY_SIZE);
	assert_int_equal(question[0], 6);
	assert_int_equal(question[1], 1);
	assert_int_equal(question[5], 33);
	other->asked++;
	memcpy(answer, sample, sizeof(answer));
	memcpy(answer + 16, question + 8, 4);
	if (other->act != NULL)
		other->act(other, answer, &length);
	if (length > 0)
		sendto(fd, answer, length, 0, (struct sockaddr *)&from, size);
}

static void
on_tracking(void *arg, const struct chrony_tracking *tracking, const char *why)
{
	struct other *other = arg;

	other->answered = true;
	other->tracked = tracking != NULL;
	if (tracking != NULL)
		other->tracking = *tracking;
	snprintf(other->why, sizeof(other->why), "%s", why != NULL ? why : "");
}

/* At a port of 127.0.0.1, or at a socket where there is a path. */
static struct other *
stand_in(struct event_base *base, const char *path)
{
	struct sockaddr_in four = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_un local = {.sun_family = AF_UNIX};
	struct other *other = memory_new(1, sizeof(*other));
	socklen_t size = sizeof(four);
	struct chrony_about about = {
	    .socket = path != NULL ? path : "/nowhere/chronyd.sock",
	    .answer = on_tracking,
	    .arg = other,
	};

	other->base = base;
	other->fd = socket(path != NULL ? AF_UNIX : AF_INET, SOCK_DGRAM, 0);
	if (path != NULL) {
		strcpy(local.sun_path, path);
		assert_int_equal(
		    bind(other->fd, (struct sockaddr *)&local, sizeof(local)),
		    0);
		about.port = 1; /* nobody is there */
	} else {
		assert_int_equal(
		    bind(other->fd, (struct sockaddr *)&four, size), 0);
		getsockname(other->fd, (struct sockaddr *)&four, &size);
		about.port = ntohs(four.sin_port);
	}
	other->event = event_new(
	    base, other->fd, EV_READ | EV_PERSIST, on_question, other);
	event_add(other->event, NULL);
	other->chrony = chrony_new(base, &about);
	return (other);
}

static void
go_away(struct other *other)
{
	if (other->event != NULL)
		event_free(other->event);
	close(other->fd);
	chrony_free(other->chrony);
	free(other);
}

static void
ask(struct other *other)
{
	other->answered = false;
	chrony_ask(other->chrony);
	assert_false(other->answered); /* from the loop only */
	loop_until(other->base, &other->answered);
}

static void
tracking_is_asked_over_udp(void **state)
{
	struct other *other = stand_in(*state, NULL);

	ask(other);
	assert_true(other->tracked);
	assert_string_equal(other->tracking.reference, "10.9.0.1");
	ask(other);
	assert_int_equal(other->asked, 2);
	other->answered = false;
	chrony_ask(other->chrony); /* while one is under way */
	chrony_ask(other->chrony);
	loop_until(other->base, &other->answered);
	assert_int_equal(other->asked, 3);
	go_away(other);
}

static void
tracking_is_asked_at_its_socket(void **state)
{
	void *folder;
	int made = folder_make(&folder);
	char *path = folder_path(&folder, "chronyd.sock");
	struct other *other = stand_in(*state, path);

	assert_int_equal(made, 0);
	ask(other);
	assert_true(other->tracked);
	go_away(other);
	unlink(path);
	free(path);
	assert_int_equal(rmdir(folder), 0); /* ours has been removed */
	assert_int_equal(mkdir(folder, 0700), 0);
	folder_remove(&folder);
}

static void
hang(struct other *other, uint8_t *answer, size_t *length)
{
	*length = 0;
}

static void
speak_older(struct other *other, uint8_t *answer, size_t *length)
{
	answer[0] = 5;
}

static void
babble(struct other *other, uint8_t *answer, size_t *length)
{
	memset(answer, 0xa5, *length);
}

static void
mistake(struct other *other, uint8_t *answer, size_t *length)
{
	answer[16] ^= 1; /* of another question */
}

static void
nothing_good_is_answered_with_the_reason(void **state)
{
	static const struct {
		void (*act)(struct other *, uint8_t *, size_t *);
		const char *why;
	} bad[] = {
	    {hang, "no answer within 1 s"},
	    {speak_older, "version 5"},
	    {babble, "no answer of its protocol"},
	    {mistake, "what was not asked"},
	};
	struct other *other = stand_in(*state, NULL);

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		other->act = bad[i].act;
		ask(other);
		assert_false(other->tracked);
		if (strstr(other->why, bad[i].why) == NULL)
			fail_msg("%s: \"%s\"", bad[i].why, other->why);
	}
	other->act = NULL;
	ask(other);
	assert_true(other->tracked);
	event_free(other->event); /* it goes: that is no trouble of its */
	other->event = NULL;
	close(other->fd);
	other->fd = -1;
	ask(other);
	assert_false(other->tracked);
	assert_string_equal(other->why, "");
	go_away(other);
}

static void
free_while_asking_is_no_answer(void **state)
{
	struct other *other = stand_in(*state, NULL);

	other->act = hang;
	chrony_ask(other->chrony);
	loop_count(*state, &other->asked, 1);
	go_away(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_answer_is_read),
	    cmocka_unit_test(the_bound_is_offset_dispersion_and_half_the_delay),
	    cmocka_unit_test(without_a_server_there_is_no_bound),
	    cmocka_unit_test(what_is_no_answer_is_refused),
	    cmocka_unit_test(a_reference_clock_has_letters),
	    cmocka_unit_test_setup_teardown(
		tracking_is_asked_over_udp, loop_make, loop_remove),
	    cmocka_unit_test_setup_teardown(
		tracking_is_asked_at_its_socket, loop_make, loop_remove),
	    cmocka_unit_test_setup_teardown(
		nothing_good_is_answered_with_the_reason, loop_make,
		loop_remove),
	    cmocka_unit_test_setup_teardown(
		free_while_asking_is_no_answer, loop_make, loop_remove),
	};

	return (cmocka_run_group_tests_name("chrony", tests, NULL, NULL));
}
