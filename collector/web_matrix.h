/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web_matrix.h - what a matrix is asked for; for web_matrix*.c alone.
 */
#ifndef PHAROS_COLLECTOR_WEB_MATRIX_H
#define PHAROS_COLLECTOR_WEB_MATRIX_H

#include <stddef.h>

#include "collector/latest.h"

struct fleet;
struct fleet_test;
struct http_request;
struct metric;
struct web;

#define MATRIX_ALSO 8

struct matrix_number {
	const struct metric *metric;
	const char *stat; /* static */
};
struct matrix_question {
	const struct fleet *fleet;
	const struct fleet_test *test;
	enum latest_window window;
	struct matrix_number main;              /* what is judged */
	struct matrix_number also[MATRIX_ALSO]; /* what is shown beside it */
	size_t also_count;
};
/* -1 after a problem was answered. The fleet is borrowed from web. */
int matrix_ask(struct web *web, struct http_request *request,
    struct matrix_question *question);

#endif
