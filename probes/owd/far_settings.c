/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/memory.h"
#include "probes/owd/far_parts.h"

int
far_read_ports(const char *text, struct far_ports *ports, struct error *err)
{
	unsigned least, most;
	char rest;

	*ports = (struct far_ports){0};
	if (text[0] == '\0')
		return (0);
	if (strspn(text, "0123456789-") != strlen(text) ||
	    sscanf(text, "%5u-%5u%c", &least, &most, &rest) != 2 ||
	    least == 0 || least > most || most > UINT16_MAX)
		return (error_set(err,
		    "test-ports \"%s\": expected FIRST-LAST, from 1 to 65535",
		    text));
	ports->least = (uint16_t)least;
	ports->most = (uint16_t)most;
	return (0);
}

static uint32_t
mode_of(const char *word)
{
	static const struct {
		const char *name;
		enum mode mode;
	} names[] = {
	    {"open", MODE_OPEN},
	    {"auth", MODE_AUTHENTICATED},
	    {"authenticated", MODE_AUTHENTICATED},
	    {"encrypted", MODE_ENCRYPTED},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(names[i].name, word) == 0)
			return ((uint32_t)names[i].mode);
	return (0);
}

int
far_read_modes(const char *text, uint32_t *modes, struct error *err)
{
	char *copy = memory_text(text), *rest = copy, *word;
	int result = 0;

	*modes = 0;
	while (result == 0 && (word = strtok_r(rest, ", ", &rest)) != NULL) {
		uint32_t mode = mode_of(word);

		*modes |= mode;
		if (mode == 0)
			result = error_set(err,
			    "modes: \"%s\", expected open, auth or encrypted",
			    word);
	}
	free(copy);
	if (result == 0 && *modes == 0)
		result = error_set(err, "modes: expected at least one");
	return (result);
}

int
far_check(const struct far_settings *settings, struct error *err)
{
	struct far_ports ports;
	uint32_t modes;
	struct prefixes *allow;

	if (far_read_ports(settings->test_ports, &ports, err) == -1 ||
	    far_read_modes(settings->modes, &modes, err) == -1)
		return (-1);
	allow = prefixes_new(settings->allow, err);
	if (allow == NULL)
		return (error_place(err, "allow"));
	prefixes_free(allow);
	return (0);
}
