/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web_graph_ask.h - which picture is asked for; for web_graph.c alone.
 */
#ifndef PHAROS_COLLECTOR_WEB_GRAPH_ASK_H
#define PHAROS_COLLECTOR_WEB_GRAPH_ASK_H

#include "collector/graph.h"

struct http_request;
struct web;

struct web_graph {
	struct graph_question question; /* of texts below, and of the fleet */
	struct manifest *manifest;      /* a copy: the fleet may go */
	char *path, *title;
	char etag[40];
	int age; /* seconds that it stays as it is */
};

/* -1 after it was answered: with a problem, or because the client has it. */
int web_graph_ask(
    struct web *web, struct http_request *request, struct web_graph *graph);
void web_graph_headers(
    struct http_request *request, const struct web_graph *graph);
void web_graph_clear(struct web_graph *graph);

#endif
