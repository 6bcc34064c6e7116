/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/http_parts.h"
#include "common/memory.h"
#include "common/name.h"

static void
add_route(struct http *http, const struct http_route *route)
{
	assert(route->pattern[0] == '/');
	http->routes =
	    memory_resize(http->routes, http->count + 1, sizeof(*http->routes));
	http->routes[http->count++] = *route;
}

void
http_route(struct http *http, unsigned methods, const char *pattern,
    http_handler handler, void *arg)
{
	add_route(http, &(const struct http_route){
			    methods, memory_text(pattern), NULL, handler, arg});
}

void
http_route_query(struct http *http, const char *pattern,
    const char *const *names, http_handler handler, void *arg)
{
	add_route(http, &(const struct http_route){HTTP_GET,
			    memory_text(pattern), names, handler, arg});
}

void
http_params_clear(struct http_params *params)
{
	for (size_t i = 0; i < params->count; i++) {
		free(params->list[i].name);
		free(params->list[i].value);
	}
	params->count = 0;
}

/* NULL when a NUL is in it. */
static char *
decode(const char *text, size_t length)
{
	char *encoded = memory_print("%.*s", (int)length, text);
	size_t decoded_length;
	char *decoded = evhttp_uridecode(encoded, 0, &decoded_length);

	free(encoded);
	if (decoded != NULL && strlen(decoded) != decoded_length) {
		free(decoded);
		return (NULL);
	}
	return (decoded);
}

/* "." and ".." have no place in a path, however they are written. */
static bool
has_dots(const char *path)
{
	while (*path == '/') {
		size_t length = strcspn(++path, "/");

		if ((length == 1 && path[0] == '.') ||
		    (length == 2 && path[0] == '.' && path[1] == '.'))
			return (true);
		path += length;
	}
	return (false);
}

int
http_take_apart(struct http_request *request)
{
	const struct evhttp_uri *uri =
	    evhttp_request_get_evhttp_uri(request->inner);
	const char *path = evhttp_uri_get_path(uri);
	const char *query = evhttp_uri_get_query(uri);

	if (path == NULL || path[0] != '/')
		return (-1);
	request->path = decode(path, strlen(path));
	if (request->path == NULL || has_dots(request->path))
		return (-1);
	if (query == NULL)
		return (0);
	return (evhttp_parse_query_str(query, &request->query));
}

static bool
take_param(struct http_params *params, const char *pattern, size_t length,
    const char *text, size_t text_length)
{
	char *value = decode(text, text_length);

	assert(params->count < HTTP_PARAMS && pattern[length - 1] == '}');
	if (value == NULL)
		return (false);
	params->list[params->count].name =
	    memory_print("%.*s", (int)length - 2, pattern + 1);
	params->list[params->count++].value = value;
	return (true);
}

static bool
same(const char *pattern, size_t length, const char *text, size_t text_length)
{
	char *decoded = decode(text, text_length);
	bool result = decoded != NULL && strlen(decoded) == length &&
		      memcmp(decoded, pattern, length) == 0;

	free(decoded);
	return (result);
}

static bool
match(const char *pattern, const char *path, struct http_params *params)
{
	while (*pattern == '/' && *path == '/') {
		size_t length = strcspn(++pattern, "/");
		size_t path_length = strcspn(++path, "/");

		if (strcmp(pattern, "{*}") == 0)
			return (
			    take_param(params, pattern, 3, path, strlen(path)));
		if (pattern[0] == '{') {
			if (path_length == 0 || !take_param(params, pattern,
						    length, path, path_length))
				return (false);
		} else if (!same(pattern, length, path, path_length)) {
			return (false);
		}
		pattern += length;
		path += path_length;
	}
	return (*pattern == '\0' && *path == '\0');
}

static void
refuse_method(struct http_request *request, unsigned methods)
{
	char allow[64];

	snprintf(allow, sizeof(allow), "%s%s%s",
	    methods & HTTP_GET ? "GET, HEAD, " : "",
	    methods & HTTP_POST ? "POST, " : "",
	    methods & HTTP_DELETE ? "DELETE, " : "");
	allow[strlen(allow) - 2] = '\0';
	http_set_header(request, "Allow", allow);
	http_problem(request, 405, "Method Not Allowed", "%s takes %s only",
	    request->path, allow);
}

/* False after answering 400: the route does not know a name of the query's, and
 * to pass over it would answer another question. */
static bool
knows_query(struct http_request *request, const char *const *names)
{
	const struct evkeyval *asked;
	char *all;

	if (names == NULL)
		return (true);
	TAILQ_FOREACH (asked, &request->query, next) {
		if (name_index(names, asked->key) != -1)
			continue;
		all = name_join(names);
		http_problem(request, 400, "No such parameter",
		    "%s: unknown parameter \"%.40s\", expected one of: %s",
		    request->path, asked->key, all);
		free(all);
		return (false);
	}
	return (true);
}

void
http_dispatch(struct http_request *request)
{
	const char *path =
	    evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request->inner));
	const struct http *http = request->http;
	unsigned methods = 0;

	for (size_t i = 0; i < http->count; i++) {
		const struct http_route *route = &http->routes[i];

		http_params_clear(&request->params);
		if (!match(route->pattern, path, &request->params))
			continue;
		if (route->methods & request->method) {
			if (knows_query(request, route->names))
				route->handler(request, route->arg);
			return;
		}
		methods |= route->methods;
	}
	if (methods != 0)
		refuse_method(request, methods);
	else
		http_problem(request, 404, "Not Found", "there is no %s here",
		    request->path);
}

const char *
http_param(struct http_request *request, const char *name)
{
	for (size_t i = 0; i < request->params.count; i++)
		if (strcmp(request->params.list[i].name, name) == 0)
			return (request->params.list[i].value);
	return (NULL);
}

const char *
http_query(struct http_request *request, const char *name)
{
	return (evhttp_find_header(&request->query, name));
}
