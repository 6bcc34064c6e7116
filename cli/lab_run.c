/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos lab run: an experiment, from nothing to its verdict.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/arguments.h"
#include "cli/lab.h"
#include "cli/lab_measure.h"
#include "cli/lab_start.h"
#include "cli/output.h"
#include "common/daemon.h"
#include "common/memory.h"
#include "lab/experiment.h"
#include "lab/experiment_report.h"
#include "lab/topology.h"

static void
usage(FILE *out)
{
	fprintf(out,
	    "usage: pharos lab run FILE [--name NAME] [--output FOLDER] "
	    "[--without-events]\n"
	    "\n"
	    "  --name NAME       of the lab meanwhile (default: what the file "
	    "says)\n"
	    "  --output FOLDER   where NAME.csv and NAME.svg are written\n"
	    "  --without-events  nothing fails: what is expected then must not "
	    "come\n"
	    "\n"
	    "Builds the network, measures in it while its events happen, ends\n"
	    "it, and says whether what was found is what FILE expects: exit\n"
	    "status 0, else 1.\n");
}

struct arguments {
	const char *file, *name, *output;
	bool without;
};

/* The samples, with the lab already gone again. */
static struct experiment_sample *
measure(const struct arguments *arguments, const struct topology *topology,
    size_t *count, int *status, struct error *err)
{
	struct lab_start start = {
	    .file = arguments->file, .name = arguments->name};
	struct experiment_sample *samples;

	for (size_t i = 0; i < topology->node_count; i++)
		start.collector |= topology->nodes[i].collector;
	if ((*status = lab_start(&start, err)) != 0)
		return (NULL);
	samples = lab_measure(
	    arguments->name, topology, !arguments->without, count, err);
	if (lab_end(arguments->name, samples == NULL ? NULL : err) == -1 &&
	    samples != NULL) {
		free(samples);
		samples = NULL;
	}
	if (samples == NULL)
		*status = lab_interrupted() ? LAB_INTERRUPTED : 3;
	return (samples);
}

struct results {
	const struct topology *topology;
	const struct experiment_sample *samples;
	struct experiment_found found[EXPERIMENT_PHASES];
};

static void
write_packets(const struct results *results, FILE *out)
{
	experiment_write_packets(results->topology->experiment, results->found,
	    results->samples, out);
}

static void
write_plot(const struct results *results, FILE *out)
{
	experiment_write_plot(results->topology->experiment, results->found,
	    results->samples, results->topology->name, out);
}

static int
write_file(const struct results *results, const char *folder,
    const char *ending, void (*write)(const struct results *, FILE *),
    struct error *err)
{
	char *path =
	    memory_print("%s/%s.%s", folder, results->topology->name, ending);
	FILE *out = fopen(path, "we");
	int status = 0;

	if (out == NULL) {
		status = error_set(err, "%s: %m", path);
	} else {
		write(results, out);
		if (fclose(out) != 0)
			status = error_set(err, "%s: %m", path);
	}
	if (status == 0)
		printf("%s\n", path);
	free(path);
	return (status);
}

static int
keep(const struct results *results, const char *folder, struct error *err)
{
	if (folder == NULL)
		return (0);
	if (daemon_make_dir(folder, err) == -1 ||
	    write_file(results, folder, "csv", write_packets, err) == -1)
		return (-1);
	return (write_file(results, folder, "svg", write_plot, err));
}

static int
judge(const struct arguments *arguments, const struct topology *topology,
    const struct experiment_sample *samples, size_t count)
{
	struct results results = {.topology = topology, .samples = samples};
	bool good = experiment_judge(
	    topology->experiment, samples, count, results.found);
	struct error err;

	experiment_write_phases(
	    topology->experiment, results.found, TABLE_TEXT_FORMAT, stdout);
	if (keep(&results, arguments->output, &err) == -1)
		return (output_fail(3, &err));
	printf("%s: what was found is %s\n", topology->name,
	    good ? "what the file expects" : "not what the file expects");
	return (good ? 0 : 1);
}

static int
run(struct arguments *arguments)
{
	struct topology *topology;
	struct experiment_sample *samples = NULL;
	struct error err;
	size_t count;
	int status = 2;

	if ((topology = topology_read(arguments->file, &err)) == NULL)
		return (output_fail(2, &err));
	if (arguments->name == NULL)
		arguments->name = topology->name;
	if (topology->experiment == NULL)
		error_set(&err, "%s: no experiment, expected experiment: {..}",
		    arguments->file);
	else
		samples = measure(arguments, topology, &count, &status, &err);
	if (samples != NULL)
		status = judge(arguments, topology, samples, count);
	else
		output_fail(status, &err);
	free(samples);
	topology_free(topology);
	return (status);
}

int
command_lab_run(int argc, char **argv)
{
	struct arguments arguments = {NULL};
	const struct argument table[] = {{"name", &arguments.name},
	    {"output", &arguments.output},
	    {"without-events", NULL, &arguments.without}, {NULL}};
	int status = arguments_read(argc, argv, table, 1, usage);

	if (status != -1)
		return (status);
	arguments.file = argv[optind];
	return (run(&arguments));
}
