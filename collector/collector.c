/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/collector.h"

#include <event2/event.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/fleet.h"
#include "collector/journal.h"
#include "collector/parent.h"
#include "collector/parts.h"
#include "collector/publisher.h"
#include "collector/rebuild.h"
#include "collector/registry.h"
#include "collector/reload.h"
#include "collector/settings.h"
#include "common/child.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/http.h"
#include "common/listener.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"

/* 5: bins.db knows who has left; 4: boxes have been renamed; 3: it has hours
 * and days */
#define STATE_FORMAT 5

const char *const part_names[PARTS] = {"intake", "store", "web", "court"};

/* A part that is not running reads for itself when it starts. */
static void
tell(struct collector *collector, enum part part, const char *kind,
    const char *name, int64_t number)
{
	struct child *child = collector->parts[part].child;
	json_object *message;

	if (child == NULL)
		return;
	message = json_object_new_object();
	member_add_text(message, "m", kind);
	if (name != NULL)
		member_add_whole(message, name, number);
	child_send(child, message);
}

static void
tell_all(struct collector *collector, const char *kind)
{
	for (int part = 0; part < PARTS; part++)
		tell(collector, part, kind, NULL, 0);
}

static void
log_texts(json_object *texts, const char *kind)
{
	size_t count = texts == NULL ? 0 : json_object_array_length(texts);

	for (size_t i = 0; i < count; i++)
		log_info("%s%s", kind,
		    json_object_get_string(
			json_object_array_get_idx(texts, i)));
}

static void
log_report(struct collector *collector, int result, json_object *report)
{
	log_texts(member_get(report, "problems"), "");
	log_texts(member_get(report, "warnings"), "warning: ");
	if (result == -1) {
		log_warnx("%s: refused, the last good fleet stays",
		    collector->settings->fleet);
		return;
	}
	log_texts(member_get(report, "changes"), "fleet: ");
	log_info("fleet: revision %lld%s",
	    (long long)member_whole_or(report, "revision", 0),
	    result == 0 ? ", nothing changed" : "");
}

int
collector_read_fleet(struct collector *collector, json_object **report)
{
	int result = publisher_reload(collector->publisher, report);

	log_report(collector, result, *report);
	if (result == 1)
		tell_all(collector, "fleet");
	return (result);
}

void
collector_reload(struct collector *collector)
{
	json_object *report;

	reload_all(collector, &report);
	json_object_put(report);
}

static void
take_manifests(struct collector *collector)
{
	json_object *report;
	int result = publisher_manifests(collector->publisher, &report);

	if (result != 0)
		log_report(collector, result, report);
	if (result == 1)
		tell_all(collector, "fleet");
	json_object_put(report);
}

static void
on_message(void *arg, json_object *message)
{
	struct part_state *from = arg;
	struct collector *collector = from->collector;
	const char *kind = member_text_or(message, "m", "");
	int64_t number;

	if (strcmp(kind, "beat") == 0) {
		parts_beat(from, message);
	} else if (from->part == PART_INTAKE && strcmp(kind, "journal") == 0) {
		number = member_whole_or(message, "last", 0);
		tell(collector, PART_STORE, "journal", "last", number);
	} else if (from->part == PART_INTAKE && strcmp(kind, "answer") == 0) {
		control_answer(collector, message);
	} else if (from->part == PART_INTAKE &&
		   strcmp(kind, "manifests") == 0) {
		take_manifests(collector);
	} else if (from->part == PART_STORE && strcmp(kind, "latest") == 0) {
		number = member_whole_or(message, "number", 0);
		tell(collector, PART_WEB, "latest", "number", number);
		number = member_whole_or(message, "release", 0);
		tell(collector, PART_INTAKE, "release", "upto", number);
	}
}

static void
on_started(void *arg)
{
	struct part_state *part = arg;

	log_debug("%s started", part_names[part->part]);
}

static void
on_ended(void *arg, const char *why)
{
	struct part_state *part = arg;

	if (part->collector->stopping == 0)
		log_warnx("%s ended: %s", part_names[part->part], why);
	parts_ended(part);
	if (part->part == PART_INTAKE)
		control_forget(part->collector);
}

static void
start_part(struct collector *collector, enum part number,
    const struct collector_about *about)
{
	static const struct child_calls calls = {
	    .started = on_started, .message = on_message, .ended = on_ended};
	struct part_state *part = &collector->parts[number];
	const char *const argv[] = {about->program, part_names[number], "-c",
	    RELOAD_CHILD_PATH, about->debug ? "-d" : NULL, NULL};
	const int keep[] = {collector->settings_fd, part->listener, -1};
	const struct child_about child = {.name = part_names[number],
	    .argv = argv,
	    .keep = keep,
	    .calls = &calls,
	    .arg = part};

	part->child = child_new(collector->base, &child);
}

static void
on_second(evutil_socket_t fd, short what, void *arg)
{
	parts_tell_web(arg);
}

static int
open_listeners(struct collector *collector, struct error *err)
{
	const struct collector_settings *settings = collector->settings;
	struct part_state *intake = &collector->parts[PART_INTAKE];
	struct part_state *web = &collector->parts[PART_WEB];

	intake->listener = listener_open("agents", settings->agents, err);
	if (intake->listener == -1)
		return (error_place(err, "agents"));
	web->listener = listener_open("people", settings->people, err);
	if (web->listener == -1)
		return (error_place(err, "people"));
	return (0);
}

/* Served is what the file says, or else what it said when it was right. */
static int
open_fleet(struct collector *collector, struct error *err)
{
	json_object *report;
	int result;

	collector->publisher = publisher_new(collector->settings);
	result = collector_read_fleet(collector, &report);
	json_object_put(report);
	if (result == -1 && publisher_fleet(collector->publisher) == NULL)
		return (error_set(err,
		    "%s: refused, and there is no earlier fleet to serve",
		    collector->settings->fleet));
	return (0);
}

/* Before anybody reads it: an older one is upgraded. */
static int
upgrade_registry(struct collector *collector, struct error *err)
{
	char *path =
	    collector_settings_path(collector->settings, "registry.db");
	struct registry *registry = registry_open(path, false, err);

	registry_free(registry);
	free(path);
	return (registry != NULL ? 0 : -1);
}

static int
upgrade_journal(struct collector *collector, struct error *err)
{
	char *dir = collector_settings_path(collector->settings, "journal");
	int result = journal_upgrade(dir, err);

	free(dir);
	return (result);
}

int
collector_claim(const struct collector_settings *settings, struct error *err)
{
	int lock =
	    daemon_claim(settings->state, "collector", STATE_FORMAT, err);

	if (lock != -1 && rebuild_mend(settings, err) == -1) {
		close(lock);
		return (-1);
	}
	return (lock);
}

static int
open_all(struct collector *collector, struct error *err)
{
	if (collector_check_state(collector->settings, err) == -1)
		return (-1);
	collector->lock = collector_claim(collector->settings, err);
	if (collector->lock == -1 || upgrade_registry(collector, err) == -1 ||
	    upgrade_journal(collector, err) == -1 ||
	    open_fleet(collector, err) == -1 ||
	    open_listeners(collector, err) == -1)
		return (-1);
	collector->settings_fd = reload_open(collector->settings, err);
	if (collector->settings_fd == -1)
		return (-1);
	return (control_open(collector, err));
}

static void
start_parts(struct collector *collector, const struct collector_about *about)
{
	static const struct timeval second = {.tv_sec = 1};

	for (int part = 0; part < PARTS; part++)
		start_part(collector, part, about);
	collector->every_second =
	    event_new(collector->base, -1, EV_PERSIST, on_second, collector);
	event_add(collector->every_second, &second);
}

struct collector *
collector_new(struct event_base *base,
    const struct collector_settings *settings,
    const struct collector_about *about, struct error *err)
{
	struct collector *collector = memory_new(1, sizeof(*collector));

	collector->in_use = *settings;
	collector->settings = &collector->in_use;
	collector->config = memory_text(about->config);
	collector->settings_fd = -1;
	collector->base = base;
	collector->lock = -1;
	TAILQ_INIT(&collector->questions);
	for (int part = 0; part < PARTS; part++)
		collector->parts[part] =
		    (struct part_state){.collector = collector,
			.part = part,
			.listener = -1,
			.heard = clock_monotonic()};
	if (open_all(collector, err) == -1) {
		collector_free(collector);
		return (NULL);
	}
	start_parts(collector, about);
	return (collector);
}

static void
on_part_gone(void *arg)
{
	struct collector *collector = arg;

	if (--collector->stopping == 0)
		collector->stopped(collector->arg);
}

void
collector_stop(struct collector *collector, void (*done)(void *arg), void *arg)
{
	if (collector->stopping > 0)
		return;
	collector->stopped = done;
	collector->arg = arg;
	collector->stopping = PARTS;
	for (int part = 0; part < PARTS; part++)
		child_stop(
		    collector->parts[part].child, on_part_gone, collector);
}

void
collector_free(struct collector *collector)
{
	if (collector == NULL)
		return;
	control_close(collector);
	if (collector->every_second != NULL)
		event_free(collector->every_second);
	for (int part = PARTS - 1; part >= 0; part--) {
		child_free(collector->parts[part].child);
		json_object_put(collector->parts[part].beat);
		if (collector->parts[part].listener != -1)
			close(collector->parts[part].listener);
	}
	publisher_free(collector->publisher);
	if (collector->settings_fd != -1)
		close(collector->settings_fd);
	free(collector->config);
	if (collector->lock != -1)
		close(collector->lock);
	free(collector);
}
