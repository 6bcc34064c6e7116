/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/frr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/memory.h"
#include "lab/topology.h"

/* Seconds. Where pimd prunes the shared tree and the source's at once, the router
 * above may keep one of them: until 3.5 of these have passed without a join. */
#define JOIN 4
#define TRACES "/var/tmp/frr" /* a folder for each process */

/* What OSPF found goes to the kernel, as what this node is known by. */
void
frr_write_zebra(const struct topology *topology, size_t node, FILE *out)
{
	const struct topology_node *of = &topology->nodes[node];
	char four[INET_ADDRSTRLEN], six[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET, &of->address, four, sizeof(four));
	inet_ntop(AF_INET6, &of->address6, six, sizeof(six));
	fprintf(out, "hostname %s\nlog stdout\n", of->name);
	if (topology->ipv4)
		fprintf(out,
		    "route-map source permit 10\n set src %s\nexit\n"
		    "ip protocol ospf route-map source\n",
		    four);
	if (topology->ipv6)
		fprintf(out,
		    "route-map source6 permit 10\n set src %s\nexit\n"
		    "ipv6 protocol ospf6 route-map source6\n",
		    six);
}

static void
write_pim_interface(const struct topology_near *near, FILE *out)
{
	fprintf(out, "interface %s\n ip pim\n ip pim hello 2 7\n",
	    near->here->interface);
	if (near->peer->kind == NODE_HOST)
		fprintf(out, " ip igmp\n");
	fprintf(out, "exit\n");
}

void
frr_write_pim(const struct topology *topology, size_t node, FILE *out)
{
	const struct topology_node *rp = &topology->nodes[topology->rendezvous];
	char address[INET_ADDRSTRLEN];
	struct topology_near near;
	size_t i = 0;

	inet_ntop(AF_INET, &rp->address, address, sizeof(address));
	fprintf(out,
	    "hostname %s\nlog stdout\nip pim rp %s %s/32\n"
	    "ip pim join-prune-interval %d\n",
	    topology->nodes[node].name, address, topology->group, JOIN);
	fprintf(out, "interface lo\n ip pim\nexit\n");
	while (topology_near(topology, node, &i, &near))
		if (near.link->pim)
			write_pim_interface(&near, out);
}

char *
frr_program(const char *name)
{
	static const char *const folders[] = {
	    "/usr/lib/frr", "/usr/libexec/frr", "/usr/sbin"};
	size_t last = sizeof(folders) / sizeof(*folders) - 1;
	char *path;

	for (size_t i = 0;; i++) {
		path = memory_print("%s/%s", folders[i], name);
		if (i == last || access(path, X_OK) == 0)
			return (path);
		free(path);
	}
}

/* Of the user frr, which must be one that we can give it to. */
static int
make_folder(const char *path, const struct passwd *user, struct error *err)
{
	if (mkdir(path, 0755) == -1 && errno != EEXIST)
		return (error_set(err, "%s: %m", path));
	if (chown(path, user->pw_uid, user->pw_gid) == -1)
		return (error_set(err,
		    "%s: %m: cannot give it to the user frr, whom FRR needs, "
		    "expected to be root or routing: bird",
		    path));
	return (0);
}

static const struct passwd *
find_user(struct error *err)
{
	const struct passwd *user = getpwnam("frr");

	if (user == NULL)
		error_set(err,
		    "there is no user frr, expected FRR to be installed, or "
		    "routing: bird");
	return (user);
}

int
frr_make_folder(const char *node, struct error *err)
{
	const struct passwd *user = find_user(err);
	char *path;
	int status;

	if (user == NULL || make_folder(FRR_RUN, user, err) == -1)
		return (-1);
	path = memory_print(FRR_RUN "/%s", node);
	status = make_folder(path, user, err);
	free(path);
	return (status);
}

int
frr_hide_traces(struct error *err)
{
	const struct passwd *user = find_user(err);

	if (user == NULL || make_folder(TRACES, user, err) == -1)
		return (-1);
	if (mount("pharos-lab", TRACES, "tmpfs", MS_NOSUID | MS_NODEV, NULL) ==
	    -1)
		return (error_set(err, TRACES ": %m"));
	return (make_folder(TRACES, user, err));
}
