/* SPDX-License-Identifier: BSD-2-Clause */
#include <json-c/json.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "collector/fleet.h"
#include "collector/intake.h"
#include "collector/pki.h"
#include "collector/registry.h"
#include "collector/renames.h"
#include "collector/settings.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/hash.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/name.h"
#include "common/tls.h"

struct enrolment {
	uint8_t secret[32];
	const char *request; /* PEM, borrowed */
	char key[65];        /* fingerprint of its key */
	char box[NAME_TEXT];
	const char *said; /* which box its agent.yaml is for; "": it has none */
	char *certificate; /* PEM */
};

static int
read_token(json_object *body, struct enrolment *enrolment, struct error *err)
{
	const char *token;

	if (member_text(body, "token", &token, err) == -1)
		return (-1);
	if (hash_unbase64url(token, enrolment->secret,
		sizeof(enrolment->secret)) != sizeof(enrolment->secret))
		return (error_set(err,
		    "member \"token\": expected the 32 bytes of a secret in "
		    "base64url"));
	return (0);
}

/* Agents from before November 2026 do not say it. */
static int
read_said(json_object *body, struct enrolment *enrolment, struct error *err)
{
	enrolment->said = "";
	if (member_get(body, "box") == NULL)
		return (0);
	if (member_text(body, "box", &enrolment->said, err) == -1)
		return (-1);
	if (!name_valid(enrolment->said))
		return (
		    error_set(err, "member \"box\": expected %s", name_rule));
	return (0);
}

static int
read_request(json_object *body, struct enrolment *enrolment, struct error *err)
{
	EVP_PKEY *key;
	int result;

	if (member_text(body, "request", &enrolment->request, err) == -1)
		return (-1);
	key = pki_request_key(enrolment->request, err);
	if (key == NULL)
		return (-1);
	result = pki_key_fingerprint(key, enrolment->key, err);
	EVP_PKEY_free(key);
	return (result);
}

/* Fingerprint and end of life of what has just been signed. */
static int
read_back(const char *pem, char text[static 65], nanoseconds *until,
    struct error *err)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	struct tls_life life = {0};
	int result;

	BIO_free(bio);
	if (certificate == NULL)
		return (error_set(err, "certificate: cannot be read back"));
	tls_fingerprint(certificate, text);
	result = tls_life(certificate, &life, err);
	*until = life.until;
	X509_free(certificate);
	return (result);
}

/* Signs what is asked for; *about tells what came of it, in fingerprint. */
static int
sign(struct intake *intake, struct enrolment *enrolment,
    char fingerprint[static 65], struct registry_certificate *about,
    struct error *err)
{
	enrolment->certificate = pki_sign_box(intake->pki, enrolment->request,
	    enrolment->box, intake->settings->certificate_life, err);
	if (enrolment->certificate == NULL ||
	    read_back(
		enrolment->certificate, fingerprint, &about->until, err) == -1)
		return (-1);
	about->box = enrolment->box;
	about->pem = enrolment->certificate;
	about->fingerprint = fingerprint;
	about->key = enrolment->key;
	return (0);
}

/* The box becomes a member; it is on disk when this returns. */
static int
issue(struct intake *intake, struct enrolment *enrolment, nanoseconds now,
    struct error *err)
{
	struct registry_certificate about;
	char fingerprint[65];

	if (sign(intake, enrolment, fingerprint, &about, err) == -1)
		return (-1);
	if (registry_enrol(
		intake->registry, enrolment->secret, &about, now, err) == -1)
		return (-1);
	intake_begin_anew(intake, enrolment->box);
	intake->ties_changed = true;
	return (0);
}

static bool
was_renamed(const struct enrolment *enrolment)
{
	return (enrolment->said[0] != '\0' &&
		strcmp(enrolment->said, enrolment->box) != 0);
}

static void
reply(struct intake *intake, struct http_request *request,
    const struct enrolment *enrolment)
{
	json_object *body = json_object_new_object();
	char *ca = tls_certificate_pem(pki_ca(intake->pki), NULL);

	member_add_text(body, "box", enrolment->box);
	member_add_text(body, "certificate", enrolment->certificate);
	member_add_text(body, "ca", ca);
	if (was_renamed(enrolment))
		member_add_text(body, "was", enrolment->said);
	http_reply_json(request, 200, body);
	free(ca);
}

/* Is the token for the box that asks? By the name it had it may still go, unless
 * that is another box now. */
static bool
is_its_own(struct intake *intake, const struct enrolment *enrolment)
{
	return (!was_renamed(enrolment) ||
		(renames_had(&intake->fleet->renames, enrolment->box,
		     enrolment->said) &&
		    !intake_has_box(intake, enrolment->said)));
}

static void
refuse_another(struct http_request *request, const struct enrolment *enrolment)
{
	log_info("%s: not enrolled: it is box %s, the token for %s",
	    http_peer(request), enrolment->said, enrolment->box);
	http_problem(request, 409, "Not enrolled",
	    "agent.yaml is for box %s, the token for %s; nothing was changed; "
	    "make a token with \"pharos token new %s\" on the collector, or "
	    "remove agent.yaml and the state folder here to make this box %s",
	    enrolment->said, enrolment->box, enrolment->said, enrolment->box);
}

static void
enrol(struct intake *intake, struct http_request *request,
    struct enrolment *enrolment)
{
	nanoseconds now = clock_wall();
	struct error err;

	if (registry_use_token(intake->registry, enrolment->secret,
		enrolment->key, now, enrolment->box, &enrolment->certificate,
		&err) == -1) {
		log_info("%s: not enrolled: %s", http_peer(request), err.text);
		http_problem(request, 403, "Not enrolled", "%s", err.text);
	} else if (!intake_has_box(intake, enrolment->box)) {
		http_problem(request, 403, "Not enrolled",
		    "%s: the fleet file has no such box any more; put it under "
		    "sites: and say \"pharos reload\" on the collector",
		    enrolment->box);
	} else if (!is_its_own(intake, enrolment)) {
		refuse_another(request, enrolment);
	} else if (enrolment->certificate == NULL &&
		   issue(intake, enrolment, now, &err) == -1) {
		log_warnx("%s: not enrolled: %s", enrolment->box, err.text);
		http_problem(request, 500, "Not enrolled", "%s", err.text);
	} else {
		log_info(
		    "%s: enrolled from %s", enrolment->box, http_peer(request));
		reply(intake, request, enrolment);
	}
}

/* What our clock signs while it is behind would not last. */
static bool
can_sign(struct intake *intake, struct http_request *request)
{
	intake_notice_clock(intake);
	if (intake->wrong[0] != '\0')
		intake_reply_later(intake, request, intake->wrong);
	return (intake->wrong[0] == '\0');
}

void
intake_post_enrol(struct http_request *request, void *arg)
{
	struct intake *intake = arg;
	struct enrolment enrolment = {.certificate = NULL};
	json_object *body = http_body_json(request);
	struct error err;

	if (body == NULL)
		return;
	if (!can_sign(intake, request))
		; /* it has been told so */
	else if (read_token(body, &enrolment, &err) == -1 ||
		 read_said(body, &enrolment, &err) == -1 ||
		 read_request(body, &enrolment, &err) == -1)
		http_problem(request, 400, "Bad request for a certificate",
		    "%s", err.text);
	else
		enrol(intake, request, &enrolment);
	OPENSSL_cleanse(enrolment.secret, sizeof(enrolment.secret));
	free(enrolment.certificate);
	json_object_put(body);
}

/*
 * A member's next certificate.
 */

static int
renew(struct intake *intake, struct enrolment *enrolment, struct error *err)
{
	struct registry_certificate about;
	char fingerprint[65];

	if (sign(intake, enrolment, fingerprint, &about, err) == -1)
		return (-1);
	return (registry_renew(intake->registry, &about, clock_wall(), err));
}

static void
reply_renewed(struct http_request *request, const struct enrolment *enrolment,
    const struct intake_member *member)
{
	json_object *body = json_object_new_object();

	member_add_text(body, "box", enrolment->box);
	member_add_text(body, "certificate", enrolment->certificate);
	if (member->renamed)
		member_add_text(body, "was", member->said);
	http_reply_json(request, 200, body);
}

static void
answer_renewal(struct intake *intake, struct http_request *request,
    struct enrolment *enrolment, const struct intake_member *member,
    json_object *body)
{
	struct error err;

	if (read_request(body, enrolment, &err) == -1) {
		http_problem(request, 400, "Bad request for a certificate",
		    "%s", err.text);
	} else if (renew(intake, enrolment, &err) == -1) {
		log_warnx("%s: certificate not renewed: %s", enrolment->box,
		    err.text);
		http_set_header(request, "Retry-After", "30");
		http_problem(request, 503, "Not renewed", "%s", err.text);
	} else {
		log_info("%s: certificate renewed%s%s", enrolment->box,
		    member->renamed ? ", which was " : "",
		    member->renamed ? member->said : "");
		reply_renewed(request, enrolment, member);
	}
}

void
intake_post_renew(struct http_request *request, void *arg)
{
	struct intake *intake = arg;
	struct enrolment enrolment = {.certificate = NULL};
	struct intake_member member;
	json_object *body;

	if (!intake_admit(intake, request, &member) ||
	    !can_sign(intake, request) ||
	    (body = http_body_json(request)) == NULL)
		return;
	snprintf(enrolment.box, sizeof(enrolment.box), "%s", member.box);
	answer_renewal(intake, request, &enrolment, &member, body);
	free(enrolment.certificate);
	json_object_put(body);
}
