/* SPDX-License-Identifier: BSD-2-Clause */
/* What somebody sends to a server: all of it, then the end. The connection is
 * answered and ended, whatever it was. The routes are the people's, and one that
 * reads a body. */
#include "common/http.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "collector/fleet.h"
#include "collector/live.h"
#include "collector/settings.h"
#include "collector/web.h"
#include "common/listener.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/timekeeper.h"
#include "tests/fuzz/specimen.h"
#include "tests/fuzz/target.h"

#define BODY_MOST 4096
#define IDLE_SECONDS 5

static const char fleet_file[] =
    "sites: {nyc: {address: 198.51.100.1}, lon: {address: 198.51.100.7}}\n"
    "meshes: {core: {members: [nyc, lon]}}\n"
    "tests: {t: {mesh: core, probe: fuzz, schedule: {uniform: 60s}}}\n";

static struct collector_settings settings;
static struct web web = {.settings = &settings};
static char *path;

static void
on_echo(struct http_request *request, void *arg)
{
	json_object *body = http_body_json(request), *answer;

	if (body == NULL)
		return;
	answer = json_object_new_object();
	member_add_text(answer, "rest", http_param(request, "*"));
	member_add_text(answer, "name", http_param(request, "name"));
	json_object_object_add(answer, "body", body);
	http_reply_json(request, 200, answer);
}

static void
close_server(void)
{
	http_free(web.http);
	live_free(web.live);
	timekeeper_free(web.keeper);
	fleet_free(web.fleet);
	free(web.latest);
	free(web.boxes);
	event_base_free(web.base);
	free(path);
}

static void
read_fleet(void)
{
	json_object *problems, *warnings;

	web.fleet = fleet_read(specimen_file(fleet_file, strlen(fleet_file)),
	    specimen_catalog(), &problems, &warnings);
	json_object_put(problems);
	json_object_put(warnings);
	if (web.fleet == NULL)
		abort();
	web.latest = memory_new(web.fleet->test_count, sizeof(*web.latest));
}

static void
open_server(void)
{
	int fd;

	snprintf(
	    settings.state, sizeof(settings.state), "%s", specimen_folder());
	path = memory_print("%s/server", specimen_folder());
	web.base = event_base_new();
	web.http = http_new(web.base, NULL, BODY_MOST, IDLE_SECONDS);
	read_fleet();
	web.keeper =
	    timekeeper_new(web.base, &(const struct timekeeper_about){0});
	web.live = live_new(&web);
	http_route(
	    web.http, HTTP_GET, "/api/v1/matrix/{test}", web_get_matrix, &web);
	http_route(web.http, HTTP_GET, "/api/v1/series/{test}/{src}/{dst}",
	    web_get_series, &web);
	http_route(web.http, HTTP_GET, "/api/v1/live", web_get_live, &web);
	http_route(
	    web.http, HTTP_GET, "/api/v1/spark/{test}", web_get_spark, &web);
	http_route(web.http, HTTP_GET, "/api/v1/fleet", web_get_fleet, &web);
	http_route(web.http, HTTP_GET, "/metrics", web_get_metrics, &web);
	http_route(web.http, HTTP_GET, "/healthz", web_get_health, &web);
	http_route(web.http, HTTP_POST, "/echo/{name}/{*}", on_echo, NULL);
	fd = listener_open_unix(path, NULL);
	if (fd == -1 || http_listen(web.http, fd) == -1)
		abort();
	atexit(close_server);
}

static int
open_client(void)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	if (fd == -1 || connect(fd, (struct sockaddr *)&to, sizeof(to)) == -1)
		abort();
	return (fd);
}

/* As much as it takes: a server may end the connection under way. */
static size_t
put(int fd, const uint8_t *data, size_t size)
{
	ssize_t n = send(fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);

	return (n > 0 ? (size_t)n : 0);
}

/* False at the end of what the server says. */
static bool
get(int fd)
{
	char buffer[4096];
	ssize_t n;

	while ((n = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT)) > 0)
		;
	return (n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	nanoseconds begun = clock_monotonic();
	size_t sent = 0;
	int fd;

	if (web.http == NULL)
		open_server();
	fd = open_client();
	do {
		sent += put(fd, data + sent, size - sent);
		if (sent == size)
			shutdown(fd, SHUT_WR);
		event_base_loop(web.base, EVLOOP_NONBLOCK);
		if (clock_monotonic() - begun > IDLE_SECONDS * NS_PER_S / 2)
			abort();
	} while (get(fd));
	close(fd);
	return (0);
}
