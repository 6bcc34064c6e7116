/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * settings.h - a whole table of settings, checked and as JSON.
 *
 *   [{"name":"count","type":"count","default":"10","least":1,"most":65535,
 *     "help":"..."},...]
 *
 * "default" is absent where the setting is required; "choices" takes the place
 * of the range where there are some.
 */
#ifndef PHAROS_COMMON_SETTINGS_H
#define PHAROS_COMMON_SETTINGS_H

#include "common/option.h"

#define SETTINGS_MOST 256 /* rows in a table */

/* Names, ranges, choices, help, and defaults that are in their range. */
int settings_check(const struct setting *table, struct error *err);
struct json_object *settings_json(const struct setting *table);
/* The table borrows its texts from json, which must outlive it. Only what
 * settings_check accepts is returned. */
struct setting *settings_parse(struct json_object *json, struct error *err);
void settings_free(struct setting *table); /* NULL is fine; of parse only */

#endif
