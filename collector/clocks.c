/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/clocks.h"

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>

#include "common/member.h"
#include "common/unit.h"

#define PPM 1e6

bool
clocks_is_named(enum court_verdict verdict)
{
	return (verdict == COURT_WRONG || verdict == COURT_OFF);
}

struct numbers {
	char asymmetry[UNIT_TEXT], least[UNIT_TEXT], most[UNIT_TEXT];
	char proof[UNIT_TEXT], spread[UNIT_TEXT];
};

static void
write_numbers(const struct court_finding *f, struct numbers *n)
{
	unit_format(UNIT_SECONDS, f->asymmetry, n->asymmetry);
	unit_format(UNIT_SECONDS, f->least, n->least);
	unit_format(UNIT_SECONDS, f->most, n->most);
	unit_format(UNIT_SECONDS, f->proof, n->proof);
	unit_format(UNIT_SECONDS, f->spread, n->spread);
}

/* What counts against a box, or would. */
static bool
write_charge(const struct court_finding *f, const struct numbers *n, char *text)
{
	int length = 0;

	switch (f->reason) {
	case COURT_PROOF:
		length = snprintf(text, CLOCKS_EVIDENCE,
		    "whatever the routes are, it is between %s and %s ahead: "
		    "%s more than can be beside %zu of %zu claims",
		    n->least, n->most, n->proof, f->trust, f->claims);
		break;
	case COURT_ALL_PAIRS:
		length = snprintf(text, CLOCKS_EVIDENCE,
		    "%zu of %zu pairs show it, against it %zu; routes would "
		    "all have to be longer by %s one way",
		    f->agree, f->pairs, f->against, n->asymmetry);
		break;
	case COURT_MOVES:
		length = snprintf(text, CLOCKS_EVIDENCE,
		    "it has moved further than it says, by %+.3f ppm, while "
		    "%zu of %zu others stayed",
		    f->rate * PPM, f->trust, f->claims);
		break;
	case COURT_SOME_PAIRS:
		length = snprintf(text, CLOCKS_EVIDENCE,
		    "only some of its %zu pairs show it: a route that they "
		    "share, or the clock",
		    f->pairs);
		break;
	case COURT_ROUTES:
		length = snprintf(text, CLOCKS_EVIDENCE,
		    "%zu of %zu pairs show it, but so would routes that are "
		    "longer by %s one way",
		    f->agree, f->pairs, n->asymmetry);
		break;
	default:
		break;
	}
	return (length > 0);
}

static void
write_rest(const struct court_finding *f, const struct numbers *n, char *text)
{
	static const char *const sentences[COURT_REASONS] = {
	    [COURT_ALIKE] = "another box is off alike: a route that they "
			    "share, or a time server",
	    [COURT_NO_PAIRS] = "no pair of it is measured in both directions",
	    [COURT_ONLY_CLAIM] = "nobody else whom it measures with says how "
				 "right its clock is",
	    [COURT_NO_CLAIMS] = "nobody here says how right its clock is: "
				"offsets are to the median of all"};

	if (sentences[f->reason] != NULL)
		snprintf(text, CLOCKS_EVIDENCE, "%s", sentences[f->reason]);
	else if (f->reason == COURT_FEW_PAIRS)
		snprintf(text, CLOCKS_EVIDENCE,
		    "%zu pairs with %zu boxes are too few to tell a clock "
		    "from a route",
		    f->pairs, f->peers);
	else if (f->reason == COURT_TIE)
		snprintf(text, CLOCKS_EVIDENCE,
		    "no more than %zu of %zu claims can be true at once: "
		    "nobody knows whose",
		    f->trust, f->claims);
	else
		snprintf(text, CLOCKS_EVIDENCE,
		    "%zu pairs, half of them within %s; %zu of %zu claims "
		    "can be true at once",
		    f->pairs, n->spread, f->trust, f->claims);
}

char *
clocks_evidence(
    const struct court_finding *finding, char text[static CLOCKS_EVIDENCE])
{
	struct numbers numbers;

	write_numbers(finding, &numbers);
	if (!write_charge(finding, &numbers, text))
		write_rest(finding, &numbers, text);
	return (text);
}

static void
add_known(json_object *json, const char *name, double value)
{
	if (isfinite(value))
		member_add_number(json, name, value);
}

static void
add_counts(json_object *json, const struct court_finding *f)
{
	member_add_whole(json, "pairs", (int64_t)f->pairs);
	member_add_whole(json, "peers", (int64_t)f->peers);
	member_add_whole(json, "agree", (int64_t)f->agree);
	member_add_whole(json, "against", (int64_t)f->against);
	member_add_whole(json, "claims", (int64_t)f->claims);
	member_add_whole(json, "trust", (int64_t)f->trust);
}

json_object *
clocks_box(const char *name, const char *group, const struct court_finding *f)
{
	json_object *json = json_object_new_object();
	char evidence[CLOCKS_EVIDENCE];

	member_add_text(json, "name", name);
	member_add_text(json, "verdict", court_verdict_names[f->verdict]);
	member_add_text(json, "reason", court_reason_names[f->reason]);
	if (f->since != 0)
		member_add_duration(json, "since", f->since);
	add_known(json, "offset", f->offset);
	add_known(json, "error", f->error);
	add_known(json, "least", f->least);
	add_known(json, "most", f->most);
	add_known(json, "rate", f->rate);
	add_known(json, "rate_error", f->rate_error);
	member_add_text(json, "group", group);
	add_counts(json, f);
	add_known(json, "spread", f->spread);
	add_known(json, "excess", f->excess);
	add_known(json, "asymmetry", f->asymmetry);
	add_known(json, "proof", f->proof);
	member_add_text(json, "evidence", clocks_evidence(f, evidence));
	return (json);
}

json_object *
clocks_before(const struct court_case *cases, size_t count)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < count; i++) {
		json_object *json = json_object_new_object();

		member_add_text(
		    json, "verdict", court_verdict_names[cases[i].verdict]);
		member_add_duration(json, "since", cases[i].since);
		member_add_duration(json, "until", cases[i].until);
		add_known(json, "offset", cases[i].offset);
		json_object_array_add(array, json);
	}
	return (array);
}
