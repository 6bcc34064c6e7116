/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/manifest.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/lasts.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/metrics.h"
#include "common/settings.h"

/* What manifest_parse returns. JSON with the same in it takes ten times the
 * memory. */
struct parsed {
	struct manifest about; /* first, so that one is the other */
	char *texts;           /* all of them, one behind the other */
	struct setting *settings, *responder_settings;
	struct metric *metrics;
};

const char *const manifest_ends[] = {
    [RUNS_AT_SRC] = "src",
    [RUNS_AT_DST] = "dst",
    NULL,
};

static int
check_calibration(const struct manifest *manifest, struct error *err)
{
	const char *text = manifest->calibrates;
	json_object *options;
	int rc;

	if (text == NULL)
		return (0);
	if (!manifest->streams || manifest->responder_settings == NULL ||
	    metric_bounded(manifest->metrics) == NULL)
		return (error_set(err, "expected a probe that streams, has a "
				       "far end and a metric with a bound"));
	if ((options = member_parse(text, strlen(text), err)) == NULL)
		return (-1);
	rc = option_check(manifest->settings, options, err);
	json_object_put(options);
	return (rc);
}

static int
check_host(const struct manifest *manifest, struct error *err)
{
	if (manifest->of_host &&
	    (!manifest->streams || manifest->responder_settings != NULL ||
		manifest->runs_at != RUNS_AT_SRC))
		return (error_set(err,
		    "manifest %s: of_host: expected a probe that streams, runs "
		    "at the source and needs no far end",
		    manifest->name));
	return (0);
}

/* One after the other of those that show; false: there is none any more. */
static bool
next_shown(const char **words, char name[OPTION_NAME])
{
	size_t length;

	if (*words == NULL || **words == '\0')
		return (false);
	length = strcspn(*words, " ");
	snprintf(name, OPTION_NAME, "%.*s", (int)length, *words);
	*words += length + strspn(*words + length, " ");
	return (true);
}

static int
check_shown(const struct manifest *manifest, struct error *err)
{
	const char *words = manifest->shows;
	const struct setting *setting;
	char name[OPTION_NAME];

	while (next_shown(&words, name)) {
		setting = option_find(manifest->settings, name);
		if (setting == NULL || setting->type != OPTION_FLAG)
			return (error_set(err,
			    "manifest %s: shows: \"%s\", expected a flag",
			    manifest->name, name));
	}
	return (0);
}

int
manifest_check(const struct manifest *manifest, struct error *err)
{
	const char *const formulas[] = {manifest->lasts, manifest->reports};
	double seconds;

	if (manifest->name == NULL || !metric_name_valid(manifest->name))
		return (error_set(err, "manifest: name is wrong, expected "
				       "[a-z][a-z0-9_]{0,12}"));
	if (manifest->version < 1 || manifest->summary == NULL ||
	    manifest->settings == NULL || manifest->metrics == NULL)
		return (error_set(err,
		    "manifest %s: expected a version from 1, a summary, "
		    "options and metrics",
		    manifest->name));
	if (settings_check(manifest->settings, err) == -1 ||
	    metrics_check(manifest->metrics, err) == -1)
		return (error_place(err, "manifest %s", manifest->name));
	if (manifest->responder_settings != NULL &&
	    settings_check(manifest->responder_settings, err) == -1)
		return (
		    error_place(err, "manifest %s: responder", manifest->name));
	if (check_calibration(manifest, err) == -1)
		return (error_place(
		    err, "manifest %s: calibrates", manifest->name));
	if (check_host(manifest, err) == -1)
		return (-1);
	if (manifest->to_only != NULL &&
	    option_find(manifest->settings, manifest->to_only) == NULL)
		return (error_set(err,
		    "manifest %s: to_only: \"%s\", expected an option",
		    manifest->name, manifest->to_only));
	if (check_shown(manifest, err) == -1)
		return (-1);
	for (size_t i = 0; i < 2; i++)
		if (formulas[i] != NULL &&
		    lasts_seconds(formulas[i], manifest->settings, NULL,
			&seconds, err) == -1)
			return (
			    error_place(err, "manifest %s", manifest->name));
	return (0);
}

static double
seconds_of(
    const struct manifest *manifest, const char *formula, json_object *options)
{
	double seconds;

	if (formula == NULL || lasts_seconds(formula, manifest->settings,
				   options, &seconds, NULL) == -1)
		return (0);
	return (seconds);
}

bool
manifest_shows(const struct manifest *manifest, json_object *options)
{
	const char *words = manifest->shows;
	char name[OPTION_NAME];

	while (next_shown(&words, name))
		if (json_object_get_boolean(member_get(options, name)))
			return (true);
	return (false);
}

double
manifest_lasts(const struct manifest *manifest, json_object *options)
{
	return (seconds_of(manifest, manifest->lasts, options));
}

double
manifest_reports(const struct manifest *manifest, json_object *options)
{
	return (seconds_of(manifest,
	    manifest->reports != NULL ? manifest->reports : manifest->lasts,
	    options));
}

json_object *
manifest_json(const struct manifest *manifest)
{
	json_object *o = json_object_new_object();

	member_add_text(o, "name", manifest->name);
	member_add_whole(o, "version", manifest->version);
	member_add_text(o, "summary", manifest->summary);
	member_add_text(o, "runs_at", manifest_ends[manifest->runs_at]);
	member_add_text(o, "lasts", manifest->lasts);
	member_add_text(o, "reports", manifest->reports);
	if (manifest->streams)
		json_object_object_add(
		    o, "streams", json_object_new_boolean(true));
	if (manifest->calibrates != NULL)
		json_object_object_add(
		    o, "calibrates", json_tokener_parse(manifest->calibrates));
	if (manifest->either)
		json_object_object_add(
		    o, "either", json_object_new_boolean(true));
	if (manifest->of_host)
		json_object_object_add(
		    o, "of_host", json_object_new_boolean(true));
	member_add_text(o, "to_only", manifest->to_only);
	member_add_text(o, "shows", manifest->shows);
	json_object_object_add(o, "options", settings_json(manifest->settings));
	if (manifest->responder_settings != NULL)
		json_object_object_add(o, "responder_options",
		    settings_json(manifest->responder_settings));
	json_object_object_add(o, "metrics", metrics_json(manifest->metrics));
	return (o);
}

static int
parse_tables(struct parsed *parsed, json_object *json, struct error *err)
{
	json_object *responder;

	parsed->settings = settings_parse(member_get(json, "options"), err);
	if (parsed->settings == NULL)
		return (-1);
	parsed->metrics = metrics_parse(member_get(json, "metrics"), err);
	if (parsed->metrics == NULL)
		return (-1);
	if ((responder = member_get(json, "responder_options")) == NULL)
		return (0);
	parsed->responder_settings = settings_parse(responder, err);
	return (parsed->responder_settings == NULL
		    ? error_place(err, "responder")
		    : 0);
}

static int
parse_manifest(struct parsed *parsed, json_object *json, struct error *err)
{
	struct manifest *about = &parsed->about;
	json_object *calibrates;
	int64_t version;
	int end;

	if (member_text(json, "name", &about->name, err) == -1)
		return (error_place(err, "manifest"));
	if (member_whole(json, "version", &version, err) == -1 ||
	    member_text(json, "summary", &about->summary, err) == -1 ||
	    member_choice(json, "runs_at", manifest_ends, &end, err) == -1 ||
	    parse_tables(parsed, json, err) == -1)
		return (error_place(err, "manifest %s", about->name));
	about->version = version > 0 && version <= INT_MAX ? (int)version : 0;
	about->runs_at = (enum manifest_end)end;
	about->lasts = member_text_or(json, "lasts", NULL);
	about->reports = member_text_or(json, "reports", NULL);
	about->streams = json_object_get_boolean(member_get(json, "streams"));
	if ((calibrates = member_get(json, "calibrates")) != NULL)
		about->calibrates = json_object_to_json_string_ext(
		    calibrates, JSON_C_TO_STRING_PLAIN);
	about->either = json_object_get_boolean(member_get(json, "either"));
	about->of_host = json_object_get_boolean(member_get(json, "of_host"));
	about->to_only = member_text_or(json, "to_only", NULL);
	about->shows = member_text_or(json, "shows", NULL);
	about->settings = parsed->settings;
	about->responder_settings = parsed->responder_settings;
	about->metrics = parsed->metrics;
	return (manifest_check(about, err));
}

/* Room for texts, or none: then it is counted how much they need. */
struct texts {
	char *room;
	size_t length;
};

static void
take(struct texts *texts, const char **text)
{
	size_t length = *text != NULL ? strlen(*text) + 1 : 0;

	if (texts->room != NULL && length > 0)
		*text = memcpy(texts->room + texts->length, *text, length);
	texts->length += length;
}

static void
take_settings(struct texts *texts, struct setting *row)
{
	for (; row != NULL && row->name != NULL; row++) {
		take(texts, &row->name);
		take(texts, &row->fallback);
		take(texts, &row->help);
		for (const char **choice = (const char **)row->choices;
		     choice != NULL && *choice != NULL; choice++)
			take(texts, choice);
	}
}

static void
take_all(struct texts *texts, struct parsed *parsed)
{
	struct manifest *about = &parsed->about;

	take(texts, &about->name);
	take(texts, &about->summary);
	take(texts, &about->lasts);
	take(texts, &about->reports);
	take(texts, &about->calibrates);
	take(texts, &about->to_only);
	take(texts, &about->shows);
	take_settings(texts, parsed->settings);
	take_settings(texts, parsed->responder_settings);
	for (struct metric *row = parsed->metrics; row->name != NULL; row++) {
		take(texts, &row->name);
		take(texts, &row->part);
		take(texts, &row->whole);
		take(texts, &row->bound);
		take(texts, &row->unbounded);
		take(texts, &row->help);
	}
}

/* They were borrowed from the JSON. */
static void
own_texts(struct parsed *parsed)
{
	struct texts texts = {NULL, 0};

	take_all(&texts, parsed);
	texts = (struct texts){memory_new(texts.length, 1), 0};
	parsed->texts = texts.room;
	take_all(&texts, parsed);
}

struct manifest *
manifest_parse(json_object *json, struct error *err)
{
	struct parsed *parsed;

	if (!json_object_is_type(json, json_type_object))
		return (error_set(err, "manifest: expected an object"), NULL);
	parsed = memory_new(1, sizeof(*parsed));
	if (parse_manifest(parsed, json, err) == -1) {
		manifest_free(&parsed->about);
		return (NULL);
	}
	own_texts(parsed);
	return (&parsed->about);
}

void
manifest_free(struct manifest *manifest)
{
	struct parsed *parsed = (struct parsed *)manifest;

	if (parsed == NULL)
		return;
	settings_free(parsed->settings);
	settings_free(parsed->responder_settings);
	free(parsed->metrics);
	free(parsed->texts);
	free(parsed);
}
