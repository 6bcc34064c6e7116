/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos probe: measure now, from here, as an agent would.
 */
#include "cli/probe.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "common/address.h"
#include "common/catalog.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/name.h"
#include "common/settings.h"

enum {
	OPTION_FAMILY = 'f',
	OPTION_JSON = 'j',
	OPTION_LIVE = 'l',
	OPTION_QUIET = 'q',
	OPTION_MOST = 'm',
	OPTION_FROM = 't',
	OPTION_HELP = 'h'
};
#define OPTION_FIRST 256 /* the manifest's first setting */

static const struct option common_options[] = {
    {"family", required_argument, NULL, OPTION_FAMILY},
    {"json", no_argument, NULL, OPTION_JSON},
    {"live", no_argument, NULL, OPTION_LIVE},
    {"quiet", no_argument, NULL, OPTION_QUIET},
    {"at-once", required_argument, NULL, OPTION_MOST},
    {"targets-from", required_argument, NULL, OPTION_FROM},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

#define COMMON (sizeof(common_options) / sizeof(common_options[0]))

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

		printf("%-13s %s\n", manifest->name, manifest->summary);
	}
	return (0);
}

static size_t
count_settings(const struct manifest *manifest)
{
	size_t n = 0;

	while (manifest->settings[n].name != NULL)
		n++;
	return (n);
}

/* The probe's settings behind those of every probe. */
static struct option *
make_options(const struct manifest *manifest)
{
	size_t n = count_settings(manifest);
	struct option *options = memory_new(n + COMMON, sizeof(*options));

	for (size_t i = 0; i < n; i++)
		options[i] = (struct option){manifest->settings[i].name,
		    required_argument, NULL, OPTION_FIRST + (int)i};
	memcpy(options + n, common_options, sizeof(common_options));
	return (options);
}

static void
say_unknown(const struct option *options, const char *given)
{
	const char *names[SETTINGS_MOST + COMMON] = {NULL}, *nearest;
	char *name = memory_text(given + strspn(given, "-")), *all;

	name[strcspn(name, "=")] = '\0';
	for (size_t i = 0; options[i].name != NULL; i++)
		names[i] = options[i].name;
	nearest = name_nearest(names, name);
	all = name_join(names);
	if (nearest != NULL)
		fprintf(stderr,
		    "pharos: there is no option --%s, did you mean --%s?\n",
		    name, nearest);
	else
		fprintf(stderr,
		    "pharos: there is no option --%s, expected one of: %s\n",
		    name, all);
	free(all);
	free(name);
}

static int
take_setting(struct probe_order *order, const struct setting *setting,
    const char *text, struct error *err)
{
	json_object *value = option_json(setting, text, err);

	if (value == NULL)
		return (error_place(err, "--%s", setting->name));
	json_object_object_add(order->settings, setting->name, value);
	return (0);
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
			say_unknown(options, argv[optind - 1]);
			return (-1);
		}
		if (c == ':')
			result = error_set(&err, "--%s: a value is missing",
			    argv[optind - 1] + 2);
		else if (c < OPTION_FIRST)
			result = take_common(order, c, optarg, &err);
		else
			result = take_setting(
			    order, &settings[c - OPTION_FIRST], optarg, &err);
	}
	return (result == 0 ? 0 : (output_fail(2, &err), -1));
}

static int
check_target(const char *target, int family, struct error *err)
{
	union address address;

	if (!name_valid_target(target))
		return (error_set(err,
		    "target \"%s\": expected a host name or an address",
		    target));
	if (family != 0 && address_parse(target, 0, &address) &&
	    address_family(&address) != family)
		return (error_set(err,
		    "target %s: an IPv%d address, but IPv%d is asked for",
		    target, address_family(&address), family));
	return (0);
}

static int
check_order(const struct probe_order *order, struct error *err)
{
	if (option_check(order->manifest->settings, order->settings, err) == -1)
		return (-1);
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
	struct probe_order order = {.manifest = manifest};
	struct option *options = make_options(manifest);
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

static int
unknown_probe(const struct catalog *catalog, const char *name)
{
	size_t count = catalog_size(catalog);
	const char **names = memory_new(count + 1, sizeof(*names));
	char *all;

	for (size_t i = 0; i < count; i++)
		names[i] = catalog_at(catalog, i)->name;
	all = name_join(names);
	fprintf(stderr,
	    "pharos: there is no probe \"%s\" here, expected one of: %s\n",
	    name, all);
	free(all);
	free(names);
	return (2);
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
		status = unknown_probe(catalog, argv[1]);
	else
		status = measure(manifest, argc - 1, argv + 1);
	catalog_free(catalog);
	return (status);
}
