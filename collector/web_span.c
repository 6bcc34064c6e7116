/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/web_span.h"

#include "common/error.h"
#include "common/http.h"

int
web_ask_time(struct http_request *request, const char *name, nanoseconds usual,
    nanoseconds *value)
{
	const char *text = http_query(request, name);
	struct error err;

	*value = usual;
	if (text == NULL || clock_parse(text, clock_wall(), value, &err) == 0)
		return (0);
	http_problem(request, 400, "No such time", "%s: %s", name, err.text);
	return (-1);
}

int
web_check_span(struct http_request *request, nanoseconds from, nanoseconds to)
{
	char first[40], last[40];

	if (from < to)
		return (0);
	http_problem(request, 400, "No such span",
	    "\"from\" (%s) is not before \"to\" (%s), expected an earlier time",
	    clock_format(from, 0, first), clock_format(to, 0, last));
	return (-1);
}

int
web_ask_span(struct http_request *request, nanoseconds before,
    nanoseconds *from, nanoseconds *to)
{
	if (web_ask_time(request, "to", clock_wall(), to) == -1 ||
	    web_ask_time(request, "from", *to - before, from) == -1)
		return (-1);
	return (web_check_span(request, *from, *to));
}
