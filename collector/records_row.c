/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/records_row.h"

#include <json-c/json.h>

#include "common/manifest.h"
#include "common/member.h"
#include "common/table.h"

const char *const records_format_names[] = {"ndjson", "csv", "tsv", NULL};

static const char *const members[] = {"start", "end", "test", "probe", "src",
    "dst", "agent", "address", "family", "outcome", "why", "id",
    /* later ones behind, for who reads by position */
    "missed", "lateness", NULL};

static const char *const statistics[] = {
    "n", "min", "p50", "p95", "p99", "max", "mean", NULL};

const char *
records_format_type(enum records_format format)
{
	static const char *const types[] = {
	    [RECORDS_NDJSON] = "application/x-ndjson",
	    [RECORDS_CSV] = "text/csv; charset=utf-8",
	    [RECORDS_TSV] = "text/tab-separated-values; charset=utf-8"};

	return (types[format]);
}

struct row {
	enum records_format format;
	FILE *out;
	size_t cells;
};

static void
begin_cell(struct row *row)
{
	if (row->cells++ > 0)
		putc(row->format == RECORDS_CSV ? ',' : '\t', row->out);
}

static void
add_text(struct row *row, const char *text)
{
	begin_cell(row);
	table_cell(
	    row->format == RECORDS_CSV ? TABLE_CSV : TABLE_TSV, text, row->out);
}

/* Numbers as the record writes them; what is missing is empty. */
static void
add_json(struct row *row, json_object *value)
{
	if (json_object_is_type(value, json_type_double) ||
	    json_object_is_type(value, json_type_int)) {
		begin_cell(row);
		fputs(json_object_get_string(value), row->out);
	} else if (value != NULL) {
		add_text(row, json_object_get_string(value));
	} else {
		begin_cell(row);
	}
}

static void
end_row(struct row *row)
{
	fputs(row->format == RECORDS_CSV ? "\r\n" : "\n", row->out);
}

static void
add_title(struct row *row, const struct metric *metric)
{
	char title[METRIC_TEXT + 8];

	switch (metric->kind) {
	case METRIC_COUNT:
	case METRIC_VALUE:
	case METRIC_RATIO:
	case METRIC_TEXT_KIND:
		add_text(row, metric->name);
		break;
	case METRIC_DISTRIBUTION:
		for (size_t i = 0; statistics[i] != NULL; i++) {
			snprintf(title, sizeof(title), "%s_%s", metric->name,
			    statistics[i]);
			add_text(row, title);
		}
		break;
	default: /* no single number */
		break;
	}
}

void
records_head(
    enum records_format format, const struct manifest *manifest, FILE *out)
{
	struct row row = {format, out, 0};

	if (format == RECORDS_NDJSON)
		return;
	for (size_t i = 0; members[i] != NULL; i++)
		add_text(&row, members[i]);
	for (const struct metric *m = manifest != NULL ? manifest->metrics
						       : NULL;
	     m != NULL && m->name != NULL; m++)
		add_title(&row, m);
	end_row(&row);
}

static void
add_ratio(struct row *row, const struct metric *metric, json_object *metrics)
{
	double whole = member_number_or(metrics, metric->whole, 0);
	json_object *part = member_get(metrics, metric->part), *ratio = NULL;

	if (part != NULL && whole > 0)
		ratio = member_new_number(json_object_get_double(part) / whole);
	add_json(row, ratio);
	json_object_put(ratio);
}

static void
add_metric(struct row *row, const struct metric *metric, json_object *metrics)
{
	json_object *found = member_get(metrics, metric->name);

	switch (metric->kind) {
	case METRIC_COUNT:
	case METRIC_VALUE:
	case METRIC_TEXT_KIND:
		add_json(row, found);
		break;
	case METRIC_RATIO:
		add_ratio(row, metric, metrics);
		break;
	case METRIC_DISTRIBUTION:
		for (size_t i = 0; statistics[i] != NULL; i++)
			add_json(row, member_get(found, statistics[i]));
		break;
	default:
		break;
	}
}

static void
write_cells(struct row *row, const struct manifest *manifest, json_object *json)
{
	json_object *metrics = member_get(json, "metrics");

	for (size_t i = 0; members[i] != NULL; i++)
		add_json(row, member_get(json, members[i]));
	for (const struct metric *m = manifest != NULL ? manifest->metrics
						       : NULL;
	     m != NULL && m->name != NULL; m++)
		add_metric(row, m, metrics);
	end_row(row);
}

void
records_row(enum records_format format, const struct manifest *manifest,
    const char *line, size_t length, FILE *out)
{
	struct row row = {format, out, 0};
	json_object *json;

	if (format == RECORDS_NDJSON) {
		fwrite(line, 1, length, out);
		putc('\n', out);
		return;
	}
	json = member_parse(line, length, NULL);
	write_cells(&row, manifest, json);
	json_object_put(json);
}
