/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/quiet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/memory.h"

#define QUIET_DAY_S ((time_t)QUIET_DAY * 60)
#define QUIET_SET QUIET_DAY_S /* seconds in which a clock is set once at most */

int
quiet_minutes(const char *text, int *minutes, struct error *err)
{
	static const char digits[] = "0123456789";
	int hour = 24, minute = 60;

	if (strlen(text) == 5 && strspn(text, digits) == 2 && text[2] == ':' &&
	    strspn(text + 3, digits) == 2) {
		hour = atoi(text);
		minute = atoi(text + 3);
	}
	if (hour > 23 || minute > 59)
		return (error_set(err,
		    "\"%.80s\", expected an hour and a minute such as 22:00",
		    text));
	*minutes = hour * 60 + minute;
	return (0);
}

static bool
is_zone_file(const char *zone)
{
	const char *folder = getenv("TZDIR");
	char *path = memory_print(
	    "%s/%s", folder != NULL ? folder : "/usr/share/zoneinfo", zone);
	FILE *file = fopen(path, "re");
	char magic[4] = "";
	bool found = file != NULL && fread(magic, 4, 1, file) == 1 &&
		     memcmp(magic, "TZif", 4) == 0;

	if (file != NULL)
		fclose(file);
	free(path);
	return (found);
}

int
quiet_zone(const char *zone, struct error *err)
{
	if (strcmp(zone, "UTC") == 0)
		return (0);
	if (strlen(zone) >= QUIET_ZONE || zone[0] == '/' ||
	    strstr(zone, "..") != NULL || !is_zone_file(zone))
		return (error_set(err,
		    "\"%.80s\" is not known here, expected a time zone such as "
		    "Europe/Berlin, of the package tzdata",
		    zone));
	return (0);
}

static void
use_zone(const char *zone)
{
	static char used[QUIET_ZONE];
	char *value;

	if (strcmp(used, zone) == 0)
		return;
	value = memory_print(":%s", zone);
	setenv("TZ", value, 1);
	tzset();
	free(value);
	memcpy(used, zone, sizeof(used));
}

/* How far the zone's clock is ahead of UTC. */
static time_t
ahead(time_t t)
{
	struct tm tm;

	localtime_r(&t, &tm);
	return (tm.tm_gmtoff);
}

/* When the clock was set between the two. */
static time_t
when_set(time_t before, time_t after)
{
	time_t was = ahead(before);

	while (after - before > 1) {
		time_t middle = before + (after - before) / 2;

		if (ahead(middle) == was)
			before = middle;
		else
			after = middle;
	}
	return (after);
}

/* When the clock shows a time, as if it were UTC's, first or last: twice if it
 * is set back over it; if it is set forward, then that is when. */
static time_t
shown(time_t local, bool last)
{
	time_t by_old = local - ahead(local - QUIET_SET);
	time_t by_new = local - ahead(local + QUIET_SET);
	time_t set;

	if (by_old == by_new)
		return (by_old);
	set = when_set(local - QUIET_SET, local + QUIET_SET);
	if (last)
		return (by_new >= set ? by_new : by_old < set ? by_old : set);
	return (by_old < set ? by_old : by_new >= set ? by_new : set);
}

bool
quiet_at(const struct quiet *quiet, nanoseconds wall, nanoseconds *change)
{
	time_t t = wall / NS_PER_S, day, until = 0;
	bool inside = false;

	*change = INT64_MAX;
	if (!quiet->given)
		return (false);
	use_zone(quiet->zone);
	day = (t + ahead(t)) / QUIET_DAY_S * QUIET_DAY_S - QUIET_DAY_S;
	/* yesterday's, today's and tomorrow's, the day's after if it is over */
	for (int i = 0; i < 4; i++, day += QUIET_DAY_S) {
		time_t over = quiet->from < quiet->to ? 0 : QUIET_DAY_S;
		time_t from = shown(day + quiet->from * 60, false);
		time_t to = shown(day + over + quiet->to * 60, true);

		if (to <= t || (inside && from > until))
			continue;
		if (!inside && from > t) {
			until = from;
			break;
		}
		inside = true;
		until = to;
	}
	*change = until * NS_PER_S;
	return (inside);
}

char *
quiet_write(const struct quiet *quiet, char text[static QUIET_TEXT])
{
	if (quiet->given)
		snprintf(text, QUIET_TEXT, "%02d:%02d to %02d:%02d %s",
		    quiet->from / 60, quiet->from % 60, quiet->to / 60,
		    quiet->to % 60, quiet->zone);
	else
		snprintf(text, QUIET_TEXT, "none");
	return (text);
}
