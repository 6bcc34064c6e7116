/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/web_graph.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collector/fleet.h"
#include "collector/graph.h"
#include "collector/web.h"
#include "collector/web_graph_ask.h"
#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"

#define AT_ONCE 2
#define WAITING_MOST 32
#define PATIENCE 20 /* seconds that one may take */
#define IMAGE_MOST (4 * 1024 * 1024)

struct graph {
	TAILQ_ENTRY(graph) link;
	struct graphs *all;
	struct http_request *request;
	struct web_graph what;
	pid_t pid;             /* 0: it waits for its turn */
	struct event *arrival; /* of what the drawer says */
	struct event *timeout;
	struct evbuffer *image;
};

struct graphs {
	struct event_base *base;
	size_t count, drawn;
	TAILQ_HEAD(, graph) list;
};

static void next_turn(struct graphs *all);

/* Ends the drawer, if there is one: its status. */
static int
reap(struct graph *graph)
{
	int fd = graph->arrival == NULL ? -1 : event_get_fd(graph->arrival);
	int status = -1;

	if (graph->pid == 0)
		return (-1);
	event_free(graph->arrival);
	event_free(graph->timeout);
	graph->arrival = graph->timeout = NULL;
	close(fd);
	kill(graph->pid, SIGKILL); /* one that is done does not mind */
	while (waitpid(graph->pid, &status, 0) == -1 && errno == EINTR)
		continue;
	graph->pid = 0;
	graph->all->drawn--;
	return (status);
}

static void
free_graph(struct graph *graph)
{
	struct graphs *all = graph->all;

	reap(graph);
	TAILQ_REMOVE(&all->list, graph, link);
	all->count--;
	evbuffer_free(graph->image);
	web_graph_clear(&graph->what);
	free(graph);
}

static void
on_gone(struct http_request *request, void *arg)
{
	struct graph *graph = arg;
	struct graphs *all = graph->all;

	free_graph(graph);
	next_turn(all);
}

/* The picture is there, or the reason why it is not. */
static void
finish(struct graph *graph)
{
	struct graphs *all = graph->all;
	struct http_request *request = graph->request;
	int status = reap(graph);

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		web_graph_headers(request, &graph->what);
		http_reply(request, 200, "image/png", graph->image);
	} else {
		size_t length = evbuffer_get_length(graph->image);
		const char *why =
		    (const char *)evbuffer_pullup(graph->image, -1);
		bool said = WIFEXITED(status) && length > 0;

		log_warnx("graph: %.*s", said ? (int)length : 22,
		    said ? why : "the drawer was killed");
		http_problem(request, 503, "Not now", "%.*s",
		    said ? (int)length : 40,
		    said ? why : "it could not be drawn; see the log");
	}
	free_graph(graph);
	next_turn(all);
}

static void
on_arrival(evutil_socket_t fd, short what, void *arg)
{
	struct graph *graph = arg;
	int got = evbuffer_read(graph->image, fd, 65536);

	if (got > 0 && evbuffer_get_length(graph->image) <= IMAGE_MOST)
		return;
	if (got == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	finish(graph);
}

static void
on_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct graph *graph = arg;

	evbuffer_drain(graph->image, evbuffer_get_length(graph->image));
	kill(graph->pid, SIGKILL); /* the end of its pipe follows */
}

static void
write_all(int fd, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t wrote = write(fd, data, length);

		if (wrote == -1 && errno != EINTR)
			_exit(2);
		data += wrote > 0 ? wrote : 0;
		length -= wrote > 0 ? (size_t)wrote : 0;
	}
}

/* In the drawer, which has nothing of ours but the pipe. */
static void __attribute__((noreturn)) draw(const struct web_graph *what, int fd)
{
	const struct rlimit seconds = {PATIENCE, PATIENCE}, none = {0, 0};
	struct error err;
	size_t length;
	char *image;
	sigset_t all;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int signo = 1; signo < NSIG; signo++)
		signal(signo, SIG_DFL);
	sigfillset(&all);
	sigprocmask(SIG_UNBLOCK, &all, NULL);
	setrlimit(RLIMIT_CPU, &seconds);
	setrlimit(RLIMIT_CORE, &none);
	if (dup2(fd, 3) == -1 || close_range(4, ~0U, 0) == -1)
		_exit(2);
	image = graph_draw(&what->question, &length, &err);
	if (image == NULL)
		write_all(3, err.text, strlen(err.text));
	else
		write_all(3, image, length);
	_exit(image == NULL);
}

static int
start(struct graph *graph)
{
	const struct timeval patience = {PATIENCE, 0};
	struct graphs *all = graph->all;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) == -1)
		return (-1);
	if ((graph->pid = fork()) == 0)
		draw(&graph->what, ends[1]);
	close(ends[1]);
	if (graph->pid == -1) {
		graph->pid = 0;
		close(ends[0]);
		return (-1);
	}
	all->drawn++;
	evutil_make_socket_nonblocking(ends[0]);
	graph->arrival = event_new(
	    all->base, ends[0], EV_READ | EV_PERSIST, on_arrival, graph);
	graph->timeout = evtimer_new(all->base, on_timeout, graph);
	event_add(graph->arrival, NULL);
	event_add(graph->timeout, &patience);
	return (0);
}

/* Those who waited longest, as long as there is room. */
static void
next_turn(struct graphs *all)
{
	struct graph *graph, *next;

	for (graph = TAILQ_FIRST(&all->list);
	     graph != NULL && all->drawn < AT_ONCE; graph = next) {
		next = TAILQ_NEXT(graph, link);
		if (graph->pid != 0 || start(graph) == 0)
			continue;
		log_warn("graph");
		http_problem(graph->request, 503, "Not now",
		    "no process can be started to draw it");
		free_graph(graph);
	}
}

struct graphs *
graphs_new(struct event_base *base)
{
	struct graphs *all = memory_new(1, sizeof(*all));

	all->base = base;
	TAILQ_INIT(&all->list);
	return (all);
}

void
graphs_free(struct graphs *all)
{
	if (all == NULL)
		return;
	while (!TAILQ_EMPTY(&all->list))
		free_graph(TAILQ_FIRST(&all->list));
	free(all);
}

void
web_get_graph(struct http_request *request, void *arg)
{
	struct web *web = arg;
	struct graphs *all = web->graphs;
	struct web_graph what;
	struct graph *graph;

	if (all->count >= WAITING_MOST) {
		http_set_header(request, "Retry-After", "5");
		http_problem(request, 503, "Not now",
		    "%d pictures are being drawn; ask again in a moment",
		    WAITING_MOST);
		return;
	}
	if (web_graph_ask(web, request, &what) == -1)
		return;
	graph = memory_new(1, sizeof(*graph));
	graph->all = all;
	graph->request = request;
	graph->what = what;
	graph->image = evbuffer_new();
	TAILQ_INSERT_TAIL(&all->list, graph, link);
	all->count++;
	http_hold(request, on_gone, graph);
	next_turn(all);
}
