/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * parts.h - how the parts of the collector are: what the parent knows of them,
 * and what they say themselves once a second.
 *
 *   [{"name":"intake","pid":123,"restarts":0,"age":0.4,"beat":{..}},..]
 *
 * pid is 0 while it does not run; age: seconds since it said something, or has
 * ended; beat: as collector/children.h, absent until the first. Part of
 * control_status, and sent to web every second.
 */
#ifndef PHAROS_COLLECTOR_PARTS_H
#define PHAROS_COLLECTOR_PARTS_H

struct collector;
struct json_object;
struct part_state;

void parts_beat(struct part_state *part, struct json_object *beat);
void parts_ended(struct part_state *part); /* its beat is void */
struct json_object *parts_json(const struct collector *collector);
void parts_tell_web(struct collector *collector);

#endif
