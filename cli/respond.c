/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos respond: be the far end of a probe, without a fleet.
 */
#include <event2/event.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/calibration.h"
#include "agent/crew.h"
#include "cli/commands.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "cli/probe.h"
#include "common/catalog.h"
#include "common/log.h"
#include "common/manifest.h"
#include "common/timekeeper.h"

struct station {
	struct event_base *base;
	struct crew *crew;
	struct timekeeper *keeper;
	int status;
};

static const struct option others[] = {
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int
usage(FILE *out)
{
	fputs(
	    "usage: pharos respond PROBE [OPTION...]\n"
	    "       pharos respond PROBE --help\n"
	    "\n"
	    "Is the far end of a probe until it is stopped, without a fleet.\n"
	    "The options are those of the probe's far end.\n",
	    out);
	return (out == stdout ? 0 : 2);
}

static int
help(const struct manifest *manifest)
{
	printf("usage: pharos respond %s [OPTION...]\n\nOptions:\n",
	    manifest->name);
	probe_help_settings(manifest->responder_settings, stdout);
	fputs("\nExit status: 0 stopped by a signal, 2 usage, 3 it cannot\n"
	      "be the far end.\n",
	    stdout);
	return (0);
}

/* 0: go on; 1: help was asked for; -1: what is wrong has been said. */
static int
take_options(const struct manifest *manifest, json_object *settings, int argc,
    char **argv)
{
	const struct setting *table = manifest->responder_settings;
	struct option *flags = flags_new(table, others);
	int c, result = 0;
	struct error err;

	opterr = 0;
	while (result == 0 &&
	       (c = getopt_long(argc, argv, ":h", flags, NULL)) != -1) {
		if (c == 'h')
			result = 1;
		else if (c == '?')
			result = -2;
		else if (c == ':')
			result = error_set(&err, "--%s: a value is missing",
			    argv[optind - 1] + 2);
		else
			result =
			    flags_take(settings, table, c, argc, argv, &err);
	}
	if (result == -2)
		flags_say_unknown(flags, argv[optind - 1]);
	if (result == 0 && optind < argc)
		result = error_set(&err,
		    "\"%s\": expected an option; who may come is one of them",
		    argv[optind]);
	if (result == 0)
		result = option_check(table, settings, &err);
	if (result == -1)
		output_fail(2, &err);
	free(flags);
	return (result > 0 ? 1 : result == 0 ? 0 : -1);
}

static void
admit(void *arg, const struct crew_guest *guest)
{
	struct station *station = arg;

	crew_admitted(station->crew, guest->probe, guest->ask, NULL);
}

static void
ready(void *arg, const char *probe, const char *why_not)
{
	struct station *station = arg;

	if (why_not == NULL) {
		printf("%s: ready\n", probe);
		fflush(stdout);
		return;
	}
	fprintf(stderr, "pharos: %s: %s\n", probe, why_not);
	station->status = 3;
	event_base_loopbreak(station->base);
}

static void
on_signal(evutil_socket_t number, short what, void *arg)
{
	struct station *station = arg;

	event_base_loopbreak(station->base);
}

static void
found(void *arg, void *owner, json_object *record, bool last)
{
}

static void
on_clock(void *arg)
{
	struct station *station = arg;

	crew_clock(station->crew, timekeeper_state(station->keeper),
	    CALIBRATION_UNKNOWN);
}

static int
serve(const struct manifest *manifest, json_object *settings)
{
	struct station station = {.base = event_base_new()};
	const struct crew_far far = {
	    .admit = admit, .ready = ready, .arg = &station};
	const struct timekeeper_about about = {
	    .changed = on_clock, .arg = &station};
	struct event *interrupt, *terminate;

	if (station.base == NULL)
		log_fatal("libevent: no event loop");
	interrupt = evsignal_new(station.base, SIGINT, on_signal, &station);
	terminate = evsignal_new(station.base, SIGTERM, on_signal, &station);
	event_add(interrupt, NULL);
	event_add(terminate, NULL);
	station.crew = crew_new(station.base, false, found, &station);
	crew_set_far(station.crew, &far);
	station.keeper = timekeeper_new(station.base, &about);
	on_clock(&station);
	crew_respond(station.crew, manifest->name, settings);
	event_base_dispatch(station.base);
	timekeeper_free(station.keeper);
	crew_free(station.crew);
	event_free(interrupt);
	event_free(terminate);
	event_base_free(station.base);
	return (station.status);
}

static int
respond(const struct manifest *manifest, int argc, char **argv)
{
	json_object *settings;
	int status, taken;

	if (manifest->responder_settings == NULL) {
		fprintf(stderr,
		    "pharos: %s needs nothing of ours at the far end\n",
		    manifest->name);
		return (2);
	}
	settings = json_object_new_object();
	taken = take_options(manifest, settings, argc, argv);
	if (taken == 1)
		status = help(manifest);
	else
		status = taken == 0 ? serve(manifest, settings) : 2;
	json_object_put(settings);
	return (status);
}

int
command_respond(int argc, char **argv)
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
	else if ((manifest = catalog_find(catalog, argv[1])) == NULL)
		status = flags_say_no_probe(catalog, argv[1]);
	else
		status = respond(manifest, argc - 1, argv + 1);
	catalog_free(catalog);
	return (status);
}
