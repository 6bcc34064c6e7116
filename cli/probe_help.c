/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "cli/probe.h"

#define NAME_WIDTH 13

static void
print_setting(const struct setting *setting, FILE *out)
{
	char *accepts = option_accepts(setting);

	fprintf(out, "  --%-*s %s\n%*s%s%s%s\n", NAME_WIDTH, setting->name,
	    setting->help, NAME_WIDTH + 5, "", accepts,
	    setting->fallback != NULL ? "; default " : "; required",
	    setting->fallback != NULL ? setting->fallback : "");
	free(accepts);
}

static void
print_metric(const struct metric *metric, FILE *out)
{
	const char *unit = unit_name(metric->unit);

	fprintf(out, "  %-*s %s", NAME_WIDTH + 2, metric->name, metric->help);
	if (metric->kind != METRIC_COUNT && unit[0] != '\0')
		fprintf(out, " [%s]", unit);
	fputc('\n', out);
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
	if (manifest->either)
		fprintf(out,
		    "  --%-*s from, to or both: which way packets go, seen "
		    "from here;\n%*sdefault both\n",
		    NAME_WIDTH, "direction", NAME_WIDTH + 5, "");
	fprintf(out,
	    "  --%-*s 4 or 6; otherwise IPv6 where there is a route, else IPv4\n"
	    "  --%-*s one record a target and line, as agents send them\n"
	    "  --%-*s show what happens meanwhile; so it is for few targets on "
	    "a terminal\n"
	    "  --%-*s the summary alone\n"
	    "  --%-*s FILE: more targets, one a line; -: standard input\n"
	    "  --%-*s N: targets at the same time; otherwise as many as send\n"
	    "  %*s %d packets a second together\n"
	    "\nFindings:\n",
	    NAME_WIDTH, "family", NAME_WIDTH, "json", NAME_WIDTH, "live",
	    NAME_WIDTH, "quiet", NAME_WIDTH, "targets-from", NAME_WIDTH,
	    "at-once", NAME_WIDTH + 2, "", PROBE_PACKETS);
	for (const struct metric *m = manifest->metrics; m->name != NULL; m++)
		print_metric(m, out);
	fputs("\nExit status: 0 all measured, 1 some target did not answer,\n"
	      "2 usage, 3 our own failure or a name that does not resolve.\n",
	    out);
}
