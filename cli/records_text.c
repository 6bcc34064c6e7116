/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/records.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/manifest.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/name.h"
#include "common/table.h"

#define ROWS 1000 /* of one table: columns are as wide as these need */

struct records_text {
	json_object *manifests;
	int width;
	FILE *out;
	char test[NAME_TEXT], src[NAME_TEXT], dst[NAME_TEXT], probe[NAME_TEXT];
	struct manifest *manifest; /* of the probe; NULL: unknown */
	struct table *table;       /* NULL: no row yet */
	size_t rows, tables;
};

struct records_text *
records_text_new(json_object *manifests, int width, FILE *out)
{
	struct records_text *text = memory_new(1, sizeof(*text));

	text->manifests = manifests;
	text->width = width;
	text->out = out;
	return (text);
}

static void
print_table(struct records_text *text)
{
	if (text->table == NULL)
		return;
	if (text->tables++ > 0)
		fputc('\n', text->out);
	if (text->test[0] == '\0')
		fprintf(text->out, "while %s was not running:\n\n", text->src);
	else
		fprintf(text->out, "%s: %s to %s\n\n", text->test, text->src,
		    text->dst);
	table_write(text->table, TABLE_TEXT_FORMAT, text->width, text->out);
	table_free(text->table);
	text->table = NULL;
	text->rows = 0;
}

void
records_text_end(struct records_text *text)
{
	print_table(text);
	manifest_free(text->manifest);
	free(text);
}

static void
find_manifest(struct records_text *text, const char *probe)
{
	size_t count = text->manifests == NULL
			   ? 0
			   : json_object_array_length(text->manifests);

	if (strcmp(text->probe, probe) == 0)
		return;
	manifest_free(text->manifest);
	text->manifest = NULL;
	snprintf(text->probe, sizeof(text->probe), "%s", probe);
	for (size_t i = 0; i < count; i++) {
		json_object *json =
		    json_object_array_get_idx(text->manifests, i);

		if (strcmp(member_text_or(json, "name", ""), probe) == 0)
			text->manifest = manifest_parse(json, NULL);
	}
}

/* A count that means the same in every probe, as the manifest has it. */
static bool
counts(const struct manifest *manifest, const char *name)
{
	const struct metric *metric =
	    manifest == NULL ? NULL : metric_find(manifest->metrics, name);

	return (metric != NULL && metric->kind == METRIC_COUNT);
}

static const char *const counted[] = {"sent", "lost", NULL};

static void
add_metric_columns(struct table *table, const struct metric *metric)
{
	char title[METRIC_TEXT + 8];

	if (!metric->graded)
		return;
	if (metric->kind != METRIC_DISTRIBUTION) {
		table_column(table, metric->name, metric->unit);
		return;
	}
	snprintf(title, sizeof(title), "%s p50", metric->name);
	table_column(table, title, metric->unit);
	snprintf(title, sizeof(title), "%s max", metric->name);
	table_column(table, title, metric->unit);
}

static void
begin_table(struct records_text *text)
{
	const struct manifest *manifest = text->manifest;

	text->table = table_new();
	table_column(text->table, "time", UNIT_NONE);
	if (text->test[0] == '\0') {
		table_column(text->table, "until", UNIT_NONE);
		table_column(text->table, "why", UNIT_NONE);
		return;
	}
	table_column(text->table, "outcome", UNIT_NONE);
	for (size_t i = 0; counted[i] != NULL; i++)
		if (counts(manifest, counted[i]))
			table_column(text->table, counted[i], UNIT_COUNT);
	for (const struct metric *m = manifest != NULL ? manifest->metrics
						       : NULL;
	     m != NULL && m->name != NULL; m++)
		add_metric_columns(text->table, m);
	table_column(text->table, "why", UNIT_NONE);
}

static void
add_metric(
    struct table *table, const struct metric *metric, json_object *metrics)
{
	json_object *found = member_get(metrics, metric->name);
	double whole, value = NAN;

	if (!metric->graded)
		return;
	switch (metric->kind) {
	case METRIC_DISTRIBUTION:
		/* a few samples have a median, but no quantile */
		value = member_number_or(found, "median", NAN);
		table_number(table, member_number_or(found, "p50", value));
		value = member_number_or(found, "max", NAN);
		break;
	case METRIC_RATIO:
		whole = member_number_or(metrics, metric->whole, 0);
		if (whole > 0)
			value = member_number_or(metrics, metric->part, NAN) /
				whole;
		break;
	default:
		value = member_number_or(metrics, metric->name, NAN);
	}
	table_number(table, value);
}

static void
add_time(struct table *table, json_object *json, const char *member)
{
	char text[40];

	table_text(table,
	    clock_format(
		clock_of_seconds(member_number_or(json, member, 0)), 3, text));
}

static void
add_row(struct records_text *text, json_object *json)
{
	const struct manifest *manifest = text->manifest;
	json_object *metrics = member_get(json, "metrics");
	struct table *table = text->table;

	table_row(table);
	add_time(table, json, "start");
	if (text->test[0] == '\0') {
		add_time(table, json, "end");
		table_text(table, member_text_or(json, "why", NULL));
		return;
	}
	table_text(table, member_text_or(json, "outcome", NULL));
	for (size_t i = 0; counted[i] != NULL; i++)
		if (counts(manifest, counted[i]))
			table_number(
			    table, member_number_or(metrics, counted[i], NAN));
	for (const struct metric *m = manifest != NULL ? manifest->metrics
						       : NULL;
	     m != NULL && m->name != NULL; m++)
		add_metric(table, m, metrics);
	table_text(table, member_text_or(json, "why", NULL));
}

static void
note(char kept[static NAME_TEXT], const char *name)
{
	snprintf(kept, NAME_TEXT, "%s", name);
}

void
records_text_add(struct records_text *text, const char *line, size_t length)
{
	json_object *json = member_parse(line, length, NULL);
	const char *test = member_text_or(json, "test", "");
	const char *src =
	    member_text_or(json, *test != '\0' ? "src" : "agent", "");
	const char *dst = member_text_or(json, "dst", "");
	const char *probe = member_text_or(json, "probe", "");

	if (json == NULL)
		return;
	if (text->rows == ROWS || strcmp(text->test, test) != 0 ||
	    strcmp(text->src, src) != 0 || strcmp(text->dst, dst) != 0 ||
	    strcmp(text->probe, probe) != 0)
		print_table(text);
	note(text->test, test);
	note(text->src, src);
	note(text->dst, dst);
	find_manifest(text, probe);
	if (text->table == NULL)
		begin_table(text);
	add_row(text, json);
	text->rows++;
	json_object_put(json);
}
