/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * collector.h - the parent of pharos-collectord.
 *
 * STATE/control (HTTP on a Unix socket):
 *   POST /control/v1/tokens {"box":"lon","valid":86400} -> {"token","id",
 *                                  "expires"}
 *   POST /control/v1/tokens/list, /control/v1/tokens/revoke {"id":..},
 *        /control/v1/remove {"box":..}: as collector/children.h says
 *   GET  /control/v1/status    -> children, fleet, boxes as the registry knows
 *   GET  /control/v1/manifests -> {"manifests":[..]} installed and heard
 *   POST /control/v1/reload    -> {"revision","changes":[..],"warnings":[..],
 *                                  "settings":[..]}, or 409 with "problems":[..]
 *                                  or "settings_problem":".."
 * Status: see collector/control_status.h.
 */
#ifndef PHAROS_COLLECTOR_COLLECTOR_H
#define PHAROS_COLLECTOR_COLLECTOR_H

#include <stdbool.h>
#include <stddef.h>

struct collector;
struct collector_settings;
struct error;
struct event_base;

/* How to start the children. */
struct collector_about {
	const char *program; /* the path of this program */
	const char *config;  /* of collector.yaml */
	bool debug;
};

/* A fleet file that is wrong is refused; with a last good one in STATE that one
 * is served and the problems are logged, without one it is an error.
 * settings are copied. */
struct collector *collector_new(struct event_base *base,
    const struct collector_settings *settings,
    const struct collector_about *about, struct error *err);
void collector_reload(struct collector *collector); /* SIGHUP */
/* Stops the children, then calls done. */
void collector_stop(
    struct collector *collector, void (*done)(void *arg), void *arg);
void collector_free(struct collector *collector); /* NULL is fine */

/* Locks the state folder as a collector does: a descriptor, or -1. */
int collector_claim(
    const struct collector_settings *settings, struct error *err);

/* -1: the state folder lacks what init makes, and no child could run. */
int collector_check_state(
    const struct collector_settings *settings, struct error *err);

/* `pharos-collectord -n`: says OK or what is wrong in the fleet file, or missing
 * in the state folder; the exit status, 0, 2 or 1. config: its name, for people. */
int collector_check(
    const struct collector_settings *settings, const char *config);

/* The words behind init: DIR, and the names after --name, one or several. -1
 * when they are none of this; free() the names. */
struct collector_init_about {
	const char *dir;
	const char **names;
	size_t count;
};
int collector_init_arguments(
    struct collector_init_about *about, int argc, char **argv);
/* `pharos-collectord init DIR --name HOST...`: pki, keys, commented files.
 * What is there is never overwritten. */
int collector_init(
    const char *dir, const char *const *names, size_t count, struct error *err);

#endif
