/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/web_format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/http.h"
#include "common/memory.h"

static const struct {
	enum table_format format;
	const char *type, *end, *full;
} formats[] = {
    {TABLE_JSON, "application/json", ".json", "application/json"},
    {TABLE_CSV, "text/csv", ".csv", "text/csv; charset=utf-8"},
    {TABLE_TSV, "text/tab-separated-values", ".tsv",
	"text/tab-separated-values; charset=utf-8"},
};
#define FORMATS (sizeof(formats) / sizeof(formats[0]))

/* "text/csv;q=0.5": the weight of one range, when it is of this type. */
static double
weight_of(const char *range, size_t length, const char *type)
{
	const char *name = range + strspn(range, " \t");
	size_t size = strcspn(name, ",; \t");
	const char *q = memmem(range, length, "q=", 2);
	bool any = strcmp(type, "application/json") == 0 &&
		   strncmp(name, "*/*", size) == 0;

	if (!any && (size != strlen(type) ||
			strncasecmp(name, type, strlen(type)) != 0))
		return (0);
	return (q == NULL ? 1 : strtod(q + 2, NULL));
}

enum table_format
web_format_accepted(struct http_request *request)
{
	const char *at = http_header(request, "Accept");
	enum table_format best = TABLE_JSON;
	double most = 0;

	while (at != NULL && *at != '\0') {
		size_t length = strcspn(at, ",");

		for (size_t i = 0; i < FORMATS; i++) {
			double weight = weight_of(at, length, formats[i].type);

			if (weight > most) {
				most = weight;
				best = formats[i].format;
			}
		}
		at += length + (at[length] == ',');
	}
	return (best);
}

bool
web_format_strip(
    const char *name, char *bare, size_t size, enum table_format *format)
{
	const char *dot = strrchr(name, '.');

	if (dot == NULL || dot == name || (size_t)(dot - name) >= size)
		return (false);
	for (size_t i = 0; i < FORMATS; i++)
		if (strcmp(dot, formats[i].end) == 0) {
			snprintf(bare, size, "%.*s", (int)(dot - name), name);
			*format = formats[i].format;
			return (true);
		}
	return (false);
}

void
web_format_reply(struct http_request *request, enum table_format format,
    const char *name, struct evbuffer *rows)
{
	for (size_t i = 0; i < FORMATS; i++) {
		char *disposition;

		if (formats[i].format != format)
			continue;
		disposition = memory_print(
		    "attachment; filename=\"%s%s\"", name, formats[i].end);
		http_set_header(request, "Content-Disposition", disposition);
		free(disposition);
		http_set_header(request, "Cache-Control", "no-cache");
		http_set_header(request, "Vary", "Accept");
		http_reply(request, 200, formats[i].full, rows);
	}
}
