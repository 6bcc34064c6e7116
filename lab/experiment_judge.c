/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "lab/experiment.h"

static bool
matches(const struct experiment_phase *phase,
    const struct experiment_sample *sample)
{
	if (phase->lost || sample->rtt == -1)
		return (phase->lost && sample->rtt == -1);
	return (llabs(sample->rtt - phase->rtt) <= phase->within);
}

/*
 * Where each phase begins. fewest[k] is the fewest mismatches of the samples so
 * far when the last of them is of phase k; entered[i][k]: in the best way to have
 * sample i in phase k it is the first one there.
 */
static void
divide(const struct topology_experiment *experiment,
    const struct experiment_sample *samples, size_t count,
    struct experiment_found *found)
{
	size_t phases = experiment->phase_count, k = phases - 1;
	bool *entered = memory_new(count * phases, sizeof(*entered));
	size_t fewest[EXPERIMENT_PHASES];

	for (size_t i = 0; i < count; i++)
		for (size_t p = phases; p-- > 0;) {
			bool may_enter = p > 0 && i >= p;
			bool may_stay = i > p;

			if (i < p)
				continue;
			if (i == 0)
				fewest[p] = 0;
			else if (may_enter &&
				 (!may_stay || fewest[p - 1] <= fewest[p])) {
				fewest[p] = fewest[p - 1];
				entered[i * phases + p] = true;
			}
			fewest[p] +=
			    !matches(&experiment->phases[p], &samples[i]);
		}
	for (size_t i = count; i-- > 0;) {
		found[k].first = i;
		found[k].count++;
		if (entered[i * phases + k])
			k--;
	}
	free(entered);
}

static int
compare(const void *a, const void *b)
{
	const nanoseconds *x = a, *y = b;

	return ((*x > *y) - (*x < *y));
}

static void
measure(const struct experiment_phase *phase,
    const struct experiment_sample *samples, struct experiment_found *found)
{
	nanoseconds *sorted = memory_new(found->count + 1, sizeof(*sorted));
	size_t answered = 0, matched = 0;

	for (size_t i = 0; i < found->count; i++) {
		if (samples[i].rtt != -1)
			sorted[answered++] = samples[i].rtt;
		matched += matches(phase, &samples[i]);
	}
	qsort(sorted, answered, sizeof(*sorted), compare);
	found->lost = found->count - answered;
	found->median = answered > 0 ? sorted[answered / 2] : -1;
	found->matched = (double)matched / (double)found->count;
	free(sorted);
}

static void
judge(const struct experiment_phase *phase, struct experiment_found *found)
{
	if (found->count < EXPERIMENT_LEAST)
		snprintf(found->why, sizeof(found->why),
		    "%zu packets, expected %d and more", found->count,
		    EXPERIMENT_LEAST);
	else if (found->matched < EXPERIMENT_MATCHED)
		snprintf(found->why, sizeof(found->why),
		    "%.0f %% of its packets were as expected, expected %.0f %%",
		    100 * found->matched, 100 * EXPERIMENT_MATCHED);
	else if (found->lasts < phase->least)
		snprintf(found->why, sizeof(found->why),
		    "%.2f s, expected %.2f s and more",
		    clock_seconds(found->lasts), clock_seconds(phase->least));
	else if (phase->most != 0 && found->lasts > phase->most)
		snprintf(found->why, sizeof(found->why),
		    "%.2f s, expected %.2f s at most",
		    clock_seconds(found->lasts), clock_seconds(phase->most));
}

bool
experiment_judge(const struct topology_experiment *experiment,
    const struct experiment_sample *samples, size_t count,
    struct experiment_found *found)
{
	bool good = count >= experiment->phase_count;

	memset(found, 0, experiment->phase_count * sizeof(*found));
	for (size_t k = 0; k < experiment->phase_count; k++)
		found[k].median = -1;
	if (good)
		divide(experiment, samples, count, found);
	for (size_t k = 0; k < experiment->phase_count; k++) {
		size_t end = found[k].first + found[k].count;

		if (found[k].count > 0) {
			measure(&experiment->phases[k],
			    &samples[found[k].first], &found[k]);
			found[k].begins = samples[found[k].first].sent;
			found[k].lasts = (end < count ? samples[end].sent
						      : samples[end - 1].sent +
							    experiment->every) -
					 found[k].begins;
		}
		judge(&experiment->phases[k], &found[k]);
		good = good && found[k].why[0] == '\0';
	}
	return (good);
}
