/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/lab.h"

#include <event2/event.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/daemon.h"
#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"
#include "lab/agenda.h"
#include "lab/boxes.h"
#include "lab/desk.h"
#include "lab/gateway.h"
#include "lab/group.h"
#include "lab/keeper.h"
#include "lab/links.h"
#include "lab/nodes.h"
#include "lab/notices.h"
#include "lab/reach.h"
#include "lab/routing.h"
#include "lab/run.h"
#include "lab/tapes.h"
#include "lab/topology.h"

#define LOOK_US 50000
#define SOON_US 20000 /* answers leave within */
#define STOP_MS 500   /* daemons have so long before they are killed */

void
lab_tell(struct lab *lab, const char *what, const char *fmt, ...)
{
	char text[600] = "";
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (lab->about.tell != -1)
		dprintf(lab->about.tell, "%s %s\n", what, text);
}

void
lab_end(struct lab *lab)
{
	const struct timeval soon = {.tv_usec = SOON_US};

	notices_tell(lab->notices, notices_new_notice("down"));
	notices_end(lab->notices);
	event_base_loopexit(lab->base, &soon);
}

static double
since_began(const struct lab *lab)
{
	return (clock_seconds(clock_monotonic() - lab->began));
}

static void
look_again(struct lab *lab)
{
	const struct timeval delay = {.tv_usec = LOOK_US};

	event_add(lab->look, &delay);
}

static void
tell_all(struct lab *lab, const char *event)
{
	log_info("%s after %.1f s", event, since_began(lab));
	lab_tell(lab, event, "%.1f", since_began(lab));
	notices_tell(lab->notices, notices_new_notice(event));
}

int
lab_begin_events(struct lab *lab, struct error *err)
{
	const struct agenda_about about = {lab->base, lab->topology, lab->nodes,
	    lab->keeper, lab->links, lab->notices};

	if (lab->agenda != NULL)
		return (error_set(err, "the file's events have begun already"));
	lab->agenda = agenda_new(&about);
	return (0);
}

/* Only now: daemons that start all at once would keep the routing waiting. */
static int
make_boxes(struct lab *lab, struct error *err)
{
	const struct boxes_about about = {lab->folder, lab->topology,
	    lab->nodes, lab->keeper, lab->about.people};

	lab->boxes = boxes_new(&about, err);
	return (lab->boxes == NULL ? -1 : 0);
}

static void
converged(struct lab *lab)
{
	struct error err;

	lab->converged_at = clock_monotonic();
	tell_all(lab, "converged");
	if (lab->about.events)
		lab_begin_events(lab, NULL);
	if (make_boxes(lab, &err) == -1) {
		log_warnx("%s", err.text);
		lab_tell(lab, "error", "%s", err.text);
		lab_end(lab);
	}
}

static void
on_look(evutil_socket_t fd, short what, void *arg)
{
	struct lab *lab = arg;
	struct error err;

	if (lab->converged_at == 0) {
		if (reach_all(lab->reach, &err))
			converged(lab);
		else
			lab_tell(lab, "waits", "%s", err.text);
	}
	if (lab->boxes != NULL && boxes_ready(lab->boxes)) {
		lab->ready = true;
		tell_all(lab, "ready");
	} else {
		look_again(lab);
	}
}

static int
read_topology(struct lab *lab, struct error *err)
{
	lab->topology = topology_read(lab->about.file, err);
	if (lab->topology == NULL)
		return (-1);
	return (lab->about.backend == NULL ? 0
					   : topology_use_backend(lab->topology,
						 lab->about.backend, err));
}

/* What is only files and processes of this one. */
static int
begin(struct lab *lab, struct error *err)
{
	const char *name = lab->about.name;
	char *path = run_path(name, "pid"), *text;
	int status;

	lab->began = clock_monotonic();
	lab->folder = run_folder(name);
	if (read_topology(lab, err) == -1 ||
	    (lab->lock = run_claim(name, err)) == -1 ||
	    space_begin(&lab->space, lab->folder, err) == -1) {
		free(path);
		return (-1);
	}
	text = memory_print("%d\n", (int)lab->space.pid);
	status = daemon_write_file(path, text, strlen(text), 0640, err);
	free(text);
	free(path);
	return (status);
}

static bool
wants_shares(const struct topology *topology)
{
	for (size_t i = 0; i < topology->node_count; i++)
		if (topology->nodes[i].cpu > 0)
			return (true);
	return (false);
}

/* Nothing but a truer emulator is lost without. */
static bool
may_hurry(void)
{
	const struct sched_param fifo = {.sched_priority = 1},
				 other = {.sched_priority = 0};

	if (sched_setscheduler(0, SCHED_FIFO, &fifo) == -1)
		return (false);
	sched_setscheduler(0, SCHED_OTHER, &other);
	return (true);
}

static int
note_group(struct lab *lab, struct error *err)
{
	char *path = run_path(lab->about.name, "cgroup");
	const char *text = group_path(lab->group);
	int status = daemon_write_file(path, text, strlen(text), 0640, err);

	free(path);
	return (status);
}

/* Noted first: what is made then is found whatever happens. */
static int
open_group(struct lab *lab, struct error *err)
{
	char *name = memory_print(
	    "pharos-lab-%s-%d", lab->about.name, (int)lab->space.pid);

	lab->group = group_new(name, err);
	free(name);
	if (lab->group == NULL || note_group(lab, err) == -1)
		return (-1);
	return (group_make(lab->group, err));
}

static int
make_group(struct lab *lab, struct error *err)
{
	bool needed = wants_shares(lab->topology),
	     hurries = lab->topology->priority == 0 || may_hurry();

	if (!needed && hurries)
		return (0);
	if (open_group(lab, err) == -1) {
		if (needed)
			return (-1);
	} else if (!hurries) {
		lab->realtime = group_realtime(lab->group, err);
	}
	if (!hurries && lab->realtime == NULL)
		log_info(
		    "the emulator has no real-time priority: %s", err->text);
	return (0);
}

static int
make_links(struct lab *lab, struct error *err)
{
	const struct links_about about = {lab->base, &lab->space, lab->topology,
	    lab->nodes->nets, lab->keeper, lab->notices, lab->realtime};

	lab->links = links_new(&about, err);
	if (lab->links == NULL)
		return (-1);
	lab->tapes = tapes_new(&about, lab->links, lab->folder);
	return (0);
}

static int
make_network(struct lab *lab, struct error *err)
{
	struct gateway_about gateway = {lab->base, lab->folder, &lab->space,
	    lab->topology, NULL, lab->keeper};

	lab->nodes = nodes_new(&lab->space, lab->topology, lab->group, err);
	gateway.nodes = lab->nodes;
	if (lab->nodes == NULL || make_links(lab, err) == -1 ||
	    nodes_address(lab->nodes, lab->topology, err) == -1 ||
	    (lab->gateway = gateway_new(&gateway, err)) == NULL)
		return (-1);
	lab->routing = routing_new(
	    lab->topology, lab->nodes, lab->keeper, lab->notices, err);
	return (lab->routing == NULL ? -1 : 0);
}

static int
make_all(struct lab *lab, struct error *err)
{
	lab->keeper = keeper_new(lab->base, lab->folder);
	lab->notices = notices_new();
	if (make_group(lab, err) == -1 || make_network(lab, err) == -1)
		return (-1);
	lab->reach = reach_new(
	    &lab->space, lab->topology, lab->links, lab->nodes->nets, err);
	if (lab->reach == NULL || (lab->desk = desk_new(lab, err)) == NULL)
		return (-1);
	lab->look = evtimer_new(lab->base, on_look, lab);
	return (0);
}

static void
on_stop(void *arg)
{
	lab_end(arg);
}

static void
serve(struct lab *lab)
{
	struct daemon_signals *signals =
	    daemon_signals_new(lab->base, on_stop, NULL, lab);

	tell_all(lab, "built");
	on_look(-1, 0, lab);
	event_base_dispatch(lab->base);
	daemon_signals_free(signals);
	keeper_stop(lab->keeper, STOP_MS);
}

static void
end(struct lab *lab)
{
	agenda_free(lab->agenda);
	if (lab->look != NULL)
		event_free(lab->look);
	desk_free(lab->desk);
	reach_free(lab->reach);
	boxes_free(lab->boxes);
	routing_free(lab->routing);
	gateway_free(lab->gateway);
	tapes_free(lab->tapes);
	links_free(lab->links);
	nodes_free(lab->nodes);
	free(lab->realtime);
	group_free(lab->group);
	notices_free(lab->notices);
	keeper_free(lab->keeper);
	if (lab->base != NULL)
		event_base_free(lab->base);
	topology_free(lab->topology);
	free(lab->folder);
}

int
lab_run(const struct lab_about *about)
{
	struct lab lab = {.about = *about, .lock = -1};
	struct error err;
	int status = 3;

	if (begin(&lab, &err) == 0) {
		if ((lab.base = event_base_new()) == NULL)
			log_fatal("no event loop");
		if (make_all(&lab, &err) == 0)
			status = 0;
	}
	if (status == 0) {
		serve(&lab);
	} else {
		log_warnx("%s", err.text);
		lab_tell(&lab, "error", "%s", err.text);
	}
	end(&lab);
	return (status);
}
