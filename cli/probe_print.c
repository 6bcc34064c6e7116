/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/finding.h"
#include "cli/probe.h"
#include "common/address.h"
#include "common/clock.h"
#include "common/discipline.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/name.h"

/* "38.2 ms", or "-" for what was not measured */
static char *
scaled(json_object *value, enum unit unit, char text[static UNIT_TEXT])
{
	if (value == NULL)
		return (strcpy(text, "-"));
	return (unit_format(unit, json_object_get_double(value), text));
}

static void
print_distribution(const struct metric *metric, json_object *summary, FILE *out)
{
	static const char *const shown[] = {"min", "p50", "p95", "max"};
	char text[UNIT_TEXT];

	fprintf(out, "%s min/p50/p95/max", metric->name);
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		fprintf(out, "%s%s", i == 0 ? " " : "/",
		    scaled(member_get(summary, shown[i]), metric->unit, text));
}

/* How far times between two clocks may be off, as far as it was said. */
static void
print_bound(const struct metric *metric, json_object *metrics, FILE *out)
{
	char text[UNIT_TEXT];

	if (metric->bound == NULL)
		return;
	if (member_whole_or(metrics, metric->unbounded, 0) > 0)
		fputs(" +- unknown, for nobody keeps one of the clocks right",
		    out);
	else if (member_get(metrics, metric->bound) != NULL)
		fprintf(out, " +- %s",
		    scaled(member_get(metrics, metric->bound), metric->unit,
			text));
}

/* Is it told beside another one? */
static bool
is_bound(const struct metric *table, const char *name)
{
	for (const struct metric *m = table; m->name != NULL; m++)
		if (m->bound != NULL && (strcmp(m->bound, name) == 0 ||
					    strcmp(m->unbounded, name) == 0))
			return (true);
	return (false);
}

static void
print_metric(const struct metric *metric, json_object *value, FILE *out)
{
	char text[UNIT_TEXT];

	switch (metric->kind) {
	case METRIC_COUNT:
		fprintf(
		    out, "%s %s", metric->name, json_object_get_string(value));
		break;
	case METRIC_DISTRIBUTION:
		print_distribution(metric, value, out);
		break;
	case METRIC_TEXT_KIND:
		fprintf(
		    out, "%s: %s", metric->name, json_object_get_string(value));
		break;
	default:
		fprintf(out, "%s %s", metric->name,
		    scaled(value, metric->unit, text));
		break;
	}
}

/* Noughts that nobody would miss are left out: 0 duplicates, 0 late; and
 * distributions that are no grade of the path. */
static bool
is_shown(const struct metric *metric, json_object *value)
{
	if (value == NULL || metric->kind == METRIC_SERIES ||
	    metric->kind == METRIC_ROUTE || metric->kind == METRIC_DETAIL ||
	    metric->kind == METRIC_SIDES)
		return (false);
	if (metric->kind == METRIC_DISTRIBUTION)
		return (metric->graded);
	return (metric->kind != METRIC_COUNT || metric->better != BETTER_LESS ||
		json_object_get_int64(value) != 0);
}

void
probe_print_metrics(const struct manifest *manifest, json_object *metrics,
    const char *gap, FILE *out)
{
	for (const struct metric *m = manifest->metrics; m->name != NULL; m++) {
		json_object *value = member_get(metrics, m->name);

		if (!is_shown(m, value) || is_bound(manifest->metrics, m->name))
			continue;
		fputs(gap, out);
		print_metric(m, value, out);
		print_bound(m, metrics, out);
		gap = ", ";
	}
}

const char *
probe_way(const struct manifest *manifest, const struct probe_aim *aim)
{
	if (!manifest->either)
		return ("");
	return (aim->end == RUNS_AT_DST ? "from " : "to ");
}

void
probe_print(const struct manifest *manifest, const struct probe_aim *aim,
    json_object *record, FILE *out)
{
	const char *address = member_text_or(record, "address", aim->target);
	const char *outcome = member_text_or(record, "outcome", "");
	const char *why = member_text_or(record, "why", NULL);
	json_object *metrics = member_get(record, "metrics");
	const char *gap = ": ";

	fprintf(out, "%s%s", probe_way(manifest, aim), aim->target);
	if (strcmp(address, aim->target) != 0)
		fprintf(out, " (%s)", address);
	if (strcmp(outcome, outcome_names[OUTCOME_MEASURED]) != 0) {
		fprintf(out, "%s%s", gap, outcome);
		gap = ", ";
	}
	if (why != NULL)
		fprintf(out, ": %s", why);
	probe_print_metrics(manifest, metrics, gap, out);
	fputc('\n', out);
}

/* The address that this host would send from, as text. */
static bool
find_source(const char *target, char text[static ADDRESS_TEXT])
{
	union address address;
	socklen_t length = sizeof(address);
	bool found;
	int fd;

	if (!address_parse(target, 9, &address)) /* discard; nothing is sent */
		return (false);
	fd = socket(address.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	found = fd != -1 &&
		connect(fd, &address.sa, address_length(&address)) == 0 &&
		getsockname(fd, &address.sa, &length) == 0;
	if (found)
		address_format(&address, text);
	if (fd != -1)
		close(fd);
	return (found);
}

const char *
probe_own_name(const char *target, char text[static PROBE_OWN])
{
	static char name[NAME_TEXT];

	if (name[0] == '\0' &&
	    (gethostname(name, sizeof(name) - 1) == -1 || !name_valid(name)))
		name[0] = '\0';
	if (name[0] != '\0')
		return (name);
	return (find_source(target, text) ? text : "localhost");
}

static const struct discipline *clock_of_host;

void
probe_use_clock(const struct discipline *clock)
{
	clock_of_host = clock;
}

json_object *
probe_clock(enum manifest_end end, json_object *found)
{
	return (finding_clock(end, clock_of_host, found));
}

json_object *
probe_complete(const struct manifest *manifest, const struct probe_aim *aim,
    json_object *found)
{
	json_object *record = json_object_new_object();
	char text[PROBE_OWN];
	const char *own =
	    probe_own_name(member_text_or(found, "address", ""), text);
	bool sends = aim->end == RUNS_AT_SRC;

	member_add_whole(record, "v", 1);
	member_add_text(record, "probe", manifest->name);
	member_add_text(record, "src", sends ? own : aim->target);
	member_add_text(record, "dst", sends ? aim->target : own);
	member_add_text(record, "agent", own);
	json_object_object_foreach (found, name, value) {
		if (strcmp(name, "stamps") != 0 && strcmp(name, "clocks") != 0)
			json_object_object_add(
			    record, name, json_object_get(value));
	}
	json_object_object_add(record, "clock", probe_clock(aim->end, found));
	return (record);
}
