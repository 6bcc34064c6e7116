/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/courtroom.h"

#include <event2/event.h>
#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/children.h"
#include "collector/clocks.h"
#include "collector/fleet.h"
#include "collector/settings.h"
#include "common/channel.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/unit.h"

#define PAUSE (5 * NS_PER_S)
#define SHARE 50 /* of the time a sitting may take one part */
#define FILE_MOST (64 * 1024 * 1024)

/* What the file holds, by name; new reference. */
static json_object *
memory_of(json_object *boxes)
{
	json_object *all = json_object_new_object();
	size_t count = json_object_is_type(boxes, json_type_array)
			   ? json_object_array_length(boxes)
			   : 0;

	for (size_t i = 0; i < count; i++) {
		json_object *box = json_object_array_get_idx(boxes, i);
		const char *name = member_text_or(box, "name", NULL);

		if (name != NULL)
			json_object_object_add(all, name,
			    json_object_get(member_get(box, "memory")));
	}
	return (all);
}

static void
read_memory(struct courtroom *room)
{
	char *path = collector_settings_path(room->settings, "clocks.json");
	json_object *json = NULL;
	struct error err;
	size_t length;
	char *text = NULL;

	if (access(path, F_OK) == 0 &&
	    ((text = daemon_read_file(path, FILE_MOST, &length, &err)) ==
		    NULL ||
		(json = member_parse(text, length, &err)) == NULL))
		log_warnx(
		    "%s: %s; what the court knew is forgotten", path, err.text);
	room->memory = memory_of(member_get(json, "boxes"));
	json_object_put(json);
	free(text);
	free(path);
}

/* What the court that goes remembers. */
static void
keep_memory(struct courtroom *room)
{
	for (size_t i = 0; i < room->fleet->end_count; i++)
		if (room->fleet->ends[i].is_box)
			json_object_object_add(room->memory,
			    room->fleet->ends[i].name,
			    court_memory(room->court, i));
}

static void
recall(struct courtroom *room)
{
	for (size_t i = 0; i < room->fleet->end_count; i++) {
		const struct fleet_end *end = &room->fleet->ends[i];
		json_object *known = member_get(room->memory, end->name);

		if (known == NULL && end->was[0] != '\0')
			known = member_get(room->memory, end->was);
		if (known != NULL)
			court_recall(room->court, i, known);
	}
}

/* A file that cannot be read leaves the old fleet. */
static void
load_fleet(struct courtroom *room)
{
	char *path = collector_settings_path(room->settings, "fleet.json");
	struct fleet *fleet = NULL;
	struct error err;

	if (access(path, F_OK) == 0 && (fleet = fleet_load(path, &err)) == NULL)
		log_warnx("fleet not loaded: %s", err.text);
	free(path);
	if (fleet == NULL)
		return;
	if (room->fleet != NULL)
		keep_memory(room);
	court_free(room->court);
	fleet_free(room->fleet);
	room->fleet = fleet;
	room->court = court_new(fleet->end_count);
	recall(room);
}

static void
log_named(const char *name, const struct court_finding *f)
{
	char offset[UNIT_TEXT], error[UNIT_TEXT], since[40];
	char evidence[CLOCKS_EVIDENCE];

	log_warnx("clock of %s is %s: %s +- %s %s, since %s: %s", name,
	    court_verdict_names[f->verdict],
	    unit_format(UNIT_SECONDS, fabs(f->offset), offset),
	    unit_format(UNIT_SECONDS, f->error, error),
	    f->offset < 0 ? "behind" : "ahead",
	    clock_format(f->since, 0, since), clocks_evidence(f, evidence));
}

/* Who is named now and was not, and the other way round. */
static void
tell(const struct courtroom *room, const enum court_verdict *before)
{
	for (size_t i = 0; i < room->fleet->end_count; i++) {
		const struct court_finding *f = court_finding(room->court, i);
		const char *name = room->fleet->ends[i].name;

		if (clocks_is_named(f->verdict) && f->verdict != before[i])
			log_named(name, f);
		else if (!clocks_is_named(f->verdict) &&
			 clocks_is_named(before[i]))
			log_info("clock of %s is not named any more: %s", name,
			    court_verdict_names[f->verdict]);
	}
}

static json_object *
box_json(const struct courtroom *room, size_t i)
{
	const struct fleet_end *ends = room->fleet->ends;
	const struct court_finding *f = court_finding(room->court, i);
	json_object *box = clocks_box(ends[i].name, ends[f->group].name, f);
	struct court_case cases[COURT_CASES];
	size_t count = court_cases(room->court, i, cases);

	json_object_object_add(box, "before", clocks_before(cases, count));
	json_object_object_add(box, "memory", court_memory(room->court, i));
	return (box);
}

static void
write_findings(struct courtroom *room, nanoseconds now)
{
	char *path = collector_settings_path(room->settings, "clocks.json");
	json_object *json = json_object_new_object();
	json_object *boxes = json_object_new_array();
	struct error err;
	const char *text;
	size_t length;

	for (size_t i = 0; i < room->fleet->end_count; i++)
		if (room->fleet->ends[i].is_box)
			json_object_array_add(boxes, box_json(room, i));
	member_add_duration(json, "at", now);
	member_add_duration(json, "took", room->took);
	json_object_object_add(json, "boxes", boxes);
	text = json_object_to_json_string_length(
	    json, JSON_C_TO_STRING_PLAIN, &length);
	if (daemon_write_file(path, text, length, 0640, &err) == -1)
		log_warnx("%s", err.text);
	json_object_put(json);
	free(path);
}

static void
sit(struct courtroom *room)
{
	nanoseconds began = clock_monotonic(), now = clock_wall();
	size_t count = room->fleet->end_count;
	enum court_verdict *before;
	struct courtroom_case found;

	if (courtroom_gather(room, now, &found)) {
		before = memory_new(count, sizeof(*before));
		for (size_t i = 0; i < count; i++)
			before[i] = court_finding(room->court, i)->verdict;
		court_sit(
		    room->court, now, found.claims, found.pairs, found.count);
		room->took = clock_monotonic() - began;
		room->sittings++;
		tell(room, before);
		write_findings(room, now);
		free(before);
	}
	courtroom_clear(&found);
	memory_give_back();
}

static void
turn_in(struct courtroom *room, nanoseconds wait)
{
	struct timeval when = clock_timeval(wait);

	event_add(room->turn, &when);
}

static void
on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct courtroom *room = arg;

	if (room->fleet != NULL)
		sit(room);
	turn_in(room, room->took * SHARE > PAUSE ? room->took * SHARE : PAUSE);
}

static void
on_beat(evutil_socket_t fd, short what, void *arg)
{
	struct courtroom *room = arg;
	json_object *beat = json_object_new_object();

	member_add_text(beat, "m", "beat");
	member_add_whole(beat, "sittings", (int64_t)room->sittings);
	member_add_duration(beat, "took", room->took);
	channel_send(room->parent, beat);
}

static void
on_message(void *arg, json_object *message)
{
	struct courtroom *room = arg;

	if (strcmp(member_text_or(message, "m", ""), "fleet") == 0)
		load_fleet(room);
}

static void
on_closed(void *arg, const char *why)
{
	struct courtroom *room = arg;

	if (why != NULL)
		log_warnx("parent: %s", why);
	event_base_loopbreak(room->base);
}

static void
on_stop(void *arg)
{
	event_base_loopbreak(arg);
}

int
court_main(const struct collector_settings *settings, int fd, struct error *err)
{
	static const struct timeval second = {1, 0};
	struct courtroom room = {.settings = settings};
	struct daemon_signals *signals;

	room.base = event_base_new();
	signals = daemon_signals_new(room.base, on_stop, NULL, room.base);
	room.parent = channel_new(room.base, fd, on_message, on_closed, &room);
	room.turn = evtimer_new(room.base, on_turn, &room);
	room.beat = event_new(room.base, -1, EV_PERSIST, on_beat, &room);
	event_add(room.beat, &second);
	read_memory(&room);
	load_fleet(&room);
	turn_in(&room, 0);
	event_base_dispatch(room.base);
	event_free(room.turn);
	event_free(room.beat);
	channel_free(room.parent);
	court_free(room.court);
	fleet_free(room.fleet);
	json_object_put(room.memory);
	daemon_signals_free(signals);
	event_base_free(room.base);
	return (0);
}
