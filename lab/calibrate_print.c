/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "common/table.h"
#include "common/unit.h"
#include "lab/calibrate.h"

static double
loss_of(const struct calibration_state *state)
{
	return (1 - (double)state->loss.arrived / (double)state->loss.sent);
}

static double
lost_of(const struct calibration_state *state)
{
	return ((double)(state->delay.sent - state->delay.arrived +
			 state->delay_fast.sent - state->delay_fast.arrived));
}

static double
rate_of(const struct calibration_state *state)
{
	return (state->rate.rate);
}

static double
share_of(const struct calibration_state *state)
{
	return (state->delay_fast.share);
}

/* A row is a duration of a trial, or what a function makes of the state. */
#define DURATION(trial, field) \
	UNIT_SECONDS, offsetof(struct calibration_state, trial.field), NULL

static const struct row {
	const char *what;
	enum unit unit;
	size_t offset;
	double (*value)(const struct calibration_state *state);
} rows[] = {
    {"delay of 10 ms at 1000/s, off by, median", DURATION(delay, p50)},
    {"  99 %", DURATION(delay, p99)},
    {"  most", DURATION(delay, most)},
    {"the same at 20,000/s, median", DURATION(delay_fast, p50)},
    {"  99 %", DURATION(delay_fast, p99)},
    {"  most", DURATION(delay_fast, most)},
    {"  share of a core", UNIT_RATIO, 0, share_of},
    {"lost of these", UNIT_COUNT, 0, lost_of},
    {"what this machine adds alone, median", DURATION(machine, p50)},
    {"  99 %", DURATION(machine, p99)},
    {"  most", DURATION(machine, most)},
    {"loss of 10 %", UNIT_RATIO, 0, loss_of},
    {"rate of 10 Mbit/s", UNIT_BITRATE, 0, rate_of},
};

static void
print_value(struct table *table, const struct row *row,
    const struct calibration_state *state)
{
	char text[UNIT_TEXT];
	const char *at = (const char *)state + row->offset;

	table_text(table,
	    unit_format(row->unit,
		row->value != NULL
		    ? row->value(state)
		    : clock_seconds(*(const nanoseconds *)(const void *)at),
		text));
}

void
calibrate_print(const struct calibration *calibration, FILE *out)
{
	struct table *table = table_new();

	table_column(table,
	    calibration->kind == TRIAL_NETEM ? "netem" : "emulator", UNIT_NONE);
	table_column(table, "idle", UNIT_NONE);
	table_column(table, "all cores busy", UNIT_NONE);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		table_row(table);
		table_text(table, rows[i].what);
		print_value(table, &rows[i], &calibration->idle);
		print_value(table, &rows[i], &calibration->busy);
	}
	table_write(table, TABLE_TEXT_FORMAT, 0, out);
	table_free(table);
	if (calibration->kind == TRIAL_EMULATOR &&
	    !calibration->idle.delay.realtime)
		fprintf(out, "\nThe emulator was refused a real-time priority; "
			     "with it links are truer.\n");
}
