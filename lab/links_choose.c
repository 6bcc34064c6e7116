/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/error.h"
#include "common/log.h"
#include "lab/links_parts.h"
#include "lab/netem.h"
#include "lab/topology.h"

static void
give_all(struct links *links, const struct links_kind *kind)
{
	for (size_t i = 0; i < links->count; i++)
		links->link[i].kind = kind;
}

/* Does netem do it, and as well as the emulator? */
static int
suits(const struct topology *topology, size_t link, struct error *err)
{
	const struct way *way;

	for (size_t i = 0; (way = topology_way(topology, link, &i)) != NULL;)
		if (way->corrupt > 0)
			return (error_set(err,
			    "of packets that netem corrupts there is no "
			    "truth"));
	return (topology_netem(topology, link, err));
}

static void
give_each(struct links *links)
{
	struct error why;

	for (size_t i = 0; i < links->count; i++) {
		struct link *link = &links->link[i];

		link->kind = &links_netem;
		if (suits(links->about.topology, i, &why) == 0)
			continue;
		link->kind = &links_emulator;
		log_info("link %s is by the emulator: %s", links_name(link),
		    why.text);
	}
}

int
links_choose(struct links *links, struct error *err)
{
	enum topology_backend backend = links->about.topology->backend;
	struct error why;

	give_all(links, &links_emulator);
	if (backend == BACKEND_EMULATOR)
		return (0);
	if (netem_try(&why) == -1) {
		if (backend == BACKEND_NETEM)
			return (error_set(err,
			    "backend netem: %s; the kernel needs sch_netem, "
			    "cls_u32, act_mirred and act_gact (modprobe sch_netem says "
			    "whether it has them), or use backend: auto",
			    why.text));
		log_info("links are by the emulator: %s", why.text);
	} else if (backend == BACKEND_NETEM) {
		give_all(links, &links_netem);
	} else {
		give_each(links);
	}
	return (0);
}
