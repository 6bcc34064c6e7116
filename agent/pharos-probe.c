/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos-probe - hosts one plug-in for its parent, or says which there are.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/clock_metrics.h"
#include "agent/manual.h"
#include "agent/plugin.h"
#include "agent/worker.h"
#include "common/child.h"
#include "common/log.h"
#include "common/member.h"
#include "defines.h"

static const char usage[] =
    "usage: pharos-probe --list | --manifests | --manifest NAME |\n"
    "                    --manual NAME | --version\n"
    "Otherwise it is started by pharosd and pharos, as a worker.\n";

/* One needs no plug-in. NULL: it has been said why. */
static const struct manifest *
find_manifest(const char *name)
{
	const struct probe_ops *ops;
	struct error err;

	if (clock_is_probe(name))
		return (&clock_manifest);
	if ((ops = plugin_load(name, &err)) != NULL)
		return (ops->about);
	log_warnx("%s", err.text);
	return (NULL);
}

static int
print_manifest(const char *name)
{
	const struct manifest *manifest = find_manifest(name);
	struct json_object *json;

	if (manifest == NULL)
		return (-1);
	json = manifest_json(manifest);
	puts(json_object_to_json_string_ext(
	    json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
	return (0);
}

static int
print_manual(const char *name)
{
	const struct manifest *manifest = find_manifest(name);

	if (manifest == NULL)
		return (-1);
	manual_write(manifest, stdout);
	return (0);
}

static int
print_summary(const char *name)
{
	const struct manifest *manifest = find_manifest(name);

	if (manifest == NULL)
		return (-1);
	printf("%-13s %s\n", name, manifest->summary);
	return (0);
}

/* One that does not load is named on standard error and left out. */
static int
for_all(int (*print)(const char *name))
{
	struct error err;
	size_t count;
	char **names = plugin_list(&count, &err);

	if (names == NULL) {
		log_warnx("%s", err.text);
		return (3);
	}
	for (size_t i = 0; i < count; i++) {
		print(names[i]);
		free(names[i]);
	}
	free(names);
	return (0);
}

static int
work(void)
{
	struct error err;
	int status;

	if (fcntl(CHILD_FD, F_GETFD) == -1) {
		fputs(usage, stderr);
		return (2);
	}
	fcntl(CHILD_FD, F_SETFD, FD_CLOEXEC);
	status = worker_main(CHILD_FD, &err);
	if (status == -1) {
		log_warnx("%s", err.text);
		return (3);
	}
	return (status);
}

int
main(int argc, char **argv)
{
	static const struct option longs[] = {
	    {"list", no_argument, NULL, 'l'},
	    {"manifests", no_argument, NULL, 'a'},
	    {"manifest", required_argument, NULL, 'm'},
	    {"manual", required_argument, NULL, 'p'},
	    {"version", no_argument, NULL, 'V'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0},
	};

	log_open("pharos-probe", false);
	switch (getopt_long(argc, argv, "h", longs, NULL)) {
	case -1:
		return (work());
	case 'l':
		return (for_all(print_summary));
	case 'a':
		print_manifest(clock_manifest.name);
		return (for_all(print_manifest));
	case 'm':
		return (print_manifest(optarg) == 0 ? 0 : 3);
	case 'p':
		return (print_manual(optarg) == 0 ? 0 : 3);
	case 'V':
		puts("pharos-probe " PACKAGE_VERSION);
		return (0);
	case 'h':
		fputs(usage, stdout);
		return (0);
	default:
		fputs(usage, stderr);
		return (2);
	}
}
