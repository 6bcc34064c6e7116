/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/exposition.h"

#include <assert.h>
#include <event2/buffer.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/http.h"
#include "common/log.h"
#include "common/memory.h"

#define CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct exposition {
	struct evbuffer *text;
	const char *family;
};

struct exposition *
exposition_new(void)
{
	struct exposition *exposition = memory_new(1, sizeof(*exposition));

	exposition->text = evbuffer_new();
	if (exposition->text == NULL)
		log_fatal("out of memory");
	return (exposition);
}

void
exposition_free(struct exposition *exposition)
{
	if (exposition == NULL)
		return;
	evbuffer_free(exposition->text);
	free(exposition);
}

void
exposition_family(struct exposition *exposition, const char *name,
    enum exposition_type type, const char *help)
{
	exposition->family = name;
	evbuffer_add_printf(exposition->text, "# HELP %s %s\n# TYPE %s %s\n",
	    name, help, name, type == EXPOSITION_COUNTER ? "counter" : "gauge");
}

static void
add_escaped(struct evbuffer *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\n') {
			evbuffer_add(out, "\\n", 2);
			continue;
		}
		if (*text == '\\' || *text == '"')
			evbuffer_add(out, "\\", 1);
		evbuffer_add(out, text, 1);
	}
}

void
exposition_add(struct exposition *exposition, double value, const char *label,
    const char *text)
{
	struct evbuffer *out = exposition->text;

	assert(exposition->family != NULL && isfinite(value));
	evbuffer_add_printf(out, "%s", exposition->family);
	if (label != NULL) {
		evbuffer_add_printf(out, "{%s=\"", label);
		add_escaped(out, text);
		evbuffer_add(out, "\"}", 2);
	}
	evbuffer_add_printf(out, " %.15g\n", value);
}

void
exposition_one(struct exposition *exposition, const char *name,
    enum exposition_type type, const char *help, double value)
{
	exposition_family(exposition, name, type, help);
	exposition_add(exposition, value, NULL, NULL);
}

char *
exposition_text(const struct exposition *exposition)
{
	size_t length = evbuffer_get_length(exposition->text);
	char *text = memory_new(length + 1, 1);

	evbuffer_copyout(exposition->text, text, length);
	return (text);
}

void
exposition_reply(struct exposition *exposition, struct http_request *request)
{
	http_set_header(request, "Cache-Control", "no-cache");
	http_reply(request, 200, CONTENT_TYPE, exposition->text);
	exposition_free(exposition);
}
