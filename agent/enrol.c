/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/enrol.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/pem.h>

#include "agent/settings.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/fetch.h"
#include "common/hash.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/tls.h"

#define SECRET_SIZE 32

struct enrolment {
	struct agent_settings *settings;
	char fingerprint[65]; /* of the fleet's CA */
	char *secret;         /* base64url */
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

/* *box: whom the agent.yaml that is there is for, or empty. */
static int
check_existing(const struct agent_settings *settings, const char *path,
    char box[static NAME_TEXT], struct error *err)
{
	struct agent_settings existing;

	box[0] = '\0';
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
	memcpy(box, existing.name, NAME_TEXT);
	return (0);
}

/* The key is made once: the same token with it can be used again. */
static int
open_key(struct enrolment *enrolment, struct error *err)
{
	char *path = agent_settings_path(enrolment->settings, "box.key");
	char *pem = NULL;
	int rc = -1;

	if (access(path, F_OK) == 0) {
		enrolment->key = tls_read_key(path, err);
		rc = enrolment->key != NULL ? 0 : -1;
	} else {
		enrolment->key = tls_new_key(err);
		if (enrolment->key != NULL)
			pem = tls_key_pem(enrolment->key, err);
		if (pem != NULL)
			rc = daemon_write_file(
			    path, pem, strlen(pem), 0600, err);
	}
	if (pem != NULL)
		OPENSSL_cleanse(pem, strlen(pem));
	free(pem);
	free(path);
	return (rc);
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

static X509 *
parse_certificate(json_object *reply, const char *member, struct error *err)
{
	const char *text;
	X509 *certificate;
	BIO *bio;

	if (member_text(reply, member, &text, err) < 0)
		return (NULL);
	bio = BIO_new_mem_buf(text, -1);
	certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	BIO_free(bio);
	if (certificate == NULL)
		error_set(err, "member \"%s\": no certificate in it", member);
	return (certificate);
}

static int
check_certificates(struct enrolment *enrolment, struct error *err)
{
	struct agent_settings *settings = enrolment->settings;
	char fingerprint[65];

	tls_fingerprint(enrolment->ca, fingerprint);
	if (strcmp(fingerprint, enrolment->fingerprint) != 0)
		return (error_set(err, "another CA than the token's"));
	if (tls_verify(enrolment->certificate, enrolment->ca, err) < 0)
		return (-1);
	if (X509_check_private_key(enrolment->certificate, enrolment->key) != 1)
		return (error_set(err, "a certificate for another key"));
	return (tls_box(enrolment->certificate, settings->name, err));
}

static int
take_reply(struct enrolment *enrolment, json_object *reply, struct error *err)
{
	enrolment->ca = parse_certificate(reply, "ca", err);
	if (enrolment->ca == NULL)
		return (-1);
	enrolment->certificate = parse_certificate(reply, "certificate", err);
	if (enrolment->certificate == NULL)
		return (-1);
	return (check_certificates(enrolment, err));
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
write_certificate(const struct agent_settings *settings, const char *file,
    X509 *certificate, struct error *err)
{
	char *path = agent_settings_path(settings, file);
	char *pem = tls_certificate_pem(certificate, err);
	int rc = -1;

	if (pem != NULL)
		rc = daemon_write_file(path, pem, strlen(pem), 0644, err);
	free(pem);
	free(path);
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
	if (write_certificate(
		enrolment->settings, "ca.pem", enrolment->ca, err) < 0 ||
	    write_certificate(enrolment->settings, "box.pem",
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
	struct agent_settings *settings = enrolment->settings;
	char existing[NAME_TEXT];

	if (parse_token(enrolment, token, err) < 0 ||
	    check_existing(settings, path, existing, err) < 0 ||
	    daemon_make_dir(settings->state, err) < 0 ||
	    open_key(enrolment, err) < 0 || talk(enrolment, err) < 0)
		return (-1);
	if (existing[0] != '\0' && strcmp(existing, settings->name) != 0)
		return (error_set(err,
		    "%s is for box %s, the token for %s; remove the file and "
		    "%s to make it another box",
		    path, existing, settings->name, settings->state));
	return (write_all(enrolment, path, existing[0] == '\0', err));
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
