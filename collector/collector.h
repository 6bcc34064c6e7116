/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * collector.h - the parent of pharos-collectord.
 *
 * STATE/control (HTTP on a Unix socket):
 *   POST /control/v1/tokens {"box":"lon","valid":86400} -> {"token","expires"}
 *   GET  /control/v1/status    -> children, fleet, boxes as the registry knows
 *   GET  /control/v1/manifests -> {"manifests":[..]} installed and heard
 *   POST /control/v1/reload    -> {"revision","changes":[..],"warnings":[..]},
 *                                 or 409 with "problems":[..]
 */
#ifndef PHAROS_COLLECTOR_COLLECTOR_H
#define PHAROS_COLLECTOR_COLLECTOR_H

#include <stddef.h>

struct collector;
struct collector_settings;
struct error;
struct event_base;

/* program, config: how to start the children. A fleet file that is wrong is
 * refused; with a last good one in STATE that one is served and the problems
 * are said, without one it is an error. */
struct collector *collector_new(struct event_base *base,
    const struct collector_settings *settings, const char *program,
    const char *config, struct error *err);
void collector_reload(struct collector *collector); /* SIGHUP */
/* Stops the children, then calls done. */
void collector_stop(
    struct collector *collector, void (*done)(void *arg), void *arg);
void collector_free(struct collector *collector); /* NULL is fine */

/* `pharos-collectord init DIR --name HOST...`: pki, keys, commented files.
 * What is there is never overwritten. */
int collector_init(
    const char *dir, const char *const *names, size_t count, struct error *err);

#endif
