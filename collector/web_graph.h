/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web_graph.h - GET /graph/{test}/{src}/{dst}.png: a picture of a pair's history.
 *
 * A process of its own draws each, for that takes longer than others may wait; two
 * at a time, the others in turn.
 */
#ifndef PHAROS_COLLECTOR_WEB_GRAPH_H
#define PHAROS_COLLECTOR_WEB_GRAPH_H

struct event_base;
struct graphs;

struct graphs *graphs_new(struct event_base *base);
/* The server's requests are void already. NULL is fine. */
void graphs_free(struct graphs *graphs);

#endif
