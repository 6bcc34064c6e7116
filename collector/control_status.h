/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control_status.h - what `pharos status` shows at the collector.
 *
 *   {"version":"0.1.0","fleet":{"file":..,"revision":41,"sites":4,"tests":2,
 *    "problems":[..]},              problems: absent when the file is right
 *    "children":[{"name":"intake","pid":123,"restarts":0,..},..],  as parts.h
 *    "boxes":[{"name":"lon","state":"ok|silent|never|new|removed",
 *              "enrolled":T,"removed":null,
 *              "heard":T,"version":"0.1.0","clock":{..},"spool":{..},"plan":41,
 *              "plan_refused":null,"refused":0,"in_fleet":true},..]}
 *
 * "new" has no certificate yet, "never" has one and was not heard of,
 * "removed" had one.
 */
#ifndef PHAROS_COLLECTOR_CONTROL_STATUS_H
#define PHAROS_COLLECTOR_CONTROL_STATUS_H

struct collector;
struct error;
struct json_object;

/* New reference or NULL. */
struct json_object *control_status(
    const struct collector *collector, struct error *err);

#endif
