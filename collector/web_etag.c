/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/web_etag.h"

#include <stdio.h>
#include <string.h>

#include "common/hash.h"
#include "common/http.h"
#include "common/member.h"

void
web_etag_add_json(struct hash *told, json_object *json)
{
	const char *text =
	    json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN);

	hash_add(told, text, strlen(text) + 1);
}

void
web_etag_add_numbers(struct hash *told, const double *values, size_t count)
{
	hash_add(told, values, count * sizeof(*values));
}

bool
web_etag_is_known(struct http_request *request, struct hash *told)
{
	const char *known = http_header(request, "If-None-Match");
	uint8_t digest[HASH_SIZE];
	char hex[33], etag[40];

	hash_end(told, digest);
	hash_hex(digest, 16, hex);
	snprintf(etag, sizeof(etag), "W/\"%s\"", hex);
	http_set_header(request, "ETag", etag);
	http_set_header(request, "Cache-Control", "no-cache");
	if (known == NULL || strstr(known, hex) == NULL)
		return (false);
	http_reply(request, 304, NULL, NULL);
	return (true);
}
