/* SPDX-License-Identifier: BSD-2-Clause */
/* A record that was taken is the agent's own, has one spelling of its id, is
 * taken again once it is written again, and can be merged. */
#include "common/record.h"

#include <stdlib.h>
#include <string.h>

#include "common/bundle.h"
#include "common/manifest.h"
#include "common/member.h"
#include "tests/fuzz/target.h"

#define NOW 1795300100.0

static const struct setting no_settings[] = {{NULL}};

static const struct metric metrics[] = {
    {"sent", METRIC_COUNT, UNIT_COUNT},
    {"lost", METRIC_COUNT, UNIT_COUNT},
    {"loss", METRIC_RATIO, UNIT_RATIO, .part = "lost", .whole = "sent"},
    {"rtt", METRIC_DISTRIBUTION, UNIT_SECONDS},
    {"value", METRIC_VALUE, UNIT_NONE},
    {"error", METRIC_TEXT_KIND},
    {NULL},
};

static const struct manifest manifest = {
    .name = "fuzz",
    .version = 1,
    .summary = "",
    .settings = no_settings,
    .metrics = metrics,
};

static void
try_id(json_object *record)
{
	const char *text = member_text_or(record, "id", "");
	struct record_id id;
	char *written;

	if (record_id_parse(text, &id, NULL) != 0)
		abort();
	written = record_id_write(&id);
	if (strcmp(written, text) != 0 ||
	    strcmp(id.box, member_text_or(record, "agent", "")) != 0)
		abort();
	free(written);
}

static void
try_bundle(json_object *record)
{
	struct bundle *bundle = bundle_new(&manifest), *back;
	json_object *json, *again;

	bundle_add(bundle, OUTCOME_MEASURED, member_get(record, "metrics"));
	bundle_add(bundle, OUTCOME_MEASURED, member_get(record, "metrics"));
	json = bundle_json(bundle);
	back = bundle_parse(&manifest, json, NULL);
	if (back == NULL)
		abort();
	again = bundle_json(back);
	if (!json_object_equal(json, again))
		abort();
	json_object_put(json);
	json_object_put(again);
	bundle_free(bundle);
	bundle_free(back);
}

static void
try_again(json_object *record)
{
	const char *text =
	    json_object_to_json_string_ext(record, JSON_C_TO_STRING_PLAIN);
	json_object *again = member_parse(text, strlen(text), NULL);

	if (record_check(again, NOW, NULL) != 0)
		abort();
	json_object_put(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_object *record = member_parse((const char *)data, size, NULL);
	struct error err = {""};

	if (record_check(record, NOW, &err) == 0) {
		try_id(record);
		try_bundle(record);
		try_again(record);
	} else if (strstr(err.text, "expected") == NULL) {
		abort();
	}
	json_object_put(record);
	return (0);
}
