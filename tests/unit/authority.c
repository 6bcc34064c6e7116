/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/authority.h"

#include <assert.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "common/daemon.h"
#include "common/hash.h"
#include "common/memory.h"
#include "common/tls.h"

#define DAY 86400

static void
add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;

	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	assert(extension != NULL);
	X509_add_ext(certificate, extension, -1);
	X509_EXTENSION_free(extension);
}

static X509 *
blank(EVP_PKEY *key, const char *name, long from, long to)
{
	X509 *certificate = X509_new();
	X509_NAME *subject = X509_get_subject_name(certificate);
	uint64_t serial;

	hash_random(&serial, sizeof(serial));
	X509_set_version(certificate, X509_VERSION_3);
	ASN1_INTEGER_set_uint64(
	    X509_get_serialNumber(certificate), serial >> 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), from);
	X509_gmtime_adj(X509_getm_notAfter(certificate), to);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
	    (const unsigned char *)name, -1, -1, 0);
	X509_set_pubkey(certificate, key);
	return (certificate);
}

void
authority_make(struct authority *authority, const char *name)
{
	EVP_PKEY *key = tls_new_key(NULL);
	X509 *own = blank(key, name, -DAY, 10 * DAY);

	X509_set_issuer_name(own, X509_get_subject_name(own));
	add_extension(own, own, NID_basic_constraints, "critical,CA:TRUE");
	add_extension(own, own, NID_key_usage, "critical,keyCertSign,cRLSign");
	X509_sign(own, key, EVP_sha256());
	authority->key = key;
	authority->certificate = own;
}

void
authority_clear(struct authority *authority)
{
	EVP_PKEY_free(authority->key);
	X509_free(authority->certificate);
}

X509 *
authority_sign(const struct authority *authority, EVP_PKEY *key,
    const char *san, long from, long to)
{
	X509 *certificate = blank(key, "test", from, to);

	X509_set_issuer_name(
	    certificate, X509_get_subject_name(authority->certificate));
	if (san != NULL)
		add_extension(certificate, authority->certificate,
		    NID_subject_alt_name, san);
	X509_sign(certificate, authority->key, EVP_sha256());
	return (certificate);
}

static void
write_file(const char *dir, const char *name, const char *ending, char *text)
{
	char *path = memory_print("%s/%s.%s", dir, name, ending);
	int result = daemon_write_file(path, text, strlen(text), 0600, NULL);

	assert(result == 0);
	(void)result;
	free(path);
	free(text);
}

void
authority_write(
    const struct authority *authority, const char *dir, const char *name)
{
	write_file(dir, name, "crt",
	    tls_certificate_pem(authority->certificate, NULL));
}

void
authority_issue(const struct authority *authority, const char *dir,
    const char *name, const char *san)
{
	EVP_PKEY *key = tls_new_key(NULL);
	X509 *own = authority_sign(authority, key, san, -DAY, DAY);
	char *leaf = tls_certificate_pem(own, NULL);
	char *root = tls_certificate_pem(authority->certificate, NULL);

	write_file(dir, name, "crt", memory_print("%s%s", leaf, root));
	write_file(dir, name, "key", tls_key_pem(key, NULL));
	free(leaf);
	free(root);
	X509_free(own);
	EVP_PKEY_free(key);
}
