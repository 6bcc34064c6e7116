/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What people ask of intake through the parent.
 */
#include <json-c/json.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "collector/intake.h"
#include "collector/pki.h"
#include "collector/registry.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/hash.h"
#include "common/log.h"
#include "common/member.h"

#define VALID_MOST 31536000 /* seconds a token may be asked for: a year */
#define VALID_USUAL 86400

/* What a person carries to the box: which CA to believe, and the secret. */
static char *
token_text(X509 *ca, const uint8_t secret[static 32])
{
	uint8_t bytes[HASH_SIZE + 32];
	unsigned char *der = NULL;
	int length = i2d_X509(ca, &der);

	hash_sha256(der, (size_t)length, bytes);
	memcpy(bytes + HASH_SIZE, secret, 32);
	OPENSSL_free(der);
	return (hash_base64url(bytes, sizeof(bytes)));
}

static int
add_token(struct intake *intake, const char *box, double valid,
    json_object *answer, struct error *err)
{
	nanoseconds now = clock_wall(), until = now + clock_of_seconds(valid);
	uint8_t secret[32];
	char id[REGISTRY_TOKEN_ID + 1], *text;

	hash_random(secret, sizeof(secret));
	if (registry_add_token(
		intake->registry, box, secret, now, until, err) == -1)
		return (-1);
	text = token_text(pki_ca(intake->pki), secret);
	registry_token_id(secret, id);
	member_add_text(answer, "token", text);
	member_add_text(answer, "id", id);
	member_add_duration(answer, "expires", until);
	free(text);
	return (0);
}

static int
new_token(struct intake *intake, json_object *question, json_object *answer)
{
	const char *box = member_text_or(question, "box", "");
	double valid = member_number_or(question, "valid", VALID_USUAL);
	struct error err;
	int status = 200;

	if (!intake_has_box(intake, box)) {
		status = 404;
		error_set(&err,
		    "%s: the fleet has no such box; put it under sites: in the "
		    "fleet file and say \"pharos reload\"",
		    box);
	} else if (valid < 1 || valid > VALID_MOST) {
		status = 400;
		error_set(&err, "valid: expected from 1s to 365d");
	} else if (add_token(intake, box, valid, answer, &err) == -1) {
		status = 500;
	}
	if (status != 200)
		member_add_text(answer, "detail", err.text);
	return (status);
}

static void
add_time(json_object *o, const char *name, nanoseconds wall)
{
	if (wall != 0)
		member_add_duration(o, name, wall);
}

static json_object *
token_json(const struct registry_token *token)
{
	json_object *o = json_object_new_object();

	member_add_text(o, "id", token->id);
	member_add_text(o, "box", token->box);
	member_add_duration(o, "made", token->made);
	member_add_duration(o, "expires", token->until);
	add_time(o, "used", token->used);
	add_time(o, "revoked", token->revoked);
	return (o);
}

static int
list_tokens(struct intake *intake, json_object *question, json_object *answer)
{
	json_object *all = json_object_new_array();
	struct registry_token *tokens;
	struct error err;
	int count = registry_tokens(intake->registry, &tokens, &err);

	for (int i = 0; i < count; i++)
		json_object_array_add(all, token_json(&tokens[i]));
	json_object_object_add(answer, "tokens", all);
	free(tokens);
	if (count == -1)
		member_add_text(answer, "detail", err.text);
	return (count == -1 ? 500 : 200);
}

static int
revoke_token(struct intake *intake, json_object *question, json_object *answer)
{
	const char *id = member_text_or(question, "id", "");
	struct registry_token token;
	struct error err;

	if (registry_revoke_token(
		intake->registry, id, clock_wall(), &token, &err) == -1) {
		member_add_text(answer, "detail", err.text);
		return (404);
	}
	log_info("%s: token %s revoked", token.box, token.id);
	member_add_text(answer, "box", token.box);
	return (200);
}

static int
remove_box(struct intake *intake, json_object *question, json_object *answer)
{
	const char *box = member_text_or(question, "box", "");
	struct error err;
	int result = registry_remove(intake->registry, box, clock_wall(), &err);

	if (result == 0)
		error_set(&err, "%s: no box of this name is enrolled", box);
	if (result != 1) {
		member_add_text(answer, "detail", err.text);
		return (result == 0 ? 404 : 500);
	}
	log_info("%s: removed; its certificates are refused", box);
	intake_plans_refuse(intake, box);
	intake_begin_anew(intake, box);
	intake->ties_changed = true;
	json_object_object_add(answer, "in_fleet",
	    json_object_new_boolean(intake_has_box(intake, box)));
	return (200);
}

int
intake_ask(struct intake *intake, const char *what, json_object *question,
    json_object **answer)
{
	static const struct {
		const char *what;
		int (*answer)(struct intake *, json_object *, json_object *);
	} questions[] = {{"token", new_token}, {"tokens", list_tokens},
	    {"revoke", revoke_token}, {"remove", remove_box}};

	*answer = json_object_new_object();
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		if (strcmp(questions[i].what, what) == 0)
			return (questions[i].answer(intake, question, *answer));
	return (404);
}
