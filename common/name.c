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

static size_t
least(size_t a, size_t b)
{
	return (a < b ? a : b);
}

/* Optimal string alignment; both are shorter than NAME_TEXT. */
static size_t
distance(const char *a, const char *b)
{
	size_t rows[3][NAME_TEXT], *before = rows[0], *last = rows[1];
	size_t *row = rows[2], *oldest, n = strlen(b);

	for (size_t k = 0; k <= n; k++)
		last[k] = k;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		row[0] = i;
		for (size_t k = 1; k <= n; k++) {
			size_t change = a[i - 1] != b[k - 1];

			row[k] = least(last[k - 1] + change,
			    1 + least(last[k], row[k - 1]));
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] &&
			    a[i - 2] == b[k - 1])
				row[k] = least(row[k], before[k - 2] + 1);
		}
		oldest = before;
		before = last;
		last = row;
		row = oldest;
	}
	return (last[n]);
}

const char *
name_nearest(const char *const *names, const char *name)
{
	const char *nearest = NULL;
	size_t length = strlen(name), fewest = (length + 1) / 3 + 1;

	if (length >= NAME_TEXT)
		return (NULL);
	for (; *names != NULL; names++) {
		size_t steps;

		if (strlen(*names) >= NAME_TEXT)
			continue;
		steps = distance(name, *names);
		if (steps < fewest) {
			fewest = steps;
			nearest = *names;
		}
	}
	return (nearest);
}
