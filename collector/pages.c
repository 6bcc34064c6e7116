/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/pages.h"

#include <dirent.h>
#include <event2/buffer.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/daemon.h"
#include "common/error.h"
#include "common/hash.h"
#include "common/http.h"
#include "common/memory.h"

#define FILE_MOST (8 * 1024 * 1024)

struct content {
	char *data; /* NULL: none */
	size_t length;
	char etag[24];
};

struct page {
	char *path; /* below the folder: "matrix.html", "lang/en.js" */
	const char *type;
	struct content plain, packed;
};

struct pages {
	struct page *pages;
	size_t count;
};

static const char *
type_of(const char *path)
{
	static const char *const types[][2] = {
	    {".html", "text/html; charset=utf-8"},
	    {".js", "text/javascript; charset=utf-8"},
	    {".css", "text/css; charset=utf-8"},
	    {".json", "application/json"},
	    {".svg", "image/svg+xml"},
	    {".png", "image/png"},
	};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot != NULL && i < sizeof(types) / sizeof(types[0]);
	     i++)
		if (strcmp(dot, types[i][0]) == 0)
			return (types[i][1]);
	return (NULL);
}

/* mark: what tells the ETags of the same page apart. */
static int
read_content(struct content *content, const char *path, const char *mark,
    struct error *err)
{
	uint8_t digest[HASH_SIZE];
	char hex[17];

	content->data =
	    daemon_read_file(path, FILE_MOST, &content->length, err);
	if (content->data == NULL)
		return (-1);
	hash_sha256(content->data, content->length, digest);
	hash_hex(digest, 8, hex);
	snprintf(content->etag, sizeof(content->etag), "\"%s%s\"", hex, mark);
	return (0);
}

/* A file, and what is beside it packed. */
static int
add_file(
    struct pages *pages, const char *full, const char *path, struct error *err)
{
	struct page *page;
	char *packed;
	int rc;

	if (type_of(path) == NULL)
		return (0); /* nothing that a page asks for */
	pages->pages =
	    memory_resize(pages->pages, pages->count + 1, sizeof(*page));
	page = &pages->pages[pages->count++];
	*page = (struct page){.path = memory_text(path), .type = type_of(path)};
	packed = memory_print("%s.gz", full);
	rc = read_content(&page->plain, full, "", err);
	if (rc == 0 && access(packed, F_OK) == 0)
		rc = read_content(&page->packed, packed, "-gz", err);
	free(packed);
	return (rc);
}

/* Everything below dir; prefix is what its paths begin with. */
static int
add_folder(
    struct pages *pages, const char *dir, const char *prefix, struct error *err)
{
	struct dirent *entry;
	int rc = 0;
	DIR *folder;

	if ((folder = opendir(dir)) == NULL)
		return (error_set(err, "%s: %m", dir));
	while (rc == 0 && (entry = readdir(folder)) != NULL) {
		char *full, *path;
		struct stat st;

		if (entry->d_name[0] == '.')
			continue;
		full = memory_print("%s/%s", dir, entry->d_name);
		path = memory_print("%s%s", prefix, entry->d_name);
		if (stat(full, &st) == 0 && S_ISDIR(st.st_mode)) {
			char *deeper = memory_print("%s/", path);

			rc = add_folder(pages, full, deeper, err);
			free(deeper);
		} else if (S_ISREG(st.st_mode))
			rc = add_file(pages, full, path, err);
		free(full);
		free(path);
	}
	closedir(folder);
	return (rc);
}

struct pages *
pages_new(const char *dir, struct error *err)
{
	struct pages *pages = memory_new(1, sizeof(*pages));

	if (add_folder(pages, dir, "", err) == -1) {
		pages_free(pages);
		return (NULL);
	}
	return (pages);
}

void
pages_free(struct pages *pages)
{
	if (pages == NULL)
		return;
	for (size_t i = 0; i < pages->count; i++) {
		free(pages->pages[i].path);
		free(pages->pages[i].plain.data);
		free(pages->pages[i].packed.data);
	}
	free(pages->pages);
	free(pages);
}

static const struct page *
find(const struct pages *pages, const char *path)
{
	for (size_t i = 0; i < pages->count; i++)
		if (strcmp(pages->pages[i].path, path) == 0)
			return (&pages->pages[i]);
	return (NULL);
}

/* Does the client take gzip? "gzip", "gzip;q=0.5", "*", but not "gzip;q=0". */
static bool
takes_gzip(const char *accepted)
{
	const char *at = accepted;

	while (at != NULL && *at != '\0') {
		size_t length = strcspn(at, ",");
		const char *name = at + strspn(at, " \t");
		const char *weight = memmem(at, length, "q=", 2);

		if (strncasecmp(name, "gzip", 4) == 0 ||
		    strncmp(name, "*", 1) == 0)
			return (weight == NULL || strtod(weight + 2, NULL) > 0);
		at += length + (at[length] == ',');
	}
	return (false);
}

static void
set_headers(struct http_request *request, const struct content *content)
{
	http_set_header(request, "ETag", content->etag);
	http_set_header(request, "Vary", "Accept-Encoding");
	http_set_header(request, "Cache-Control", "no-cache");
	http_set_header(request, "X-Content-Type-Options", "nosniff");
	http_set_header(request, "Referrer-Policy", "no-referrer");
	http_set_header(request, "Content-Security-Policy",
	    "default-src 'none'; script-src 'self'; style-src 'self'; "
	    "img-src 'self'; connect-src 'self'; base-uri 'none'; "
	    "form-action 'none'; frame-ancestors 'none'; "
	    "require-trusted-types-for 'script'; trusted-types 'none'");
}

static void
serve(const struct pages *pages, struct http_request *request, const char *path)
{
	const struct page *page = path == NULL ? NULL : find(pages, path);
	const char *known = http_header(request, "If-None-Match");
	const struct content *content;
	struct evbuffer *body;

	if (page == NULL) {
		http_problem(request, 404, "Not Found",
		    "there is no page %s; the pages begin at /",
		    http_path(request));
		return;
	}
	content = page->packed.data != NULL &&
			  takes_gzip(http_header(request, "Accept-Encoding"))
		      ? &page->packed
		      : &page->plain;
	set_headers(request, content);
	if (known != NULL && strstr(known, content->etag) != NULL) {
		http_reply(request, 304, page->type, NULL);
		return;
	}
	if (content == &page->packed)
		http_set_header(request, "Content-Encoding", "gzip");
	body = evbuffer_new();
	evbuffer_add(body, content->data, content->length);
	http_reply(request, 200, page->type, body);
	evbuffer_free(body);
}

static void
get_file(struct http_request *request, void *arg)
{
	serve(arg, request, http_param(request, "*"));
}

static void
get_index(struct http_request *request, void *arg)
{
	serve(arg, request, "index.html");
}

static void
get_clocks(struct http_request *request, void *arg)
{
	serve(arg, request, "clocks.html");
}

static void
get_matrix(struct http_request *request, void *arg)
{
	serve(arg, request, "matrix.html");
}

static void
get_pair(struct http_request *request, void *arg)
{
	serve(arg, request, "pair.html");
}

void
pages_route(struct pages *pages, struct http *http)
{
	http_route(http, HTTP_GET, "/static/{*}", get_file, pages);
	http_route(http, HTTP_GET, "/", get_index, pages);
	http_route(http, HTTP_GET, "/clocks", get_clocks, pages);
	http_route(http, HTTP_GET, "/matrix/{test}", get_matrix, pages);
	http_route(http, HTTP_GET, "/pair/{test}/{src}/{dst}", get_pair, pages);
}
