/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"

#define REMEMBERED 16 /* different lines of the last minute */
#define QUIET (60 * NS_PER_S)

struct line {
	char text[512];
	int priority;
	nanoseconds written;
	unsigned held_back;
};

static const char *program = "pharos";
static bool verbose;
static bool journal;
static struct line recent[REMEMBERED];

void
log_open(const char *name, bool debug)
{
	program = name;
	verbose = debug;
	journal = getenv("JOURNAL_STREAM") != NULL;
}

static void
write_line(int priority, const char *text)
{
	if (journal)
		fprintf(stderr, "<%d>", priority);
	fprintf(stderr, "%s: %s\n", program, text);
	fflush(stderr);
}

static void
write_count(struct line *line)
{
	char text[600];

	if (line->held_back == 0)
		return;
	snprintf(text, sizeof(text), "%u more times: %.*s", line->held_back,
	    (int)sizeof(line->text) - 1, line->text);
	line->held_back = 0;
	write_line(line->priority, text);
}

/* True when the line was said within the last minute and is only counted. */
static bool
held_back(int priority, const char *text)
{
	nanoseconds now = clock_monotonic();
	struct line *oldest = &recent[0];

	for (size_t i = 0; i < REMEMBERED; i++) {
		struct line *line = &recent[i];

		if (line->written != 0 && now - line->written >= QUIET) {
			write_count(line);
			line->written = 0;
		}
		if (line->written != 0 && strcmp(line->text, text) == 0) {
			line->held_back++;
			return (true);
		}
		if (line->written < oldest->written)
			oldest = line;
	}
	write_count(oldest);
	snprintf(oldest->text, sizeof(oldest->text), "%s", text);
	oldest->priority = priority;
	oldest->written = now;
	return (false);
}

static void
say(int priority, const char *cause, const char *fmt, va_list args)
{
	char text[512];
	size_t used;

	vsnprintf(text, sizeof(text), fmt, args);
	used = strlen(text);
	if (cause != NULL)
		snprintf(text + used, sizeof(text) - used, ": %s", cause);
	if (!held_back(priority, text))
		write_line(priority, text);
}

void
log_close(void)
{
	for (size_t i = 0; i < REMEMBERED; i++)
		write_count(&recent[i]);
}

void
log_fatal(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(3, NULL, fmt, args);
	va_end(args);
	log_close();
	exit(3);
}

void
log_warn(const char *fmt, ...)
{
	va_list args;
	const char *cause = strerror(errno);

	va_start(args, fmt);
	say(4, cause, fmt, args);
	va_end(args);
}

void
log_warnx(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(4, NULL, fmt, args);
	va_end(args);
}

void
log_info(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(6, NULL, fmt, args);
	va_end(args);
}

void
log_debug(const char *fmt, ...)
{
	va_list args;

	if (!verbose)
		return;
	va_start(args, fmt);
	say(7, NULL, fmt, args);
	va_end(args);
}
