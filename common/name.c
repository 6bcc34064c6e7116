/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/name.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"

#define FIRST "abcdefghijklmnopqrstuvwxyz0123456789"

const char name_rule[] =
    "1 to 63 of a-z, 0-9, '.' and '-', a letter or digit first, no \"..\"";

static bool
made_of(const char *name, const char *first, const char *rest)
{
	size_t length = strlen(name);

	return (length > 0 && length < NAME_TEXT &&
		strchr(first, name[0]) != NULL &&
		strspn(name, rest) == length && strstr(name, "..") == NULL);
}

bool
name_valid(const char *name)
{
	return (made_of(name, FIRST, FIRST ".-"));
}

bool
name_valid_target(const char *name)
{
	return (made_of(name, FIRST ":", FIRST ".-:"));
}

int
name_index(const char *const *names, const char *name)
{
	for (int i = 0; names[i] != NULL; i++)
		if (strcmp(names[i], name) == 0)
			return (i);
	return (-1);
}

char *
name_join(const char *const *names)
{
	char *all = memory_text(names[0] != NULL ? names[0] : "");

	for (size_t i = 1; names[0] != NULL && names[i] != NULL; i++) {
		char *longer = memory_print("%s, %s", all, names[i]);

		free(all);
		all = longer;
	}
	return (all);
}
