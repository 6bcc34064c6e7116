/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/sender.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "probes/echo.h"
#include "probes/probe.h"

/* Packets are numbers in host order, in datagrams to a socket of this test. */
struct scene {
	int in, out;
	union address to;
	struct sender *sender;
	struct echo_queue *spare[SENDER_QUEUES + 1];
	uint32_t told, refused;
	nanoseconds before;
};

static const struct probe_host host = {.monotonic = clock_monotonic};

/* Told in order, with a time between that of the packet before and now. */
static void
on_sent(void *owner, uint32_t packet, nanoseconds when, uint32_t id)
{
	struct scene *scene = owner;

	assert_int_equal(packet, scene->told);
	assert_true(scene->before <= when && when <= clock_monotonic());
	scene->before = when;
	scene->told++;
}

static void
on_refused(void *owner, uint32_t packet, nanoseconds when, int error)
{
	struct scene *scene = owner;

	assert_int_equal(error, EMSGSIZE);
	scene->refused++;
	scene->told++;
}

static const struct echo_calls calls = {.sent = on_sent, .refused = on_refused};

static int
make(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	socklen_t length = sizeof(scene->to);

	scene->in = socket(AF_INET, SOCK_DGRAM, 0);
	scene->out = socket(AF_INET, SOCK_DGRAM, 0);
	scene->to.in = (struct sockaddr_in){
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	if (bind(scene->in, &scene->to.sa, sizeof(scene->to.in)) == -1 ||
	    getsockname(scene->in, &scene->to.sa, &length) == -1)
		return (-1);
	scene->before = clock_monotonic();
	for (int i = 0; i <= SENDER_QUEUES; i++)
		scene->spare[i] = calloc(1, sizeof(*scene->spare[i]));
	scene->sender = sender_new(scene->out, &host);
	*state = scene;
	return (0);
}

static int
unmake(void **state)
{
	struct scene *scene = *state;

	sender_free(scene->sender);
	for (int i = 0; i <= SENDER_QUEUES; i++)
		free(scene->spare[i]);
	close(scene->in);
	close(scene->out);
	free(scene);
	return (0);
}

static void
fill(struct scene *scene, struct echo_queue *queue, uint32_t first, size_t size)
{
	for (uint32_t i = 0; i < ECHO_BATCH; i++) {
		uint32_t number = first + i;

		memcpy(
		    queue->room + i * sizeof(number), &number, sizeof(number));
		queue->owners[i] = (struct echo_owner){scene, number};
		queue->iov[i] =
		    (struct iovec){queue->room + i * sizeof(number), size};
		queue->messages[i].msg_hdr =
		    (struct msghdr){.msg_name = &scene->to.in,
			.msg_namelen = sizeof(scene->to.in),
			.msg_iov = &queue->iov[i],
			.msg_iovlen = 1};
	}
	queue->count = ECHO_BATCH;
}

/* One processor: there is nothing to test. */
static bool
is_alone(const struct scene *scene)
{
	if (scene->sender != NULL)
		return (false);
	assert_int_equal(sysconf(_SC_NPROCESSORS_ONLN), 1);
	return (true);
}

static void
each_packet_leaves_once_and_is_told_of_in_order(void **state)
{
	struct scene *scene = *state;
	struct echo_queue *queue = scene->spare[0];
	uint32_t number;

	for (uint32_t first = 0; first < 20 * ECHO_BATCH && !is_alone(scene);
	     first += ECHO_BATCH) {
		fill(scene, queue, first, sizeof(number));
		queue = sender_take(scene->sender, queue);
		assert_non_null(queue);
		for (uint32_t i = 0; i < ECHO_BATCH; i++) {
			assert_int_equal(
			    recv(scene->in, &number, sizeof(number), 0),
			    sizeof(number));
			assert_int_equal(number, first + i);
			/* what has been read has left */
			sender_tell(scene->sender, &calls, true);
			assert_true(scene->told > number);
		}
	}
	assert_int_equal(scene->refused, 0);
}

static void
it_takes_so_many_queues_until_it_has_told_of_one(void **state)
{
	struct scene *scene = *state;
	struct echo_queue *more = scene->spare[SENDER_QUEUES];

	if (is_alone(scene))
		return;
	for (int i = 0; i <= SENDER_QUEUES; i++)
		fill(scene, scene->spare[i], (uint32_t)i * ECHO_BATCH, 4);
	for (int i = 0; i < SENDER_QUEUES; i++)
		assert_non_null(sender_take(scene->sender, scene->spare[i]));
	assert_null(sender_take(scene->sender, more));
	sender_wait(scene->sender);
	assert_int_equal(scene->told, 0);
	assert_null(sender_take(scene->sender, more));
	assert_true(sender_tell(scene->sender, &calls, true));
	assert_int_equal(scene->told, SENDER_QUEUES * ECHO_BATCH);
	assert_non_null(sender_take(scene->sender, more));
}

static void
what_the_host_refuses_is_told_with_its_reason(void **state)
{
	struct scene *scene = *state;

	if (is_alone(scene))
		return;
	fill(scene, scene->spare[0], 0, 4);
	scene->spare[0]->iov[7].iov_len = ECHO_ROOM;
	assert_non_null(sender_take(scene->sender, scene->spare[0]));
	sender_wait(scene->sender);
	sender_tell(scene->sender, &calls, true);
	assert_int_equal(scene->told, ECHO_BATCH);
	assert_int_equal(scene->refused, 1);
}

static void
what_it_has_taken_leaves_before_it_goes(void **state)
{
	struct scene *scene = *state;
	uint32_t number;

	if (is_alone(scene))
		return;
	fill(scene, scene->spare[0], 0, sizeof(number));
	assert_non_null(sender_take(scene->sender, scene->spare[0]));
	sender_free(scene->sender);
	scene->sender = NULL;
	for (uint32_t i = 0; i < ECHO_BATCH; i++)
		assert_int_equal(
		    recv(scene->in, &number, sizeof(number), MSG_DONTWAIT),
		    sizeof(number));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make, unmake)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(each_packet_leaves_once_and_is_told_of_in_order),
	    TEST(it_takes_so_many_queues_until_it_has_told_of_one),
	    TEST(what_the_host_refuses_is_told_with_its_reason),
	    TEST(what_it_has_taken_leaves_before_it_goes),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
