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
	char *text;

	hash_random(secret, sizeof(secret));
	if (registry_add_token(
		intake->registry, box, secret, now, until, err) == -1)
		return (-1);
	text = token_text(pki_ca(intake->pki), secret);
	member_add_text(answer, "token", text);
	member_add_duration(answer, "expires", until);
	free(text);
	return (0);
}

int
intake_token(struct intake *intake, json_object *question, json_object **answer)
{
	const char *box = member_text_or(question, "box", "");
	double valid = member_number_or(question, "valid", VALID_USUAL);
	struct error err;
	int status = 200;

	*answer = json_object_new_object();
	if (!intake_has_box(intake, box)) {
		status = 404;
		error_set(&err,
		    "%s: the fleet has no such box; put it under sites: in the "
		    "fleet file and say \"pharos reload\"",
		    box);
	} else if (valid < 1 || valid > VALID_MOST) {
		status = 400;
		error_set(&err, "valid: expected from 1s to 365d");
	} else if (add_token(intake, box, valid, *answer, &err) == -1) {
		status = 500;
	}
	if (status != 200)
		member_add_text(*answer, "detail", err.text);
	return (status);
}
