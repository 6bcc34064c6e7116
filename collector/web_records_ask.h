/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web_records_ask.h - which records are asked for; for web_records.c alone.
 */
#ifndef PHAROS_COLLECTOR_WEB_RECORDS_ASK_H
#define PHAROS_COLLECTOR_WEB_RECORDS_ASK_H

#include <stdint.h>

#include "collector/archive.h"
#include "collector/records_row.h"

struct http_request;
struct web;

struct web_records_ask {
	struct archive_query query; /* texts of the request's */
	uint64_t limit;             /* UINT64_MAX: none */
	enum records_format format;
};

/* -1 after answering 400, or 404 for an agent that there never was. */
int web_records_ask(
    struct web *web, struct http_request *request, struct web_records_ask *ask);

#endif
