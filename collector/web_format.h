/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web_format.h - JSON, CSV or TSV: as the client says it.
 *
 * By a name in the path that ends in .csv or .tsv, else by Accept, else JSON. A
 * name that is known with such an end is that name.
 */
#ifndef PHAROS_COLLECTOR_WEB_FORMAT_H
#define PHAROS_COLLECTOR_WEB_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/table.h"

struct evbuffer;
struct http_request;

/* Of Accept: what it wants most of the three. */
enum table_format web_format_accepted(struct http_request *request);
/* Is there an end to take off the name? Then it is off in bare, and the format
 * is what it says. */
bool web_format_strip(
    const char *name, char *bare, size_t size, enum table_format *format);
/* Answers with rows, as a file of this name; drains the buffer, which stays the
 * caller's. The format is CSV or TSV. */
void web_format_reply(struct http_request *request, enum table_format format,
    const char *name, struct evbuffer *rows);

#endif
