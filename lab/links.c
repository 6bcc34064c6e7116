/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/links_parts.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"
#include "lab/emulation.h"
#include "lab/notices.h"
#include "lab/space.h"
#include "lab/tap.h"
#include "lab/topology.h"

static const char *const state_names[] = {
    [LINK_UP] = "up", [LINK_FAILED] = "failed", [LINK_CUT] = "cut"};
static const char *const event_names[] = {
    [LINK_UP] = "restored", [LINK_FAILED] = "failed", [LINK_CUT] = "cut"};

/* "K=V" as the emulator has them. */
static char *
way_words(const struct way *way)
{
	char *words = memory_text("");

	for (const struct setting *s = way_options; s->name != NULL; s++) {
		const char *field = (const char *)way + s->offset;
		char *longer;

		if (s->type == OPTION_FLAG)
			longer = memory_print(
			    "%s %s=%d", words, s->name, *(const bool *)field);
		else if (s->type == OPTION_DURATION || s->type == OPTION_COUNT)
			longer = memory_print("%s %s=%jd", words, s->name,
			    (intmax_t) * (const int64_t *)field);
		else
			longer = memory_print("%s %s=%.12f", words, s->name,
			    *(const double *)field);
		free(words);
		words = longer;
	}
	return (words);
}

static int
tell_way(struct link *link, int way, struct error *err)
{
	char *words = way_words(&link->ways[way]);
	int status = emulation_ask(link->links->emulation, NULL, 0, NULL, err,
	    "set %s %d%s", links_name(link), way, words);

	free(words);
	return (status);
}

static int
tell_state(struct link *link, struct error *err)
{
	static const char *const commands[] = {[LINK_UP] = "restore %s",
	    [LINK_FAILED] = "fail %s",
	    [LINK_CUT] = "carrier %s 0"};
	struct emulation *emulation = link->links->emulation;

	if (link->state == LINK_FAILED &&
	    emulation_ask(emulation, NULL, 0, NULL, err, "carrier %s 1",
		links_name(link)) == -1)
		return (-1);
	return (emulation_ask(emulation, NULL, 0, NULL, err,
	    commands[link->state], links_name(link)));
}

static int
tell_all(struct link *link, struct error *err)
{
	const int fds[2] = {link->taps[0].fd, link->taps[1].fd};

	if (emulation_ask(link->links->emulation, fds, 2, NULL, err, "link %s",
		links_name(link)) == -1 ||
	    tell_way(link, 0, err) == -1 || tell_way(link, 1, err) == -1)
		return (-1);
	return (tell_state(link, err));
}

/* One that is dead is told all when it is there again. */
static int
or_later(struct links *links, int status)
{
	return (status == -1 && emulation_lives(links->emulation) ? -1 : 0);
}

static void
on_lost(void *arg, const char *why)
{
	struct links *links = arg;
	json_object *notice = notices_new_notice("emulator");

	member_add_text(notice, "state", "lost");
	member_add_text(notice, "why", why);
	notices_tell(links->about.notices, notice);
}

static void
on_again(void *arg)
{
	struct links *links = arg;
	json_object *notice = notices_new_notice("emulator");
	struct error err;

	for (size_t i = 0; i < links->count; i++) {
		struct link *link = &links->link[i];

		tap_drain(&link->taps[0]);
		tap_drain(&link->taps[1]);
		if (tell_all(link, &err) == -1) {
			log_warnx("%s", err.text);
			break;
		}
	}
	member_add_text(notice, "state", "restarted");
	notices_tell(links->about.notices, notice);
}

static const struct emulation_calls calls = {on_lost, on_again};

static void
address_of(size_t link, int end, uint8_t address[static 6])
{
	const uint8_t made[6] = {
	    2, 'P', 'L', (uint8_t)(link >> 8), (uint8_t)link, (uint8_t)end};

	memcpy(address, made, 6);
}

static int
open_tap(struct link *link, int end, struct error *err)
{
	const struct links_about *about = &link->links->about;
	const struct topology_end *of =
	    &about->topology->links[link->index].ends[end];
	uint8_t address[6];
	int status;

	address_of(link->index, end, address);
	if (space_enter(about->nets[of->node], err) == -1)
		return (-1);
	status = tap_open(&link->taps[end], of->interface, address, err);
	if (space_enter(about->space->home, NULL) == -1)
		log_fatal("no way back to the lab's own network namespace");
	if (status == -1)
		error_place(err, "link %s, node %s", links_name(link),
		    about->topology->nodes[of->node].name);
	return (status);
}

static int
open_link(struct links *links, size_t index, struct error *err)
{
	const struct topology_link *of = &links->about.topology->links[index];
	struct link *link = &links->link[index];

	*link = (struct link){.links = links,
	    .index = index,
	    .taps = {{.fd = -1}, {.fd = -1}},
	    .ways = {of->ends[0].way, of->ends[1].way}};
	link->timer = evtimer_new(links->about.base, links_on_hello, link);
	links->count++;
	if (open_tap(link, 0, err) == -1 || open_tap(link, 1, err) == -1)
		return (-1);
	return (tell_all(link, err));
}

struct links *
links_new(const struct links_about *about, struct error *err)
{
	struct links *links = memory_new(1, sizeof(*links));
	size_t count = about->topology->link_count;

	links->about = *about;
	links->link = memory_new(count + 1, sizeof(*links->link));
	links->emulation = emulation_new(about->keeper,
	    (int)about->topology->priority, about->share, &calls, links, err);
	if (links->emulation != NULL)
		while (links->count < count &&
		       open_link(links, links->count, err) == 0)
			;
	if (links->emulation != NULL && links->count == count &&
	    emulation_lives(links->emulation))
		return (links);
	links_free(links);
	return (NULL);
}

void
links_free(struct links *links)
{
	if (links == NULL)
		return;
	for (size_t i = 0; i < links->count; i++) {
		event_free(links->link[i].timer);
		for (int end = 0; end < 2; end++)
			if (links->link[i].taps[end].fd != -1)
				close(links->link[i].taps[end].fd);
	}
	emulation_free(links->emulation);
	free(links->link);
	free(links);
}

static void
tell_change(struct link *link, const char *event)
{
	json_object *notice = notices_new_notice(event);

	member_add_text(notice, "link", links_name(link));
	if (strcmp(event, "set") == 0) {
		json_object *ways = json_object_new_array();

		for (int way = 0; way < 2; way++)
			json_object_array_add(
			    ways, links_way_json(&link->ways[way]));
		json_object_object_add(notice, "ways", ways);
	}
	notices_tell(link->links->about.notices, notice);
}

int
links_put(struct links *links, size_t index, enum links_state state,
    struct error *err)
{
	struct link *link = &links->link[index];
	enum links_state before = link->state;

	event_del(link->timer);
	link->state = state;
	if (or_later(links, tell_state(link, err)) == -1) {
		link->state = before;
		return (-1);
	}
	tell_change(link, event_names[state]);
	return (0);
}

int
links_set(struct links *links, size_t index, const struct way ways[2],
    struct error *err)
{
	struct link *link = &links->link[index];
	struct way before[2];

	memcpy(before, link->ways, sizeof(before));
	memcpy(link->ways, ways, sizeof(before));
	if (or_later(links, tell_way(link, 0, err)) == -1 ||
	    or_later(links, tell_way(link, 1, err)) == -1) {
		memcpy(link->ways, before, sizeof(before));
		return (-1);
	}
	tell_change(link, "set");
	return (0);
}

int
links_verdicts(struct links *links, size_t index, int fd, struct error *err)
{
	return (emulation_ask(links->emulation, &fd, fd == -1 ? 0 : 1, NULL,
	    err, "verdicts %s", links_name(&links->link[index])));
}

const struct way *
links_ways(const struct links *links, size_t link)
{
	return (links->link[link].ways);
}

enum links_state
links_state(const struct links *links, size_t link)
{
	return (links->link[link].state);
}

const char *
links_backend(const struct links *links)
{
	return ("emulator");
}

int
links_index(const struct links *links, size_t link, int end)
{
	return (links->link[link].taps[end].index);
}

const char *
links_state_name(enum links_state state)
{
	return (state_names[state]);
}
