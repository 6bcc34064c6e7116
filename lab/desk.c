/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/desk.h"

#include <event2/buffer.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/error.h"
#include "common/http.h"
#include "common/listener.h"
#include "common/member.h"
#include "common/memory.h"
#include "lab/desk_json.h"
#include "lab/lab.h"
#include "lab/links.h"
#include "lab/notices.h"
#include "lab/run.h"
#include "lab/tapes.h"
#include "lab/topology.h"

#define BODY_MOST (64 * 1024)
#define IDLE_SECONDS 60
#define HELLO_MOST 3600 /* seconds */

struct desk {
	struct lab *lab;
	struct http *http;
};

static void
on_lab(struct http_request *request, void *arg)
{
	const struct desk *desk = arg;

	http_reply_json(request, 200, desk_json(desk->lab));
}

static void
on_events(struct http_request *request, void *arg)
{
	const struct desk *desk = arg;

	notices_add(desk->lab->notices, request);
}

static void
on_begin(struct http_request *request, void *arg)
{
	const struct desk *desk = arg;
	struct error err;

	if (lab_begin_events(desk->lab, &err) == -1)
		http_problem(request, 409, "Not done", "%s", err.text);
	else
		http_reply_json(request, 200, json_object_new_object());
}

static void
on_down(struct http_request *request, void *arg)
{
	const struct desk *desk = arg;

	http_reply_json(request, 200, json_object_new_object());
	lab_end(desk->lab);
}

/* The link that is meant, or -1 after 404. */
static long
find_link(const struct desk *desk, struct http_request *request)
{
	struct error err;
	long link = topology_link(
	    desk->lab->topology, http_param(request, "link"), &err);

	if (link == -1)
		http_problem(request, 404, "No such link", "%s", err.text);
	return (link);
}

static void
answer(struct http_request *request, const struct desk *desk, long link,
    int status, const struct error *err)
{
	if (status == -1)
		http_problem(request, 400, "Not done", "%s", err->text);
	else
		http_reply_json(request, 200,
		    links_json(
			desk->lab->links, desk->lab->topology, (size_t)link));
}

/* body says how long after. */
static int
put_after_hello(const struct desk *desk, size_t link, enum links_state state,
    json_object *body, struct error *err)
{
	double after;

	if (member_number(body, "after_hello", &after, err) == -1)
		return (-1);
	if (!(after >= 0 && after <= HELLO_MOST))
		return (error_set(err,
		    "so long after a hello: %g s, expected 0 s to %d s", after,
		    HELLO_MOST));
	if (desk->lab->topology->routing == ROUTING_STATIC)
		return (error_set(err,
		    "there are no hellos with static routes, expected routing: "
		    "bird or frr in the topology"));
	links_put_after_hello(
	    desk->lab->links, link, state, clock_of_seconds(after));
	return (0);
}

static void
put(struct http_request *request, const struct desk *desk,
    enum links_state state)
{
	long link = find_link(desk, request);
	json_object *body = link == -1 ? NULL : http_body_json(request);
	struct error err;
	int status;

	if (body == NULL)
		return;
	status = member_get(body, "after_hello") == NULL
		     ? links_put(desk->lab->links, (size_t)link, state, &err)
		     : put_after_hello(desk, (size_t)link, state, body, &err);
	json_object_put(body);
	answer(request, desk, link, status, &err);
}

static void
on_fail(struct http_request *request, void *arg)
{
	put(request, arg, LINK_FAILED);
}

static void
on_cut(struct http_request *request, void *arg)
{
	put(request, arg, LINK_CUT);
}

static void
on_restore(struct http_request *request, void *arg)
{
	put(request, arg, LINK_UP);
}

static void
on_set(struct http_request *request, void *arg)
{
	const struct desk *desk = arg;
	long link = find_link(desk, request);
	json_object *body = link == -1 ? NULL : http_body_json(request);
	struct way ways[2];
	struct error err;
	int status;

	if (body == NULL)
		return;
	status = links_read(desk->lab->links, (size_t)link, body, ways, &err);
	if (status == 0)
		status = links_set(desk->lab->links, (size_t)link, ways, &err);
	json_object_put(body);
	answer(request, desk, link, status, &err);
}

static void
on_truth(struct http_request *request, void *arg)
{
	const struct desk *desk = arg;
	long link = find_link(desk, request);
	json_object *body = link == -1 ? NULL : http_body_json(request);
	struct error err;
	bool on;

	if (body == NULL)
		return;
	if (member_flag(body, "on", &on, &err) == -1)
		http_problem(request, 400, "Not done", "%s", err.text);
	else if (on)
		tapes_start(desk->lab->tapes, (size_t)link, request);
	else
		tapes_stop(desk->lab->tapes, (size_t)link, request);
	json_object_put(body);
}

static void
add_routes(struct desk *desk)
{
	http_route(desk->http, HTTP_GET, "/v1/lab", on_lab, desk);
	http_route(desk->http, HTTP_GET, "/v1/events", on_events, desk);
	http_route(desk->http, HTTP_POST, "/v1/events", on_begin, desk);
	http_route(desk->http, HTTP_POST, "/v1/down", on_down, desk);
	http_route(
	    desk->http, HTTP_POST, "/v1/links/{link}/fail", on_fail, desk);
	http_route(desk->http, HTTP_POST, "/v1/links/{link}/cut", on_cut, desk);
	http_route(desk->http, HTTP_POST, "/v1/links/{link}/restore",
	    on_restore, desk);
	http_route(desk->http, HTTP_POST, "/v1/links/{link}/set", on_set, desk);
	http_route(
	    desk->http, HTTP_POST, "/v1/links/{link}/truth", on_truth, desk);
}

struct desk *
desk_new(struct lab *lab, struct error *err)
{
	struct desk *desk = memory_new(1, sizeof(*desk));
	char *path = run_path(lab->about.name, "control");
	int fd = listener_open_unix(path, err);

	free(path);
	if (fd == -1) {
		free(desk);
		return (NULL);
	}
	desk->lab = lab;
	desk->http = http_new(lab->base, NULL, BODY_MOST, IDLE_SECONDS);
	add_routes(desk);
	http_listen(desk->http, fd);
	return (desk);
}

void
desk_free(struct desk *desk)
{
	if (desk == NULL)
		return;
	http_free(desk->http);
	free(desk);
}
