/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reload.h - collector.yaml and the fleet file, read again on request.
 *
 * The last good settings stay while the file is wrong, also for a child that
 * has to be started again meanwhile: children read them from a descriptor, not
 * from the file. For the parent.
 */
#ifndef PHAROS_COLLECTOR_RELOAD_H
#define PHAROS_COLLECTOR_RELOAD_H

struct collector;
struct collector_settings;
struct error;
struct json_object;

/* Under this name a child finds the settings in use. */
#define RELOAD_CHILD_FD 4
#define RELOAD_CHILD_PATH "/proc/self/fd/4"

/* A descriptor that holds the settings, for children; -1. */
int reload_open(const struct collector_settings *settings, struct error *err);
/* Reads both files; what is wrong is refused. The report (new reference) is
 * publisher_reload's with "settings":[what differs] and, when collector.yaml is
 * refused, "settings_problem":"..". 0, or -1 when either was. */
int reload_all(struct collector *collector, struct json_object **report);

#endif
