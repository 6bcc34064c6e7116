/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/emulator/cable.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lab/emulator/hello.h"
#include "lab/emulator/now.h"
#include "lab/emulator/verdict.h"

#define BATCH 64 /* packets of one end before another has its turn */

struct cable *
cable_new(const char *name, const int taps[static 2], uint64_t seed,
    struct pool *pool)
{
	struct cable *cable = calloc(1, sizeof(*cable));

	if (cable == NULL)
		return (NULL);
	strncpy(cable->name, name, REQUEST_NAME);
	cable->pool = pool;
	for (int i = 0; i < 2; i++) {
		cable->taps[i] = taps[i];
		course_start(&cable->courses[i], seed + (uint64_t)i);
		(void)fcntl(
		    taps[i], F_SETFL, fcntl(taps[i], F_GETFL) | O_NONBLOCK);
	}
	return (cable);
}

void
cable_free(struct cable *cable)
{
	for (int i = 0; i < 2; i++) {
		course_free(&cable->courses[i], cable->pool);
		close(cable->taps[i]);
	}
	if (cable->log != NULL)
		verdict_close(cable->log);
	free(cable);
}

static void
tell(struct cable *cable, unsigned way, const struct packet *packet)
{
	struct verdict verdict = {.before = packet->before,
	    .number = packet->number,
	    .length = packet->length,
	    .way = (uint8_t)way,
	    .bits = packet->verdict};

	if (cable->log == NULL || packet->copy)
		return;
	if ((packet->verdict & VERDICT_CORRUPTED) == 0)
		verdict.after = packet->before;
	else
		verdict.after = verdict_hash(packet->frame, packet->length);
	if ((packet->verdict & VERDICT_GONE) != 0)
		verdict.after = 0;
	verdict_add(cable->log, &verdict);
}

/* It is gone for this reason. */
static void
lose(struct cable *cable, unsigned way, struct packet *packet, uint8_t why)
{
	packet->verdict |= why;
	course_count(&cable->courses[way], why);
	tell(cable, way, packet);
	pool_give(cable->pool, packet);
}

static void
take_in(struct cable *cable, unsigned way, struct packet *packet)
{
	struct course *course = &cable->courses[way];

	if (cable->log != NULL)
		packet->before = verdict_hash(packet->frame, packet->length);
	if (cable->failed) {
		packet->number = (uint32_t)course->counts.in++;
		packet->verdict = packet->copy = 0;
		lose(cable, way, packet, VERDICT_FAILED);
	} else if (!course_enter(
		       course, cable->pool, packet, now_monotonic())) {
		tell(cable, way, packet);
		pool_give(cable->pool, packet);
	}
}

/* Without memory it is read all the same, or it would be read late. */
static int
overflow(struct cable *cable, unsigned way)
{
	uint8_t frame[FATE_SPARED];

	if (read(cable->taps[way], frame, sizeof(frame)) < 0)
		return (errno == EAGAIN || errno == EINTR ? 0 : -1);
	cable->courses[way].counts.in++;
	course_count(&cable->courses[way], VERDICT_OVERFLOW);
	return (1);
}

static int
read_one(struct cable *cable, unsigned way)
{
	struct packet *packet = pool_take(cable->pool);
	ssize_t length;

	if (packet == NULL)
		return (overflow(cable, way));
	length = read(cable->taps[way], packet->frame, POOL_FRAME);
	if (length <= 0) {
		pool_give(cable->pool, packet);
		return (length == -1 && (errno == EAGAIN || errno == EINTR)
			    ? 0
			    : -1);
	}
	packet->length = (uint16_t)length;
	take_in(cable, way, packet);
	return (1);
}

int
cable_read(struct cable *cable, unsigned end)
{
	int status = 1;

	for (int i = 0; i < BATCH && status == 1; i++)
		status = read_one(cable, end);
	return (status == -1 ? -1 : 0);
}

static void
deliver(struct cable *cable, unsigned way, struct packet *packet)
{
	struct course *course = &cable->courses[way];
	nanoseconds now = now_monotonic();

	if (write(cable->taps[1 - way], packet->frame, packet->length) < 0) {
		lose(cable, way, packet, VERDICT_FAILED);
		return;
	}
	late_add(&course->late, now - packet->due);
	course->counts.out++;
	if (hello_is(packet->frame, packet->length))
		course->hello = now;
	tell(cable, way, packet);
	pool_give(cable->pool, packet);
}

nanoseconds
cable_release(struct cable *cable, nanoseconds by)
{
	nanoseconds next = DUE_NEVER;
	struct packet *packet;

	for (unsigned way = 0; way < 2; way++) {
		struct course *course = &cable->courses[way];

		while ((packet = course_leave(course, by)) != NULL)
			deliver(cable, way, packet);
		if (course_next(course) < next)
			next = course_next(course);
	}
	return (next);
}

void
cable_fail(struct cable *cable, bool failed)
{
	struct packet *packet;

	cable->failed = failed;
	if (!failed)
		return;
	for (unsigned way = 0; way < 2; way++) {
		struct course *course = &cable->courses[way];

		while ((packet = course_leave(course, DUE_NEVER - 1)) != NULL)
			lose(cable, way, packet, VERDICT_FAILED);
		course_idle(course);
	}
}

int
cable_carrier(struct cable *cable, bool on)
{
	int value = on;

	if (!on)
		cable_fail(cable, true);
	for (int i = 0; i < 2; i++)
		if (ioctl(cable->taps[i], TUNSETCARRIER, &value) == -1)
			return (-1);
	return (0);
}
