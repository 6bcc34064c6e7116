/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * desk_json.h - a lab that is up, as its control socket shows it.
 */
#ifndef PHAROS_LAB_DESK_JSON_H
#define PHAROS_LAB_DESK_JSON_H

struct json_object;
struct lab;

/* What GET /v1/lab answers. */
struct json_object *desk_json(const struct lab *lab);

#endif
