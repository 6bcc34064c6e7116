/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos-collectord - the collector: a parent and its four children.
 */
#include <errno.h>
#include <event2/event.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/children.h"
#include "collector/collector.h"
#include "collector/rebuild.h"
#include "collector/reload.h"
#include "collector/settings.h"
#include "common/child.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/place.h"
#include "defines.h"

enum { EXIT_USAGE = 2 };

#define LISTENER_FD (RELOAD_CHILD_FD + 1)

static void
usage(FILE *out)
{
	fprintf(out,
	    "usage: pharos-collectord [-c FILE] [-n] [-d]\n"
	    "       pharos-collectord init DIR --name HOST|ADDRESS...\n"
	    "       pharos-collectord rebuild rrd|rollup|latest [-c FILE]\n"
	    "  -c, --config FILE  configuration (default %s/collector.yaml)\n"
	    "  -n, --check        check the configuration and the fleet file and "
	    "exit\n"
	    "  -d, --debug        log what is being done\n"
	    "  -V, --version      print the version and exit\n"
	    "  -h, --help         print this and exit\n"
	    "  init               make certificates, collector.yaml and "
	    "fleet.yaml in DIR;\n"
	    "                     --name: under which names or addresses "
	    "agents reach this host\n"
	    "  rebuild            make the histories, the hours and days or the "
	    "matrices\n"
	    "                     again from the archive, while no collector "
	    "runs\n",
	    PHAROS_SYSCONFDIR);
}

struct service {
	struct event_base *base;
	struct collector *collector;
};

static void
on_stopped(void *arg)
{
	struct service *service = arg;

	event_base_loopbreak(service->base);
}

static void
on_stop(void *arg)
{
	struct service *service = arg;

	collector_stop(service->collector, on_stopped, service);
}

static void
on_reload(void *arg)
{
	struct service *service = arg;

	collector_reload(service->collector);
}

/* The children are started from the very file that runs now. */
static char *
own_path(void)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (length == -1)
		log_fatal("/proc/self/exe: %s", strerror(errno));
	path[length] = '\0';
	return (memory_text(path));
}

static int
serve(const struct collector_settings *settings,
    const struct daemon_arguments *arguments)
{
	char *program = own_path();
	const struct collector_about about = {
	    program, arguments->config, arguments->debug};
	struct service service = {.base = event_base_new()};
	struct daemon_signals *signals;
	struct error err;
	int status = EXIT_FAILURE;

	daemon_raise_files();
	service.collector = collector_new(service.base, settings, &about, &err);
	if (service.collector != NULL) {
		signals = daemon_signals_new(
		    service.base, on_stop, on_reload, &service);
		log_info("%s %s: agents at %s, people at http://%s",
		    PACKAGE_NAME, PACKAGE_VERSION, settings->agents,
		    settings->people);
		event_base_dispatch(service.base);
		daemon_signals_free(signals);
		collector_free(service.collector);
		status = EXIT_SUCCESS;
	} else {
		log_warnx("%s", err.text);
	}
	event_base_free(service.base);
	free(program);
	return (status);
}

static int
run_intake(struct collector_settings *settings, struct error *err)
{
	return (intake_main(settings, CHILD_FD, LISTENER_FD, err));
}

static int
run_store(struct collector_settings *settings, struct error *err)
{
	return (store_main(settings, CHILD_FD, err));
}

static int
run_web(struct collector_settings *settings, struct error *err)
{
	return (web_main(settings, CHILD_FD, LISTENER_FD, err));
}

static int
run_court(struct collector_settings *settings, struct error *err)
{
	return (court_main(settings, CHILD_FD, err));
}

static const struct part {
	const char *name;
	int (*run)(struct collector_settings *, struct error *);
} parts[] = {
    {"intake", run_intake},
    {"store", run_store},
    {"web", run_web},
    {"court", run_court},
};

#define PARTS (sizeof(parts) / sizeof(parts[0]))

/* NULL: this is the parent. */
static const struct part *
find_part(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < PARTS; i++)
		if (strcmp(argv[1], parts[i].name) == 0)
			return (&parts[i]);
	return (NULL);
}

static int
run_part(const struct part *part, struct collector_settings *settings)
{
	struct error err = {""};
	int result = part->run(settings, &err);

	if (result != 0)
		log_warnx("%s", err.text);
	return (result != 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

static int
run(const struct part *part, const struct daemon_arguments *arguments)
{
	struct collector_settings settings;
	struct error err;

	if (collector_settings_read(&settings, arguments->config, &err) == -1) {
		fprintf(stderr, "%s\n", err.text);
		return (EXIT_USAGE);
	}
	if (part != NULL)
		return (run_part(part, &settings));
	if (arguments->check)
		return (collector_check(&settings, arguments->config));
	return (serve(&settings, arguments));
}

static int
run_init(int argc, char **argv)
{
	struct collector_init_about about;
	struct error err;
	int status = EXIT_SUCCESS;

	if (collector_init_arguments(&about, argc, argv) == -1) {
		usage(stderr);
		return (EXIT_USAGE);
	}
	if (collector_init(about.dir, about.names, about.count, &err) == -1) {
		fprintf(stderr, "pharos-collectord: %s\n", err.text);
		status = EXIT_USAGE;
	}
	free(about.names);
	return (status);
}

/* Holds the lock that a collector would hold. The exit status. */
static int
rebuild(const char *config, const char *what, struct error *err)
{
	struct collector_settings settings;
	int lock, result;

	if (collector_settings_read(&settings, config, err) == -1)
		return (EXIT_USAGE);
	if ((lock = collector_claim(&settings, err)) == -1)
		return (EXIT_FAILURE);
	result = rebuild_run(&settings, what, err);
	close(lock);
	return (result == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

static bool
can_rebuild(const char *what)
{
	for (size_t i = 0; what != NULL && rebuild_names[i] != NULL; i++)
		if (strcmp(rebuild_names[i], what) == 0)
			return (true);
	return (false);
}

static int
run_rebuild(int argc, char **argv)
{
	struct daemon_arguments arguments = {NULL};
	const char *what = argc > 1 ? argv[1] : NULL;
	struct error err;
	int status;

	if (what == NULL || (what[0] != '-' && !can_rebuild(what))) {
		usage(stderr);
		return (EXIT_USAGE);
	}
	status = daemon_read_arguments(
	    &arguments, argc - 1, argv + 1, "collector.yaml", usage);
	log_open("pharos-collectord", arguments.debug);
	if (status == -1) {
		status = rebuild(arguments.config, what, &err);
		if (status != EXIT_SUCCESS)
			fprintf(stderr, "pharos-collectord: %s\n", err.text);
	}
	free(arguments.config);
	return (status);
}

static int
run_arguments(int argc, char **argv)
{
	const struct part *part = find_part(argc, argv);
	struct daemon_arguments arguments = {NULL};
	int first = part != NULL ? 1 : 0, status;

	status = daemon_read_arguments(
	    &arguments, argc - first, argv + first, "collector.yaml", usage);
	log_open(
	    part != NULL ? part->name : "pharos-collectord", arguments.debug);
	if (status == -1)
		status = run(part, &arguments);
	free(arguments.config);
	return (status);
}

int
main(int argc, char **argv)
{
	int status;

	log_open("pharos-collectord", false);
	if (argc > 1 && strcmp(argv[1], "init") == 0)
		status = run_init(argc - 1, argv + 1);
	else if (argc > 1 && strcmp(argv[1], "rebuild") == 0)
		status = run_rebuild(argc - 1, argv + 1);
	else
		status = run_arguments(argc, argv);
	log_close();
	return (status);
}
