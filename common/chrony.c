/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/chrony.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/error.h"

#define VERSION 6
#define QUESTION 1
#define ANSWER 2
#define TRACKING 33    /* the command */
#define TRACKED 5      /* its reply */
#define REFUSED 2      /* the status of what we are not allowed */
#define CLOCK_ERROR 1. /* ppm: maxclockerror */
#define SECONDS_MOST 9e9
#define PPM_MOST 400000. /* no kernel makes a clock run faster */
#define POLL 64.         /* seconds, its shortest by default */
#define SILENT 8         /* intervals; its own reachability has as many */
#define FORMULA "|offset| + dispersion + delay/2"

/* Where each member of an answer begins. */
enum {
	AT_COMMAND = 4,
	AT_REPLY = 6,
	AT_STATUS = 8,
	AT_SEQUENCE = 16,
	AT_ID = 28,
	AT_ADDRESS = 32,
	AT_FAMILY = 48,
	AT_STRATUM = 52,
	AT_LEAP = 54,
	AT_UPDATED = 56, /* seconds, high and low word, and nanoseconds */
	AT_CORRECTION = 68,
	AT_LAST = 72,
	AT_FREQUENCY = 80,
	AT_RESIDUAL = 84,
	AT_SKEW = 88,
	AT_DELAY = 92,
	AT_DISPERSION = 96,
	AT_INTERVAL = 100
};

enum { FAMILY_NONE, FAMILY_4, FAMILY_6 };

#define ID_LOCAL 0x7f7f0101 /* it follows its own clock */
#define NO_HIGH 0x7fffffff  /* there is no high word */

static void
put16(uint8_t *to, uint16_t value)
{
	value = htons(value);
	memcpy(to, &value, sizeof(value));
}

static void
put32(uint8_t *to, uint32_t value)
{
	value = htonl(value);
	memcpy(to, &value, sizeof(value));
}

static uint16_t
get16(const uint8_t *from)
{
	return ((uint16_t)(from[0] << 8 | from[1]));
}

static uint32_t
get32(const uint8_t *from)
{
	return ((uint32_t)get16(from) << 16 | get16(from + 2));
}

/* A signed exponent of 7 bits and a signed coefficient of 25. */
static double
get_float(const uint8_t *from)
{
	uint32_t word = get32(from);
	int exponent = (int)(word >> 25);
	int coefficient = (int)(word & 0x1ffffff);

	if (exponent >= 64)
		exponent -= 128;
	if (coefficient >= 1 << 24)
		coefficient -= 1 << 25;
	return (ldexp(coefficient, exponent - 25));
}

void
chrony_write(uint8_t question[static CHRONY_SIZE], uint32_t sequence)
{
	memset(question, 0, CHRONY_SIZE);
	question[0] = VERSION;
	question[1] = QUESTION;
	put16(question + 4, TRACKING);
	put32(question + 8, sequence);
}

static int
check_head(
    const uint8_t *answer, size_t length, uint32_t sequence, struct error *err)
{
	unsigned status;

	if (length < AT_ID || answer[1] != ANSWER)
		return (error_set(err, "chronyd: no answer of its protocol"));
	if (answer[0] != VERSION)
		return (error_set(err,
		    "chronyd: its protocol has version %u, expected %u (chrony "
		    "2.0 and later)",
		    answer[0], VERSION));
	if (get32(answer + AT_SEQUENCE) != sequence ||
	    get16(answer + AT_COMMAND) != TRACKING)
		return (
		    error_set(err, "chronyd: an answer to what was not asked"));
	status = get16(answer + AT_STATUS);
	if (status == REFUSED)
		return (error_set(err,
		    "chronyd: does not let us ask; cmdallow 127.0.0.1 in "
		    "chrony.conf does"));
	if (status != 0)
		return (error_set(
		    err, "chronyd: refuses to tell, status %u", status));
	if (get16(answer + AT_REPLY) != TRACKED || length < CHRONY_SIZE)
		return (error_set(err, "chronyd: an answer cut short"));
	return (0);
}

/* "GPS", "PPS0": what can be printed of the four letters. */
static void
read_letters(struct chrony_tracking *tracking)
{
	size_t used = 0;

	for (int shift = 24; shift >= 0; shift -= 8) {
		int letter = (int)(tracking->id >> shift & 0xff);

		if (letter < 0x80 && isalnum(letter))
			tracking->reference[used++] = (char)letter;
	}
	tracking->reference[used] = '\0';
}

static void
read_reference(struct chrony_tracking *tracking, const uint8_t *answer)
{
	int family = get16(answer + AT_FAMILY);

	if (family == FAMILY_4)
		inet_ntop(AF_INET, answer + AT_ADDRESS, tracking->reference,
		    sizeof(tracking->reference));
	else if (family == FAMILY_6)
		inet_ntop(AF_INET6, answer + AT_ADDRESS, tracking->reference,
		    sizeof(tracking->reference));
	else
		read_letters(tracking);
}

static nanoseconds
read_updated(const uint8_t *from)
{
	uint32_t high = get32(from);
	uint64_t seconds = get32(from + 4);

	if (high != NO_HIGH)
		seconds |= (uint64_t)high << 32;
	if (seconds > UINT64_C(8000000000) ||
	    get32(from + 8) >= (uint32_t)NS_PER_S)
		return (0);
	return ((nanoseconds)seconds * NS_PER_S + (nanoseconds)get32(from + 8));
}

static bool
is_possible(const struct chrony_tracking *tracking)
{
	return (fabs(tracking->correction) < SECONDS_MOST &&
		fabs(tracking->delay) < SECONDS_MOST &&
		tracking->dispersion >= 0 &&
		tracking->dispersion < SECONDS_MOST &&
		fabs(tracking->frequency) < PPM_MOST &&
		fabs(tracking->residual) < PPM_MOST && tracking->skew >= 0 &&
		tracking->skew < PPM_MOST);
}

int
chrony_read(struct chrony_tracking *tracking, const uint8_t *answer,
    size_t length, uint32_t sequence, struct error *err)
{
	memset(tracking, 0, sizeof(*tracking));
	if (check_head(answer, length, sequence, err) == -1)
		return (-1);
	tracking->id = get32(answer + AT_ID);
	tracking->stratum = get16(answer + AT_STRATUM);
	tracking->leap = (enum discipline_leap)get16(answer + AT_LEAP);
	if (get16(answer + AT_LEAP) > LEAP_UNSYNCHRONISED)
		return (
		    error_set(err, "chronyd: leap status %u, expected 0 to 3",
			get16(answer + AT_LEAP)));
	tracking->updated = read_updated(answer + AT_UPDATED);
	tracking->correction = get_float(answer + AT_CORRECTION);
	tracking->last = get_float(answer + AT_LAST);
	tracking->frequency = get_float(answer + AT_FREQUENCY);
	tracking->residual = get_float(answer + AT_RESIDUAL);
	tracking->skew = get_float(answer + AT_SKEW);
	tracking->delay = get_float(answer + AT_DELAY);
	tracking->dispersion = get_float(answer + AT_DISPERSION);
	tracking->interval = get_float(answer + AT_INTERVAL);
	if (!is_possible(tracking))
		return (
		    error_set(err, "chronyd: numbers that no clock can have"));
	read_reference(tracking, answer);
	return (0);
}

bool
chrony_synchronised(const struct chrony_tracking *tracking)
{
	return (tracking->leap != LEAP_UNSYNCHRONISED && tracking->id != 0 &&
		tracking->id != ID_LOCAL && tracking->stratum >= 1 &&
		tracking->stratum < 16);
}

static void
judge_bound(struct discipline *state, const struct chrony_tracking *tracking)
{
	struct discipline_parts *parts = &state->parts;

	parts->offset = -tracking->correction;
	parts->dispersion = tracking->dispersion;
	parts->delay = fabs(tracking->delay);
	state->bounded = true;
	state->error =
	    fabs(parts->offset) + parts->dispersion + parts->delay / 2;
	state->growth =
	    1e-6 * (tracking->skew + fabs(tracking->residual) + CLOCK_ERROR);
	strcpy(state->formula, FORMULA);
}

void
chrony_judge(struct discipline *state, const struct chrony_tracking *tracking,
    nanoseconds at)
{
	strcpy(state->source, "chrony");
	strcpy(state->reference, tracking->reference);
	state->stratum = tracking->stratum < 16 ? tracking->stratum : 0;
	state->leap = tracking->leap;
	state->at = at;
	state->tuned = true;
	state->frequency = tracking->frequency;
	state->skew = tracking->skew;
	if (chrony_synchronised(tracking))
		judge_bound(state, tracking);
	else if (tracking->id == ID_LOCAL)
		snprintf(state->trouble, sizeof(state->trouble),
		    "chronyd follows this clock itself (\"local\" in "
		    "chrony.conf), which says nothing of the truth; give it "
		    "servers");
	else
		snprintf(state->trouble, sizeof(state->trouble),
		    "chronyd runs and follows nobody yet; if that stays, see "
		    "chronyc sources: are its servers reached?");
}

double
chrony_silence(const struct chrony_tracking *tracking, nanoseconds wall)
{
	double silence = clock_seconds(wall - tracking->updated);
	double usual = fmax(tracking->interval, POLL);

	if (!chrony_synchronised(tracking) || tracking->updated == 0 ||
	    silence < SILENT * usual)
		return (0);
	return (silence);
}
