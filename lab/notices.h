/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * notices.h - what happens to a lab's links, told to all who listen, as it
 * happens: one JSON object a line.
 */
#ifndef PHAROS_LAB_NOTICES_H
#define PHAROS_LAB_NOTICES_H

struct http_request;
struct json_object;
struct notices;

struct notices *notices_new(void);
void notices_free(struct notices *notices); /* NULL is fine */
/* Answers the request with "listening", then what happens from now on. */
void notices_add(struct notices *notices, struct http_request *request);
/* All answers end here. */
void notices_end(struct notices *notices);
/* {"time": now, "event": event}, to add to. */
struct json_object *notices_new_notice(const char *event);
/* Takes the reference over. It is logged as well. */
void notices_tell(struct notices *notices, struct json_object *notice);

#endif
