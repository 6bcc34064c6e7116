/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pages.h - the static files of the web folder, read once and kept.
 */
#ifndef PHAROS_COLLECTOR_PAGES_H
#define PHAROS_COLLECTOR_PAGES_H

struct error;
struct http;
struct pages;

/* Reads every file below dir. */
struct pages *pages_new(const char *dir, struct error *err);
void pages_free(struct pages *pages); /* NULL is fine */
/* "/static/..." for each file, "/" for index.html, "/matrix/..." and
 * "/pair/..." for the page of that name; with ETag and a strict
 * Content-Security-Policy; packed for clients that take gzip, where FILE.gz is
 * beside FILE. */
void pages_route(struct pages *pages, struct http *http);

#endif
