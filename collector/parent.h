/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * parent.h - the parts of the parent process, shared by collector.c and
 * control.c.
 */
#ifndef PHAROS_COLLECTOR_PARENT_H
#define PHAROS_COLLECTOR_PARENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "collector/settings.h"
#include "common/clock.h"

struct child;
struct control_question;
struct error;
struct event;
struct event_base;
struct http;
struct json_object;
struct publisher;

enum part { PART_INTAKE, PART_STORE, PART_WEB, PART_COURT, PARTS };
extern const char *const part_names[PARTS];

struct part_state {
	struct collector *collector;
	enum part part;
	struct child *child;
	nanoseconds heard;        /* monotonic: it spoke, or ended */
	struct json_object *beat; /* what it said of itself; NULL: nothing */
	int listener; /* opened once, so that a restart refuses nobody; -1 */
};

struct collector {
	const struct collector_settings *settings; /* in_use */
	struct collector_settings in_use;
	char *config;    /* the file they are from */
	int settings_fd; /* and where children find them */
	struct event_base *base;
	int lock;
	struct publisher *publisher;
	struct part_state parts[PARTS];
	struct event *every_second;
	struct http *control;
	TAILQ_HEAD(, control_question) questions; /* asked of intake */
	int64_t asked;
	unsigned stopping; /* parts that have still to end */
	void (*stopped)(void *arg);
	void *arg;
};

/* Reads fleet.yaml and tells the children of a change; the report's reference
 * is the caller's. 1, 0, -1 as publisher_reload. */
int collector_read_fleet(
    struct collector *collector, struct json_object **report);

/* STATE/control */
int control_open(struct collector *collector, struct error *err);
void control_close(struct collector *collector);
void control_answer(struct collector *collector, struct json_object *message);
/* Intake ended; what was asked is not answered any more. */
void control_forget(struct collector *collector);

#endif
