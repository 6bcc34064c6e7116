/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/stamp.h"

#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <linux/errqueue.h> /* leans on time.h */
#include <linux/net_tstamp.h>

#define READINGS 8
#define UNDISTURBED 200 /* ns; a reading takes some 60 */
#define STEP 500        /* ns; less is not told from noise */
#define EARLY \
	(100 * NS_PER_US) /* a stamp this long before the sending is
                                   another packet's */

#define RECEIVED                                                    \
	(SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE | \
	    SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE)
#define SENT                                                             \
	(RECEIVED | SOF_TIMESTAMPING_TX_SOFTWARE |                       \
	    SOF_TIMESTAMPING_TX_HARDWARE | SOF_TIMESTAMPING_OPT_TSONLY | \
	    SOF_TIMESTAMPING_OPT_TX_SWHW)

static nanoseconds
distance(nanoseconds a, nanoseconds b)
{
	return (a > b ? a - b : b - a);
}

void
stamp_read(struct stamp_clock *clock, nanoseconds before, nanoseconds wall,
    nanoseconds after)
{
	nanoseconds doubt = (after - before) / 2;
	nanoseconds offset = wall - (before + doubt);

	if (clock->known &&
	    distance(offset, clock->offset) <= doubt + clock->doubt + STEP)
		return;
	if (clock->known) {
		clock->before = clock->offset;
		clock->changed = true;
	}
	clock->known = true;
	clock->offset = offset;
	clock->doubt = doubt;
}

nanoseconds
stamp_look(struct stamp_clock *clock, const struct probe_host *host)
{
	nanoseconds best[3] = {0, 0, INT64_MAX}, before, wall, after = 0;

	for (int i = 0; i < READINGS; i++) {
		before = host->monotonic();
		wall = host->wall();
		after = host->monotonic();
		if (after - before < best[2] - best[0]) {
			best[0] = before;
			best[1] = wall;
			best[2] = after;
		}
		if (after - before < UNDISTURBED)
			break;
	}
	stamp_read(clock, best[0], best[1], best[2]);
	return (after);
}

void
stamp_settle(struct stamp_clock *clock)
{
	clock->changed = false;
}

nanoseconds
stamp_monotonic(
    const struct stamp_clock *clock, nanoseconds wall, nanoseconds now)
{
	nanoseconds stamp = wall - clock->offset, old = wall - clock->before;

	if (clock->changed && old <= now && (stamp > now || old > stamp))
		stamp = old;
	return (stamp < now ? stamp : now);
}

static bool
find(struct msghdr *message, struct scm_timestamping *stamps)
{
	struct cmsghdr *control = CMSG_FIRSTHDR(message);

	for (; control != NULL; control = CMSG_NXTHDR(message, control)) {
		if (control->cmsg_level != SOL_SOCKET ||
		    control->cmsg_type != SCM_TIMESTAMPING)
			continue;
		memcpy(stamps, CMSG_DATA(control), sizeof(*stamps));
		return (true);
	}
	return (false);
}

struct stamp
stamp_of(
    const struct stamp_clock *clock, struct msghdr *message, nanoseconds now)
{
	struct scm_timestamping stamps;
	struct stamp stamp = {0, 0};
	nanoseconds wall;

	if (!find(message, &stamps))
		return (stamp);
	wall = clock_of_timespec(&stamps.ts[0]);
	if (wall != 0)
		stamp.kernel = stamp_monotonic(clock, wall, now);
	stamp.card = clock_of_timespec(&stamps.ts[2]);
	return (stamp);
}

static int
enable(int fd, int flags)
{
	return (
	    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof(flags)));
}

int
stamp_enable(int fd)
{
	/* the count begins anew when it is asked for anew */
	if (enable(fd, SENT) == 0 &&
	    enable(fd, SENT | SOF_TIMESTAMPING_OPT_ID) == 0)
		return (0);
	enable(fd, RECEIVED);
	return (-1);
}

void
stamp_sent(int fd, bool stamped)
{
	enable(fd, (stamped ? SENT : RECEIVED) | SOF_TIMESTAMPING_OPT_ID);
}

nanoseconds
stamp_round_trip(
    const struct stamp_trip *trip, enum probe_stamp classes[static 2])
{
	nanoseconds came = trip->came.kernel, left = trip->left.kernel, card;

	classes[1] = came != 0 ? STAMP_KERNEL : STAMP_USER;
	if (came == 0)
		came = trip->received;
	classes[0] = STAMP_KERNEL;
	if (left == 0 || left > came || left < trip->sent - EARLY) {
		classes[0] = STAMP_USER;
		left = trip->sent < came ? trip->sent : came;
	}
	if (trip->left.card == 0 || trip->came.card == 0)
		return (came - left);
	/* two cards may have answered for one another's packets, and no clock
	 * in common: what they saw lies within what the kernel saw */
	card = trip->came.card - trip->left.card;
	if (card <= 0 || card > came - left)
		return (came - left);
	classes[0] = classes[1] = STAMP_HARDWARE;
	return (card);
}
