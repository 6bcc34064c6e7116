/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Links between TAP interfaces, by a process of ours.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"
#include "lab/emulation.h"
#include "lab/links_parts.h"
#include "lab/notices.h"
#include "lab/space.h"
#include "lab/topology.h"

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

		if (link->kind != &links_emulator)
			continue;
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

static int
begin(struct links *links, struct error *err)
{
	const struct links_about *about = &links->about;

	links->emulation = emulation_new(about->keeper,
	    (int)about->topology->priority, about->share, &calls, links, err);
	return (links->emulation == NULL ? -1 : 0);
}

static void
end(struct links *links)
{
	emulation_free(links->emulation);
}

static int
open_tap(struct link *link, int end, struct error *err)
{
	const struct links_about *about = &link->links->about;
	const struct topology_end *of = links_end(link, end);
	uint8_t address[6];
	int status;

	links_address(link, end, address);
	if (space_enter(about->nets[of->node], err) == -1)
		return (-1);
	status = tap_open(&link->taps[end], of->interface, address, err);
	if (space_enter(about->space->home, NULL) == -1)
		log_fatal("no way back to the lab's own network namespace");
	link->indexes[end] = link->taps[end].index;
	return (status);
}

/* One that has died at once will not do better later. */
static int
open_link(struct link *link, struct error *err)
{
	for (int end = 0; end < 2; end++)
		if (open_tap(link, end, err) == -1)
			return (-1);
	return (tell_all(link, err));
}

static void
close_link(struct link *link)
{
	for (int end = 0; end < 2; end++)
		if (link->taps[end].fd != -1)
			close(link->taps[end].fd);
}

static int
put(struct link *link, struct error *err)
{
	return (or_later(link->links, tell_state(link, err)));
}

static int
set(struct link *link, struct error *err)
{
	for (int way = 0; way < 2; way++)
		if (or_later(link->links, tell_way(link, way, err)) == -1)
			return (-1);
	return (0);
}

/* Of either way the later: both ends have then heard nothing since. */
static nanoseconds
hello(struct link *link)
{
	nanoseconds last = 0;
	char answer[EMULATOR_LINE];

	for (int way = 0; way < 2; way++) {
		if (emulation_ask(link->links->emulation, NULL, 0, answer, NULL,
			"hello %s %d", links_name(link), way) == -1)
			return (0);
		if (strtoll(answer, NULL, 10) > last)
			last = strtoll(answer, NULL, 10);
	}
	return (last);
}

static int
verdicts(struct link *link, int fd, struct error *err)
{
	return (emulation_ask(link->links->emulation, &fd, fd == -1 ? 0 : 1,
	    NULL, err, "verdicts %s", links_name(link)));
}

const struct links_kind links_emulator = {.name = "emulator",
    .begin = begin,
    .end = end,
    .open = open_link,
    .close = close_link,
    .put = put,
    .set = set,
    .hello = hello,
    .verdicts = verdicts};
