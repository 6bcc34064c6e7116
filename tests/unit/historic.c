/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/historic.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/memory.h"
#include "tests/unit/sample.h"

struct history_update *
historic_update(const char *path)
{
	return (history_update_new(path, &sample_manifest, MINUTE));
}

void
historic_add(struct history_update *update, long start, int sent, int received,
    nanoseconds unit)
{
	struct bundle *bundle =
	    sample_bundle(&sample_manifest, sent, received, unit);

	history_update_add(update, start * NS_PER_S, bundle);
	bundle_free(bundle);
}

void
historic_add_many(struct history_update *update, long first, long last)
{
	for (long n = first; n < last; n++)
		if (n % 7 == 0)
			historic_add(update, MIDNIGHT - DAY + n * 60,
			    (int)(n % 100) + 1, 1, (n % 13 + 1) * NS_PER_MS);
}

void
historic_append(struct history_update *update)
{
	struct error err;

	if (history_update_append(update, &err) == -1)
		fail_msg("%s", err.text);
}

double
historic_fetch(
    const char *path, const char *cf, long row, long end, const char *name)
{
	char *command =
	    memory_print("rrdtool fetch '%s' %s -r %ld -s %ld -e %ld", path, cf,
		row, end - row, end - row);
	FILE *in = popen(command, "r");
	char names[512], line[512], *word, *value, *rest = names, *more;
	double found = -1;

	assert_non_null(in);
	assert_non_null(fgets(names, sizeof(names), in));
	assert_non_null(fgets(line, sizeof(line), in));
	assert_non_null(fgets(line, sizeof(line), in));
	assert_int_equal(strtol(line, NULL, 10), end);
	more = strchr(line, ':') + 1;
	while ((word = strsep(&rest, " \n")) != NULL) {
		if (word[0] == '\0')
			continue;
		while ((value = strsep(&more, " \n"))[0] == '\0')
			continue;
		if (strcmp(word, name) == 0)
			found = strtod(value, NULL);
	}
	pclose(in);
	free(command);
	return (found);
}

static bool
is_close(double found, double expected)
{
	return (fabs(found - expected) <= 1e-9 * fabs(expected));
}

void
historic_expect(const char *path, const char *cf, long row, long end,
    const char *name, double expected)
{
	double found = historic_fetch(path, cf, row, end, name);

	if (isnan(expected) ? !isnan(found) : !is_close(found, expected))
		fail_msg("%s of %s in %ld s to %ld is %.12g, expected %.12g",
		    cf, name, row, end, found, expected);
}

void
historic_close(double found, double expected)
{
	if (!is_close(found, expected))
		fail_msg("found %.12g, expected %.12g", found, expected);
}
