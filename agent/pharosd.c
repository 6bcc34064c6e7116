/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharosd - the measurement agent of one box.
 */
#include <errno.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/limits.h"
#include "agent/privilege.h"
#include "common/daemon.h"
#include "common/database.h"
#include "common/error.h"
#include "common/loaded.h"
#include "common/log.h"
#include "common/memory.h"
#include "defines.h"

enum { EXIT_USAGE = 2 };

/* Where libcurl brings GnuTLS along, for what is not used here (RTMP, LDAP), that
 * makes itself ready as it is loaded, with 0.8 MB, unless a program has this. */
int _gnutls_global_init_skip(void);

int
_gnutls_global_init_skip(void)
{
	return (1);
}

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

struct service {
	struct event_base *base;
	const char *config;
	struct agent_settings settings;
	bool raise_capabilities;
	struct agent *agent; /* NULL: between two lives */
};

static void
stop(void *arg)
{
	struct service *service = arg;

	event_base_loopbreak(service->base);
}

static void
say_change(void *arg, const char *text)
{
	bool *any = arg;

	*any = true;
	log_info("%s", text);
}

static void
reload(void *arg)
{
	struct service *service = arg;
	struct agent_settings next;
	bool any = false;
	struct error err;

	if (agent_settings_read(&next, service->config, &err) < 0) {
		log_warnx("%s; the settings before stay", err.text);
		return;
	}
	limits_look(&next.limits, service->config);
	agent_settings_change(&service->settings, &next, say_change, &any);
	if (!any)
		log_info("%s: nothing changed", service->config);
	if (service->agent != NULL)
		agent_configure(service->agent, &service->settings);
}

/* Until it is stopped, or begins again (*again). */
static int
run_agent(struct service *service, bool *again)
{
	struct error err;
	int rc;

	*again = false;
	service->agent = agent_new(service->base, &service->settings,
	    service->raise_capabilities, &err);
	if (service->agent == NULL) {
		log_warnx("%s", err.text);
		return (EXIT_FAILURE);
	}
	rc = event_base_dispatch(service->base) < 0 ? EXIT_FAILURE
						    : EXIT_SUCCESS;
	*again = agent_again(service->agent);
	agent_free(service->agent);
	service->agent = NULL;
	return (rc);
}

static int
run(struct service *service)
{
	struct daemon_signals *signals;
	bool again;
	int rc;

	signals = daemon_signals_new(service->base, stop, reload, service);
	log_info("%s %s: box %s, reporting to %s", PACKAGE_NAME,
	    PACKAGE_VERSION, service->settings.name,
	    service->settings.collector);
	limits_look(&service->settings.limits, service->config);
	do
		rc = run_agent(service, &again);
	while (rc == EXIT_SUCCESS && again);
	daemon_signals_free(signals);
	return (rc);
}

static int
serve(struct service *service)
{
	struct error err;
	int rc;

	if (privilege_lower(&service->raise_capabilities, &err) < 0) {
		log_warnx("%s", err.text);
		return (EXIT_FAILURE);
	}
	daemon_raise_files();
	service->base = event_base_new();
	if (service->base == NULL)
		log_fatal("no event loop");
	rc = run(service);
	event_base_free(service->base);
	return (rc);
}

/* What is wrong with the configuration, for somebody who reads it. */
static void
say_wrong(const char *config, const struct error *err)
{
	if (access(config, F_OK) == -1 && errno == ENOENT)
		fprintf(stderr,
		    "%s; \"pharos enroll\" makes this host a box and writes "
		    "it\n",
		    err->text);
	else
		fprintf(stderr, "%s\n", err->text);
}

static int
check_or_serve(const struct daemon_arguments *arguments)
{
	struct service service = {.config = arguments->config};
	struct error err;

	if (agent_settings_read(&service.settings, arguments->config, &err) <
	    0) {
		say_wrong(arguments->config, &err);
		return (EXIT_USAGE);
	}
	if (!arguments->check)
		return (serve(&service));
	limits_look(&service.settings.limits, arguments->config);
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
	loaded_let_go();
	memory_give_back();
	memory_small_pages();
	database_spare();
	if (status == -1)
		status = check_or_serve(&arguments);
	log_close();
	free(arguments.config);
	return (status);
}
