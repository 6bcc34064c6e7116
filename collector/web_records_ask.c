/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/web_records_ask.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/web.h"
#include "collector/web_span.h"
#include "common/http.h"
#include "common/record.h"

static int
ask_name(struct http_request *request, const char *name,
    bool (*valid)(const char *), const char **value)
{
	const char *text = http_query(request, name);

	*value = text;
	if (text == NULL || valid(text))
		return (0);
	http_problem(request, 400, "No such name", "%s: \"%.80s\", expected %s",
	    name, text, name_rule);
	return (-1);
}

static int
ask_span(struct http_request *request, struct archive_query *query)
{
	if (web_ask_time(request, "from", INT64_MIN, &query->from) == -1 ||
	    web_ask_time(request, "to", INT64_MAX, &query->to) == -1)
		return (-1);
	return (web_check_span(request, query->from, query->to));
}

static int
ask_limit(struct http_request *request, uint64_t *limit)
{
	const char *text = http_query(request, "limit");
	char *end;

	*limit = UINT64_MAX;
	if (text == NULL)
		return (0);
	errno = 0;
	*limit = strtoull(text, &end, 10);
	if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0 &&
	    *limit > 0)
		return (0);
	http_problem(request, 400, "No such limit",
	    "limit: \"%.40s\", expected a whole number from 1", text);
	return (-1);
}

static int
ask_format(struct http_request *request, enum records_format *format)
{
	const char *text = http_query(request, "format");
	int found = text == NULL ? 0 : name_index(records_format_names, text);

	*format = (enum records_format)found;
	if (found != -1)
		return (0);
	http_problem(request, 400, "No such format",
	    "format: \"%.40s\", expected one of: ndjson, csv, tsv", text);
	return (-1);
}

/* Gaps are of a box and no test. */
static int
ask_outcome(struct http_request *request, struct archive_query *query)
{
	const char *text = http_query(request, "outcome");

	if (text == NULL)
		return (0);
	if (strcmp(text, outcome_names[OUTCOME_GAP]) == 0 &&
	    query->test == NULL) {
		query->test = "";
		return (0);
	}
	http_problem(request, 400, "No such outcome",
	    "outcome: \"%.40s\", expected gap, and no test", text);
	return (-1);
}

/* Who has reported: a box of the fleet, or one that was of it. */
static int
ask_agent(struct web *web, struct http_request *request, const char **agent)
{
	char now[WEB_SENTENCE];

	if (ask_name(request, "agent", name_valid, agent) == -1)
		return (-1);
	if (*agent == NULL || web_is_known_box(web, *agent))
		return (0);
	http_problem(request, 404, "No such box",
	    "agent: there is no box \"%s\"%s; /api/v1/fleet lists those that "
	    "there are",
	    *agent, web_tell_rename(web->fleet, *agent, now));
	return (-1);
}

int
web_records_ask(
    struct web *web, struct http_request *request, struct web_records_ask *ask)
{
	struct archive_query *q = &ask->query;

	if (ask_name(request, "test", name_valid, &q->test) == -1 ||
	    ask_name(request, "src", name_valid, &q->src) == -1 ||
	    ask_name(request, "dst", name_valid_target, &q->dst) == -1 ||
	    ask_agent(web, request, &q->agent) == -1 ||
	    ask_outcome(request, q) == -1 || ask_span(request, q) == -1 ||
	    ask_limit(request, &ask->limit) == -1 ||
	    ask_format(request, &ask->format) == -1)
		return (-1);
	return (0);
}
