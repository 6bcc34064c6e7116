/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why nothing is taken now: the disk, the store, the clock.
 */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "collector/behind.h"
#include "collector/intake.h"
#include "collector/journal.h"
#include "collector/registry.h"
#include "collector/settings.h"
#include "common/discipline.h"
#include "common/error.h"
#include "common/log.h"
#include "common/member.h"
#include "common/timekeeper.h"

#define SEE_EVERY (60 * NS_PER_S)

static void
look_at_room(struct intake *intake, struct error *why)
{
	const char *state = intake->settings->state;
	struct statvfs disk = {0};

	intake->journal_bytes = journal_size(intake->journal);
	intake->disk_free = -1;
	if (statvfs(state, &disk) == -1)
		error_set(why, "%s: %m", state);
	else if (disk.f_blocks > 0)
		intake->disk_free =
		    (double)disk.f_bavail / (double)disk.f_blocks;
	if (why->text[0] == '\0' && disk.f_bavail < disk.f_blocks / 20)
		error_set(why, "the collector's disk is almost full: less "
			       "than 5 %% of it is free");
	else if (intake->journal_bytes > intake->settings->journal)
		error_set(why, "the collector's store is too far behind");
}

void
intake_look_at_disk(struct intake *intake)
{
	const char *state = intake->settings->state;
	bool was_full = intake->full[0] != '\0';
	struct error why = {""};

	look_at_room(intake, &why);
	if (why.text[0] == '\0')
		error_set(&why, "%s", intake->wrong);
	if (why.text[0] != '\0' && !was_full)
		log_warnx("%s: no records are taken: %s", state, why.text);
	if (why.text[0] == '\0' && was_full)
		log_info("%s: records are taken again", state);
	snprintf(intake->full, sizeof(intake->full), "%.150s", why.text);
}

static bool
is_synchronised(const struct intake *intake)
{
	return (discipline_bounded_at(
	    timekeeper_state(intake->keeper), clock_monotonic()));
}

/* For the next start, with a clock that is right now. */
static void
see(struct intake *intake, nanoseconds monotonic)
{
	struct error err;

	if (intake->saw != 0 && monotonic - intake->saw < SEE_EVERY)
		return;
	if (!behind_undoubted(intake->behind))
		return;
	intake->saw = monotonic;
	behind_seen(intake->behind, clock_wall());
	if (registry_see(intake->registry, clock_wall(), &err) == -1)
		log_warnx("%s", err.text);
}

void
intake_look_at_clock(struct intake *intake)
{
	nanoseconds monotonic = clock_monotonic();
	struct error why = {""};

	timekeeper_notice(intake->keeper);
	intake->offset = clock_wall() - monotonic;
	behind_judge(intake->behind, clock_wall(), monotonic,
	    is_synchronised(intake), &why);
	snprintf(intake->wrong, sizeof(intake->wrong), "%.150s", why.text);
	see(intake, monotonic);
	intake_look_at_disk(intake);
}

void
intake_notice_clock(struct intake *intake)
{
	nanoseconds offset = clock_wall() - clock_monotonic();

	if (llabs(offset - intake->offset) > NS_PER_S)
		intake_look_at_clock(intake);
}

/* Has something a bound for it that is no mere word (common/vouch.h)? */
static bool
is_measured(json_object *clock)
{
	return (member_get(clock, "error") != NULL &&
		strcmp(member_text_or(clock, "source", ""),
		    DISCIPLINE_OPERATOR) != 0);
}

void
intake_hear_clock(struct intake *intake, const char *box, json_object *hello)
{
	double now = member_number_or(hello, "now", 0);
	json_object *clock = member_get(hello, "clock");
	nanoseconds theirs, monotonic = clock_monotonic();

	behind_met(intake->behind, box);
	if (now <= 0 || now >= 9e9 || member_get(clock, "doubt") != NULL)
		return;
	theirs = clock_of_seconds(now);
	behind_told(intake->behind, box, theirs, is_measured(clock), monotonic);
	/* records may follow at once; also when this ends the doubt */
	if (intake->wrong[0] != '\0' ||
	    llabs(theirs - clock_wall()) > BEHIND_LEAST)
		intake_look_at_clock(intake);
}

/* A certificate of ours that a box has is a word of our own clock of before. */
bool
intake_is_before(
    struct intake *intake, const char *box, nanoseconds from, struct error *why)
{
	char now[40], then[40];

	if (is_synchronised(intake))
		return (false);
	behind_told(intake->behind, box, from, true, clock_monotonic());
	if (intake->wrong[0] == '\0')
		intake_look_at_clock(intake);
	error_set(why,
	    "the collector's clock (%s) is behind %s, when the certificate of "
	    "%s became good; set it right",
	    clock_format(clock_wall(), 0, now), clock_format(from, 0, then),
	    box);
	return (true);
}

/* Of the newest record, which is the last line. */
static double
last_end(const char *text, size_t length)
{
	const char *line;
	json_object *record;
	double end;

	while (length > 0 && text[length - 1] == '\n')
		length--;
	line = memrchr(text, '\n', length);
	line = line != NULL ? line + 1 : text;
	record = member_parse(line, (size_t)(text + length - line), NULL);
	end = member_number_or(record, "end", 0);
	json_object_put(record);
	return (end);
}

bool
intake_is_early(const struct intake *intake, const char *box, const char *text,
    size_t length)
{
	double latest = clock_seconds(clock_wall() + BEHIND_LEAST);

	return (!behind_knows(intake->behind, box) &&
		last_end(text, length) > latest && !is_synchronised(intake));
}
