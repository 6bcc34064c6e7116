/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/settings.h"
#include "agent/vouched.h"
#include "common/clock.h"
#include "common/memory.h"
#include "common/unit.h"

static void
show_name(const struct agent_settings *settings, char *text)
{
	snprintf(text, LIMITS_TEXT, "%s", settings->name);
}

static void
show_collector(const struct agent_settings *settings, char *text)
{
	snprintf(text, LIMITS_TEXT, "%s", settings->collector);
}

static void
show_state(const struct agent_settings *settings, char *text)
{
	snprintf(text, LIMITS_TEXT, "%s", settings->state);
}

static void
show_metrics(const struct agent_settings *settings, char *text)
{
	snprintf(text, LIMITS_TEXT, "%s",
	    settings->metrics[0] != '\0' ? settings->metrics : "none");
}

static void
show_size(const struct agent_settings *settings, char *text)
{
	unit_write(UNIT_BYTES, (double)settings->spool_size, text);
}

static void
show_age(const struct agent_settings *settings, char *text)
{
	unit_write(UNIT_SECONDS, clock_seconds(settings->spool_age), text);
}

static void
show_bandwidth(const struct agent_settings *settings, char *text)
{
	unit_write(UNIT_BITRATE, settings->limits.bandwidth, text);
}

static void
show_packets(const struct agent_settings *settings, char *text)
{
	unit_write(UNIT_RATE, settings->limits.packets, text);
}

static void
show_runs(const struct agent_settings *settings, char *text)
{
	snprintf(text, LIMITS_TEXT, "%lld", (long long)settings->limits.runs);
}

static void
show_forbid(const struct agent_settings *settings, char *text)
{
	limits_forbidden(&settings->limits, text);
}

static void
show_quiet(const struct agent_settings *settings, char *text)
{
	quiet_write(&settings->limits.quiet, text);
}

static void
show_vouched(const struct agent_settings *settings, char *text)
{
	char word[VOUCHED_TEXT];

	snprintf(
	    text, LIMITS_TEXT, "%s", vouched_write(&settings->vouched, word));
}

static const struct {
	const char *name;
	void (*show)(const struct agent_settings *settings, char *text);
	bool waits; /* for a restart */
} shown[] = {
    {"name", show_name, true},
    {"collector", show_collector, true},
    {"state", show_state, true},
    {"metrics", show_metrics, true},
    {"spool: size", show_size, false},
    {"spool: age", show_age, false},
    {"limits: bandwidth", show_bandwidth, false},
    {"limits: packets", show_packets, false},
    {"limits: runs", show_runs, false},
    {"forbid", show_forbid, false},
    {"quiet", show_quiet, false},
    {"clock: vouched", show_vouched, false},
};

void
agent_settings_change(struct agent_settings *settings,
    const struct agent_settings *next,
    void (*line)(void *arg, const char *text), void *arg)
{
	char was[LIMITS_TEXT], is[LIMITS_TEXT], *text;

	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		shown[i].show(settings, was);
		shown[i].show(next, is);
		if (strcmp(was, is) == 0)
			continue;
		text = memory_print("%s: %s, was %s%s", shown[i].name, is, was,
		    shown[i].waits ? "; takes effect when pharosd is restarted"
				   : "");
		line(arg, text);
		free(text);
	}
	settings->spool_size = next->spool_size;
	settings->spool_age = next->spool_age;
	settings->limits = next->limits;
	settings->vouched = next->vouched;
}
