/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/member.h"
#include "common/tree.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define NOW 1795300100.0

static const char good[] =
    "{\"v\":1,\"id\":\"nyc/7f3a9c0123456789/1842\",\"plan\":41,"
    "\"test\":\"core-ping\",\"probe\":\"ping\",\"src\":\"nyc\","
    "\"dst\":\"lon\",\"agent\":\"nyc\",\"address\":\"198.51.100.7\","
    "\"family\":4,\"start\":1795300000.123456,\"end\":1795300001.2,"
    "\"outcome\":\"measured\",\"lateness\":0.00012,"
    "\"clock\":{\"src\":{\"source\":\"kernel\",\"error\":0.000009},"
    "\"stamps\":\"user/kernel\"},\"later\":{\"kept\":true},"
    "\"metrics\":{\"sent\":10,\"received\":7,\"lost\":2,"
    "\"lost_locally\":1,\"late\":1,\"corrupted\":1,\"duplicates\":3,"
    "\"reordered\":0,\"rtt\":{\"n\":7},\"error\":\"none\"}}";

static const char gap[] =
    "{\"v\":1,\"id\":\"nyc/7f3a9c0123456789/1\",\"agent\":\"nyc\","
    "\"start\":1795290000,\"end\":1795300000,\"outcome\":\"gap\","
    "\"why\":\"was not running\"}";

static json_object *
parse(const char *text)
{
	struct error err;
	json_object *record = member_parse(text, strlen(text), &err);

	if (record == NULL)
		fail_msg("%s", err.text);
	return (record);
}

/* Puts value (JSON; NULL: removes it) at a path of one or two names. */
static void
put(json_object *record, const char *path, const char *value)
{
	const char *dot = strchr(path, '.');
	char first[32];

	if (dot != NULL) {
		assert_true((size_t)(dot - path) < sizeof(first));
		memcpy(first, path, (size_t)(dot - path));
		first[dot - path] = '\0';
		record = member_get(record, first);
		path = dot + 1;
	}
	json_object_object_del(record, path);
	if (value != NULL)
		json_object_object_add(record, path, json_tokener_parse(value));
}

static int
check_with(
    const char *text, const char *path, const char *value, struct error *err)
{
	json_object *record = parse(text);
	int status;

	put(record, path, value);
	err->text[0] = '\0';
	status = record_check(record, NOW, err);
	json_object_put(record);
	return (status);
}

static void
outcomes_are_found_by_name(void **state)
{
	enum outcome outcome;

	for (int i = 0; i < OUTCOMES; i++) {
		assert_int_equal(outcome_find(outcome_names[i], &outcome), 0);
		assert_int_equal(outcome, i);
	}
	assert_int_equal(outcome_find("no answer", &outcome), -1);
	assert_int_equal(outcome_find("", &outcome), -1);
}

static void
id_reads_back(void **state)
{
	static const char text[] = "lon-1.a/7f3a9c0123456789/1842";
	struct record_id id;
	char *written;

	assert_int_equal(record_id_parse(text, &id, NULL), 0);
	assert_string_equal(id.box, "lon-1.a");
	assert_string_equal(id.epoch, "7f3a9c0123456789");
	assert_int_equal(id.sequence, 1842);
	written = record_id_write(&id);
	assert_string_equal(written, text);
	free(written);
}

static void
bad_ids_are_refused(void **state)
{
	static const char *const bad[] = {"", "lon", "lon/7f3a9c0123456789",
	    "lon/7f3a9c0123456789/", "lon/7f3a9c0123456789/0",
	    "lon/7f3a9c0123456789/01", "lon/7f3a9c0123456789/-1",
	    "lon/7f3a9c0123456789/+1", "lon/7f3a9c0123456789/1x",
	    "lon/7f3a9c0123456789/1/2", "lon/7f3a9c012345678/1",
	    "lon/7f3a9c01234567890/1", "lon/7F3A9C0123456789/1",
	    "lon/7f3a9c012345678g/1", "/7f3a9c0123456789/1",
	    "../7f3a9c0123456789/1", "LON/7f3a9c0123456789/1",
	    "lon/7f3a9c0123456789/1844674407370955161600",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "/7f3a9c0123456789/1"};
	struct record_id id;
	struct error err;

	for (size_t i = 0; i < COUNT(bad); i++) {
		if (record_id_parse(bad[i], &id, &err) != -1)
			fail_msg("%s was taken", bad[i]);
		assert_non_null(strstr(err.text, "expected"));
	}
}

static void
good_records_are_taken(void **state)
{
	static const struct {
		const char *path, *value;
	} variants[] = {
	    {"plan", NULL},
	    {"address", NULL},
	    {"clock", NULL},
	    {"clock.src", NULL},
	    {"clock", "null"},
	    {"lateness", NULL},
	    {"metrics", NULL},
	    {"metrics", "{}"},
	    {"metrics.received", NULL},
	    {"dst", "\"2001:db8::1\""},
	    {"dst", "\"nyc\""},
	    {"start", "1577836800"},
	    {"end", "1795386500"},
	    {"outcome", "\"no-answer\""},
	    {"outcome", "\"failed\""},
	    {"why", "\"\xe7\xba\xbd\xe7\xba\xa6\""},
	    {"metrics.detail", "[null,{\"a\":[]}]"},
	};
	struct error err;

	for (size_t i = 0; i < COUNT(variants); i++) {
		const char *path = variants[i].path;

		if (check_with(good, path, variants[i].value, &err) != 0)
			fail_msg("%s: %s", path, err.text);
	}
	assert_int_equal(check_with(gap, "why", NULL, &err), 0);
}

static void
bad_records_are_refused(void **state)
{
	static const struct {
		const char *path, *value, *says;
	} bad[] = {
	    {"v", NULL, "\"v\""},
	    {"v", "2", "\"v\""},
	    {"v", "\"1\"", "\"v\""},
	    {"id", NULL, "\"id\""},
	    {"id", "7", "\"id\""},
	    {"id", "\"nyc/1\"", "id \"nyc/1\""},
	    {"id", "\"lon/7f3a9c0123456789/1842\"", "another agent"},
	    {"agent", "\"lon\"", "another agent"},
	    {"agent", "\"../etc\"", "\"agent\""},
	    {"agent", NULL, "\"agent\""},
	    {"plan", "-1", "\"plan\""},
	    {"plan", "1.5", "\"plan\""},
	    {"test", NULL, "\"test\""},
	    {"test", "\"a/b\"", "\"test\""},
	    {"test", "\"\"", "\"test\""},
	    {"probe", "\"Ping\"", "\"probe\""},
	    {"probe", "null", "\"probe\""},
	    {"src", "\"par\"", "the src or the dst"},
	    {"src", "{}", "\"src\""},
	    {"dst", "\"a..b\"", "\"dst\""},
	    {"dst", NULL, "\"dst\""},
	    {"family", "5", "\"family\""},
	    {"family", "\"4\"", "\"family\""},
	    {"family", NULL, "\"family\""},
	    {"family", "6", "\"address\""},
	    {"address", "\"198.51.100\"", "\"address\""},
	    {"address", "\"lon\"", "\"address\""},
	    {"address", "3", "\"address\""},
	    {"start", NULL, "\"start\""},
	    {"start", "\"now\"", "\"start\""},
	    {"start", "1577836799", "\"start\""},
	    {"start", "1795386501", "\"start\""},
	    {"start", "-1e308", "\"start\""},
	    {"start", "1795300002", "\"end\""},
	    {"end", NULL, "\"end\""},
	    {"end", "1795386501", "\"end\""},
	    {"lateness", "\"1\"", "\"lateness\""},
	    {"outcome", NULL, "\"outcome\""},
	    {"outcome", "\"fine\"", "\"outcome\""},
	    {"outcome", "0", "\"outcome\""},
	    {"outcome", "\"gap\"", "none in a gap"},
	    {"why", "1", "\"why\""},
	    {"clock", "[]", "\"clock\""},
	    {"clock.src", "7", "\"clock\": member \"src\""},
	    {"clock.dst", "{}", "\"source\""},
	    {"clock.stamps", "{}", "\"stamps\""},
	    {"clock.src", "{\"source\":\"gps\",\"error\":-1}", "\"error\""},
	    {"metrics", "[]", "\"metrics\""},
	    {"metrics.Bad", "1", "\"Bad\""},
	    {"metrics.a_name_too_long", "1", "\"a_name_too_long\""},
	    {"metrics.sent", "-10", "\"sent\""},
	    {"metrics.sent", "10.0", "\"sent\""},
	    {"metrics.sent", "\"10\"", "\"sent\""},
	    {"metrics.sent", "9", "sum"},
	    {"metrics.received", "8", "sum"},
	    {"metrics.lost", "9223372036854775807", "\"lost\""},
	    {"metrics.reordered", "9007199254740993", "\"reordered\""},
	    {"metrics.duplicates", "-1", "\"duplicates\""},
	    {"metrics.late", "2", "parts"},
	};
	struct error err;

	for (size_t i = 0; i < COUNT(bad); i++) {
		const char *path = bad[i].path, *value = bad[i].value;

		if (check_with(good, path, value, &err) != -1)
			fail_msg("%s: %s was taken", path, value);
		if (strstr(err.text, bad[i].says) == NULL ||
		    strstr(err.text, "expected") == NULL)
			fail_msg("%s: %s: %s", path, value, err.text);
	}
	assert_int_equal(record_check(NULL, NOW, &err), -1);
}

static void
gap_has_no_subject(void **state)
{
	static const char *const names[] = {"test", "src", "dst"};
	struct error err;

	for (size_t i = 0; i < COUNT(names); i++)
		assert_int_equal(
		    check_with(gap, names[i], "\"nyc\"", &err), -1);
	assert_int_equal(check_with(gap, "metrics", "{}", &err), -1);
	assert_int_equal(check_with(gap, "end", NULL, &err), -1);
}

/* Any member of any other type is refused or ignored, and never a crash. */
static void
wrong_types_are_survived(void **state)
{
	static const char *const values[] = {"null", "true", "-1", "1e308",
	    "\"\"", "\"a\\u0000b\"", "[]", "{}", "[[[[]]]]",
	    "18446744073709551615"};
	json_object *record = parse(good);
	struct error err;

	json_object_object_foreach (record, name, value) {
		(void)value;
		for (size_t i = 0; i < COUNT(values); i++)
			if (check_with(good, name, values[i], &err) != 0)
				assert_true(err.text[0] != '\0');
	}
	json_object_put(record);
	/* NUL inside would end the name early wherever it is used */
	assert_int_equal(
	    check_with(good, "test", "\"core\\u0000ping\"", &err), -1);
}

/* A box may be years behind, and its runs are none the worse for it. */
static void
a_finding_is_of_the_own_clock(void **state)
{
	static const char text[] = "{\"start\":100,\"end\":101,"
				   "\"outcome\":\"measured\"}";
	json_object *finding = member_parse(text, strlen(text), NULL);
	struct error err;

	assert_int_equal(record_check_finding(finding, 101, &err), 0);
	assert_int_equal(
	    record_check_finding(finding, 101 + 31 * 86400.0, &err), -1);
	assert_non_null(strstr(err.text, "\"start\": 100.000, expected"));
	json_object_put(finding);
}

static void
a_worker_makes_no_gap(void **state)
{
	static const char *const outcomes[] = {"gap", "fine"};
	struct error err;

	for (size_t i = 0; i < 2; i++) {
		json_object *finding = json_object_new_object();

		member_add_text(finding, "outcome", outcomes[i]);
		member_add_number(finding, "start", 100);
		member_add_number(finding, "end", 101);
		assert_int_equal(record_check_finding(finding, 101, &err), -1);
		assert_non_null(strstr(err.text, "expected measured"));
		json_object_put(finding);
	}
}

/* The reader looks at eight bytes at once where it can. */
static void
control_characters_are_found_wherever_they_are(void **state)
{
	struct tree *tree = tree_new();
	struct error err;
	char text[] = "\"0123456789abcdefghijklmn\"";
	size_t length = strlen(text);

	assert_non_null(tree_parse(tree, text, length, &err));
	for (size_t i = 1; i < length - 1; i++) {
		char kept = text[i];

		text[i] = '\x1f';
		assert_null(tree_parse(tree, text, length, &err));
		assert_non_null(strstr(err.text, "control character"));
		text[i] = '\xff';
		assert_null(tree_parse(tree, text, length, &err));
		text[i] = '\\';
		if (i < 11) /* no digit may stand behind it */
			assert_null(tree_parse(tree, text, length, &err));
		text[i] = kept;
	}
	tree_free(tree);
}

static int
check_text(const char *text, struct error *err)
{
	struct tree *tree = tree_new();
	struct record_id id;
	double end;
	int result = record_check_tree(
	    tree_parse(tree, text, strlen(text), err), NOW, &id, &end, err);

	tree_free(tree);
	return (result);
}

static void
of_two_members_with_one_name_the_last_stands(void **state)
{
	struct error err;
	char text[2048];

	snprintf(text, sizeof(text), "{\"v\":2,\"metrics\":[],%s", good + 1);
	assert_int_equal(check_text(text, &err), 0);
	snprintf(
	    text, sizeof(text), "%.*s,\"v\":2}", (int)strlen(good) - 1, good);
	assert_int_equal(check_text(text, &err), -1);
	assert_non_null(strstr(err.text, "\"v\": 2, expected 1"));
	snprintf(text, sizeof(text), "%.*s,\"outcome\":null}",
	    (int)strlen(good) - 1, good);
	assert_int_equal(check_text(text, &err), -1);
	assert_non_null(strstr(err.text, "\"outcome\": missing"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(outcomes_are_found_by_name),
	    cmocka_unit_test(control_characters_are_found_wherever_they_are),
	    cmocka_unit_test(id_reads_back),
	    cmocka_unit_test(bad_ids_are_refused),
	    cmocka_unit_test(good_records_are_taken),
	    cmocka_unit_test(bad_records_are_refused),
	    cmocka_unit_test(gap_has_no_subject),
	    cmocka_unit_test(wrong_types_are_survived),
	    cmocka_unit_test(a_finding_is_of_the_own_clock),
	    cmocka_unit_test(a_worker_makes_no_gap),
	    cmocka_unit_test(of_two_members_with_one_name_the_last_stands),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
