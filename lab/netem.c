/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/netem.h"

#include <assert.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/error.h"
#include "common/memory.h"
#include "lab/netns.h"
#include "lab/tool.h"

#define LIMIT 1000000 /* packets under way; the queue has its own limit */

struct words {
	char **argv;
	size_t count;
};

/* Adds what is printed, split at spaces. */
static void __attribute__((format(printf, 2, 3)))
add(struct words *words, const char *fmt, ...)
{
	char text[256], *rest = NULL;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (char *word = strtok_r(text, " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest)) {
		words->argv = memory_resize(
		    words->argv, words->count + 2, sizeof(*words->argv));
		words->argv[words->count++] = memory_text(word);
		words->argv[words->count] = NULL;
	}
}

static void
add_loss(struct words *words, const struct way *way)
{
	if (way->to_bad > 0) /* 1-h is the bad state's, 1-k the good one's */
		add(words, "loss gemodel %.9g%% %.9g%% %.9g%% %.9g%%",
		    way->to_bad * 100, way->to_good * 100, way->bad_loss * 100,
		    way->loss * 100);
	else if (way->loss > 0)
		add(words, "loss random %.9g%%", way->loss * 100);
}

static void
add_delay(struct words *words, const struct way *way)
{
	if (way->delay <= 0 && way->jitter <= 0)
		return;
	add(words, "delay %.3fus", (double)way->delay / 1e3);
	if (way->jitter > 0)
		add(words, "%.3fus", (double)way->jitter / 1e3);
}

static void
add_first(struct words *words, const struct way *way, const char *interface)
{
	add(words, "tc qdisc replace dev %s root handle 1: netem limit %d",
	    interface, LIMIT);
	add_delay(words, way);
	add_loss(words, way);
	if (way->duplicate > 0)
		add(words, "duplicate %.9g%%", way->duplicate * 100);
	if (way->corrupt > 0)
		add(words, "corrupt %.9g%%", way->corrupt * 100);
}

/* Without a rate, something that takes the place of the one before. */
static void
add_second(struct words *words, const struct way *way, const char *interface)
{
	add(words, "tc qdisc replace dev %s parent 1:1", interface);
	if (way->rate > 0)
		add(words, "handle 2: netem rate %.0fbit limit %lld", way->rate,
		    (long long)way->queue);
	else
		add(words, "handle 3: pfifo limit %d", LIMIT);
}

char **
netem_command(const struct way *way, const char *interface, unsigned n)
{
	struct words words = {0};

	assert(n < NETEM_COMMANDS);
	if (n == 0)
		add_first(&words, way, interface);
	else
		add_second(&words, way, interface);
	return (words.argv);
}

void
netem_free(char **argv)
{
	for (char **word = argv; *word != NULL; word++)
		free(*word);
	free(argv);
}

int
netem_check(const struct way *way, struct error *err)
{
	if (way->jitter > 0 && !way->reorder)
		return (error_set(
		    err, "netem cannot have jitter without reordering"));
	if (way->duplicate > 0 && way->rate > 0)
		return (
		    error_set(err, "netem cannot have duplication and a rate"));
	if (way->duplicate > 0 && way_loss(way) > 0)
		return (error_set(err,
		    "netem cannot have duplication that loss comes before"));
	return (0);
}

static int
run(int hub, const char *const *argv, struct error *err)
{
	return (tool_run(&(struct tool){.argv = argv, .net = hub}, err));
}

int
netem_set(
    int hub, const char *interface, const struct way *way, struct error *err)
{
	int status = netem_check(way, err);

	for (unsigned n = 0; status == 0 && n < NETEM_COMMANDS; n++) {
		char **argv = netem_command(way, interface, n);

		status = run(hub, (const char *const *)argv, err);
		netem_free(argv);
	}
	return (status);
}

/* What is there goes with its packets when another takes its place. */
int
netem_fail(int hub, const char *interface, struct error *err)
{
	const char *const argv[] = {"tc", "qdisc", "replace", "dev", interface,
	    "root", "handle", "4:", "netem", "loss", "100%", NULL};

	return (run(hub, argv, err));
}

static int
carry(int hub, const char *from, const char *to, struct error *err)
{
	const char *const ingress[] = {
	    "tc", "qdisc", "add", "dev", from, "ingress", NULL};
	/* a match of nothing is one of everything */
	const char *const filter[] = {"tc", "filter", "add", "dev", from,
	    "parent", "ffff:", "protocol", "all", "u32", "match", "u32", "0",
	    "0", "action", "mirred", "egress", "mirror", "dev", to, "action",
	    "drop", NULL};

	return (run(hub, ingress, err) == 0 ? run(hub, filter, err) : -1);
}

int
netem_join(int hub, const char *x, const char *y, struct error *err)
{
	return (carry(hub, x, y, err) == 0 ? carry(hub, y, x, err) : -1);
}

static int
refuse_ipv6(void *arg, struct error *err)
{
	static const char path[] =
	    "/proc/sys/net/ipv6/conf/default/disable_ipv6";
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool written = fd == -1 || write(fd, "1", 1) == 1;

	if (fd != -1)
		close(fd);
	return (written ? 0 : error_set(err, "%s: %m", path));
}

int
netem_hub(struct error *err)
{
	int hub = netns_new(err);

	if (hub == -1 || netns_call(hub, refuse_ipv6, NULL, err) == 0)
		return (hub);
	close(hub);
	return (-1);
}

/* Without checksums of the card's there are no frames larger than the MTU. */
static int
complete_frames(void *arg, struct error *err)
{
	struct ethtool_value off = {.cmd = ETHTOOL_STXCSUM};
	struct ifreq request = {.ifr_data = (char *)&off};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), status = 0;

	strncpy(request.ifr_name, arg, IFNAMSIZ - 1);
	if (fd == -1 || ioctl(fd, SIOCETHTOOL, &request) == -1)
		status = error_set(
		    err, "interface %s: checksums: %m", (const char *)arg);
	if (fd != -1)
		close(fd);
	return (status);
}

int
netem_wire(int hub, const char *x, int net, const char *interface,
    const char *address, struct error *err)
{
	char *path = memory_print("/proc/%ld/fd/%d", (long)getpid(), net);
	const char *const add[] = {"ip", "link", "add", x, "up", "type", "veth",
	    "peer", "name", interface, "address", address, "netns", path, NULL};
	int status = run(hub, add, err);

	free(path);
	return (status == 0
		    ? netns_call(net, complete_frames, (char *)interface, err)
		    : -1);
}

int
netem_carrier(int hub, const char *x, bool on, struct error *err)
{
	const char *const set[] = {
	    "ip", "link", "set", x, on ? "up" : "down", NULL};

	return (run(hub, set, err));
}

int
netem_try(struct error *err)
{
	const struct way way = {.delay = NS_PER_MS, .rate = 1e6, .queue = 10};
	int net = netns_new(err);
	int status = net == -1 ? -1 : netem_set(net, "lo", &way, err);

	if (status == 0)
		status = carry(net, "lo", "lo", err);
	if (net != -1)
		close(net);
	return (status);
}
