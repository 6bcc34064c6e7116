/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/web.h"

#include <event2/event.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/archive.h"
#include "collector/baseline.h"
#include "collector/children.h"
#include "collector/fleet.h"
#include "collector/live.h"
#include "collector/pages.h"
#include "collector/settings.h"
#include "collector/states.h"
#include "collector/verdicts.h"
#include "collector/web_etag.h"
#include "collector/web_graph.h"
#include "collector/web_past.h"
#include "common/channel.h"
#include "common/daemon.h"
#include "common/hash.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/place.h"
#include "common/timekeeper.h"

#define BODY_MOST (64 * 1024)
#define IDLE_SECONDS 120

/* The parent has a new fleet; a file that cannot be read leaves the old one. */
static void
load_fleet(struct web *web)
{
	char *path = collector_settings_path(web->settings, "fleet.json");
	struct fleet *fleet;
	struct error err;

	if (access(path, F_OK) == 0) {
		if ((fleet = fleet_load(path, &err)) == NULL) {
			log_warnx("fleet not loaded: %s", err.text);
		} else {
			live_forget(web->live);
			baselines_forget(web->baselines);
			pasts_forget(web->pasts);
			verdicts_forget(web->verdicts);
			web_forget_latest(web);
			fleet_free(web->fleet);
			web->fleet = fleet;
			web->latest =
			    memory_new(fleet->test_count, sizeof(*web->latest));
		}
	}
	free(path);
}

static void
take_parts(struct web *web, json_object *parts)
{
	json_object_put(web->parts);
	web->parts = json_object_get(parts);
	web->told = clock_monotonic();
}

json_object *
web_part(const struct web *web, const char *name)
{
	size_t count = json_object_is_type(web->parts, json_type_array)
			   ? json_object_array_length(web->parts)
			   : 0;

	for (size_t i = 0; i < count; i++) {
		json_object *part = json_object_array_get_idx(web->parts, i);

		if (strcmp(member_text_or(part, "name", ""), name) == 0)
			return (part);
	}
	return (NULL);
}

static void
on_message(void *arg, json_object *message)
{
	struct web *web = arg;
	const char *kind = member_text_or(message, "m", "");

	if (strcmp(kind, "fleet") == 0)
		load_fleet(web);
	else if (strcmp(kind, "settings") == 0)
		collector_settings_follow(web->settings, message);
	else if (strcmp(kind, "parts") == 0)
		take_parts(web, member_get(message, "parts"));
}

static void
on_closed(void *arg, const char *why)
{
	struct web *web = arg;

	if (why != NULL)
		log_warnx("parent: %s", why);
	event_base_loopbreak(web->base);
}

const struct fleet *
web_fleet(struct web *web, struct http_request *request)
{
	if (web->fleet == NULL)
		http_problem(request, 503, "No fleet",
		    "no fleet file has been read yet; see the log of "
		    "pharos-collectord, or run pharos check");
	return (web->fleet);
}

const struct fleet_test *
web_find_test(struct web *web, struct http_request *request, const char *name)
{
	const struct fleet_test *test = fleet_test(web->fleet, name);

	if (test == NULL)
		http_problem(request, 404, "No such test",
		    "the fleet has no test \"%s\"; /api/v1/fleet lists them",
		    name);
	return (test);
}

const struct fleet_test *
web_test(struct web *web, struct http_request *request)
{
	const char *name = http_param(request, "test");

	if (web_fleet(web, request) == NULL)
		return (NULL);
	if (name == NULL && (name = http_query(request, "test")) == NULL)
		name = "";
	return (web_find_test(web, request, name));
}

const struct fleet_test *
web_test_as(
    struct web *web, struct http_request *request, enum table_format *format)
{
	const char *name = http_param(request, "test");
	char bare[NAME_TEXT];

	*format = web_format_accepted(request);
	if (web_fleet(web, request) == NULL)
		return (NULL);
	if (fleet_test(web->fleet, name) == NULL &&
	    web_format_strip(name, bare, sizeof(bare), format))
		name = bare;
	return (web_find_test(web, request, name));
}

json_object *
web_column_json(const double *values, size_t count)
{
	json_object *array = json_object_new_array_ext((int)count);

	for (size_t i = 0; i < count; i++)
		json_object_array_add(array,
		    isnan(values[i]) ? NULL : member_new_number(values[i]));
	return (array);
}

void
web_reply(struct http_request *request, json_object *json)
{
	struct hash *told = hash_new();

	web_etag_add_json(told, json);
	if (web_etag_is_known(request, told)) {
		json_object_put(json);
		return;
	}
	member_add_number(json, "generated", clock_seconds(clock_wall()));
	http_reply_json(request, 200, json);
}

void
web_get_scales(struct http_request *request, void *arg)
{
	const struct fleet *fleet = web_fleet(arg, request);

	if (fleet != NULL)
		web_reply(request, states_scales(fleet->catalog));
}

/* With what a query may ask of them; of the others nothing is asked. */
static const struct {
	const char *path;
	http_handler handler;
	const char *const *names;
} questions[] = {
    {"/api/v1/matrix/{test}", web_get_matrix,
	(const char *const[]){"metric", "stat", "window", "ref", "at", "also",
	    "planes", "tile", NULL}},
    {"/api/v1/records", web_get_records,
	(const char *const[]){"test", "src", "dst", "agent", "outcome", "from",
	    "to", "limit", "format", NULL}},
    {"/api/v1/live", web_get_live,
	(const char *const[]){"test", "tests", "metric", "stat", "window",
	    "ref", "also", "src", "dst", "most", "last", NULL}},
    {"/api/v1/series/{test}/{src}/{dst}", web_get_series,
	(const char *const[]){"metric", "from", "to", "points", NULL}},
    {"/api/v1/skew/{test}/{src}/{dst}", web_get_skew,
	(const char *const[]){"from", "to", NULL}},
    {"/api/v1/spark/{test}", web_get_spark,
	(const char *const[]){"metric", "pairs", "since", NULL}},
    {"/graph/{test}/{src}/{dst}", web_get_graph,
	(const char *const[]){
	    "metric", "from", "to", "width", "height", "theme", "lang", NULL}},
};

static void
add_routes(struct web *web)
{
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		http_route_query(web->http, questions[i].path,
		    questions[i].names, questions[i].handler, web);
	http_route(web->http, HTTP_GET, "/api/v1/fleet", web_get_fleet, web);
	http_route(web->http, HTTP_GET, "/api/v1/clocks", web_get_clocks, web);
	http_route(web->http, HTTP_GET, "/api/v1/scales", web_get_scales, web);
	http_route(
	    web->http, HTTP_GET, "/api/v1/departed", web_get_departed, web);
	http_route(web->http, HTTP_GET, "/metrics", web_get_metrics, web);
	http_route(web->http, HTTP_GET, "/healthz", web_get_health, web);
	pages_route(web->pages, web->http);
}

static int
open_pages(struct web *web, struct error *err)
{
	char *dir = place_web();

	web->pages = pages_new(dir, err);
	free(dir);
	return (web->pages == NULL ? -1 : 0);
}

static void
on_stop(void *arg)
{
	event_base_loopbreak(arg);
}

int
web_main(struct collector_settings *settings, int fd, int listener,
    struct error *err)
{
	struct web web = {.settings = settings};
	struct daemon_signals *signals;
	int rc;

	if (open_pages(&web, err) == -1)
		return (-1);
	web.base = event_base_new();
	signals = daemon_signals_new(web.base, on_stop, NULL, web.base);
	web.parent = channel_new(web.base, fd, on_message, on_closed, &web);
	web.http = http_new(web.base, NULL, BODY_MOST, IDLE_SECONDS);
	web.keeper =
	    timekeeper_new(web.base, &(const struct timekeeper_about){0});
	web.live = live_new(&web);
	web.baselines = baselines_new(&web);
	web.pasts = pasts_new(&web);
	web.graphs = graphs_new(web.base);
	web.verdicts = verdicts_new(&web);
	add_routes(&web);
	load_fleet(&web);
	web.since = clock_monotonic();
	if ((rc = http_listen(web.http, listener)) == 0)
		event_base_dispatch(web.base);
	else
		error_set(err, "the people's listener: %m");
	http_free(web.http);
	live_free(web.live);
	timekeeper_free(web.keeper);
	graphs_free(web.graphs);
	verdicts_free(web.verdicts);
	pasts_free(web.pasts);
	baselines_free(web.baselines);
	web_records_free(&web);
	archive_free(web.archive);
	channel_free(web.parent);
	daemon_signals_free(signals);
	web_close_sources(&web);
	fleet_free(web.fleet);
	json_object_put(web.parts);
	pages_free(web.pages);
	event_base_free(web.base);
	return (rc);
}
