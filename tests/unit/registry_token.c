/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/log.h"
#include "tests/unit/folder.h"
#include "tests/unit/registered.h"

static void
token_names_its_box_until_used(void **state)
{
	struct registry *registry = registered_token(state);
	char box[NAME_TEXT], *certificate;
	struct error err;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(registry_use_token(registry, registered_secret,
				     "key1", NOW + 1, box, &certificate, &err),
		    0);
		assert_string_equal(box, "lon");
		assert_null(certificate);
	}
	registry_free(registry);
}

static void
token_gives_the_same_key_the_same_certificate(void **state)
{
	struct registry *registry = registered_token(state);
	char box[NAME_TEXT], *certificate;
	struct error err;

	registered_enrol(registry, "key1", "f1");
	registry_free(registry);
	registry = registered_open(state, false);
	assert_int_equal(registry_use_token(registry, registered_secret, "key1",
			     NOW + 1, box, &certificate, &err),
	    0);
	assert_string_equal(box, "lon");
	assert_string_equal(certificate, "PEM");
	free(certificate);
	registry_free(registry);
}

static void
token_refuses_another_key(void **state)
{
	struct registry *registry = registered_token(state);

	registered_enrol(registry, "key1", "f1");
	registered_refusal(
	    registry, registered_secret, "key2", NOW + 1, "another key");
	registry_free(registry);
}

static void
token_expires(void **state)
{
	struct registry *registry = registered_token(state);

	registered_refusal(
	    registry, registered_secret, "key1", NOW + DAY, "expired");
	registered_enrol(registry, "key1", "f1");
	registered_refusal(
	    registry, registered_secret, "key1", NOW + DAY, "expired");
	registry_free(registry);
}

static void
token_unknown_is_refused(void **state)
{
	struct registry *registry = registered_token(state);

	registered_refusal(
	    registry, registered_other, "key1", NOW, "not known");
	registry_free(registry);
}

static void
secret_is_not_stored(void **state)
{
	struct registry *registry = registered_token(state);
	char *path = folder_path(state, "registry.db-wal"), *text;
	size_t length;
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	text = calloc(1, 1 << 20);
	length = fread(text, 1, 1 << 20, file);
	fclose(file);
	assert_non_null(memmem(text, length, "lon", 3));
	assert_null(
	    memmem(text, length, registered_secret, sizeof(registered_secret)));
	free(text);
	free(path);
	registry_free(registry);
}

static void
tokens_are_listed_and_revoked_by_their_id(void **state)
{
	struct registry *registry = registered_token(state);
	char id[REGISTRY_TOKEN_ID + 1];
	struct registry_token *tokens, token;
	struct error err;

	registry_token_id(registered_secret, id);
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
	registered_refusal(
	    registry, registered_secret, "key1", NOW + 2, "revoked");
	registry_free(registry);
}

static void
used_token_cannot_be_revoked(void **state)
{
	struct registry *registry = registered_token(state);
	char id[REGISTRY_TOKEN_ID + 1];
	struct registry_token token;
	struct error err;

	registered_enrol(registry, "key1", "f1");
	registry_token_id(registered_secret, id);
	assert_int_equal(
	    registry_revoke_token(registry, id, NOW + 1, &token, &err), -1);
	assert_non_null(strstr(err.text, "pharos remove lon"));
	registry_free(registry);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(token_names_its_box_until_used),
	    IN_FOLDER(token_gives_the_same_key_the_same_certificate),
	    IN_FOLDER(token_refuses_another_key),
	    IN_FOLDER(token_expires),
	    IN_FOLDER(token_unknown_is_refused),
	    IN_FOLDER(secret_is_not_stored),
	    IN_FOLDER(tokens_are_listed_and_revoked_by_their_id),
	    IN_FOLDER(used_token_cannot_be_revoked),
	};

	log_open("registry_token", false);
	return (
	    cmocka_run_group_tests_name("registry_token", tests, NULL, NULL));
}
