/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/catch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "probes/owamp/message.h"

#define WALL (INT64_C(1795000000) * NS_PER_S + 123456789)
#define PACKETS 10

static const enum mode modes[] = {
    MODE_OPEN, MODE_AUTHENTICATED, MODE_ENCRYPTED};

struct scene {
	enum mode mode;
	struct keys keys;
	struct packet_codec *out;
	struct catch *catch;
	unsigned caught;
	struct catch_packet last;
};

static void
on_caught(void *arg, const struct catch_packet *packet)
{
	struct scene *scene = arg;

	scene->caught++;
	scene->last = *packet;
}

static void
begin(struct scene *scene, enum mode mode, uint32_t packets)
{
	struct catch_about about = {
	    .mode = mode,
	    .packets = packets,
	    .caught = on_caught,
	    .arg = scene,
	};

	*scene = (struct scene){.mode = mode};
	memset(&scene->keys, 0x42, sizeof(scene->keys));
	about.keys = mode == MODE_OPEN ? NULL : &scene->keys;
	scene->out = packet_new(mode, CIPHER_ENCRYPT, about.keys);
	scene->catch = catch_new(&about);
	memset(&scene->keys, 0, sizeof(scene->keys)); /* they are copied */
}

static void
end(struct scene *scene)
{
	packet_free(scene->out);
	catch_free(scene->catch);
}

static void
hand_over(struct scene *scene, const uint8_t *data, size_t length)
{
	const struct udp_arrival arrival = {
	    .data = data,
	    .length = length,
	    .when = WALL + 5 * NS_PER_MS,
	    .stamp = STAMP_KERNEL,
	    .ttl = 251,
	};

	catch_arrived(scene->catch, &arrival);
}

static void
write_packet(struct scene *scene, uint32_t sequence, uint8_t *data)
{
	const struct packet packet = {
	    .sequence = sequence,
	    .sent = ntp_of_wall(WALL),
	    .estimate = ntp_synchronised(NS_PER_US),
	};

	packet_write(scene->out, &packet, data);
}

static void
packets_are_caught_as_they_were_sent(void **state)
{
	for (size_t i = 0; i < 3; i++) {
		uint8_t data[PACKET_SECURE + 100] = {0};
		struct scene scene;

		begin(&scene, modes[i], PACKETS);
		write_packet(&scene, 9, data);
		hand_over(&scene, data, sizeof(data));
		assert_int_equal(scene.caught, 1);
		assert_int_equal(scene.last.packet.sequence, 9);
		assert_int_equal(
		    scene.last.packet.estimate, ntp_synchronised(NS_PER_US));
		assert_true(scene.last.sent == WALL);
		assert_true(scene.last.received == WALL + 5 * NS_PER_MS);
		assert_int_equal(scene.last.stamp, STAMP_KERNEL);
		assert_int_equal(scene.last.ttl, 251);
		end(&scene);
	}
	catch_free(NULL);
}

/* Each costs itself: the good one behind it is caught. */
static void
what_is_none_of_the_session_is_counted(void **state)
{
	for (size_t i = 0; i < 3; i++) {
		uint8_t data[PACKET_SECURE], bad[PACKET_SECURE];
		const struct catch_refused *refused;
		struct scene scene;
		size_t size = packet_size(modes[i]);
		unsigned forged = 0;

		begin(&scene, modes[i], PACKETS);
		refused = catch_refused(scene.catch);
		write_packet(&scene, 3, data);
		hand_over(&scene, data, 0);
		hand_over(&scene, data, size - 1);
		memcpy(bad, data, size);
		bad[size - 1] ^= 1; /* of the HMAC */
		if (modes[i] != MODE_OPEN) {
			hand_over(&scene, bad, size);
			forged = 1;
		}
		write_packet(&scene, PACKETS, bad);
		hand_over(&scene, bad, size);
		write_packet(&scene, UINT32_MAX, bad);
		hand_over(&scene, bad, size);
		assert_int_equal(scene.caught, 0);
		assert_int_equal(refused->malformed, 2);
		assert_int_equal(refused->forged, forged);
		assert_int_equal(refused->beyond, 2);
		hand_over(&scene, data, size);
		assert_int_equal(scene.caught, 1);
		end(&scene);
	}
}

static void
an_estimate_of_nothing_is_malformed(void **state)
{
	uint8_t data[PACKET_OPEN];
	struct scene scene;

	begin(&scene, MODE_OPEN, PACKETS);
	write_packet(&scene, 3, data);
	data[13] = 0; /* the multiplier */
	hand_over(&scene, data, sizeof(data));
	assert_int_equal(scene.caught, 0);
	assert_int_equal(catch_refused(scene.catch)->malformed, 1);
	end(&scene);
}

static void
a_session_without_end_has_any_number(void **state)
{
	uint8_t data[PACKET_OPEN];
	struct scene scene;

	begin(&scene, MODE_OPEN, MESSAGE_NEXT_UNKNOWN);
	write_packet(&scene, UINT32_MAX - 1, data);
	hand_over(&scene, data, sizeof(data));
	assert_int_equal(scene.caught, 1);
	end(&scene);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(packets_are_caught_as_they_were_sent),
	    cmocka_unit_test(what_is_none_of_the_session_is_counted),
	    cmocka_unit_test(an_estimate_of_nothing_is_malformed),
	    cmocka_unit_test(a_session_without_end_has_any_number),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
