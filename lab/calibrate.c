/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/calibrate.h"

#include "common/error.h"
#include "lab/netem.h"
#include "lab/topology.h"

#define CALM 1000
#define FAST 20000
#define FRAME 100
#define DELAY (10 * NS_PER_MS)
#define QUEUE 100
#define LOSSY 50000 /* packets */
#define SHAPED 1046 /* bytes; twice what the rate carries is offered */

static int
try(const struct trial *trial, const char *what, struct trial_result *result,
    struct error *err)
{
	if (trial_run(trial, result, err) == -1)
		return (error_place(err, "%s", what));
	if (result->unseen > 0 || result->arrived == 0)
		return (error_set(err,
		    "%s: %llu of %llu frames were recorded, %llu were not: "
		    "this machine is too slow to tell",
		    what, (unsigned long long)result->arrived,
		    (unsigned long long)result->sent,
		    (unsigned long long)result->unseen));
	return (0);
}

/* One after the other, each on networks of its own. */
static int
try_all(struct trial trial, double lasts, struct calibration_state *state,
    struct error *err)
{
	enum trial_kind kind = trial.kind;

	trial.lasts = lasts;
	trial.pace = CALM;
	trial.way = (struct way){.delay = DELAY, .queue = QUEUE};
	if (try(&trial, "delay", &state->delay, err) == -1)
		return (-1);
	trial.kind = TRIAL_PLAIN;
	if (try(&trial, "the machine alone", &state->machine, err) == -1)
		return (-1);
	trial.kind = kind;
	trial.pace = FAST;
	if (try(&trial, "delay, fast", &state->delay_fast, err) == -1)
		return (-1);
	trial.way = (struct way){.loss = CALIBRATE_LOSS, .queue = QUEUE};
	trial.lasts = lasts < 1 ? lasts : (double)LOSSY / FAST;
	if (try(&trial, "loss", &state->loss, err) == -1)
		return (-1);
	trial.way = (struct way){.rate = CALIBRATE_RATE, .queue = QUEUE};
	trial.lasts = lasts;
	trial.length = SHAPED;
	trial.pace = 2 * CALIBRATE_RATE / (SHAPED * 8.0);
	return (try(&trial, "rate", &state->rate, err));
}

int
calibrate_choose(const char *backend, enum trial_kind *kind, struct error *err)
{
	enum topology_backend found;

	if (topology_find_backend(backend, &found, err) == -1)
		return (-1);
	*kind = TRIAL_EMULATOR;
	if (found == BACKEND_EMULATOR)
		return (0);
	if (netem_try(err) == 0)
		*kind = TRIAL_NETEM;
	else if (found == BACKEND_NETEM)
		return (error_place(err, "backend netem"));
	return (0);
}

int
calibrate_run(enum trial_kind kind, bool quick, struct calibration *calibration,
    struct error *err)
{
	struct trial trial = {.links = 1, .length = FRAME};
	double lasts = quick ? 0.3 : 3;

	*calibration = (struct calibration){.time = clock_wall(), .kind = kind};
	trial.kind = kind;
	if (try_all(trial, lasts, &calibration->idle, err) == -1)
		return (error_place(err, "idle"));
	trial.busy = true;
	if (try_all(trial, lasts, &calibration->busy, err) == -1)
		return (error_place(err, "all cores busy"));
	return (0);
}
