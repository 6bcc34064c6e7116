/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * exposition.h - numbers about ourselves in the text format of Prometheus,
 * version 0.0.4.
 *
 * A family is said once, with help and type; its values follow, told apart by
 * labels. What is not known is left out, never 0. Counters begin at 0 with
 * their process; names of counters end with _total, and seconds, bytes and
 * ratios are the units.
 */
#ifndef PHAROS_COMMON_EXPOSITION_H
#define PHAROS_COMMON_EXPOSITION_H

struct evbuffer;
struct exposition;
struct http_request;

enum exposition_type { EXPOSITION_COUNTER, EXPOSITION_GAUGE };

struct exposition *exposition_new(void);
void exposition_free(struct exposition *exposition); /* NULL is fine */
/* Begins a family; the help is one sentence without a full stop. */
void exposition_family(struct exposition *exposition, const char *name,
    enum exposition_type type, const char *help);
/* A value of the family begun last: label's name and value (any text), or
 * NULL, NULL. */
void exposition_add(struct exposition *exposition, double value,
    const char *label, const char *text);
/* A family of one value. */
void exposition_one(struct exposition *exposition, const char *name,
    enum exposition_type type, const char *help, double value);
/* The text; free() it. */
char *exposition_text(const struct exposition *exposition);
/* Answers with it and frees it. */
void exposition_reply(
    struct exposition *exposition, struct http_request *request);

#endif
