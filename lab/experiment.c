/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/experiment.h"

#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/memory.h"
#include "common/unit.h"
#include "lab/topology_parts.h"

#define AT(field) offsetof(struct topology_experiment, field)

static const struct setting measure_options[] = {
    {"probe", OPTION_TEXT, NULL, 0, NAME_TEXT - 1, NULL, "what measures",
	AT(probe)},
    {"every", OPTION_DURATION, "100ms", 0.001, 60, NULL, "between two packets",
	AT(every)},
    {.name = NULL},
};

static const struct setting experiment_options[] = {
    {"lasts", OPTION_DURATION, NULL, 0.1, 86400, NULL,
	"from when the lab has converged", AT(lasts)},
    {.name = NULL},
};

static const struct setting align_options[] = {
    {"hello", OPTION_DURATION, NULL, 0, 3600, NULL,
	"it fails so long after a hello", AT(align_hello)},
    {.name = NULL},
};

static const struct setting phase_options[] = {
    {"name", OPTION_TEXT, NULL, 0, NAME_TEXT - 1, NULL, "what it is called",
	offsetof(struct experiment_phase, name)},
    {"lost", OPTION_FLAG, "no", 0, 0, NULL, "are packets of it lost",
	offsetof(struct experiment_phase, lost)},
    {"rtt", OPTION_DURATION, "0s", 0, 3600, NULL, "round trip of its packets",
	offsetof(struct experiment_phase, rtt)},
    {"within", OPTION_DURATION, "1ms", 0, 3600, NULL,
	"how far from it they may be",
	offsetof(struct experiment_phase, within)},
    {"least", OPTION_DURATION, "0s", 0, 86400, NULL, "how long it takes",
	offsetof(struct experiment_phase, least)},
    {"most", OPTION_DURATION, "0s", 0, 86400, NULL,
	"how long at most, 0 for no bound",
	offsetof(struct experiment_phase, most)},
    {.name = NULL},
};

static int
read_measure(struct topology_experiment *experiment,
    const struct topology *topology, const struct yml *node, struct error *err)
{
	static const char *const keys[] = {"from", "to", NULL};
	const struct yml *from = yml_get(node, "from"),
			 *to = yml_get(node, "to");

	if (topology_known(node, keys, measure_options, err) == -1)
		return (-1);
	if (from == NULL || to == NULL)
		return (yml_error(node, err,
		    "no from or no to, expected the two nodes it is measured "
		    "between"));
	if (yml_get(node, "probe") == NULL)
		return (yml_error(node, err, "no probe, expected its name"));
	if (topology_refer_node(topology, from, &experiment->from, err) == -1 ||
	    topology_refer_node(topology, to, &experiment->to, err) == -1)
		return (-1);
	if (experiment->from == experiment->to)
		return (yml_error(
		    to, err, "to is the node that from is, expected another"));
	experiment->every = 100 * NS_PER_MS;
	return (yml_change(node, measure_options, experiment, err));
}

static int
read_align(struct topology_experiment *experiment,
    const struct topology *topology, const struct yml *node, struct error *err)
{
	static const char *const keys[] = {"link", NULL};

	if (yml_null(node))
		return (0);
	if (topology_known(node, keys, align_options, err) == -1)
		return (-1);
	if (yml_get(node, "link") == NULL || yml_get(node, "hello") == NULL)
		return (yml_error(node, err,
		    "no link or no hello, expected such as {link: NAME, hello: "
		    "3s}"));
	if (topology->routing == ROUTING_STATIC)
		return (yml_error(node, err,
		    "there are no hellos with static routes, expected routing: "
		    "bird or frr"));
	experiment->aligned = true;
	if (topology_refer_link(topology, yml_get(node, "link"),
		&experiment->align_link, err) == -1)
		return (-1);
	return (yml_change(node, align_options, experiment, err));
}

static int
read_phase(
    struct experiment_phase *phase, const struct yml *node, struct error *err)
{
	if (yml_expect(node, YML_MAP, "a phase", err) == -1 ||
	    yml_load(node, phase_options, phase, err) == -1)
		return (-1);
	if (phase->lost == (yml_get(node, "rtt") != NULL))
		return (yml_error(node, err,
		    "phase \"%s\", expected either lost: yes or an rtt",
		    phase->name));
	if (phase->most != 0 && phase->most < phase->least)
		return (yml_error(node, err,
		    "phase \"%s\": most is less than least, expected the other "
		    "way round",
		    phase->name));
	return (0);
}

static int
read_phases(struct topology_experiment *experiment, const struct yml *node,
    struct error *err)
{
	if (yml_expect(node, YML_LIST, "a list of phases", err) == -1)
		return (-1);
	if (node->count == 0 || node->count > EXPERIMENT_PHASES)
		return (yml_error(node, err, "%zu phases, expected 1 to %d",
		    node->count, EXPERIMENT_PHASES));
	for (size_t i = 0; i < node->count; i++)
		if (read_phase(&experiment->phases[i], node->items[i], err) ==
		    -1)
			return (-1);
	experiment->phase_count = node->count;
	return (0);
}

/* An event that nobody waits for would be one that never happened. */
static int
check_events(const struct topology_experiment *experiment,
    const struct topology *topology, const struct yml *node, struct error *err)
{
	const struct topology_event *last;
	char at[UNIT_TEXT];

	if (topology->event_count == 0)
		return (0);
	last = &topology->events[topology->event_count - 1];
	if (last->at < experiment->lasts)
		return (0);
	return (yml_error(node, err,
	    "an event is at %s, after its end: expected lasts to be more",
	    unit_write(UNIT_SECONDS, clock_seconds(last->at), at)));
}

static int
check_packets(const struct topology_experiment *experiment,
    const struct yml *node, struct error *err)
{
	nanoseconds count = experiment->lasts / experiment->every;

	if (count >= 1 && count <= EXPERIMENT_PACKETS)
		return (0);
	return (yml_error(node, err,
	    "it would measure %lld packets, expected 1 to %d: another lasts or "
	    "every",
	    (long long)count, EXPERIMENT_PACKETS));
}

static int
read_all(struct topology_experiment *experiment,
    const struct topology *topology, const struct yml *node, struct error *err)
{
	static const char *const keys[] = {"measure", "align", "phases", NULL};
	static const char *const needed[] = {
	    "measure", "lasts", "phases", NULL};

	if (topology_known(node, keys, experiment_options, err) == -1)
		return (-1);
	for (size_t i = 0; needed[i] != NULL; i++)
		if (yml_get(node, needed[i]) == NULL)
			return (yml_error(node, err,
			    "no %s, expected measure, lasts and phases",
			    needed[i]));
	if (yml_change(node, experiment_options, experiment, err) == -1 ||
	    read_measure(experiment, topology, yml_get(node, "measure"), err) ==
		-1 ||
	    read_align(experiment, topology, yml_get(node, "align"), err) == -1)
		return (-1);
	if (check_packets(experiment, node, err) == -1 ||
	    check_events(experiment, topology, yml_get(node, "lasts"), err) ==
		-1)
		return (-1);
	return (read_phases(experiment, yml_get(node, "phases"), err));
}

struct topology_experiment *
experiment_read(
    const struct topology *topology, const struct yml *node, struct error *err)
{
	struct topology_experiment *experiment =
	    memory_new(1, sizeof(*experiment));

	if (read_all(experiment, topology, node, err) == 0)
		return (experiment);
	experiment_free(experiment);
	return (NULL);
}

void
experiment_free(struct topology_experiment *experiment)
{
	free(experiment);
}
