/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/name.h"

#include <string.h>

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
