/* SPDX-License-Identifier: BSD-2-Clause */
#include <math.h>
#include <string.h>

#include "cli/clock.h"
#include "common/member.h"
#include "common/unit.h"

static char *
seconds(double value, char text[static UNIT_TEXT])
{
	return (unit_format(UNIT_SECONDS, value, text));
}

static void
print_source(const struct discipline *clock, FILE *out)
{
	if (discipline_is_vouched(clock)) {
		fprintf(out, "source     vouched for by the operator: %s\n",
		    clock->reference);
		return;
	}
	fprintf(out, "source     %s", clock->source);
	if (clock->held)
		fputs(", which has gone: its last word", out);
	if (clock->reference[0] != '\0')
		fprintf(out, ", by %s", clock->reference);
	if (clock->stratum != 0)
		fprintf(out, ", stratum %d", clock->stratum);
	fputc('\n', out);
}

static void
print_bound(const struct discipline *clock, FILE *out)
{
	nanoseconds now = clock_monotonic();
	const struct discipline_parts *parts = &clock->parts;
	char error[UNIT_TEXT], text[3][UNIT_TEXT];

	if (!discipline_bounded_at(clock, now)) {
		fputs("error      unknown: it may be anything\n", out);
		return;
	}
	fprintf(out, "error      at most %s",
	    seconds(discipline_error_at(clock, now), error));
	if (clock->growth > 0)
		fprintf(out, ", growing by %.3g ppm", clock->growth * 1e6);
	fputc('\n', out);
	fprintf(out, "           %s\n", clock->formula);
	if (parts->offset == 0 && parts->dispersion == 0 && parts->delay == 0)
		return;
	fprintf(out,
	    "           offset %s, dispersion %s, delay %s, %.0f s "
	    "ago\n",
	    seconds(parts->offset, text[0]),
	    seconds(parts->dispersion, text[1]), seconds(parts->delay, text[2]),
	    clock_seconds(now - clock->at));
}

static void
print_rate(const struct discipline *clock, FILE *out)
{
	if (!clock->tuned)
		return;
	fprintf(out, "frequency  %.3f ppm %s by itself, known to %.3f ppm\n",
	    fabs(clock->frequency), clock->frequency > 0 ? "fast" : "slow",
	    clock->skew);
}

static void
print_events(const struct discipline *clock, FILE *out)
{
	char size[UNIT_TEXT], when[40];

	if (clock->leap == LEAP_INSERT || clock->leap == LEAP_DELETE)
		fprintf(out, "leap       a second is to be %sed\n",
		    clock->leap == LEAP_INSERT ? "insert" : "delet");
	if (clock->steps.count == 0)
		return;
	fprintf(out, "steps      %u seen, the last by %s%s at %s\n",
	    clock->steps.count, clock->steps.size > 0 ? "+" : "",
	    seconds(clock->steps.size, size),
	    clock_format(clock->steps.last, 0, when));
}

static void
print_receiver(const struct discipline *clock, FILE *out)
{
	if (clock->fix == 0)
		return;
	fprintf(out, "receiver   fix in %d dimensions, %d satellites\n",
	    clock->fix, clock->satellites);
}

static void
print_card(const struct discipline_card *card, FILE *out)
{
	char offset[UNIT_TEXT], error[UNIT_TEXT];

	if (card->name[0] == '\0')
		return;
	fprintf(out, "card       %s is %s %s this clock, known to %s\n",
	    card->name, seconds(fabs(card->offset), offset),
	    card->offset < 0 ? "behind" : "ahead of",
	    seconds(card->error, error));
}

static void
print_host(const struct discipline *clock, FILE *out)
{
	char share[UNIT_TEXT];

	fprintf(out, "host       %s, counts by %s",
	    clock->guest ? "virtual" : "not virtual",
	    clock->clocksource[0] != '\0' ? clock->clocksource : "?");
	if (clock->steal >= 0)
		fprintf(out, ", %s of its time stolen",
		    unit_format(UNIT_RATIO, clock->steal, share));
	fputc('\n', out);
}

/* What pharosd has found by measuring itself (agent/calibration.h). */
static void
print_stamps(json_object *host, FILE *out)
{
	char error[UNIT_TEXT], median[UNIT_TEXT], width[UNIT_TEXT];

	if (member_get(host, "error") == NULL)
		return;
	fprintf(out, "stamps     off by %s at most",
	    seconds(member_number_or(host, "error", 0), error));
	if (member_get(host, "random") != NULL)
		fprintf(out, ": median %s, 95 %% within %s of it, %s packets",
		    seconds(member_number_or(host, "systematic", 0), median),
		    seconds(member_number_or(host, "random", 0), width),
		    json_object_get_string(member_get(host, "packets")));
	else
		fputs(", as nobody has measured them yet", out);
	fputc('\n', out);
}

/* As pharosd has it. */
static void
print_collector(json_object *json, FILE *out)
{
	double ahead = member_number_or(json, "ahead", 0);
	const char *doubt = member_text_or(json, "doubt", NULL);
	char text[UNIT_TEXT];

	if (member_get(json, "ahead") != NULL)
		fprintf(out, "collector  this clock is %s %s its\n",
		    seconds(fabs(ahead), text),
		    ahead < 0 ? "behind" : "ahead of");
	if (doubt != NULL)
		fprintf(out, "           nothing is measured: %s\n", doubt);
}

void
clock_print(const struct discipline *clock, struct json_object *json, FILE *out)
{
	print_source(clock, out);
	print_bound(clock, out);
	print_rate(clock, out);
	print_events(clock, out);
	print_receiver(clock, out);
	print_card(&clock->card, out);
	print_host(clock, out);
	print_stamps(member_get(json, "host"), out);
	print_collector(json, out);
	if (clock->trouble[0] != '\0')
		fprintf(out, "wrong      %s\n", clock->trouble);
}
