/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/enrol.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/x509_vfy.h>

#include "agent/identity.h"
#include "agent/settings.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/fetch.h"
#include "common/hash.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/tls.h"

#define SECRET_SIZE 32
#define KEY_MOST 4096

struct enrolment {
	struct agent_settings *settings;
	char fingerprint[65]; /* of the fleet's CA */
	char *secret;         /* base64url */
	char said[NAME_TEXT]; /* the box that this host is; "": none yet */
	EVP_PKEY *key;
	X509 *ca, *certificate;
	struct error refusal; /* why the collector's certificate would not do */
};

static int
parse_token(struct enrolment *enrolment, const char *token, struct error *err)
{
	uint8_t bytes[HASH_SIZE + SECRET_SIZE];

	if (hash_unbase64url(token, bytes, sizeof(bytes)) != sizeof(bytes))
		return (error_set(err,
		    "token: expected the %zu characters that "
		    "\"pharos token new\" prints",
		    (sizeof(bytes) * 4 + 2) / 3));
	hash_hex(bytes, HASH_SIZE, enrolment->fingerprint);
	enrolment->secret = hash_base64url(bytes + HASH_SIZE, SECRET_SIZE);
	return (0);
}

/* Finds out which box this host is by the agent.yaml that is there, or by the
 * name that it has had since. */
static int
check_existing(struct enrolment *enrolment, const char *path, struct error *err)
{
	const struct agent_settings *settings = enrolment->settings;
	struct agent_settings existing;

	if (access(path, F_OK) < 0 && errno == ENOENT)
		return (0);
	if (agent_settings_read(&existing, path, err) < 0)
		return (-1);
	if (strcmp(existing.collector, settings->collector) != 0)
		return (error_set(err,
		    "%s is for the collector %s; remove it to leave that fleet",
		    path, existing.collector));
	if (strcmp(existing.state, settings->state) != 0)
		return (error_set(err, "%s keeps its state in %s, not in %s",
		    path, existing.state, settings->state));
	if (identity_box(&existing, enrolment->said, NULL) < 0)
		memcpy(enrolment->said, existing.name, NAME_TEXT);
	return (0);
}

/*
 * The key. One for each token, so that a broken enrolment can be repeated with
 * the same token, and a box that is enrolled anew leaves a key behind that may
 * be in other hands. Its first line tells for which token it was made.
 */

static char *
first_line(const struct enrolment *enrolment)
{
	uint8_t digest[HASH_SIZE];
	char text[2 * HASH_SIZE + 1];

	hash_sha256(enrolment->secret, strlen(enrolment->secret), digest);
	hash_hex(digest, sizeof(digest), text);
	return (memory_print("for the token with SHA-256 %s\n", text));
}

/* Is there a key already that was made for this token? */
static bool
is_for_token(const char *path, const char *line)
{
	char *text = daemon_read_file(path, KEY_MOST, NULL, NULL);
	bool same = text != NULL && strncmp(text, line, strlen(line)) == 0;

	if (text != NULL)
		OPENSSL_cleanse(text, strlen(text));
	free(text);
	return (same);
}

static int
write_key(const char *path, const char *line, EVP_PKEY *key, struct error *err)
{
	char *pem = tls_key_pem(key, err), *text;
	int rc;

	if (pem == NULL)
		return (-1);
	text = memory_print("%s%s", line, pem);
	rc = daemon_write_file(path, text, strlen(text), 0600, err);
	OPENSSL_cleanse(text, strlen(text));
	OPENSSL_cleanse(pem, strlen(pem));
	free(text);
	free(pem);
	return (rc);
}

static int
open_key(struct enrolment *enrolment, struct error *err)
{
	char *path = agent_settings_path(enrolment->settings, "enrol.key");
	char *line = first_line(enrolment);
	int rc = 0;

	if (is_for_token(path, line)) {
		enrolment->key = tls_read_key(path, err);
	} else {
		enrolment->key = tls_new_key(err);
		if (enrolment->key != NULL)
			rc = write_key(path, line, enrolment->key, err);
	}
	free(line);
	free(path);
	return (enrolment->key != NULL ? rc : -1);
}

/*
 * The talk. Nothing secret is sent before the collector has shown a
 * certificate under the CA that the token names.
 */

static X509 *
find_ca(const struct enrolment *enrolment, STACK_OF(X509) * chain)
{
	char fingerprint[65];
	int i;

	for (i = 0; i < sk_X509_num(chain); i++) {
		tls_fingerprint(sk_X509_value(chain, i), fingerprint);
		if (strcmp(fingerprint, enrolment->fingerprint) == 0)
			return (sk_X509_value(chain, i));
	}
	return (NULL);
}

static int
verify_collector(X509_STORE_CTX *store, void *arg)
{
	struct enrolment *enrolment = arg;
	X509 *ca = find_ca(enrolment, X509_STORE_CTX_get0_untrusted(store));

	X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_UNTRUSTED);
	if (ca == NULL) {
		error_set(&enrolment->refusal,
		    "it is not of the fleet that the token is for");
		return (0);
	}
	if (tls_verify(
		X509_STORE_CTX_get0_cert(store), ca, &enrolment->refusal) < 0)
		return (0);
	X509_STORE_CTX_set_error(store, X509_V_OK);
	return (1);
}

static json_object *
ask(struct enrolment *enrolment, const char *request, struct error *err)
{
	static const char *const headers[] = {
	    "Content-Type: application/json", NULL};
	const struct fetcher_identity identity = {
	    .verify = verify_collector, .arg = enrolment};
	struct fetch_about about = {.method = "POST", .headers = headers};
	json_object *body = json_object_new_object(), *reply;
	char *url =
	    memory_print("%s/agent/v1/enroll", enrolment->settings->collector);

	member_add_text(body, "token", enrolment->secret);
	member_add_text(body, "request", request);
	if (enrolment->said[0] != '\0')
		member_add_text(body, "box", enrolment->said);
	about.url = url;
	about.body = json_object_to_json_string_length(
	    body, JSON_C_TO_STRING_PLAIN, &about.length);
	reply = fetch_json(&identity, &about, err);
	if (reply == NULL && enrolment->refusal.text[0] != '\0')
		error_set(err, "%s: %s", url, enrolment->refusal.text);
	json_object_put(body);
	free(url);
	return (reply);
}

static int
check_certificates(struct enrolment *enrolment, struct error *err)
{
	struct agent_settings *settings = enrolment->settings;
	char fingerprint[65];

	tls_fingerprint(enrolment->ca, fingerprint);
	if (strcmp(fingerprint, enrolment->fingerprint) != 0)
		return (error_set(err, "another CA than the token's"));
	return (identity_check(enrolment->certificate, enrolment->ca,
	    enrolment->key, settings->name, err));
}

/* A collector that does not ask which box we are may have made us another. */
static int
check_name(
    const struct enrolment *enrolment, json_object *reply, struct error *err)
{
	const struct agent_settings *settings = enrolment->settings;
	const char *said = enrolment->said;

	if (said[0] == '\0' || strcmp(said, settings->name) == 0 ||
	    identity_had(settings, said))
		return (0);
	if (strcmp(member_text_or(reply, "was", ""), said) == 0)
		return (identity_note(settings, said, err));
	return (error_set(err,
	    "agent.yaml is for box %s, the token for %s; remove the file and "
	    "%s to make it another box",
	    said, settings->name, settings->state));
}

static int
take_reply(struct enrolment *enrolment, json_object *reply, struct error *err)
{
	enrolment->ca = identity_parse(reply, "ca", err);
	if (enrolment->ca == NULL)
		return (-1);
	enrolment->certificate = identity_parse(reply, "certificate", err);
	if (enrolment->certificate == NULL)
		return (-1);
	if (check_certificates(enrolment, err) < 0)
		return (-1);
	return (check_name(enrolment, reply, err));
}

static int
talk(struct enrolment *enrolment, struct error *err)
{
	json_object *reply;
	char *request;
	int rc = -1;

	/* the collector knows from the token which box it is */
	request = tls_request_pem(enrolment->key, "unnamed", err);
	if (request == NULL)
		return (-1);
	reply = ask(enrolment, request, err);
	free(request);
	if (reply == NULL)
		return (-1);
	rc = take_reply(enrolment, reply, err);
	if (rc < 0)
		error_place(err, "%s answered", enrolment->settings->collector);
	json_object_put(reply);
	return (rc);
}

static int
make_folder_of(const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');
	char *folder;
	int rc;

	if (slash == NULL || slash == path)
		return (0);
	folder = memory_print("%.*s", (int)(slash - path), path);
	rc = daemon_make_dir(folder, err);
	free(folder);
	return (rc);
}

/* agent.yaml comes last: it is what makes the box an enrolled one. */
static int
write_all(const struct enrolment *enrolment, const char *path, bool settings,
    struct error *err)
{
	char *key = agent_settings_path(enrolment->settings, "box.key");
	int rc = write_key(key, "", enrolment->key, err);

	free(key);
	if (rc < 0 ||
	    identity_write(enrolment->settings, "ca.pem", enrolment->ca, err) <
		0 ||
	    identity_write(enrolment->settings, "box.pem",
		enrolment->certificate, err) < 0)
		return (-1);
	if (!settings)
		return (0);
	if (make_folder_of(path, err) < 0)
		return (-1);
	return (agent_settings_write(enrolment->settings, path, err));
}

static int
enrol_with(struct enrolment *enrolment, const char *token, const char *path,
    struct error *err)
{
	if (parse_token(enrolment, token, err) < 0 ||
	    check_existing(enrolment, path, err) < 0 ||
	    daemon_make_dir(enrolment->settings->state, err) < 0 ||
	    open_key(enrolment, err) < 0 || talk(enrolment, err) < 0)
		return (-1);
	return (write_all(enrolment, path, enrolment->said[0] == '\0', err));
}

int
enrol(struct agent_settings *settings, const char *token, const char *path,
    struct error *err)
{
	struct enrolment enrolment = {.settings = settings};
	int rc;

	rc = enrol_with(&enrolment, token, path, err);
	free(enrolment.secret);
	EVP_PKEY_free(enrolment.key);
	X509_free(enrolment.ca);
	X509_free(enrolment.certificate);
	return (rc);
}
