/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/registry_private.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/renames.h"
#include "common/catalog.h"
#include "common/database.h"
#include "common/error.h"
#include "common/log.h"
#include "common/manifest.h"
#include "common/member.h"
#include "common/memory.h"
#include "tests/unit/folder.h"

#define NOW (INT64_C(1795300000) * NS_PER_S)
#define DAY (INT64_C(86400) * NS_PER_S)

static const uint8_t secret[32] = "thirty-two bytes of great secret";

static struct registry *
open_registry(void **state, bool read_only)
{
	char *path = folder_path(state, "registry.db");
	struct error err;
	struct registry *registry = registry_open(path, read_only, &err);

	free(path);
	if (registry == NULL)
		fail_msg("%s", err.text);
	return (registry);
}

static struct registry *
open_with_token(void **state)
{
	struct registry *registry = open_registry(state, false);
	struct error err;

	assert_int_equal(
	    registry_add_token(registry, "lon", secret, NOW, NOW + DAY, &err),
	    0);
	return (registry);
}

static void
enrol(struct registry *registry, const char *key, const char *fingerprint)
{
	struct error err;

	assert_int_equal(registry_enrol(registry, secret,
			     &(const struct registry_certificate){"lon", "PEM",
				 fingerprint, key, NOW + 90 * DAY},
			     NOW, &err),
	    0);
}

static void
token_names_its_box_until_used(void **state)
{
	struct registry *registry = open_with_token(state);
	char box[NAME_TEXT], *certificate;
	struct error err;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(registry_use_token(registry, secret, "key1",
				     NOW + 1, box, &certificate, &err),
		    0);
		assert_string_equal(box, "lon");
		assert_null(certificate);
	}
	registry_free(registry);
}

static void
token_gives_the_same_key_the_same_certificate(void **state)
{
	struct registry *registry = open_with_token(state);
	char box[NAME_TEXT], *certificate;
	struct error err;

	enrol(registry, "key1", "f1");
	registry_free(registry);
	registry = open_registry(state, false);
	assert_int_equal(registry_use_token(registry, secret, "key1", NOW + 1,
			     box, &certificate, &err),
	    0);
	assert_string_equal(box, "lon");
	assert_string_equal(certificate, "PEM");
	free(certificate);
	registry_free(registry);
}

static void
expect_refusal(struct registry *registry, const uint8_t token[static 32],
    const char *key, nanoseconds now, const char *why)
{
	char box[NAME_TEXT], *certificate;
	struct error err;

	assert_int_equal(registry_use_token(registry, token, key, now, box,
			     &certificate, &err),
	    -1);
	assert_null(certificate);
	if (strstr(err.text, why) == NULL)
		fail_msg("'%s' does not say '%s'", err.text, why);
}

static void
token_refuses_another_key(void **state)
{
	struct registry *registry = open_with_token(state);

	enrol(registry, "key1", "f1");
	expect_refusal(registry, secret, "key2", NOW + 1, "another key");
	registry_free(registry);
}

static void
token_expires(void **state)
{
	struct registry *registry = open_with_token(state);

	expect_refusal(registry, secret, "key1", NOW + DAY, "expired");
	enrol(registry, "key1", "f1");
	expect_refusal(registry, secret, "key1", NOW + DAY, "expired");
	registry_free(registry);
}

static void
token_unknown_is_refused(void **state)
{
	static const uint8_t other[32] = "another thirty-two byte secret..";
	struct registry *registry = open_with_token(state);

	expect_refusal(registry, other, "key1", NOW, "not known");
	registry_free(registry);
}

static void
secret_is_not_stored(void **state)
{
	struct registry *registry = open_with_token(state);
	char *path = folder_path(state, "registry.db-wal"), *text;
	size_t length;
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	text = calloc(1, 1 << 20);
	length = fread(text, 1, 1 << 20, file);
	fclose(file);
	assert_non_null(memmem(text, length, "lon", 3));
	assert_null(memmem(text, length, secret, sizeof(secret)));
	free(text);
	free(path);
	registry_free(registry);
}

static void
enrolled_member_has_one_certificate(void **state)
{
	struct registry *registry = open_with_token(state);

	assert_false(registry_is_member(registry, "lon", "f1"));
	enrol(registry, "key1", "f1");
	assert_true(registry_is_member(registry, "lon", "f1"));
	assert_false(registry_is_member(registry, "nyc", "f1"));
	assert_false(registry_is_member(registry, "lon", "f2"));
	enrol(registry, "key2", "f2");
	assert_true(registry_is_member(registry, "lon", "f2"));
	assert_false(registry_is_member(registry, "lon", "f1"));
	registry_free(registry);
}

static void
renew(struct registry *registry, const char *fingerprint, nanoseconds now)
{
	struct error err;

	assert_int_equal(registry_renew(registry,
			     &(const struct registry_certificate){"lon", "PEM",
				 fingerprint, "key1", now + 90 * DAY},
			     now, &err),
	    0);
}

static void
renewed_member_has_both_certificates_until_they_expire(void **state)
{
	struct registry *registry = open_with_token(state);

	enrol(registry, "key1", "f1");
	renew(registry, "f2", NOW + 60 * DAY);
	assert_true(registry_is_member(registry, "lon", "f1"));
	assert_true(registry_is_member(registry, "lon", "f2"));
	renew(registry, "f3", NOW + 120 * DAY);
	assert_false(registry_is_member(registry, "lon", "f1"));
	assert_true(registry_is_member(registry, "lon", "f2"));
	enrol(registry, "key2", "f4");
	assert_false(registry_is_member(registry, "lon", "f3"));
	registry_free(registry);
}

static void
member_that_renews_without_end_fills_nothing(void **state)
{
	struct registry *registry = open_with_token(state);
	char print[8];

	enrol(registry, "key1", "f0");
	for (int i = 1; i <= 2 * REGISTRY_CERTIFICATES; i++) {
		snprintf(print, sizeof(print), "f%d", i);
		renew(registry, print, NOW + i);
		assert_true(registry_is_member(registry, "lon", print));
	}
	assert_false(registry_is_member(registry, "lon", "f0"));
	assert_true(registry_is_member(registry, "lon", "f10"));
	registry_free(registry);
}

static void
removed_member_comes_back_by_a_new_token_only(void **state)
{
	static const uint8_t other[32] = "another thirty-two byte secret..";
	struct registry *registry = open_with_token(state);
	struct error err;

	enrol(registry, "key1", "f1");
	assert_int_equal(registry_remove(registry, "nyc", NOW + 1, &err), 0);
	assert_int_equal(registry_remove(registry, "lon", NOW + 1, &err), 1);
	assert_int_equal(registry_remove(registry, "lon", NOW + 2, &err), 0);
	assert_false(registry_is_member(registry, "lon", "f1"));
	assert_true(registry_removed(registry, "lon") == NOW + 1);
	expect_refusal(registry, secret, "key1", NOW + 3, "revoked");
	assert_int_equal(registry_add_token(
			     registry, "lon", other, NOW + 4, NOW + DAY, &err),
	    0);
	enrol(registry, "key2", "f2");
	assert_true(registry_is_member(registry, "lon", "f2"));
	assert_true(registry_removed(registry, "lon") == 0);
	registry_free(registry);
}

static void
renamed_member_keeps_all_it_had(void **state)
{
	struct renames renames = {NULL, 0};
	char box[NAME_TEXT], mark[NAME_TEXT];
	int64_t done;
	struct registry *registry = open_with_token(state);
	struct registry_box *boxes;
	struct error err;

	enrol(registry, "key1", "f1");
	registry_alive(registry, "lon", NOW + 5);
	renames_add(&renames, 5, "par", "paris");
	renames_add(&renames, 6, "lon", "london");
	assert_int_equal(registry_follow(registry, &renames, &done, &err), 1);
	assert_true(done == 0);
	assert_int_equal(registry_follow(registry, &renames, &done, &err), 0);
	assert_true(done == 6);
	renames_clear(&renames);
	assert_true(registry_find(registry, "f1", box, mark));
	assert_string_equal(box, "london");
	assert_string_equal(mark, "lon");
	assert_true(registry_is_member(registry, "london", "f1"));
	assert_false(registry_is_member(registry, "lon", "f1"));
	assert_int_equal(registry_boxes(registry, &boxes, &err), 1);
	assert_string_equal(boxes[0].name, "london");
	assert_true(boxes[0].heard == NOW + 5);
	assert_true(boxes[0].until == NOW + 90 * DAY);
	registry_boxes_free(boxes, 1);
	registry_free(registry);
}

static void
enrol_as(struct registry *registry, const char *name, const char *fingerprint)
{
	uint8_t its_own[32] = {(uint8_t)name[0], (uint8_t)fingerprint[1]};
	struct error err;

	assert_int_equal(
	    registry_add_token(registry, name, its_own, NOW, NOW + DAY, &err),
	    0);
	assert_int_equal(registry_enrol(registry, its_own,
			     &(const struct registry_certificate){name, "PEM",
				 fingerprint, fingerprint, NOW + 90 * DAY},
			     NOW, &err),
	    0);
}

static void
expect_box(struct registry *registry, const char *fingerprint, const char *name,
    const char *mark)
{
	char box[NAME_TEXT], its_mark[NAME_TEXT];

	assert_true(registry_find(registry, fingerprint, box, its_mark));
	assert_string_equal(box, name);
	assert_string_equal(its_mark, mark);
}

static void
members_change_names_and_move_up(void **state)
{
	struct registry *registry = open_registry(state, false);
	struct renames renames = {NULL, 0};
	struct error err;
	int64_t done;

	enrol_as(registry, "a", "f1");
	enrol_as(registry, "b", "f2");
	enrol_as(registry, "c", "f3");
	renames_add(&renames, 3, "a", "b");
	renames_add(&renames, 3, "b", "a");
	renames_add(&renames, 4, "c", "d");
	renames_add(&renames, 4, "b", "c");
	assert_int_equal(registry_follow(registry, &renames, &done, &err), 4);
	expect_box(registry, "f1", "c", "a");
	expect_box(registry, "f2", "a", "b");
	expect_box(registry, "f3", "d", "c");
	registry_free(registry);
	/* and not again by the next intake */
	registry = open_registry(state, false);
	assert_int_equal(registry_follow(registry, &renames, &done, &err), 0);
	expect_box(registry, "f2", "a", "b");
	renames_clear(&renames);
	registry_free(registry);
}

static void
old_name_is_free_and_its_next_box_another(void **state)
{
	struct registry *registry = open_registry(state, false);
	struct renames renames = {NULL, 0};
	char box[NAME_TEXT], mark[NAME_TEXT];
	struct error err;
	int64_t done;

	enrol_as(registry, "lon", "f1");
	renames_add(&renames, 3, "lon", "london");
	assert_int_equal(registry_follow(registry, &renames, &done, &err), 1);
	enrol_as(registry, "lon", "f2");
	expect_box(registry, "f1", "london", "lon");
	assert_true(registry_find(registry, "f2", box, mark));
	assert_string_equal(box, "lon");
	assert_string_not_equal(mark, "lon");
	/* two members cannot become one */
	renames_add(&renames, 4, "lon", "london");
	assert_int_equal(registry_follow(registry, &renames, &done, &err), 0);
	expect_box(registry, "f1", "london", "lon");
	expect_box(registry, "f2", "lon", mark);
	/* the place of one that was removed is free */
	assert_int_equal(registry_remove(registry, "london", NOW, &err), 1);
	renames_add(&renames, 5, "lon", "london");
	assert_int_equal(registry_follow(registry, &renames, &done, &err), 1);
	expect_box(registry, "f2", "london", mark);
	assert_false(registry_find(registry, "f1", box, mark));
	renames_clear(&renames);
	registry_free(registry);
}

/* Each is asked for before and after. */
static void
who_was_found_is_found_anew_after_a_change(void **state)
{
	struct registry *registry = open_registry(state, false);
	const struct registry_certificate renewed = {
	    "lon", "PEM", "f2", "key", NOW + 90 * DAY};
	struct renames renames = {NULL, 0};
	char box[NAME_TEXT], mark[NAME_TEXT];
	struct error err;
	int64_t done;

	assert_false(registry_find(registry, "f1", box, mark));
	enrol_as(registry, "lon", "f1");
	expect_box(registry, "f1", "lon", "lon");
	assert_false(registry_find(registry, "f2", box, mark));
	assert_int_equal(registry_renew(registry, &renewed, NOW + 1, &err), 0);
	expect_box(registry, "f2", "lon", "lon");
	expect_box(registry, "f1", "lon", "lon");
	renames_add(&renames, 3, "lon", "london");
	assert_int_equal(registry_follow(registry, &renames, &done, &err), 1);
	renames_clear(&renames);
	expect_box(registry, "f1", "london", "lon");
	expect_box(registry, "f1", "london", "lon");
	assert_int_equal(registry_remove(registry, "london", NOW, &err), 1);
	assert_false(registry_find(registry, "f1", box, mark));
	assert_false(registry_find(registry, "f2", box, mark));
	registry_free(registry);
}

static void
tokens_are_listed_and_revoked_by_their_id(void **state)
{
	struct registry *registry = open_with_token(state);
	char id[REGISTRY_TOKEN_ID + 1];
	struct registry_token *tokens, token;
	struct error err;

	registry_token_id(secret, id);
	assert_int_equal(registry_tokens(registry, &tokens, &err), 1);
	assert_string_equal(tokens[0].id, id);
	assert_string_equal(tokens[0].box, "lon");
	assert_true(tokens[0].made == NOW && tokens[0].until == NOW + DAY);
	assert_true(tokens[0].used == 0 && tokens[0].revoked == 0);
	free(tokens);
	assert_int_equal(
	    registry_revoke_token(registry, "00000000", NOW, &token, &err), -1);
	assert_non_null(strstr(err.text, "no such token"));
	assert_int_equal(
	    registry_revoke_token(registry, id, NOW + 1, &token, &err), 0);
	assert_string_equal(token.box, "lon");
	expect_refusal(registry, secret, "key1", NOW + 2, "revoked");
	registry_free(registry);
}

static void
used_token_cannot_be_revoked(void **state)
{
	struct registry *registry = open_with_token(state);
	char id[REGISTRY_TOKEN_ID + 1];
	struct registry_token token;
	struct error err;

	enrol(registry, "key1", "f1");
	registry_token_id(secret, id);
	assert_int_equal(
	    registry_revoke_token(registry, id, NOW + 1, &token, &err), -1);
	assert_non_null(strstr(err.text, "pharos remove lon"));
	registry_free(registry);
}

static json_object *
parse(const char *text)
{
	json_object *json = member_parse(text, strlen(text), NULL);

	assert_non_null(json);
	return (json);
}

static int
hear(struct registry *registry, const char *hello)
{
	json_object *json = parse(hello);
	struct error err;
	int result = registry_heard(registry, "lon", json, NOW + 5, &err);

	json_object_put(json);
	return (result);
}

static struct registry_box
only_box(struct registry *registry)
{
	struct registry_box *boxes, box;
	struct error err;

	assert_int_equal(registry_boxes(registry, &boxes, &err), 1);
	box = boxes[0];
	json_object_get(box.hello);
	registry_boxes_free(boxes, 1);
	return (box);
}

static void
hello_is_kept_without_manifests(void **state)
{
	struct registry *registry = open_with_token(state);
	struct registry_box box;

	enrol(registry, "key1", "f1");
	box = only_box(registry);
	assert_string_equal(box.name, "lon");
	assert_int_equal(box.enrolled, NOW);
	assert_int_equal(box.heard, 0);
	assert_null(box.hello);

	assert_int_equal(
	    hear(registry, "{\"version\":\"0.1.0\",\"manifests\":[]}"), 0);
	registry_alive(registry, "lon", NOW + 9);
	box = only_box(registry);
	assert_int_equal(box.heard, NOW + 9);
	assert_string_equal(member_text_or(box.hello, "version", ""), "0.1.0");
	assert_null(member_get(box.hello, "manifests"));
	json_object_put(box.hello);
	registry_free(registry);
}

#define MANIFEST(version)                                                    \
	"{\"manifests\":[{\"name\":\"knock\",\"version\":" version ","       \
	"\"summary\":\"Knocks\",\"runs_at\":\"src\",\"options\":[],"         \
	"\"metrics\":[{\"name\":\"sent\",\"kind\":\"count\",\"unit\":\"1\"," \
	"\"help\":\"Knocks that were sent\"}]}]}"

static void
manifests_are_news_once(void **state)
{
	struct registry *registry = open_with_token(state);
	struct catalog *catalog = catalog_new();
	struct error err;

	enrol(registry, "key1", "f1");
	assert_int_equal(hear(registry, MANIFEST("2")), 1);
	assert_int_equal(hear(registry, MANIFEST("2")), 0);
	assert_int_equal(hear(registry, MANIFEST("1")), 0);
	assert_int_equal(hear(registry, MANIFEST("3")), 1);
	assert_int_equal(registry_catalog(registry, catalog, &err), 0);
	assert_non_null(catalog_find(catalog, "knock"));
	assert_int_equal(catalog_find(catalog, "knock")->version, 3);
	catalog_free(catalog);
	registry_free(registry);
}

/* "knock" by another name. */
static int
hear_of(struct registry *registry, int n)
{
	char *text = memory_print("%s", MANIFEST("2"));
	char name[16];
	int result;

	snprintf(name, sizeof(name), "k%04d", n);
	memcpy(strstr(text, "knock"), name, 5);
	result = hear(registry, text);
	free(text);
	return (result);
}

static void
a_box_that_makes_names_up_comes_to_an_end(void **state)
{
	struct registry *registry = open_with_token(state);
	struct catalog *catalog = catalog_new();
	struct error err;

	enrol(registry, "key1", "f1");
	assert_int_equal(hear(registry, MANIFEST("2")), 1);
	for (int i = 1; i < REGISTRY_MANIFESTS; i++)
		assert_int_equal(hear_of(registry, i), 1);
	assert_int_equal(hear_of(registry, REGISTRY_MANIFESTS), 0);
	assert_int_equal(hear(registry, MANIFEST("3")), 1);
	assert_int_equal(registry_catalog(registry, catalog, &err), 0);
	assert_int_equal(catalog_size(catalog), REGISTRY_MANIFESTS);
	catalog_free(catalog);
	registry_free(registry);
}

static void
manifests_that_are_wrong_are_not_kept(void **state)
{
	struct registry *registry = open_with_token(state);
	struct catalog *catalog = catalog_new();
	struct error err;

	enrol(registry, "key1", "f1");
	assert_int_equal(
	    hear(registry, "{\"manifests\":[{\"name\":\"bad\"},7]}"), 0);
	assert_int_equal(registry_catalog(registry, catalog, &err), 0);
	assert_int_equal(catalog_size(catalog), 0);
	catalog_free(catalog);
	registry_free(registry);
}

static int64_t
rows(struct registry *registry, const char *question)
{
	struct error err;

	return (registry_number(
	    database_prepare(registry->db, question, &err), &err));
}

static void
only_the_newest_refused_are_kept(void **state)
{
	struct registry *registry = open_with_token(state);
	char line[16];

	enrol(registry, "key1", "f1");
	for (int i = 0; i < REGISTRY_REFUSED_MOST + 200; i++) {
		snprintf(line, sizeof(line), "line %d", i);
		assert_int_equal(
		    registry_refuse(registry, "lon", line, "why", NOW, NULL),
		    0);
		if (i % 150 == 0)
			assert_int_equal(registry_refuse(registry, "nyc", line,
					     "why", NOW, NULL),
			    0);
	}
	assert_int_equal(registry_count_refused(registry, "lon", 50, NULL), 0);
	assert_int_equal(registry_commit(registry, NULL), 0);
	assert_int_equal(
	    only_box(registry).refused, REGISTRY_REFUSED_MOST + 250);
	assert_int_equal(
	    rows(registry, "SELECT count(*) FROM refused WHERE box = 'lon'"),
	    REGISTRY_REFUSED_MOST);
	assert_int_equal(rows(registry, "SELECT count(*) FROM refused WHERE "
					"line = CAST('line 1199' AS BLOB)"),
	    1);
	registry_free(registry);
}

static void
refused_records_are_counted_once(void **state)
{
	struct registry *registry = open_with_token(state);
	struct error err;

	enrol(registry, "key1", "f1");
	for (int i = 0; i < 3; i++)
		assert_int_equal(
		    registry_refuse(registry, "lon", i == 2 ? "other" : "line",
			"why", NOW, &err),
		    0);
	assert_int_equal(only_box(registry).refused, 2);
	registry_free(registry);
}

static void
readers_see_what_was_committed(void **state)
{
	struct registry *registry = open_with_token(state);
	struct registry *reader;
	struct error err;

	enrol(registry, "key1", "f1");
	reader = open_registry(state, true);
	registry_alive(registry, "lon", NOW + 9);
	assert_int_equal(only_box(reader).heard, 0);
	assert_int_equal(registry_commit(registry, &err), 0);
	assert_int_equal(only_box(reader).heard, NOW + 9);
	registry_free(reader);
	registry_free(registry);
}

static void
the_time_that_was_seen_is_kept(void **state)
{
	struct registry *registry = open_registry(state, false);
	struct error err;

	assert_int_equal(registry_seen(registry), 0);
	assert_int_equal(registry_see(registry, NOW + DAY, &err), 0);
	assert_int_equal(registry_see(registry, NOW, &err), 0);
	registry_free(registry);
	registry = open_registry(state, true);
	assert_int_equal(registry_seen(registry), NOW);
	registry_free(registry);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

/* Not for as long as our own clock was wrong, either. */
static void
a_box_heard_at_a_time_to_come_is_silent(void **state)
{
	assert_false(registry_is_silent(NOW, NOW));
	assert_false(registry_is_silent(NOW + REGISTRY_SILENT, NOW));
	assert_false(registry_is_silent(NOW - REGISTRY_SILENT, NOW));
	assert_true(registry_is_silent(NOW - REGISTRY_SILENT - 1, NOW));
	assert_true(registry_is_silent(NOW + REGISTRY_SILENT + 1, NOW));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(token_names_its_box_until_used),
	    TEST(token_gives_the_same_key_the_same_certificate),
	    TEST(token_refuses_another_key),
	    TEST(token_expires),
	    TEST(token_unknown_is_refused),
	    TEST(secret_is_not_stored),
	    TEST(enrolled_member_has_one_certificate),
	    TEST(renewed_member_has_both_certificates_until_they_expire),
	    TEST(member_that_renews_without_end_fills_nothing),
	    TEST(removed_member_comes_back_by_a_new_token_only),
	    TEST(renamed_member_keeps_all_it_had),
	    TEST(members_change_names_and_move_up),
	    TEST(old_name_is_free_and_its_next_box_another),
	    TEST(who_was_found_is_found_anew_after_a_change),
	    TEST(tokens_are_listed_and_revoked_by_their_id),
	    TEST(used_token_cannot_be_revoked),
	    TEST(hello_is_kept_without_manifests),
	    TEST(manifests_are_news_once),
	    TEST(a_box_that_makes_names_up_comes_to_an_end),
	    TEST(manifests_that_are_wrong_are_not_kept),
	    TEST(refused_records_are_counted_once),
	    TEST(only_the_newest_refused_are_kept),
	    TEST(readers_see_what_was_committed),
	    TEST(the_time_that_was_seen_is_kept),
	    cmocka_unit_test(a_box_heard_at_a_time_to_come_is_silent),
	};

	log_open("registry", false);
	return (cmocka_run_group_tests_name("registry", tests, NULL, NULL));
}
