/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * settings.h - collector.yaml.
 *
 *   fleet: /etc/pharos/fleet.yaml
 *   state: /var/lib/pharos/collector
 *   people: 127.0.0.1:8640        # pages and API; loopback only, until login
 *   agents: 8641                  # TLS, certificates of this fleet only
 *   certificates: {life: 90d}     # renewed when two thirds have passed
 *
 *   journal: 4GB                  # may wait for the store, then 503
 *   archive: 20GB                 # every record; the oldest days go first
 *   departed: 1y                  # of what has left the fleet
 *
 * Relative paths are relative to the file's own folder.
 */
#ifndef PHAROS_COLLECTOR_SETTINGS_H
#define PHAROS_COLLECTOR_SETTINGS_H

#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"

struct error;
struct json_object;

struct collector_settings {
	char fleet[256], state[256]; /* absolute */
	char people[64], agents[64]; /* for listener_open */
	nanoseconds certificate_life;
	nanoseconds departed;     /* 0: no bound */
	int64_t journal, archive; /* bytes */
};

int collector_settings_read(
    struct collector_settings *settings, const char *path, struct error *err);
/* The same of a text; path is its name, and tells where relative paths start. */
int collector_settings_parse(struct collector_settings *settings,
    const char *path, const char *text, size_t length, struct error *err);
/* What a child's parent has told it of, as they are in force from now on. */
void collector_settings_follow(
    struct collector_settings *settings, struct json_object *message);
/* All of them as a file, paths absolute; free() it. */
char *collector_settings_text(const struct collector_settings *settings);
/* Takes what may change in a running collector over from next. What differs is
 * said in lines for people, and what of it has to wait for a restart (new
 * reference to an array of texts). */
struct json_object *collector_settings_change(
    struct collector_settings *settings, const struct collector_settings *next);
/* STATE/file; free() it. The state folder holds
 *   pki/{ca,collector}.{pem,key}  fleet.key     made by init
 *   fleet.json                    the last good fleet, for the children
 *   registry.db  journal/N.db                   written by intake
 *   archive/YYYY-MM-DD.db  bins.db  latest/TEST  rrd/TEST/FAMILY/SRC/DST.rrd   written by store
 *   clocks.json                                 written by court
 *   control                                     the Unix socket */
char *collector_settings_path(
    const struct collector_settings *settings, const char *file);

#endif
