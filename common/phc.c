/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/phc.h"

#include <fcntl.h>
#include <linux/ptp_clock.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/error.h"

#define TAI_LEAST 30 /* seconds ahead of UTC; 37 since 2017 */
#define TAI_MOST 50
#define NEAR (NS_PER_S / 10) /* a whole second, and so much */

/* A card that keeps TAI is so many seconds ahead, and a little. */
static int
find_whole(nanoseconds offset)
{
	nanoseconds whole = (offset + NS_PER_S / 2) / NS_PER_S;

	if (whole < TAI_LEAST || whole > TAI_MOST ||
	    llabs(offset - whole * NS_PER_S) > NEAR)
		return (0);
	return ((int)whole);
}

bool
phc_judge(
    struct phc_offset *offset, const struct phc_reading *readings, size_t count)
{
	const struct phc_reading *best = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct phc_reading *r = &readings[i];

		if (r->after >= r->before &&
		    (best == NULL ||
			r->after - r->before < best->after - best->before))
			best = r;
	}
	if (best == NULL)
		return (false);
	offset->error = (best->after - best->before + 1) / 2;
	offset->offset = best->card - best->before - offset->error;
	offset->whole = find_whole(offset->offset);
	return (true);
}

static nanoseconds
time_of(const struct ptp_clock_time *time)
{
	return (time->sec * NS_PER_S + time->nsec);
}

int
phc_read(const char *path, struct phc_offset *offset, struct error *err)
{
	struct ptp_sys_offset asked = {.n_samples = PHC_READINGS};
	struct phc_reading readings[PHC_READINGS];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int result;

	if (fd == -1)
		return (error_set(err, "%s: %m", path));
	result = ioctl(fd, PTP_SYS_OFFSET, &asked);
	if (result == -1)
		error_set(err, "%s: its offset: %m", path);
	close(fd);
	if (result == -1)
		return (-1);
	/* host, card, host, card, host, ... */
	for (int i = 0; i < PHC_READINGS; i++) {
		readings[i].before = time_of(&asked.ts[2 * i]);
		readings[i].card = time_of(&asked.ts[2 * i + 1]);
		readings[i].after = time_of(&asked.ts[2 * i + 2]);
	}
	if (!phc_judge(offset, readings, PHC_READINGS))
		return (error_set(
		    err, "%s: the clock was set while it was read", path));
	return (0);
}
