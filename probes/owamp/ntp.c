/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owamp/ntp.h"

#define EPOCH UINT64_C(2208988800) /* from 1900 to 1970, seconds */
#define ERA (INT64_C(1) << 32)     /* seconds */
#define HALF (UINT64_C(1) << 31)

#define S_BIT 0x8000
#define Z_BIT 0x4000
#define SCALE_MOST 63
#define MULTIPLIER_MOST 255

__extension__ typedef unsigned __int128 wide;

/* Nanoseconds below a second as a fraction of 32 bits, and back; to the
 * nearest. */
static uint64_t
fraction_of(uint64_t ns)
{
	return (((ns << 32) + NS_PER_S / 2) / NS_PER_S);
}

static nanoseconds
nanoseconds_of(uint64_t fraction)
{
	return ((nanoseconds)((fraction * NS_PER_S + HALF) >> 32));
}

uint64_t
ntp_of_wall(nanoseconds wall)
{
	nanoseconds seconds = wall / NS_PER_S, rest = wall % NS_PER_S;

	if (rest < 0) {
		seconds--;
		rest += NS_PER_S;
	}
	return (
	    (((uint64_t)seconds + EPOCH) << 32) + fraction_of((uint64_t)rest));
}

nanoseconds
ntp_wall(uint64_t ntp)
{
	int64_t seconds = (int64_t)(ntp >> 32);

	if (seconds < ERA / 2)
		seconds += ERA;
	return ((seconds - (int64_t)EPOCH) * NS_PER_S +
		nanoseconds_of(ntp & (NTP_S - 1)));
}

uint64_t
ntp_of_duration(nanoseconds duration)
{
	uint64_t seconds = (uint64_t)(duration / NS_PER_S);

	if (seconds >= (uint64_t)ERA)
		return (UINT64_MAX);
	return ((seconds << 32) + fraction_of((uint64_t)(duration % NS_PER_S)));
}

nanoseconds
ntp_duration(uint64_t ntp)
{
	return ((nanoseconds)(ntp >> 32) * NS_PER_S +
		nanoseconds_of(ntp & (NTP_S - 1)));
}

uint32_t
ntp_short_of(nanoseconds duration)
{
	uint64_t rounded;

	if (duration <= 0)
		return (0);
	if (duration >= (INT64_C(1) << 16) * NS_PER_S)
		return (UINT32_MAX);
	rounded = (ntp_of_duration(duration) + (1u << 15)) >> 16;
	return (rounded > UINT32_MAX ? UINT32_MAX : (uint32_t)rounded);
}

nanoseconds
ntp_short(uint32_t ntp)
{
	return (ntp_duration((uint64_t)ntp << 16));
}

nanoseconds
ntp_between(uint64_t a, uint64_t b)
{
	uint64_t forward = b - a;

	if (forward >> 63 == 0)
		return (ntp_duration(forward));
	return (-ntp_duration(a - b));
}

/* Rounded up. */
static uint64_t
units_of(nanoseconds error)
{
	wide units = (((wide)error << 32) + NS_PER_S - 1) / NS_PER_S;

	return (units > UINT64_MAX ? UINT64_MAX : (uint64_t)units);
}

uint16_t
ntp_synchronised(nanoseconds error)
{
	uint64_t units = units_of(error > 0 ? error : 1);
	unsigned scale = 0;

	/* a bit that is shifted out makes the rest one more */
	while (units > MULTIPLIER_MOST) {
		units = (units >> 1) + (units & 1);
		scale++;
	}
	return ((uint16_t)(S_BIT | scale << 8 | units));
}

int
ntp_read_estimate(uint16_t wire, struct ntp_estimate *estimate)
{
	unsigned scale = wire >> 8 & SCALE_MOST;
	wide units = (wide)(wire & MULTIPLIER_MOST) << scale;
	wide error = (units * NS_PER_S + NTP_S - 1) >> 32;

	if (units == 0)
		return (-1);
	*estimate = (struct ntp_estimate){
	    .synchronised = (wire & S_BIT) != 0,
	    .ptp = (wire & Z_BIT) != 0,
	    .error = error > INT64_MAX ? INT64_MAX : (nanoseconds)error,
	};
	return (0);
}
