/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/settings.h"
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

static const struct {
	const char *name;
	void (*show)(const struct agent_settings *settings, char *text);
} shown[] = {
    {"name", show_name},
    {"collector", show_collector},
    {"state", show_state},
    {"metrics", show_metrics},
    {"spool.size", show_size},
    {"spool.age", show_age},
    {"limits.bandwidth", show_bandwidth},
    {"limits.packets", show_packets},
    {"limits.runs", show_runs},
    {"forbid", show_forbid},
    {"quiet", show_quiet},
};

void
agent_settings_difference(const struct agent_settings *before,
    const struct agent_settings *after,
    void (*line)(void *arg, const char *text), void *arg)
{
	char was[LIMITS_TEXT], is[LIMITS_TEXT], *text;

	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		shown[i].show(before, was);
		shown[i].show(after, is);
		if (strcmp(was, is) == 0)
			continue;
		text = memory_print("%s: %s, was %s", shown[i].name, is, was);
		line(arg, text);
		free(text);
	}
}
