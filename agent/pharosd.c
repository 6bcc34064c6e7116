/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharosd - the measurement agent of one box.
 */
#include <event2/event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/privilege.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/place.h"
#include "defines.h"

enum { EXIT_USAGE = 2 };

struct arguments {
	char *config;
	bool check, debug;
};

static void
usage(void)
{
	fprintf(stderr,
	    "usage: pharosd [-c FILE] [-n] [-d] [-V]\n"
	    "  -c FILE  configuration (default %s/agent.yaml)\n"
	    "  -n       check the configuration and exit\n"
	    "  -d       log what is being done\n"
	    "  -V       print the version and exit\n",
	    PHAROS_SYSCONFDIR);
	exit(EXIT_USAGE);
}

static void
parse_arguments(struct arguments *arguments, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "c:ndV")) != -1) {
		switch (c) {
		case 'c':
			free(arguments->config);
			arguments->config = memory_text(optarg);
			break;
		case 'n':
			arguments->check = true;
			break;
		case 'd':
			arguments->debug = true;
			break;
		case 'V':
			printf("pharosd %s\n", PACKAGE_VERSION);
			exit(EXIT_SUCCESS);
		default:
			usage();
		}
	}
	if (optind != argc)
		usage();
	if (arguments->config == NULL)
		arguments->config = place_config("agent.yaml");
}

static void
stop(void *arg)
{
	event_base_loopbreak(arg);
}

static int
run(struct event_base *base, const struct agent_settings *settings,
    bool raise_capabilities)
{
	struct daemon_signals *signals;
	struct agent *agent;
	struct error err;
	int rc;

	signals = daemon_signals_new(base, stop, NULL, base);
	agent = agent_new(base, settings, raise_capabilities, &err);
	if (agent == NULL) {
		log_warnx("%s", err.text);
		rc = EXIT_FAILURE;
	} else {
		log_info("%s %s: box %s, reporting to %s", PACKAGE_NAME,
		    PACKAGE_VERSION, settings->name, settings->collector);
		rc =
		    event_base_dispatch(base) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
	}
	agent_free(agent);
	daemon_signals_free(signals);
	return (rc);
}

static int
serve(const struct agent_settings *settings)
{
	struct event_base *base;
	bool raw;
	struct error err;
	int rc;

	if (privilege_lower(&raw, &err) < 0) {
		log_warnx("%s", err.text);
		return (EXIT_FAILURE);
	}
	base = event_base_new();
	if (base == NULL)
		log_fatal("no event loop");
	rc = run(base, settings, raw);
	event_base_free(base);
	return (rc);
}

int
main(int argc, char **argv)
{
	struct arguments arguments = {0};
	struct agent_settings settings;
	struct error err;
	int rc = EXIT_SUCCESS;

	parse_arguments(&arguments, argc, argv);
	log_open("pharosd", arguments.debug);
	if (agent_settings_read(&settings, arguments.config, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		rc = EXIT_USAGE;
	} else if (arguments.check) {
		printf("%s: OK\n", arguments.config);
	} else {
		rc = serve(&settings);
	}
	log_close();
	free(arguments.config);
	return (rc);
}
