/* SPDX-License-Identifier: BSD-2-Clause */
/* collector.yaml and agent.yaml. What was taken of the first is the same once it
 * is written and read again; a refusal begins with a place. */
#include "collector/settings.h"

#include <stdlib.h>
#include <string.h>

#include "agent/settings.h"
#include "common/error.h"
#include "tests/fuzz/specimen.h"
#include "tests/fuzz/target.h"

#define FILE_NAME "/etc/fuzz.yaml"

static void
try_collector(const struct collector_settings *settings)
{
	char *text = collector_settings_text(settings), *back;
	struct collector_settings again;

	if (collector_settings_parse(
		&again, FILE_NAME, text, strlen(text), NULL) == -1)
		abort();
	back = collector_settings_text(&again);
	if (strcmp(text, back) != 0)
		abort();
	free(text);
	free(back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path = specimen_file(data, size);
	struct collector_settings collector;
	struct agent_settings agent;
	struct error err = {""};

	if (collector_settings_parse(
		&collector, FILE_NAME, (const char *)data, size, &err) == 0)
		try_collector(&collector);
	else
		specimen_place(err.text, FILE_NAME);
	if (agent_settings_read(&agent, path, &err) == 0) {
		if (agent.name[0] == '\0' || agent.spool_size <= 0)
			abort();
	} else {
		specimen_place(err.text, path);
	}
	return (0);
}
