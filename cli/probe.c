/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos probe: measure now, from here, as an agent would.
 */
#include "cli/probe.h"

#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "common/address.h"
#include "common/catalog.h"
#include "common/member.h"

enum {
	OPTION_FAMILY = 'f',
	OPTION_JSON = 'j',
	OPTION_LIVE = 'l',
	OPTION_QUIET = 'q',
	OPTION_MOST = 'm',
	OPTION_FROM = 't',
	OPTION_DIRECTION = 'd',
	OPTION_HELP = 'h'
};

static const struct option common_options[] = {
    {"family", required_argument, NULL, OPTION_FAMILY},
    {"json", no_argument, NULL, OPTION_JSON},
    {"live", no_argument, NULL, OPTION_LIVE},
    {"quiet", no_argument, NULL, OPTION_QUIET},
    {"at-once", required_argument, NULL, OPTION_MOST},
    {"targets-from", required_argument, NULL, OPTION_FROM},
    {"direction", required_argument, NULL, OPTION_DIRECTION},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static int
usage(FILE *out)
{
	fputs(
	    "usage: pharos probe --list\n"
	    "       pharos probe NAME [OPTION...] TARGET...\n"
	    "       pharos probe NAME --help\n"
	    "\n"
	    "Measures now, from here, as an agent would. The options are the\n"
	    "probe's own; --list says which probes are installed.\n",
	    out);
	return (out == stdout ? 0 : 2);
}

static int
list(const struct catalog *catalog)
{
	for (size_t i = 0; i < catalog_size(catalog); i++) {
		const struct manifest *manifest = catalog_at(catalog, i);

		if (!manifest->of_host)
			printf("%-13s %s\n", manifest->name, manifest->summary);
	}
	return (0);
}

/* It has a manifest, and no plug-in. */
static int
say_of_host(const struct manifest *manifest)
{
	fprintf(stderr,
	    "pharos: %s is what pharosd finds of its own host; pharos clock "
	    "shows that\n",
	    manifest->name);
	return (2);
}

static int
take_family(struct probe_order *order, const char *text, struct error *err)
{
	if (strcmp(text, "4") != 0 && strcmp(text, "6") != 0)
		return (
		    error_set(err, "--family: \"%s\": expected 4 or 6", text));
	order->family = text[0] - '0';
	return (0);
}

static int
take_most(struct probe_order *order, const char *text, struct error *err)
{
	char *end;
	unsigned long most = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || most == 0 ||
	    most > 1000000)
		return (error_set(err,
		    "--at-once: \"%s\": expected a whole number from 1 to "
		    "1000000",
		    text));
	order->most = most;
	return (0);
}

static int
take_direction(struct probe_order *order, const char *text, struct error *err)
{
	static const char *const names[] = {
	    [PROBE_FROM] = "from", [PROBE_TO] = "to", [PROBE_BOTH] = "both"};

	if (!order->manifest->either)
		return (error_set(err,
		    "--direction: %s measures in one direction only",
		    order->manifest->name));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(text, names[i]) == 0) {
			order->direction = (enum probe_direction)i;
			return (0);
		}
	return (error_set(
	    err, "--direction: \"%s\": expected from, to or both", text));
}

/* An option of every probe. */
static int
take_common(
    struct probe_order *order, int c, const char *text, struct error *err)
{
	switch (c) {
	case OPTION_JSON:
		order->json = true;
		return (0);
	case OPTION_LIVE:
		order->live = true;
		return (0);
	case OPTION_QUIET:
		order->quiet = true;
		return (0);
	case OPTION_MOST:
		return (take_most(order, text, err));
	case OPTION_DIRECTION:
		return (take_direction(order, text, err));
	case OPTION_FROM:
		return (probe_read_targets(order, text, err));
	default:
		return (take_family(order, text, err));
	}
}

/* 0: go on; 1: help was asked for; -1: what is wrong has been said. */
static int
take_options(struct probe_order *order, const struct option *options, int argc,
    char **argv)
{
	const struct setting *settings = order->manifest->settings;
	struct error err;
	int c, result = 0;

	opterr = 0;
	while (result == 0 &&
	       (c = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		if (c == OPTION_HELP)
			return (1);
		if (c == '?') {
			flags_say_unknown(options, argv[optind - 1]);
			return (-1);
		}
		if (c == ':')
			result = error_set(&err, "--%s: a value is missing",
			    argv[optind - 1] + 2);
		else if (c < FLAGS_FIRST)
			result = take_common(order, c, optarg, &err);
		else
			result = flags_take(
			    order->settings, settings, c, argc, argv, &err);
	}
	return (result == 0 ? 0 : (output_fail(2, &err), -1));
}

static int
check_target(const char *target, int family, struct error *err)
{
	union address address;

	if (probe_check_target(target, err) == -1)
		return (-1);
	if (family != 0 && address_parse(target, 0, &address) &&
	    address_family(&address) != family)
		return (error_set(err,
		    "target %s: an IPv%d address, but IPv%d is asked for",
		    target, address_family(&address), family));
	return (0);
}

static bool
is_to_only(const struct probe_order *order)
{
	return (order->manifest->to_only != NULL &&
		member_get(order->settings, order->manifest->to_only) != NULL);
}

static int
check_order(const struct probe_order *order, struct error *err)
{
	if (option_check(order->manifest->settings, order->settings, err) == -1)
		return (-1);
	if (is_to_only(order) && order->direction == PROBE_FROM)
		return (error_set(err, "--direction: with --%s expected to",
		    order->manifest->to_only));
	if (order->count == 0)
		return (error_set(err,
		    "no target: usage: pharos probe %s [OPTION...] TARGET...",
		    order->manifest->name));
	for (size_t i = 0; i < order->count; i++)
		if (check_target(order->targets[i], order->family, err) == -1)
			return (-1);
	return (0);
}

static int
measure(const struct manifest *manifest, int argc, char **argv)
{
	struct probe_order order = {
	    .manifest = manifest, .direction = PROBE_BOTH};
	struct option *options = flags_new(manifest->settings, common_options);
	struct error err;
	int status = 2, taken;

	order.settings = json_object_new_object();
	taken = take_options(&order, options, argc, argv);
	for (int i = optind; i < argc; i++)
		probe_add_target(&order, argv[i]);
	if (taken == 1) {
		probe_help(manifest, stdout);
		status = 0;
	} else if (taken == 0) {
		if (is_to_only(&order) && order.direction == PROBE_BOTH)
			order.direction = PROBE_TO;
		order.live |= manifest_shows(manifest, order.settings);
		status = check_order(&order, &err) == -1
			     ? output_fail(2, &err)
			     : probe_measure(&order);
	}
	for (size_t i = 0; i < order.count; i++)
		free(order.targets[i]);
	free(order.targets);
	json_object_put(order.settings);
	free(options);
	return (status);
}

int
command_probe(int argc, char **argv)
{
	struct catalog *catalog = catalog_new();
	const struct manifest *manifest;
	struct error err;
	int status;

	if (argc >= 2 && strcmp(argv[1], "--help") == 0)
		status = usage(stdout);
	else if (argc < 2)
		status = usage(stderr);
	else if (catalog_add_installed(catalog, &err) == -1)
		status = output_fail(3, &err);
	else if (strcmp(argv[1], "--list") == 0)
		status = list(catalog);
	else if ((manifest = catalog_find(catalog, argv[1])) == NULL)
		status = flags_say_no_probe(catalog, argv[1]);
	else if (manifest->of_host)
		status = say_of_host(manifest);
	else
		status = measure(manifest, argc - 1, argv + 1);
	catalog_free(catalog);
	return (status);
}
