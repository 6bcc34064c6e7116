/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/speakers.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "common/error.h"
#include "common/memory.h"
#include "lab/bird.h"
#include "lab/frr.h"
#include "lab/topology.h"

#define WORDS 16

struct speaker {
	const char *name;
	enum topology_routing routing;
	bool (*needed)(const struct topology *topology);
	void (*write)(const struct topology *topology, size_t node, FILE *out);
};

static bool
always(const struct topology *topology)
{
	return (true);
}

static bool
has_ipv4(const struct topology *topology)
{
	return (topology->ipv4);
}

static bool
has_ipv6(const struct topology *topology)
{
	return (topology->ipv6);
}

static bool
has_multicast(const struct topology *topology)
{
	return (topology->group != NULL);
}

static const struct speaker speakers[] = {
    {"bird", ROUTING_BIRD, always, bird_write},
    {"zebra", ROUTING_FRR, always, frr_write_zebra},
    {"ospfd", ROUTING_FRR, has_ipv4, frr_write_ospf},
    {"ospf6d", ROUTING_FRR, has_ipv6, frr_write_ospf6},
    {"pimd", ROUTING_FRR, has_multicast, frr_write_pim},
};

/* The one of this number that this node has; NULL: no more. */
static const struct speaker *
find(const struct topology *topology, size_t node, size_t which)
{
	if (topology->nodes[node].kind == NODE_HOST)
		return (NULL);
	for (size_t i = 0; i < sizeof(speakers) / sizeof(*speakers); i++)
		if (speakers[i].routing == topology->routing &&
		    speakers[i].needed(topology) && which-- == 0)
			return (&speakers[i]);
	return (NULL);
}

size_t
speakers_count(const struct topology *topology, size_t node)
{
	size_t count = 0;

	while (find(topology, node, count) != NULL)
		count++;
	return (count);
}

const char *
speakers_name(const struct topology *topology, size_t node, size_t which)
{
	return (find(topology, node, which)->name);
}

static int
write_file(const struct speaker *speaker, const struct topology *topology,
    size_t node, const char *folder, struct error *err)
{
	char *path = memory_print("%s/%s.conf", folder, speaker->name);
	FILE *out = fopen(path, "we");
	int status = 0;

	if (out == NULL) {
		error_set(err, "%s: %m", path);
		free(path);
		return (-1);
	}
	speaker->write(topology, node, out);
	if (fchmod(fileno(out), 0644) == -1)
		status = error_set(err, "%s: %m", path);
	if (fclose(out) != 0 && status == 0)
		status = error_set(err, "%s: %m", path);
	free(path);
	return (status);
}

int
speakers_write(const struct topology *topology, size_t node, const char *folder,
    struct error *err)
{
	size_t count = speakers_count(topology, node);

	for (size_t i = 0; i < count; i++)
		if (write_file(find(topology, node, i), topology, node, folder,
			err) == -1)
			return (-1);
	if (count > 0 && topology->routing == ROUTING_FRR)
		return (frr_make_folder(topology->nodes[node].name, err));
	return (0);
}

static void
bird_argv(const char *folder, char *argv[WORDS])
{
	size_t n = 0;

	argv[n++] = memory_text("bird");
	argv[n++] = memory_text("-f");
	argv[n++] = memory_text("-c");
	argv[n++] = memory_print("%s/bird.conf", folder);
	argv[n++] = memory_text("-s");
	argv[n++] = memory_print("%s/bird.ctl", folder);
	argv[n++] = memory_text("-P");
	argv[n++] = memory_print("%s/bird.pid", folder);
}

/* A daemon that does not find zebra's socket looks again after ten seconds. */
static size_t
wait_for_zebra(const char *node, char *argv[WORDS])
{
	size_t n = 0;

	argv[n++] = memory_text("sh");
	argv[n++] = memory_text("-c");
	argv[n++] = memory_text(
	    "until [ -S \"$0\" ]; do sleep 0.05; done; exec \"$@\"");
	argv[n++] = memory_print(FRR_RUN "/%s/zserv.api", node);
	return (n);
}

static void
frr_argv(const struct speaker *speaker, const char *node, const char *folder,
    char *argv[WORDS])
{
	size_t n = 0;

	if (speaker->needed != always)
		n = wait_for_zebra(node, argv);
	argv[n++] = frr_program(speaker->name);
	argv[n++] = memory_text("-N");
	argv[n++] = memory_text(node);
	argv[n++] = memory_text("-f");
	argv[n++] = memory_print("%s/%s.conf", folder, speaker->name);
	argv[n++] = memory_text("-i");
	argv[n++] = memory_print(FRR_RUN "/%s/%s.pid", node, speaker->name);
	argv[n++] = memory_text("-P"); /* no port of its own */
	argv[n++] = memory_text("0");
}

char **
speakers_argv(const struct topology *topology, size_t node, size_t which,
    const char *folder)
{
	const struct speaker *speaker = find(topology, node, which);
	char **argv = memory_new(WORDS, sizeof(*argv));

	if (speaker->routing == ROUTING_BIRD)
		bird_argv(folder, argv);
	else
		frr_argv(speaker, topology->nodes[node].name, folder, argv);
	return (argv);
}

void
speakers_free_argv(char **argv)
{
	for (size_t i = 0; argv[i] != NULL; i++)
		free(argv[i]);
	free(argv);
}
