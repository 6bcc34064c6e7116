/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "cli/probe.h"
#include "common/memory.h"

#define NAME_WIDTH 13
#define INDENT (NAME_WIDTH + 5)
#define WIDTH 79

/* Words in lines that begin at INDENT; the first goes on from there. */
static void
print_words(const char *text, FILE *out)
{
	size_t column = INDENT, length;

	for (; *text != '\0'; text += length + strspn(text + length, " ")) {
		length = strcspn(text, " ");
		if (column > INDENT && column + 1 + length > WIDTH) {
			fprintf(out, "\n%*s", INDENT, "");
			column = INDENT;
		} else if (column > INDENT) {
			fputc(' ', out);
			column++;
		}
		fwrite(text, 1, length, out);
		column += length;
	}
	fputc('\n', out);
}

/* "  --name" up to where words begin, in a line of its own if it is long. */
static void
print_name(const char *dashes, const char *name, FILE *out)
{
	int used = fprintf(out, "  %s%s", dashes, name);

	if (used >= INDENT)
		fprintf(out, "\n%*s", INDENT, "");
	else
		fprintf(out, "%*s", INDENT - used, "");
}

static const char *
default_of(const struct setting *setting)
{
	if (setting->fallback == NULL)
		return ("required");
	return (setting->fallback[0] == '\0' ? "default none" : "default ");
}

static void
print_setting(const struct setting *setting, FILE *out)
{
	char *accepts = option_accepts(setting);
	char *second = memory_print("%s; %s%s", accepts, default_of(setting),
	    setting->fallback != NULL ? setting->fallback : "");

	print_name("--", setting->name, out);
	print_words(setting->help, out);
	fprintf(out, "%*s", INDENT, "");
	print_words(second, out);
	free(second);
	free(accepts);
}

static void
print_metric(const struct metric *metric, FILE *out)
{
	const char *unit = unit_name(metric->unit);
	bool shown = metric->unit != UNIT_COUNT && unit[0] != '\0';
	char *text = memory_print("%s%s%s%s", metric->help, shown ? " [" : "",
	    shown ? unit : "", shown ? "]" : "");

	print_name("", metric->name, out);
	print_words(text, out);
	free(text);
}

void
probe_help_settings(const struct setting *settings, FILE *out)
{
	for (; settings->name != NULL; settings++)
		print_setting(settings, out);
}

void
probe_help(const struct manifest *manifest, FILE *out)
{
	fprintf(out,
	    "usage: pharos probe %s [OPTION...] TARGET...\n\n"
	    "%s\n\nOptions:\n",
	    manifest->name, manifest->summary);
	probe_help_settings(manifest->settings, out);
	fputs("\nOptions of every probe:\n", out);
	if (manifest->either)
		fprintf(out,
		    "  --%-*s from, to or both: which way packets go, seen "
		    "from here;\n%*sdefault both\n",
		    NAME_WIDTH, "direction", NAME_WIDTH + 5, "");
	fprintf(out,
	    "  --%-*s 4 or 6; otherwise IPv6 where there is a route, else IPv4\n"
	    "  --%-*s one record a target and line, as agents send them\n"
	    "  --%-*s show what happens meanwhile; so it is for few targets on "
	    "a\n%*s terminal\n"
	    "  --%-*s the summary alone\n"
	    "  --%-*s FILE: more targets, one a line; -: standard input\n"
	    "  --%-*s N: targets at the same time; otherwise as many as send\n"
	    "  %*s %d packets a second together\n"
	    "\nFindings:\n",
	    NAME_WIDTH, "family", NAME_WIDTH, "json", NAME_WIDTH, "live",
	    NAME_WIDTH + 4, "", NAME_WIDTH, "quiet", NAME_WIDTH, "targets-from",
	    NAME_WIDTH, "at-once", NAME_WIDTH + 2, "", PROBE_PACKETS);
	for (const struct metric *m = manifest->metrics; m->name != NULL; m++)
		print_metric(m, out);
	fputs("\nExit status: 0 all measured, 1 some target did not answer,\n"
	      "2 usage, 3 our own failure or a name that does not resolve.\n",
	    out);
}
