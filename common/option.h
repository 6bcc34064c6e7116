/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * option.h - settings declared once, as rows of a table.
 *
 * The table gives the parser, the range check, the help text, the man page,
 * the JSON of the plan and the form on a page. It ends with a row whose name
 * is NULL. A struct that a table fills is plain memory: no pointers, no
 * ownership.
 */
#ifndef PHAROS_COMMON_OPTION_H
#define PHAROS_COMMON_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct json_object;

enum option_type {       /* field in the struct      JSON          people   */
	OPTION_FLAG,     /* bool                     true/false    yes/no   */
	OPTION_COUNT,    /* int64_t                  integer       10       */
	OPTION_NUMBER,   /* double                   number        0.5      */
	OPTION_RATIO,    /* double                   number        0.01, 1% */
	OPTION_DURATION, /* int64_t nanoseconds      seconds       100ms    */
	OPTION_SIZE,     /* int64_t bytes            integer       64, 1kB  */
	OPTION_RATE,     /* double per second        number        2/s      */
	OPTION_BITRATE,  /* double bit per second    number        10Mbit/s */
	OPTION_CHOICE,   /* int64_t index            text          poisson  */
	OPTION_TEXT      /* char[most + 1]           text          anything */
};

#define OPTION_NAME 32 /* bytes of a name and its NUL */

struct setting {
	const char *name; /* [a-z][a-z0-9_-]{0,30} */
	enum option_type type;
	const char *fallback; /* as people write it; NULL: required */
	double least, most;   /* inclusive, base units; TEXT: most bytes */
	const char *const *choices; /* CHOICE: ends with NULL */
	const char *help;           /* one sentence, no full stop */
	size_t offset;              /* into the struct; unused if parsed */
};

const struct setting *option_find(
    const struct setting *table, const char *name);
/* Text of a person to JSON in base units (new reference, NULL on error). The
 * message has no place, '"10": expected a duration from 1ms to 1h': put
 * "--NAME" or file and line before it. */
struct json_object *option_json(
    const struct setting *setting, const char *text, struct error *err);
/* Is this JSON object right for the table: names, types, ranges, nothing
 * required missing? Says "option NAME: what is wrong, what was expected".
 * values may be NULL: none. */
int option_check(
    const struct setting *table, struct json_object *values, struct error *err);
/* Defaults, then the values. values may be NULL. The same checks. */
int option_load(const struct setting *table, void *settings,
    struct json_object *values, struct error *err);
/* The values over what the struct has; what is not given stays. The same checks,
 * and nothing is changed unless all are right. */
int option_change(const struct setting *table, void *settings,
    struct json_object *values, struct error *err);
/* The value that the struct has, as a person would write it: option_json reads
 * it back. free() it. */
char *option_text(const struct setting *setting, const void *settings);
/* "a duration from 1ms to 1h", "one of: fixed, poisson"; for messages and
 * help. The text is the caller's to free. */
char *option_accepts(const struct setting *setting);

#endif
