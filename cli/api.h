/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * api.h - a collector's API, for the subcommands that ask it.
 */
#ifndef PHAROS_CLI_API_H
#define PHAROS_CLI_API_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct json_object;

/* Where the collector is: url, or else the people's address in its file. */
struct api {
	const char *url;    /* "http://127.0.0.1:8640", or with a / behind it;
			       NULL: see config */
	const char *config; /* collector.yaml; NULL: the usual place */
	/* Of a request that failed, to end with: 2, what was asked for cannot be,
	 * or 3. */
	int failure;
};

/* GET of a path such as "/api/v1/fleet"; the answer (new reference) or NULL. */
struct json_object *api_get(
    struct api *api, const char *path, struct error *err);
/* The same for an answer of any length, which is given to part as it comes;
 * false: enough. 0, or -1: also when it is cut off. */
int api_get_parts(struct api *api, const char *path,
    bool (*part)(void *arg, const char *data, size_t length), void *arg,
    struct error *err);
/* One segment or value of a URL, escaped; free() it. */
char *api_escape(const char *text);
/* "core/nyc/lon", each segment escaped; free() it. */
char *api_pair(const char *test, const char *src, const char *dst);
/* Adds "?name=value" or "&name=value", escaped, when value is not NULL. Takes
 * the path over and returns the longer one. */
char *api_add_query(char *path, const char *name, const char *value);

#endif
