/* SPDX-License-Identifier: BSD-2-Clause */
/* A distribution that was taken can be merged, and what comes of it is one
 * that is taken again. */
#include "common/summary.h"

#include <stdlib.h>
#include <string.h>

#include "common/member.h"
#include "tests/fuzz/target.h"

static void
try_figures(const struct summary *s)
{
	double value, last = s->min;

	for (size_t i = 0; i < SUMMARY_QUANTILES; i++) {
		if (!summary_get(s, summary_names[i], &value))
			continue;
		if (value < last || value > s->max)
			abort();
		last = value;
	}
	if (s->n != histogram_count(&s->histogram))
		abort();
}

static void
try_writing(const struct summary *s)
{
	json_object *json = summary_json(s), *back, *again;
	const char *text =
	    json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN);
	struct summary second = {0};

	back = member_parse(text, strlen(text), NULL);
	if (summary_parse(&second, back, NULL) != 0)
		abort();
	again = summary_json(&second);
	if (strcmp(text, json_object_to_json_string_ext(
			     again, JSON_C_TO_STRING_PLAIN)) != 0)
		abort();
	json_object_put(json);
	json_object_put(back);
	json_object_put(again);
	summary_clear(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_object *json = member_parse((const char *)data, size, NULL);
	struct summary s = {0}, sum = {0};
	int64_t samples[] = {-7, 36000000};
	struct error err = {""};

	if (summary_parse(&s, json, &err) == 0) {
		try_figures(&s);
		try_writing(&s);
		summary_fill(&sum, samples, 2);
		summary_merge(&sum, &s);
		summary_merge(&sum, &s);
		try_figures(&sum);
		try_writing(&sum);
	} else if (strstr(err.text, "expected") == NULL) {
		abort();
	}
	json_object_put(json);
	summary_clear(&s);
	summary_clear(&sum);
	return (0);
}
