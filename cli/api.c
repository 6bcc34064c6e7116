/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/api.h"

#include <ctype.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/settings.h"
#include "common/error.h"
#include "common/fetch.h"
#include "common/memory.h"
#include "common/place.h"

/* As people copy it from a browser. */
static char *
base_of(const char *url)
{
	char *base = memory_text(url);
	size_t length = strlen(base);

	while (length > 0 && base[length - 1] == '/')
		base[--length] = '\0';
	return (base);
}

/* The base URL; free() it. */
static char *
find_collector(const struct api *api, struct error *err)
{
	struct collector_settings settings;
	char *path;
	int rc;

	if (api->url != NULL)
		return (base_of(api->url));
	path = api->config != NULL ? memory_text(api->config)
				   : place_config("collector.yaml");
	rc = collector_settings_read(&settings, path, err);
	free(path);
	if (rc == -1) {
		error_place(err, "no collector (--url or --config names one)");
		return (NULL);
	}
	return (memory_print("http://%s", settings.people));
}

static struct json_object *
get(struct api *api, const char *path, struct fetch_about *about,
    struct error *err)
{
	struct json_object *reply;
	char *base, *url;
	int status;

	api->failure = 2;
	if ((base = find_collector(api, err)) == NULL)
		return (NULL);
	url = memory_print("%s%s", base, path);
	about->url = url;
	reply = fetch_json_status(NULL, about, &status, err);
	api->failure = status == 400 ? 2 : 3;
	free(url);
	free(base);
	return (reply);
}

struct json_object *
api_get(struct api *api, const char *path, struct error *err)
{
	struct fetch_about about = {.method = "GET"};

	return (get(api, path, &about, err));
}

int
api_get_parts(struct api *api, const char *path,
    bool (*part)(void *arg, const char *data, size_t length), void *arg,
    struct error *err)
{
	struct fetch_about about = {
	    .method = "GET", .part = part, .part_arg = arg};
	json_object *reply = get(api, path, &about, err);
	bool good = reply != NULL;

	json_object_put(reply);
	return (good ? 0 : -1);
}

char *
api_escape(const char *text)
{
	char *escaped = memory_new(3 * strlen(text) + 1, 1), *out = escaped;

	for (; *text != '\0'; text++)
		if (isalnum((unsigned char)*text) || strchr("-._~", *text))
			*out++ = *text;
		else
			out += sprintf(out, "%%%02X", (unsigned char)*text);
	return (escaped);
}

char *
api_pair(const char *test, const char *src, const char *dst)
{
	char *a = api_escape(test), *b = api_escape(src), *c = api_escape(dst);
	char *pair = memory_print("%s/%s/%s", a, b, c);

	free(a);
	free(b);
	free(c);
	return (pair);
}

char *
api_add_query(char *path, const char *name, const char *value)
{
	char *escaped, *longer;

	if (value == NULL)
		return (path);
	escaped = api_escape(value);
	longer = memory_print("%s%c%s=%s", path,
	    strchr(path, '?') == NULL ? '?' : '&', name, escaped);
	free(escaped);
	free(path);
	return (longer);
}
