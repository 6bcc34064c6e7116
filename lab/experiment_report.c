/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/experiment_report.h"

#include <math.h>

#include "lab/experiment.h"

void
experiment_write_phases(const struct topology_experiment *experiment,
    const struct experiment_found *found, enum table_format format, FILE *out)
{
	struct table *table = table_new();

	table_column(table, "phase", UNIT_NONE);
	table_column(table, "begins", UNIT_SECONDS);
	table_column(table, "lasts", UNIT_SECONDS);
	table_column(table, "rtt", UNIT_SECONDS);
	table_column(table, "sent", UNIT_COUNT);
	table_column(table, "lost", UNIT_COUNT);
	table_column(table, "verdict", UNIT_NONE);
	for (size_t i = 0; i < experiment->phase_count; i++) {
		const struct experiment_found *f = &found[i];

		table_row(table);
		table_text(table, experiment->phases[i].name);
		table_number(table, clock_seconds(f->begins));
		table_number(table, clock_seconds(f->lasts));
		table_number(
		    table, f->median == -1 ? NAN : clock_seconds(f->median));
		table_number(table, (double)f->count);
		table_number(table, (double)f->lost);
		table_text(table, f->why[0] == '\0' ? "ok" : f->why);
	}
	table_write(table, format, 0, out);
	table_free(table);
}

void
experiment_write_packets(const struct topology_experiment *experiment,
    const struct experiment_found *found,
    const struct experiment_sample *samples, FILE *out)
{
	fprintf(out, "sent,phase,rtt\r\n");
	for (size_t k = 0; k < experiment->phase_count; k++)
		for (size_t i = 0; i < found[k].count; i++) {
			const struct experiment_sample *sample =
			    &samples[found[k].first + i];

			fprintf(out, "%.3f,", clock_seconds(sample->sent));
			table_cell(TABLE_CSV, experiment->phases[k].name, out);
			if (sample->rtt == -1)
				fprintf(out, ",\r\n");
			else
				fprintf(out, ",%.6f\r\n",
				    clock_seconds(sample->rtt));
		}
}
