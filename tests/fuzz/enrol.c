/* SPDX-License-Identifier: BSD-2-Clause */
/* The body of POST /agent/v1/enroll: a token and a request for a certificate. No
 * token is known here; of a request only the key is taken over. */
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "collector/pki.h"
#include "common/error.h"
#include "common/hash.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/tls.h"
#include "tests/fuzz/specimen.h"
#include "tests/fuzz/target.h"

static struct pki *pki;

static void
close_pki(void)
{
	pki_free(pki);
}

static void
open_pki(void)
{
	static const char *const names[] = {"localhost"};

	if (pki_init(specimen_folder(), names, 1, NULL) == -1 ||
	    (pki = pki_open(specimen_folder(), NULL)) == NULL)
		abort();
	atexit(close_pki);
}

static void
try_token(const char *text)
{
	uint8_t bytes[32];
	char *back;

	if (hash_unbase64url(text, bytes, sizeof(bytes)) != sizeof(bytes))
		return;
	back = hash_base64url(bytes, sizeof(bytes));
	if (strcmp(text, back) != 0)
		abort();
	free(back);
}

static void
try_certificate(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	char box[NAME_TEXT];

	if (certificate == NULL ||
	    tls_verify(certificate, pki_ca(pki), NULL) == -1 ||
	    tls_box(certificate, box, NULL) == -1 || strcmp(box, "lon") != 0)
		abort();
	X509_free(certificate);
	BIO_free(bio);
}

static void
try_request(const char *text)
{
	struct error err = {""};
	EVP_PKEY *key = pki_request_key(text, &err);
	char fingerprint[65], *pem;

	if (key == NULL) {
		if (err.text[0] == '\0')
			abort();
		return;
	}
	if (pki_key_fingerprint(key, fingerprint, NULL) == -1)
		abort();
	pem = pki_sign_box(pki, text, "lon", PKI_LIFE, NULL);
	if (pem == NULL)
		abort();
	try_certificate(pem);
	free(pem);
	EVP_PKEY_free(key);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_object *json = member_parse((const char *)data, size, NULL);
	const char *text;

	if (pki == NULL)
		open_pki();
	if (member_text(json, "token", &text, NULL) == 0)
		try_token(text);
	if (member_text(json, "request", &text, NULL) == 0)
		try_request(text);
	json_object_put(json);
	return (0);
}
