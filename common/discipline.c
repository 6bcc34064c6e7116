/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/discipline.h"

#include <stdio.h>
#include <string.h>
#include <sys/timex.h>

#include "common/member.h"

#define CLOCKSOURCE \
	"/sys/devices/system/clocksource/clocksource0/current_clocksource"
#define MOST_ERROR 16.0 /* seconds: where the kernel itself gives up */

static void
read_clocksource(char *text, int size)
{
	FILE *in = fopen(CLOCKSOURCE, "re");

	if (in == NULL)
		return;
	if (fgets(text, size, in) != NULL)
		text[strcspn(text, "\n")] = '\0';
	fclose(in);
}

void
discipline_read(struct discipline *state)
{
	struct timex kernel = {.modes = 0};
	int verdict = ntp_adjtime(&kernel);
	double bound = (double)kernel.maxerror / 1e6;

	memset(state, 0, sizeof(*state));
	state->source = "none";
	read_clocksource(state->clocksource, sizeof(state->clocksource));
	if (verdict == -1 || verdict == TIME_ERROR ||
	    (kernel.status & STA_UNSYNC) != 0 || bound <= 0 ||
	    bound >= MOST_ERROR)
		return;
	state->source = "kernel";
	state->bounded = true;
	state->error = bound;
}

json_object *
discipline_json(const struct discipline *state)
{
	json_object *o = json_object_new_object();

	member_add_text(o, "source", state->source);
	if (state->bounded)
		member_add_number(o, "error", state->error);
	if (state->clocksource[0] != '\0')
		member_add_text(o, "clocksource", state->clocksource);
	return (o);
}
