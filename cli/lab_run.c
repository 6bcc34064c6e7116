/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos lab run: an experiment, from nothing to its verdict.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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
	    "[--backend BACKEND]\n"
	    "                      [--without-events]\n"
	    "\n"
	    "  --name NAME        of the lab meanwhile (default: what the "
	    "file says)\n"
	    "  --output FOLDER    where NAME.csv and NAME.svg are written "
	    "(default: here)\n"
	    "  --backend BACKEND  auto, netem or emulator makes the links "
	    "(default: what\n"
	    "                     the file says)\n"
	    "  --without-events   nothing fails: what is expected then must "
	    "not come\n"
	    "\n"
	    "Builds the network, measures in it while its events happen, ends\n"
	    "it, and says whether what was found is what FILE expects: exit\n"
	    "status 0, else 1.\n");
}

/* The samples, with the lab already gone again. */
static struct experiment_sample *
measure(const struct lab_start *start, const struct topology *topology,
    bool events, size_t *count, int *status, struct error *err)
{
	struct experiment_sample *samples;

	if ((*status = lab_start(start, err)) != 0)
		return (NULL);
	samples = lab_measure(start->name, topology, events, count, err);
	if (lab_end(start->name, samples == NULL ? NULL : err) == -1 &&
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
	if (write_file(results, folder, "csv", write_packets, err) == -1)
		return (-1);
	return (write_file(results, folder, "svg", write_plot, err));
}

static int
judge(const char *output, const struct topology *topology,
    const struct experiment_sample *samples, size_t count)
{
	struct results results = {.topology = topology, .samples = samples};
	bool good = experiment_judge(
	    topology->experiment, samples, count, results.found);
	struct error err;

	experiment_write_phases(
	    topology->experiment, results.found, TABLE_TEXT_FORMAT, stdout);
	if (keep(&results, output, &err) == -1)
		return (output_fail(3, &err));
	printf("%s: what was found is %s\n", topology->name,
	    good ? "what the file expects" : "not what the file expects");
	return (good ? 0 : 1);
}

/* Before a minute of measuring, not after it. */
static int
check(const char *file, const struct topology *topology, const char *output,
    struct error *err)
{
	if (topology->experiment == NULL)
		return (error_set(
		    err, "%s: no experiment, expected experiment: {..}", file));
	if (daemon_make_dir(output, err) == -1)
		return (error_place(err, "--output"));
	if (access(output, W_OK) == -1)
		return (error_set(err, "--output: %s: %m", output));
	return (0);
}

static int
run(struct lab_start *start, const char *output, bool events)
{
	struct experiment_sample *samples = NULL;
	struct topology *topology;
	struct error err;
	size_t count;
	int status = 2;

	if ((topology = lab_start_read(start, &err)) == NULL)
		return (output_fail(2, &err));
	if (check(start->file, topology, output, &err) == 0)
		samples =
		    measure(start, topology, events, &count, &status, &err);
	if (samples != NULL)
		status = judge(output, topology, samples, count);
	else
		output_fail(status, &err);
	free(samples);
	free(start->text);
	topology_free(topology);
	return (status);
}

int
command_lab_run(int argc, char **argv)
{
	struct lab_start start = {NULL};
	const char *output = ".";
	bool without = false;
	const struct argument table[] = {{"name", &start.name},
	    {"output", &output}, {"backend", &start.backend},
	    {"without-events", NULL, &without}, {NULL}};
	int status = arguments_read(argc, argv, table, 1, usage);

	if (status != -1)
		return (status);
	start.file = argv[optind];
	return (run(&start, output, !without));
}
