/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/discipline.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>

#include "common/host.h"

#define KERNEL_GROWTH 500e-6 /* what the kernel adds to its own bound */
#define SCALE 65536.0        /* of its frequency: ppm shifted by 16 bits */
#define TICK 10000           /* microseconds; each one more is 100 ppm */

double
discipline_kernel_rate(const struct timex *kernel)
{
	double tick = kernel->tick != 0 ? (double)kernel->tick : TICK;

	return ((double)kernel->freq / SCALE + (tick - TICK) * 100);
}

static enum discipline_leap
kernel_leap(const struct timex *kernel)
{
	if ((kernel->status & STA_INS) != 0)
		return (LEAP_INSERT);
	return ((kernel->status & STA_DEL) != 0 ? LEAP_DELETE : LEAP_NONE);
}

static bool
is_kept(const struct timex *kernel, int verdict)
{
	return (verdict != -1 && verdict != TIME_ERROR &&
		(kernel->status & STA_UNSYNC) == 0 && kernel->maxerror > 0 &&
		(double)kernel->maxerror / 1e6 < DISCIPLINE_MOST);
}

void
discipline_of_kernel(struct discipline *state, const struct timex *kernel,
    int verdict, nanoseconds at)
{
	strcpy(state->source, "none");
	state->at = at;
	state->leap = LEAP_UNSYNCHRONISED;
	if (!is_kept(kernel, verdict)) {
		snprintf(state->trouble, sizeof(state->trouble),
		    "nothing keeps this clock right; install chrony and give "
		    "it servers");
		return;
	}
	strcpy(state->source, "kernel");
	strcpy(state->formula, "the kernel's maximum error");
	state->leap = kernel_leap(kernel);
	state->bounded = true;
	state->error = (double)kernel->maxerror / 1e6;
	state->growth = KERNEL_GROWTH;
	state->tuned = true;
	state->frequency = -discipline_kernel_rate(kernel);
	state->skew = (double)kernel->stabil / SCALE;
}

void
discipline_read(struct discipline *state)
{
	struct timex kernel = {.modes = 0};
	int verdict = ntp_adjtime(&kernel);

	memset(state, 0, sizeof(*state));
	state->steal = -1;
	state->guest = host_is_guest();
	host_clocksource(state->clocksource, sizeof(state->clocksource));
	discipline_of_kernel(state, &kernel, verdict, clock_monotonic());
}

double
discipline_error_at(const struct discipline *state, nanoseconds at)
{
	double apart = fabs(clock_seconds(at - state->at));
	double error = state->error + state->growth * apart;

	return (state->bounded && error < DISCIPLINE_MOST ? error : INFINITY);
}

bool
discipline_is_vouched(const struct discipline *state)
{
	return (strcmp(state->source, DISCIPLINE_OPERATOR) == 0);
}

bool
discipline_bounded_at(const struct discipline *state, nanoseconds at)
{
	return (discipline_error_at(state, at) < DISCIPLINE_MOST);
}
