/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/lab_measure.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/lab.h"
#include "cli/lab_start.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/memory.h"
#include "common/place.h"
#include "common/spawn.h"
#include "common/unit.h"
#include "lab/experiment.h"
#include "lab/topology.h"

#define LINE 512
#define FIRST 3

struct measure {
	const char *lab;
	const struct topology *topology;
	bool events; /* they are still to begin */
	struct experiment_sample *samples;
	size_t count;
	struct error *err;
};

/* What is shown of one packet, "10.127.0.2 17: rtt 76.7 ms, ttl 59"; others are
 * of no interest. */
static bool
read_line(const char *line, size_t *number, nanoseconds *rtt)
{
	char text[64], unit[8];
	double value;

	if (sscanf(line, "%*s %zu: rtt %lf %7[a-z]", number, &value, unit) != 3)
		return (false);
	snprintf(text, sizeof(text), "%.9g%s", value, unit);
	if (unit_parse(UNIT_SECONDS, text, &value, NULL) == -1)
		return (false);
	*rtt = clock_of_seconds(value);
	return (true);
}

static int
begin_events(struct measure *measure)
{
	json_object *answer;

	if (!measure->events)
		return (0);
	measure->events = false;
	answer = lab_ask(
	    measure->lab, "/v1/events", json_object_new_object(), measure->err);
	json_object_put(answer);
	return (answer == NULL ? -1 : 0);
}

static void
show(const struct measure *measure, size_t number, nanoseconds rtt)
{
	char text[UNIT_TEXT];

	if (!isatty(STDOUT_FILENO))
		return;
	printf("\r%6.1f s  rtt %-12s",
	    clock_seconds(measure->samples[number - 1].sent),
	    unit_format(UNIT_SECONDS, clock_seconds(rtt), text));
	fflush(stdout);
}

static int
read_all(struct measure *measure, FILE *from)
{
	char line[LINE];
	nanoseconds rtt;
	size_t number;

	while (fgets(line, sizeof(line), from) != NULL) {
		if (lab_interrupted())
			return (error_set(measure->err, "interrupted"));
		if (!read_line(line, &number, &rtt) || number < 1 ||
		    number > measure->count)
			continue;
		measure->samples[number - 1].rtt = rtt;
		show(measure, number, rtt);
		if (begin_events(measure) == -1)
			return (-1);
	}
	if (isatty(STDOUT_FILENO))
		printf("\r%30s\r", "");
	if (lab_interrupted())
		return (error_set(measure->err, "interrupted"));
	return (measure->events ? error_set(measure->err,
				      "no packet was answered: pharos lab log "
				      "may say why")
				: 0);
}

static void
to_pipe(void *arg)
{
	const int *fd = arg;

	dup2(*fd, STDOUT_FILENO);
}

static pid_t
launch(const struct measure *measure, int out)
{
	const struct topology *topology = measure->topology;
	const struct topology_experiment *e = topology->experiment;
	const struct topology_node *to = &topology->nodes[e->to];
	char *pharos = place_program("pharos"), spacing[UNIT_TEXT];
	char *count = memory_print("%zu", measure->count);
	char address[INET6_ADDRSTRLEN];
	const char *argv[] = {pharos, "lab", "exec", "--lab", measure->lab,
	    topology->nodes[e->from].name, pharos, "probe", e->probe, "--count",
	    count, "--spacing", spacing, "--live", address, NULL};
	pid_t pid;

	if (topology->ipv4)
		inet_ntop(AF_INET, &to->address, address, sizeof(address));
	else
		inet_ntop(AF_INET6, &to->address6, address, sizeof(address));
	unit_write(UNIT_SECONDS, clock_seconds(e->every), spacing);
	pid = spawn_program(&(const struct spawn){
	    (char **)argv, NULL, 0, FIRST, to_pipe, &out});
	free(count);
	free(pharos);
	return (pid);
}

static int
run(struct measure *measure)
{
	int ends[2], status;
	FILE *from;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return (error_set(measure->err, "pipe: %m"));
	pid = launch(measure, ends[1]);
	close(ends[1]);
	from = fdopen(ends[0], "r");
	status = pid == -1 ? error_set(measure->err, "a process: %m")
			   : read_all(measure, from);
	fclose(from);
	if (pid != -1 && status == -1)
		kill(pid, SIGTERM);
	while (pid != -1 && waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		;
	return (status);
}

struct experiment_sample *
lab_measure(const char *lab, const struct topology *topology, bool events,
    size_t *count, struct error *err)
{
	const struct topology_experiment *e = topology->experiment;
	struct measure measure = {.lab = lab,
	    .topology = topology,
	    .events = events,
	    .count = (size_t)(e->lasts / e->every),
	    .err = err};

	measure.samples = memory_new(measure.count, sizeof(*measure.samples));
	for (size_t i = 0; i < measure.count; i++)
		measure.samples[i] =
		    (struct experiment_sample){(nanoseconds)i * e->every, -1};
	*count = measure.count;
	if (run(&measure) == 0)
		return (measure.samples);
	free(measure.samples);
	return (NULL);
}
