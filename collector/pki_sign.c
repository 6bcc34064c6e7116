/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/pki_sign.h"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "collector/pki.h"
#include "common/error.h"
#include "common/hash.h"
#include "common/tls.h"

/* Clocks of boxes that have just booted may be behind; but of a short life that
 * is a small part. */
#define EARLIER (3600 * NS_PER_S)
#define EARLIER_PART 10

static int
failed(const char *what, struct error *err)
{
	char text[256];

	ERR_error_string_n(ERR_get_error(), text, sizeof(text));
	ERR_clear_error();
	return (error_set(err, "%s: %s", what, text));
}

static bool
set_serial(X509 *certificate)
{
	uint8_t random[16];
	BIGNUM *number;
	bool good;

	hash_random(random, sizeof(random));
	random[0] &= 0x7f;
	number = BN_bin2bn(random, sizeof(random), NULL);
	good = number != NULL &&
	       BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) !=
		   NULL;
	BN_free(number);
	return (good);
}

static bool
set_time(ASN1_TIME *time, nanoseconds wall)
{
	return (ASN1_TIME_set(time, (time_t)(wall / NS_PER_S)) != NULL);
}

static bool
set_life(X509 *certificate, nanoseconds life)
{
	nanoseconds now = clock_wall(), earlier = life / EARLIER_PART;

	if (earlier > EARLIER)
		earlier = EARLIER;
	return (set_time(X509_getm_notBefore(certificate), now - earlier) &&
		set_time(X509_getm_notAfter(certificate), now + life));
}

static bool
add_extension(X509 *certificate, X509 *ca, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;
	bool good;

	X509V3_set_ctx(&context, ca, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	good =
	    extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return (good);
}

static bool
add_names(X509 *certificate, X509 *ca, const struct pki_leaf *about)
{
	int at;

	if (about->alternative != NULL)
		return (add_extension(
		    certificate, ca, NID_subject_alt_name, about->alternative));
	at = X509_get_ext_by_NID(about->like, NID_subject_alt_name, -1);
	return (at >= 0 && X509_add_ext(certificate,
			       X509_get_ext(about->like, at), -1) == 1);
}

static bool
add_extensions(X509 *certificate, X509 *ca, const struct pki_leaf *about)
{
	bool is_ca = about->usage == NULL;

	if (!add_extension(certificate, ca, NID_basic_constraints,
		is_ca ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE") ||
	    !add_extension(certificate, ca, NID_key_usage,
		is_ca ? "critical,keyCertSign,cRLSign"
		      : "critical,digitalSignature") ||
	    !add_extension(
		certificate, ca, NID_subject_key_identifier, "hash") ||
	    !add_extension(
		certificate, ca, NID_authority_key_identifier, "keyid:always"))
		return (false);
	return (is_ca || (add_extension(certificate, ca, NID_ext_key_usage,
			      about->usage) &&
			     add_names(certificate, ca, about)));
}

static bool
fill(X509 *certificate, X509 *ca, EVP_PKEY *key, const struct pki_leaf *about)
{
	X509_NAME *name = X509_get_subject_name(certificate);

	return (
	    X509_set_version(certificate, X509_VERSION_3) == 1 &&
	    set_serial(certificate) && set_life(certificate, about->life) &&
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
		(const unsigned char *)about->name, -1, -1, 0) == 1 &&
	    X509_set_issuer_name(certificate, X509_get_subject_name(ca)) == 1 &&
	    X509_set_pubkey(certificate, key) == 1 &&
	    add_extensions(certificate, ca, about));
}

char *
pki_sign(X509 *ca, EVP_PKEY *ca_key, EVP_PKEY *key,
    const struct pki_leaf *about, struct error *err)
{
	X509 *certificate = X509_new();
	char *pem = NULL;

	if (certificate != NULL &&
	    fill(certificate, ca != NULL ? ca : certificate, key, about) &&
	    X509_sign(certificate, ca_key, EVP_sha256()) > 0)
		pem = tls_certificate_pem(certificate, err);
	else
		failed(about->name, err);
	X509_free(certificate);
	return (pem);
}

/* Only what our own boxes make: a key on P-256. */
static bool
is_p256(EVP_PKEY *key)
{
	char group[32] = "";
	size_t length;

	return (
	    EVP_PKEY_is_a(key, "EC") &&
	    EVP_PKEY_get_group_name(key, group, sizeof(group), &length) == 1 &&
	    strcmp(group, "prime256v1") == 0);
}

static EVP_PKEY *
key_of(X509_REQ *request, struct error *err)
{
	EVP_PKEY *key = X509_REQ_get0_pubkey(request);

	if (key == NULL || !is_p256(key))
		return (
		    error_set(err, "certificate request: expected a key on the "
				   "curve P-256"),
		    NULL);
	if (X509_REQ_verify(request, key) != 1) {
		ERR_clear_error();
		return (error_set(err,
			    "certificate request: not signed by its own key"),
		    NULL);
	}
	EVP_PKEY_up_ref(key);
	return (key);
}

EVP_PKEY *
pki_request_key(const char *request_pem, struct error *err)
{
	BIO *bio = BIO_new_mem_buf(request_pem, -1);
	X509_REQ *request = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
	EVP_PKEY *key = NULL;

	if (request == NULL) {
		ERR_clear_error();
		error_set(err, "certificate request: expected one in PEM form");
	} else {
		key = key_of(request, err);
	}
	X509_REQ_free(request);
	BIO_free(bio);
	return (key);
}

int
pki_key_fingerprint(EVP_PKEY *key, char text[static 65], struct error *err)
{
	unsigned char *der = NULL;
	uint8_t digest[HASH_SIZE];
	int length = i2d_PUBKEY(key, &der);

	if (length <= 0)
		return (failed("public key", err));
	hash_sha256(der, (size_t)length, digest);
	hash_hex(digest, sizeof(digest), text);
	OPENSSL_free(der);
	return (0);
}
