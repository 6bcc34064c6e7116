/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/clock.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/unit.h"

#define MOST_SECONDS 8000000000 /* within 64 bits of nanoseconds */

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
clock_boot(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
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

/* ".25" and what follows; digits beyond the ninth are dropped. */
static const char *
parse_fraction(const char *text, nanoseconds *fraction)
{
	nanoseconds weight = NS_PER_S;

	if (*text != '.' || !isdigit((unsigned char)text[1]))
		return (text);
	for (text++; isdigit((unsigned char)*text); text++) {
		weight /= 10;
		*fraction += (*text - '0') * weight;
	}
	return (text);
}

static const char *
parse_time_of_day(const char *text, struct tm *tm, nanoseconds *fraction)
{
	const char *rest = strptime(text, "%H:%M:%S", tm);

	if (rest != NULL)
		return (parse_fraction(rest, fraction));
	return (strptime(text, "%H:%M", tm));
}

static bool
parse_two(const char *text, int most, int *value)
{
	if (!isdigit((unsigned char)text[0]) ||
	    !isdigit((unsigned char)text[1]))
		return (false);
	*value = (text[0] - '0') * 10 + text[1] - '0';
	return (*value <= most);
}

/* "+01:00" or "-0330", as far as it is there: so much ahead of UTC. */
static const char *
parse_offset(const char *text, time_t *ahead)
{
	const char *rest = text + 3;
	int hours, minutes;

	if ((*text != '+' && *text != '-') || !parse_two(text + 1, 23, &hours))
		return (text);
	if (*rest == ':')
		rest++;
	if (!parse_two(rest, 59, &minutes))
		return (text);
	*ahead = (hours * 60 + minutes) * (*text == '-' ? -60 : 60);
	return (rest + 2);
}

static int
parse_iso(const char *text, nanoseconds *wall)
{
	struct tm tm = {0};
	nanoseconds fraction = 0;
	const char *rest = strptime(text, "%Y-%m-%d", &tm);
	int day = tm.tm_mday;
	bool timed = rest != NULL && (*rest == 'T' || *rest == ' ');
	time_t seconds, ahead = 0;

	if (timed)
		rest = parse_time_of_day(rest + 1, &tm, &fraction);
	if (rest != NULL && *rest == 'Z')
		rest++;
	else if (rest != NULL && timed)
		rest = parse_offset(rest, &ahead);
	if (rest == NULL || *rest != '\0')
		return (-1);
	seconds = timegm(&tm) - ahead;
	if (tm.tm_mday != day || llabs(seconds) > MOST_SECONDS)
		return (-1); /* such as 30 February */
	*wall = (nanoseconds)seconds * NS_PER_S + fraction;
	return (0);
}

static int
parse_back(const char *text, nanoseconds now, nanoseconds *wall)
{
	double seconds;

	if (text[0] != '-' || text[1] == '-' ||
	    unit_parse(UNIT_SECONDS, text + 1, &seconds, NULL) == -1 ||
	    seconds > MOST_SECONDS)
		return (-1);
	*wall = now - clock_of_seconds(seconds);
	return (0);
}

static int
parse_unix(const char *text, nanoseconds *wall)
{
	double seconds;

	if (text[0] == '-' ||
	    unit_parse(UNIT_NONE, text, &seconds, NULL) == -1 ||
	    seconds > MOST_SECONDS)
		return (-1);
	*wall = clock_of_seconds(seconds);
	return (0);
}

int
clock_parse(
    const char *text, nanoseconds now, nanoseconds *wall, struct error *err)
{
	if (strcmp(text, "now") == 0) {
		*wall = now;
		return (0);
	}
	if (parse_iso(text, wall) == 0 || parse_back(text, now, wall) == 0 ||
	    parse_unix(text, wall) == 0)
		return (0);
	return (error_set(err,
	    "\"%.60s\": expected a time such as 2026-11-21T10:05Z or "
	    "2026-11-21T11:05+01:00, Unix seconds, now or a duration back such "
	    "as -1h",
	    text));
}
