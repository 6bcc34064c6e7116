/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/clock.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/unit.h"

nanoseconds
clock_wall(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (clock_of_timespec(&now));
}

nanoseconds
clock_monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (clock_of_timespec(&now));
}

nanoseconds
clock_of_seconds(double seconds)
{
	double whole = floor(seconds);

	/* apart, so that the fraction keeps its digits */
	return ((nanoseconds)whole * NS_PER_S +
		(nanoseconds)llround((seconds - whole) * (double)NS_PER_S));
}

static nanoseconds
floor_to(nanoseconds value, nanoseconds step)
{
	nanoseconds rest = value % step;

	return (value - (rest < 0 ? rest + step : rest));
}

char *
clock_format(nanoseconds wall, int decimals, char text[static 40])
{
	nanoseconds second = floor_to(wall, NS_PER_S);
	time_t t = (time_t)(second / NS_PER_S);
	char fraction[12];
	struct tm tm;
	size_t used;

	gmtime_r(&t, &tm);
	used = strftime(text, 40, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(fraction, sizeof(fraction), ".%09d",
	    (int)(wall - second)); /* cut, not rounded: never the next second */
	if (decimals > 0)
		used += (size_t)snprintf(text + used, 40 - used, "%.*s",
		    (decimals < 9 ? decimals : 9) + 1, fraction);
	snprintf(text + used, 40 - used, "Z");
	return (text);
}

static int
parse_iso(const char *text, nanoseconds *wall)
{
	struct tm tm = {0};
	const char *rest = strptime(text, "%Y-%m-%d", &tm);
	double fraction = 0;

	if (rest == NULL)
		return (-1);
	if (*rest == 'T' || *rest == ' ') {
		const char *clock = rest + 1;

		if ((rest = strptime(clock, "%H:%M:%S", &tm)) == NULL &&
		    (rest = strptime(clock, "%H:%M", &tm)) == NULL)
			return (-1);
		if (*rest == '.' && isdigit((unsigned char)rest[1])) {
			char *end;

			fraction = strtod(rest, &end);
			rest = end;
		}
		if (*rest == 'Z')
			rest++;
	}
	if (*rest != '\0')
		return (-1);
	*wall =
	    (nanoseconds)timegm(&tm) * NS_PER_S + clock_of_seconds(fraction);
	return (0);
}

int
clock_parse(
    const char *text, nanoseconds now, nanoseconds *wall, struct error *err)
{
	double seconds;
	char *end;

	if (strcmp(text, "now") == 0) {
		*wall = now;
		return (0);
	}
	if (text[0] == '-') {
		if (unit_parse(UNIT_SECONDS, text + 1, &seconds, err) == -1)
			return (-1);
		*wall = now - clock_of_seconds(seconds);
		return (0);
	}
	if (parse_iso(text, wall) == 0)
		return (0);
	seconds = strtod(text, &end);
	if (end != text && *end == '\0' && isfinite(seconds) &&
	    fabs(seconds) < 9e9) {
		*wall = clock_of_seconds(seconds);
		return (0);
	}
	return (error_set(err,
	    "\"%s\": expected a time such as 2026-11-21T10:05Z, Unix seconds, "
	    "now or a duration back such as -1h",
	    text));
}
