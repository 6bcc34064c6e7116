/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * member.h - JSON from strangers, read with care.
 *
 * json-c holds the tree; this says what is missing or of the wrong type.
 * Messages read 'member "start": expected a number'.
 */
#ifndef PHAROS_COMMON_MEMBER_H
#define PHAROS_COMMON_MEMBER_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

#define MEMBER_DEPTH 32

/* Strict JSON (RFC 8259): one value that is not null, valid UTF-8, whole
 * numbers that fit 64 bits, others finite, nothing behind it, at most
 * MEMBER_DEPTH deep. Of two members with one name the last stands. New
 * reference or NULL. */
json_object *member_parse(const char *text, size_t length, struct error *err);

/* 0, or -1 when absent or of another type. Borrowed from o. Text with a NUL
 * inside is refused. */
int member_text(
    json_object *o, const char *name, const char **value, struct error *err);
int member_number(
    json_object *o, const char *name, double *value, struct error *err);
int member_whole(json_object *o, const char *name, int64_t *value,
    struct error *err); /* an integer, not a number that happens to be one */
int member_flag(
    json_object *o, const char *name, bool *value, struct error *err);
int member_object(
    json_object *o, const char *name, json_object **value, struct error *err);
int member_array(
    json_object *o, const char *name, json_object **value, struct error *err);

/* Which of the names (they end with NULL) the text is. */
int member_choice(json_object *o, const char *name, const char *const *choices,
    int *which, struct error *err);

/* The member or NULL, also when o is NULL or no object; null counts as
 * absent. */
json_object *member_get(json_object *o, const char *name);
/* The fallback when absent or of another type. */
const char *member_text_or(
    json_object *o, const char *name, const char *fallback);
double member_number_or(json_object *o, const char *name, double fallback);
int64_t member_whole_or(json_object *o, const char *name, int64_t fallback);

/* Building: each adds to o; a NULL text is left out. */
void member_add_text(json_object *o, const char *name, const char *value);
void member_add_number(json_object *o, const char *name, double value);
void member_add_whole(json_object *o, const char *name, int64_t value);
/* Seconds of nanoseconds, exact to the nanosecond in the text. */
void member_add_duration(json_object *o, const char *name, int64_t ns);
/* The shortest text of a number that reads back the same; it must be finite. */
json_object *member_new_number(double value);
json_object *member_new_duration(int64_t ns);
/* Bytes that are no UTF-8, as in a message that was cut, become "?": JSON that
 * holds them would be refused whole. */
json_object *member_new_text(const char *value);

#endif
