/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/crew.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "agent/clock_metrics.h"
#include "agent/mate.h"
#include "agent/own_clock.h"
#include "common/catalog.h"
#include "common/discipline.h"
#include "common/error.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"

struct crew {
	struct event_base *base;
	bool raise_capabilities;
	crew_record record;
	crew_tree tree; /* may be NULL */
	void *arg;
	struct crew_far far;
	json_object *fleet; /* an order for workers; NULL: there is no fleet */
	struct discipline clock; /* source "": nobody has told */
	nanoseconds host;        /* beside it */
	struct catalog *catalog; /* NULL: not asked for yet */
	uint64_t last;           /* run */
	struct mate **mates;
	size_t count;
	struct own_clock *own; /* what needs no worker */
};

struct crew *
crew_new(struct event_base *base, bool raise_capabilities, crew_record record,
    void *arg)
{
	struct crew *crew = memory_new(1, sizeof(*crew));

	crew->base = base;
	crew->raise_capabilities = raise_capabilities;
	crew->record = record;
	crew->arg = arg;
	crew->own = own_clock_new(base, record, arg);
	return (crew);
}

void
crew_trees(struct crew *crew, crew_tree take)
{
	crew->tree = take;
}

void
crew_free(struct crew *crew)
{
	if (crew == NULL)
		return;
	for (size_t i = 0; i < crew->count; i++)
		mate_free(crew->mates[i]);
	free(crew->mates);
	own_clock_free(crew->own);
	catalog_free(crew->catalog);
	json_object_put(crew->fleet);
	free(crew);
}

const struct catalog *
crew_catalog(struct crew *crew)
{
	struct error err;

	if (crew->catalog != NULL)
		return (crew->catalog);
	crew->catalog = catalog_new();
	if (catalog_add_installed(crew->catalog, &err) == -1)
		log_warnx("%s", err.text);
	return (crew->catalog);
}

/* NULL: it has none. */
static struct mate *
known_mate(const struct crew *crew, const char *probe)
{
	for (size_t i = 0; i < crew->count; i++)
		if (strcmp(mate_probe(crew->mates[i]), probe) == 0)
			return (crew->mates[i]);
	return (NULL);
}

static struct mate *
find_mate(struct crew *crew, const char *probe)
{
	const struct mate_about about = {
	    .base = crew->base,
	    .probe = probe,
	    .raise_capabilities = crew->raise_capabilities,
	    .record = crew->record,
	    .tree = crew->tree,
	    .arg = crew->arg,
	    .far = &crew->far,
	};
	struct mate *mate = known_mate(crew, probe);

	if (mate != NULL)
		return (mate);
	crew->mates =
	    memory_resize(crew->mates, crew->count + 1, sizeof(*crew->mates));
	mate = crew->mates[crew->count++] = mate_new(&about);
	if (crew->fleet != NULL)
		mate_fleet(mate, crew->fleet);
	if (crew->clock.source[0] != '\0')
		mate_clock(mate, &crew->clock, crew->host);
	return (mate);
}

void
crew_clock(struct crew *crew, const struct discipline *clock, nanoseconds host)
{
	crew->clock = *clock;
	crew->host = host;
	for (size_t i = 0; i < crew->count; i++)
		mate_clock(crew->mates[i], clock, host);
	own_clock_look(crew->own, clock);
}

void
crew_set_far(struct crew *crew, const struct crew_far *far)
{
	crew->far = *far;
}

void
crew_fleet(struct crew *crew, const char *box, struct json_object *peers)
{
	json_object_put(crew->fleet);
	crew->fleet = json_object_new_object();
	member_add_text(crew->fleet, "m", "peers");
	member_add_text(crew->fleet, "box", box);
	if (peers != NULL)
		json_object_object_add(
		    crew->fleet, "peers", json_object_get(peers));
	for (size_t i = 0; i < crew->count; i++)
		mate_fleet(crew->mates[i], crew->fleet);
}

void
crew_respond(struct crew *crew, const char *probe, struct json_object *settings)
{
	if (settings != NULL || known_mate(crew, probe) != NULL)
		mate_respond(find_mate(crew, probe), settings);
}

void
crew_admitted(
    struct crew *crew, const char *probe, int64_t ask, const char *why)
{
	mate_admitted(find_mate(crew, probe), ask, why);
}

void
crew_ask(struct crew *crew, const char *probe, struct json_object *settings,
    crew_cost answer, void *arg)
{
	mate_ask(find_mate(crew, probe), settings, answer, arg);
}

uint64_t
crew_start(struct crew *crew, const struct crew_run *run)
{
	crew->last++;
	if (clock_is_probe(run->probe))
		own_clock_start(crew->own, crew->last, run);
	else
		mate_start(find_mate(crew, run->probe), crew->last, run);
	return (crew->last);
}

void
crew_stop(struct crew *crew, uint64_t number)
{
	for (size_t i = 0; i < crew->count; i++)
		mate_stop(crew->mates[i], number);
	own_clock_stop(crew->own, number);
}

void
crew_finish_run(struct crew *crew, uint64_t number)
{
	for (size_t i = 0; i < crew->count; i++)
		mate_finish_run(crew->mates[i], number);
	own_clock_finish(crew->own, number);
}

void
crew_finish(struct crew *crew)
{
	for (size_t i = 0; i < crew->count; i++)
		mate_finish(crew->mates[i]);
}

size_t
crew_open_runs(const struct crew *crew)
{
	size_t open = 0;

	for (size_t i = 0; i < crew->count; i++)
		open += mate_open_runs(crew->mates[i]);
	return (open);
}

json_object *
crew_status(const struct crew *crew)
{
	json_object *status = json_object_new_array();

	for (size_t i = 0; i < crew->count; i++)
		json_object_array_add(status, mate_status(crew->mates[i]));
	return (status);
}
