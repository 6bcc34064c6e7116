/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/quiet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/memory.h"

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

/* When the zone's clock shows this minute next. */
static nanoseconds
next_time(const struct tm *now, time_t t, int minutes)
{
	time_t next = t;

	for (int day = 0; day < 3 && next <= t; day++) {
		struct tm tm = *now;

		tm.tm_mday += day;
		tm.tm_hour = minutes / 60;
		tm.tm_min = minutes % 60;
		tm.tm_sec = 0;
		tm.tm_isdst = -1;
		next = mktime(&tm);
	}
	return (next * NS_PER_S);
}

bool
quiet_at(const struct quiet *quiet, nanoseconds wall, nanoseconds *change)
{
	time_t t = wall / NS_PER_S;
	struct tm tm;
	int minute;
	bool inside;

	*change = INT64_MAX;
	if (!quiet->given)
		return (false);
	use_zone(quiet->zone);
	localtime_r(&t, &tm);
	minute = tm.tm_hour * 60 + tm.tm_min;
	if (quiet->from < quiet->to)
		inside = minute >= quiet->from && minute < quiet->to;
	else
		inside = minute >= quiet->from || minute < quiet->to;
	*change = next_time(&tm, t, inside ? quiet->to : quiet->from);
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
