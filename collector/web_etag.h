/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web_etag.h - answers that the client may have already.
 *
 * An ETag is of what an answer tells, not of when it was asked for: "generated",
 * and ages that grow with it, are left out, so it is a weak one. A client that has
 * the answer gets 304, whose Date says until when it holds.
 */
#ifndef PHAROS_COLLECTOR_WEB_ETAG_H
#define PHAROS_COLLECTOR_WEB_ETAG_H

#include <stdbool.h>
#include <stddef.h>

struct hash;
struct http_request;
struct json_object;

/* Adds what is told: a JSON, or numbers. */
void web_etag_add_json(struct hash *told, struct json_object *json);
void web_etag_add_numbers(
    struct hash *told, const double *values, size_t count);
/* Ends the hash. True after the client was told that it has it; else the ETag is
 * among the headers. */
bool web_etag_is_known(struct http_request *request, struct hash *told);

#endif
