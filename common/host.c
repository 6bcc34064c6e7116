/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/host.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLOCKSOURCE \
	"/sys/devices/system/clocksource/clocksource0/current_clocksource"
#define TICKS \
	8 /* user nice system idle iowait irq softirq steal; what guests of
                   ours use is counted in user */

static bool
read_line(const char *path, char *text, size_t size)
{
	FILE *in = fopen(path, "re");
	bool read = in != NULL && fgets(text, (int)size, in) != NULL;

	if (in != NULL)
		fclose(in);
	if (!read)
		text[0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return (read);
}

void
host_clocksource(char *text, size_t size)
{
	read_line(CLOCKSOURCE, text, size);
}

/* The processor's own word for it. */
static bool
has_hypervisor(void)
{
	FILE *in = fopen("/proc/cpuinfo", "re");
	char line[4096];
	bool found = false, more = in != NULL;

	while (more && fgets(line, sizeof(line), in) != NULL)
		if (strncmp(line, "flags", 5) == 0) {
			found = strstr(line, " hypervisor") != NULL;
			more = false;
		}
	if (in != NULL)
		fclose(in);
	return (found);
}

bool
host_is_guest(void)
{
	static int known; /* 0: not asked yet, 1: no, 2: yes */

	if (known == 0)
		known =
		    access("/sys/hypervisor/type", F_OK) == 0 ||
			    access("/proc/device-tree/hypervisor", F_OK) == 0 ||
			    has_hypervisor()
			? 2
			: 1;
	return (known == 2);
}

bool
host_read_ticks(const char *line, struct host_ticks *ticks)
{
	uint64_t part;
	char *end;

	*ticks = (struct host_ticks){0};
	if (strncmp(line, "cpu ", 4) != 0)
		return (false);
	line += 4;
	for (int i = 0; i < TICKS; i++) {
		part = strtoull(line, &end, 10);
		if (end == line)
			return (false); /* a kernel that does not count them */
		ticks->all += part;
		ticks->stolen = part;
		line = end;
	}
	return (true);
}

double
host_steal(struct host_ticks *last)
{
	struct host_ticks before = *last, now;
	char line[512];
	double steal = -1;

	if (!read_line("/proc/stat", line, sizeof(line)) ||
	    !host_read_ticks(line, &now))
		return (-1);
	if (now.all > before.all && now.stolen >= before.stolen)
		steal = (double)(now.stolen - before.stolen) /
			(double)(now.all - before.all);
	*last = now;
	return (steal);
}
