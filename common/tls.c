/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/error.h"
#include "common/hash.h"
#include "common/memory.h"

#define BOX_URI "pharos:box/"

/* "place: OpenSSL's reason"; empties its queue. Always -1. */
static int
failed(struct error *err, const char *place)
{
	unsigned long code = ERR_peek_error();
	const char *reason = ERR_reason_error_string(code);

	if (ERR_SYSTEM_ERROR(code))
		reason = strerror(ERR_GET_REASON(code));
	ERR_clear_error();
	return (error_set(err, "%s: %s", place,
	    reason != NULL ? reason : "OpenSSL refuses it without a reason"));
}

static int
load_own(SSL_CTX *ctx, const char *chain, const char *key, struct error *err)
{
	if (SSL_CTX_use_certificate_chain_file(ctx, chain) != 1)
		return (failed(err, chain));
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(ctx) != 1)
		return (failed(err, key));
	return (0);
}

static int
load_identity(SSL_CTX *ctx, const char *chain, const char *key, const char *ca,
    struct error *err)
{
	if (load_own(ctx, chain, key, err) == -1)
		return (-1);
	if (SSL_CTX_load_verify_file(ctx, ca) != 1)
		return (failed(err, ca));
	SSL_CTX_set_client_CA_list(ctx, SSL_load_client_CA_file(ca));
	return (0);
}

/* Each request has it verified by tls_verify; here it would be done twice. */
static int
take_any(X509_STORE_CTX *check, void *arg)
{
	return (1);
}

SSL_CTX *
tls_server(
    const char *chain, const char *key, const char *ca, struct error *err)
{
	static const unsigned char context[] = "pharos";
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (ctx == NULL)
		return (failed(err, "TLS"), NULL);
	SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, take_any, NULL);
	/* without a context, sessions with a client certificate are refused */
	SSL_CTX_set_session_id_context(ctx, context, sizeof(context) - 1);
	SSL_CTX_set_num_tickets(ctx, 1);
	if (load_identity(ctx, chain, key, ca, err) != 0) {
		SSL_CTX_free(ctx);
		return (NULL);
	}
	return (ctx);
}

/* Tried on a context of its own first. */
int
tls_server_reload(
    SSL_CTX *tls, const char *chain, const char *key, struct error *err)
{
	SSL_CTX *trial = SSL_CTX_new(TLS_server_method());
	int result = trial == NULL ? failed(err, "TLS")
				   : load_own(trial, chain, key, err);

	SSL_CTX_free(trial);
	return (result == 0 ? load_own(tls, chain, key, err) : -1);
}

static int
read_time(const ASN1_TIME *time, nanoseconds *wall, struct error *err)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(time, &tm) != 1)
		return (failed(err, "certificate's life"));
	*wall = timegm(&tm) * NS_PER_S;
	return (0);
}

int
tls_life(X509 *certificate, struct tls_life *life, struct error *err)
{
	if (read_time(X509_get0_notBefore(certificate), &life->from, err) ==
		-1 ||
	    read_time(X509_get0_notAfter(certificate), &life->until, err) == -1)
		return (-1);
	life->renew = life->until - (life->until - life->from) / 3;
	return (0);
}

/* Does this alternative name say that it is a box? Then what follows. */
static bool
box_of(const GENERAL_NAME *san, const char **name, size_t *length)
{
	const size_t prefix = strlen(BOX_URI);
	const ASN1_STRING *uri = san->d.uniformResourceIdentifier;
	const char *text;
	size_t whole;

	if (san->type != GEN_URI)
		return (false);
	text = (const char *)ASN1_STRING_get0_data(uri);
	whole = (size_t)ASN1_STRING_length(uri);
	if (whole < prefix || memcmp(text, BOX_URI, prefix) != 0)
		return (false);
	*name = text + prefix;
	*length = whole - prefix;
	return (true);
}

static bool
take_name(const char *text, size_t length, char name[static NAME_TEXT])
{
	if (length >= NAME_TEXT)
		return (false);
	memcpy(name, text, length);
	name[length] = '\0';
	return (strlen(name) == length && name_valid(name));
}

int
tls_box(X509 *certificate, char name[static NAME_TEXT], struct error *err)
{
	GENERAL_NAMES *sans =
	    X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	const char *text;
	size_t length;
	bool valid = false;
	int found = 0;

	for (int i = 0; i < sk_GENERAL_NAME_num(sans); i++)
		if (box_of(sk_GENERAL_NAME_value(sans, i), &text, &length) &&
		    ++found == 1)
			valid = take_name(text, length, name);
	GENERAL_NAMES_free(sans);
	if (found != 1)
		return (error_set(err,
		    "the certificate names %d boxes, expected one "
		    "URI:" BOX_URI "NAME",
		    found));
	if (!valid)
		return (error_set(err,
		    "the certificate names what cannot be a box, expected one "
		    "URI:" BOX_URI "NAME"));
	return (0);
}

void
tls_fingerprint(X509 *certificate, char text[static 65])
{
	uint8_t digest[EVP_MAX_MD_SIZE] = {0};

	X509_digest(certificate, EVP_sha256(), digest, NULL);
	hash_hex(digest, HASH_SIZE, text);
}

X509 *
tls_read_certificate(const char *path, struct error *err)
{
	FILE *file = fopen(path, "re");
	X509 *certificate;

	if (file == NULL)
		return (error_set(err, "%s: %m", path), NULL);
	certificate = PEM_read_X509(file, NULL, NULL, NULL);
	if (certificate == NULL)
		failed(err, path);
	fclose(file);
	return (certificate);
}

EVP_PKEY *
tls_read_key(const char *path, struct error *err)
{
	FILE *file = fopen(path, "re");
	EVP_PKEY *key;

	if (file == NULL)
		return (error_set(err, "%s: %m", path), NULL);
	/* an empty passphrase, so that nobody is asked for one */
	key = PEM_read_PrivateKey(file, NULL, NULL, (void *)"");
	if (key == NULL)
		failed(err, path);
	fclose(file);
	return (key);
}

EVP_PKEY *
tls_new_key(struct error *err)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	if (key == NULL)
		failed(err, "new key");
	return (key);
}

/* Takes the memory BIO over; written tells whether it holds what it should. */
static char *
pem_text(BIO *bio, int written, const char *what, struct error *err)
{
	char *data, *text = NULL;
	long length;

	if (bio == NULL || written != 1) {
		failed(err, what);
	} else {
		length = BIO_get_mem_data(bio, &data);
		text = memory_print("%.*s", (int)length, data);
	}
	BIO_free(bio);
	return (text);
}

char *
tls_key_pem(EVP_PKEY *key, struct error *err)
{
	BIO *bio = BIO_new(BIO_s_mem());

	return (pem_text(bio,
	    PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL),
	    "key", err));
}

char *
tls_certificate_pem(X509 *certificate, struct error *err)
{
	BIO *bio = BIO_new(BIO_s_mem());

	return (pem_text(
	    bio, PEM_write_bio_X509(bio, certificate), "certificate", err));
}

static int
add_box(X509_REQ *request, const char *box)
{
	char *value = memory_print("URI:" BOX_URI "%s", box);
	X509_EXTENSION *san =
	    X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, value);
	STACK_OF(X509_EXTENSION) *all = sk_X509_EXTENSION_new_null();
	int done = 0;

	if (san != NULL && all != NULL && sk_X509_EXTENSION_push(all, san) > 0)
		done = X509_REQ_add_extensions(request, all);
	sk_X509_EXTENSION_free(all);
	X509_EXTENSION_free(san);
	free(value);
	return (done);
}

char *
tls_request_pem(EVP_PKEY *key, const char *box, struct error *err)
{
	X509_REQ *request = X509_REQ_new();
	BIO *bio = BIO_new(BIO_s_mem());
	int written = 0;

	if (request != NULL && bio != NULL &&
	    X509_REQ_set_version(request, X509_REQ_VERSION_1) == 1 &&
	    X509_REQ_set_pubkey(request, key) == 1 &&
	    add_box(request, box) == 1 &&
	    X509_REQ_sign(request, key, EVP_sha256()) > 0)
		written = PEM_write_bio_X509_REQ(bio, request);
	X509_REQ_free(request);
	return (pem_text(bio, written, "certificate request", err));
}
