/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharosd - the measurement agent of one box.
 */
#include <event2/event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/agent.h"
#include "agent/privilege.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/log.h"
#include "defines.h"

enum { EXIT_USAGE = 2 };

static void
usage(FILE *out)
{
	fprintf(out,
	    "usage: pharosd [-c FILE] [-n] [-d]\n"
	    "  -c, --config FILE  configuration (default %s/agent.yaml)\n"
	    "  -n, --check        check the configuration and exit\n"
	    "  -d, --debug        log what is being done\n"
	    "  -V, --version      print the version and exit\n"
	    "  -h, --help         print this and exit\n",
	    PHAROS_SYSCONFDIR);
}

static void
stop(void *arg)
{
	event_base_loopbreak(arg);
}

/* Until it is stopped, or begins again (*again). */
static int
run_agent(struct event_base *base, const struct agent_settings *settings,
    bool raise_capabilities, bool *again)
{
	struct error err;
	struct agent *agent =
	    agent_new(base, settings, raise_capabilities, &err);
	int rc;

	*again = false;
	if (agent == NULL) {
		log_warnx("%s", err.text);
		return (EXIT_FAILURE);
	}
	rc = event_base_dispatch(base) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
	*again = agent_again(agent);
	agent_free(agent);
	return (rc);
}

static int
run(struct event_base *base, const struct agent_settings *settings,
    bool raise_capabilities)
{
	struct daemon_signals *signals;
	bool again;
	int rc;

	signals = daemon_signals_new(base, stop, NULL, base);
	log_info("%s %s: box %s, reporting to %s", PACKAGE_NAME,
	    PACKAGE_VERSION, settings->name, settings->collector);
	do
		rc = run_agent(base, settings, raise_capabilities, &again);
	while (rc == EXIT_SUCCESS && again);
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
	daemon_raise_files();
	base = event_base_new();
	if (base == NULL)
		log_fatal("no event loop");
	rc = run(base, settings, raw);
	event_base_free(base);
	return (rc);
}

static int
check_or_serve(const struct daemon_arguments *arguments)
{
	struct agent_settings settings;
	struct error err;

	if (agent_settings_read(&settings, arguments->config, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return (EXIT_USAGE);
	}
	if (!arguments->check)
		return (serve(&settings));
	printf("%s: OK\n", arguments->config);
	return (EXIT_SUCCESS);
}

int
main(int argc, char **argv)
{
	struct daemon_arguments arguments = {NULL};
	int status =
	    daemon_read_arguments(&arguments, argc, argv, "agent.yaml", usage);

	log_open("pharosd", arguments.debug);
	if (status == -1)
		status = check_or_serve(&arguments);
	log_close();
	free(arguments.config);
	return (status);
}
