/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web_span.h - from when to when a request asks.
 */
#ifndef PHAROS_COLLECTOR_WEB_SPAN_H
#define PHAROS_COLLECTOR_WEB_SPAN_H

#include "common/clock.h"

struct http_request;

/* The query's time of this name, or usual. -1 after answering 400. */
int web_ask_time(struct http_request *request, const char *name,
    nanoseconds usual, nanoseconds *value);
/* "from" and "to", both usual: now, and `before` earlier than "to". from < to;
 * -1 after answering 400. */
int web_ask_span(struct http_request *request, nanoseconds before,
    nanoseconds *from, nanoseconds *to);
/* Answers 400 when from is not before to: -1. */
int web_check_span(
    struct http_request *request, nanoseconds from, nanoseconds to);

#endif
