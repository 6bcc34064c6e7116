/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/links_parts.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "common/member.h"
#include "common/memory.h"
#include "lab/notices.h"
#include "lab/topology.h"

static const char *const state_names[] = {
    [LINK_UP] = "up", [LINK_FAILED] = "failed", [LINK_CUT] = "cut"};
static const char *const event_names[] = {
    [LINK_UP] = "restored", [LINK_FAILED] = "failed", [LINK_CUT] = "cut"};

static const struct links_kind *const kinds[] = {
    &links_emulator, &links_netem, NULL};

const char *
links_name(const struct link *link)
{
	return (link->links->about.topology->links[link->index].name);
}

const struct topology_end *
links_end(const struct link *link, int end)
{
	return (&link->links->about.topology->links[link->index].ends[end]);
}

void
links_address(const struct link *link, int end, uint8_t address[static 6])
{
	const uint8_t made[6] = {2, 'P', 'L', (uint8_t)(link->index >> 8),
	    (uint8_t)link->index, (uint8_t)end};

	memcpy(address, made, 6);
}

static void
prepare(struct links *links, size_t index)
{
	const struct topology_link *of = &links->about.topology->links[index];
	struct link *link = &links->link[index];

	*link = (struct link){.links = links,
	    .index = index,
	    .taps = {{.fd = -1}, {.fd = -1}},
	    .ways = {of->ends[0].way, of->ends[1].way}};
	link->timer = evtimer_new(links->about.base, links_on_hello, link);
}

static bool
any_of(const struct links *links, const struct links_kind *kind)
{
	for (size_t i = 0; i < links->count; i++)
		if (links->link[i].kind == kind)
			return (true);
	return (false);
}

static int
open_links(struct links *links, struct error *err)
{
	for (size_t k = 0; kinds[k] != NULL; k++)
		if (any_of(links, kinds[k]) &&
		    kinds[k]->begin(links, err) == -1)
			return (-1);
	for (size_t i = 0; i < links->count; i++) {
		struct link *link = &links->link[i];

		if (link->kind->open(link, err) == -1)
			return (error_place(err, "link %s", links_name(link)));
	}
	return (0);
}

struct links *
links_new(const struct links_about *about, struct error *err)
{
	struct links *links = memory_new(1, sizeof(*links));

	links->about = *about;
	links->hub = -1;
	links->count = about->topology->link_count;
	links->link = memory_new(links->count + 1, sizeof(*links->link));
	for (size_t i = 0; i < links->count; i++)
		prepare(links, i);
	if (links_choose(links, err) == 0 && open_links(links, err) == 0)
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
		if (links->link[i].kind != NULL)
			links->link[i].kind->close(&links->link[i]);
	}
	for (size_t k = 0; kinds[k] != NULL; k++)
		kinds[k]->end(links);
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
	if (link->kind->put(link, err) == -1) {
		link->state = before;
		return (error_place(err, "link %s", links_name(link)));
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
	if (link->kind->set(link, err) == -1) {
		memcpy(link->ways, before, sizeof(before));
		return (error_place(err, "link %s", links_name(link)));
	}
	tell_change(link, "set");
	return (0);
}

bool
links_judged(const struct links *links, size_t index)
{
	return (links->link[index].kind->verdicts != NULL);
}

int
links_verdicts(struct links *links, size_t index, int fd, struct error *err)
{
	struct link *link = &links->link[index];

	return (link->kind->verdicts(link, fd, err));
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
links_backend(const struct links *links, size_t link)
{
	return (links->link[link].kind->name);
}

int
links_index(const struct links *links, size_t link, int end)
{
	return (links->link[link].indexes[end]);
}

const char *
links_state_name(enum links_state state)
{
	return (state_names[state]);
}
