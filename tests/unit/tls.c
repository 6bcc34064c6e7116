/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/tls.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "common/daemon.h"
#include "common/error.h"
#include "tests/unit/authority.h"
#include "tests/unit/folder.h"

#define HOUR 3600

static struct authority fleet, stranger;
static EVP_PKEY *key;

static int
make_authorities(void **state)
{
	authority_make(&fleet, "fleet");
	authority_make(&stranger, "stranger");
	key = tls_new_key(NULL);
	return (0);
}

static int
clear_authorities(void **state)
{
	authority_clear(&fleet);
	authority_clear(&stranger);
	EVP_PKEY_free(key);
	return (0);
}

static void
a_valid_certificate_verifies(void **state)
{
	X509 *own = authority_sign(&fleet, key, NULL, -HOUR, HOUR);
	struct error err;

	assert_int_equal(tls_verify(own, fleet.certificate, &err), 0);
	X509_free(own);
}

static void
a_certificate_of_another_authority_is_refused(void **state)
{
	X509 *own = authority_sign(&stranger, key, NULL, -HOUR, HOUR);
	struct error err;

	assert_int_equal(tls_verify(own, fleet.certificate, &err), -1);
	assert_non_null(strstr(err.text, "issuer"));
	X509_free(own);
}

static void
a_verified_certificate_is_still_refused_by_another_authority(void **state)
{
	X509 *own = authority_sign(&fleet, key, NULL, -HOUR, HOUR);
	struct error err;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(tls_verify(own, fleet.certificate, &err), 0);
		assert_int_equal(
		    tls_verify(own, stranger.certificate, &err), -1);
		assert_non_null(strstr(err.text, "issuer"));
	}
	X509_free(own);
}

/* It is verified again and again while its last seconds pass. */
static void
a_verified_certificate_is_refused_when_it_has_expired(void **state)
{
	X509 *own = authority_sign(&fleet, key, NULL, -HOUR, 2);
	time_t until = time(NULL) + 60;
	struct error err;

	assert_int_equal(tls_verify(own, fleet.certificate, &err), 0);
	while (tls_verify(own, fleet.certificate, &err) == 0)
		assert_true(time(NULL) < until);
	assert_non_null(strstr(err.text, "has expired"));
	X509_free(own);
}

static void
a_certificate_out_of_its_time_is_refused(void **state)
{
	X509 *old = authority_sign(&fleet, key, NULL, -2 * HOUR, -HOUR);
	X509 *early = authority_sign(&fleet, key, NULL, HOUR, 2 * HOUR);
	struct error err;

	assert_int_equal(tls_verify(old, fleet.certificate, &err), -1);
	assert_non_null(strstr(err.text, "has expired"));
	assert_int_equal(tls_verify(early, fleet.certificate, &err), -1);
	assert_non_null(strstr(err.text, "not yet valid"));
	X509_free(old);
	X509_free(early);
}

/* As with a clock that is behind. */
static void
a_certificate_of_a_time_to_come_is_told_from_a_bad_one(void **state)
{
	X509 *own = authority_sign(&fleet, key, NULL, -HOUR, HOUR);
	X509 *old = authority_sign(&fleet, key, NULL, -2 * HOUR, -HOUR);
	X509 *early = authority_sign(&fleet, key, NULL, HOUR, 2 * HOUR);
	nanoseconds from, now = clock_wall();

	assert_true(tls_not_yet(early, fleet.certificate, &from));
	assert_true(from > now && from <= clock_wall() + HOUR * NS_PER_S);
	assert_false(tls_not_yet(early, stranger.certificate, &from));
	assert_false(tls_not_yet(own, fleet.certificate, &from));
	assert_false(tls_not_yet(old, fleet.certificate, &from));
	X509_free(own);
	X509_free(old);
	X509_free(early);
}

static void
the_box_is_read_from_the_alternative_name(void **state)
{
	X509 *own = authority_sign(&fleet, key,
	    "DNS:example.org,URI:https://example.org,URI:pharos:box/nyc-1.a",
	    -HOUR, HOUR);
	char name[NAME_TEXT];
	struct error err;

	assert_int_equal(tls_box(own, name, &err), 0);
	assert_string_equal(name, "nyc-1.a");
	X509_free(own);
}

/* The second time from what is kept with it; of the first nothing is when it names
 * no box. */
static void
what_a_certificate_says_is_kept_with_it(void **state)
{
	X509 *own =
	    authority_sign(&fleet, key, "URI:pharos:box/nyc", -HOUR, HOUR);
	X509 *nobody = authority_sign(&fleet, key, "DNS:nyc", -HOUR, HOUR);
	char name[NAME_TEXT], print[65], expected[65];
	struct error err;

	tls_fingerprint(own, expected);
	for (int i = 0; i < 2; i++) {
		memset(name, 'x', sizeof(name));
		memset(print, 'x', sizeof(print));
		assert_int_equal(tls_identify(own, name, print, &err), 0);
		assert_string_equal(name, "nyc");
		assert_string_equal(print, expected);
		assert_int_equal(tls_verify(own, fleet.certificate, &err), 0);
		assert_int_equal(tls_identify(nobody, name, print, &err), -1);
		assert_non_null(strstr(err.text, "expected one"));
	}
	X509_free(own);
	X509_free(nobody);
}

static void
certificates_that_name_no_single_box_are_refused(void **state)
{
	const char *sans[] = {NULL, "DNS:nyc", "DNS:pharos:box/nyc",
	    "URI:pharos:box/", "URI:pharos:box/NYC", "URI:pharos:box/a..b",
	    "URI:pharos:box/../nyc", "URI:pharos:boxnyc", "URI:xpharos:box/nyc",
	    "URI:pharos:box/nyc,URI:pharos:box/lon",
	    "URI:pharos:box/nyc,URI:pharos:box/LON",
	    "URI:pharos:box/LON,URI:pharos:box/nyc",
	    "URI:pharos:box/"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};

	for (size_t i = 0; i < sizeof(sans) / sizeof(sans[0]); i++) {
		X509 *own = authority_sign(&fleet, key, sans[i], -HOUR, HOUR);
		char name[NAME_TEXT];
		struct error err;

		assert_int_equal(tls_box(own, name, &err), -1);
		assert_non_null(strstr(err.text, "expected one"));
		X509_free(own);
	}
}

static void
files_come_back_as_they_were_written(void **state)
{
	char *crt = folder_path(state, "box.crt");
	char *pem = folder_path(state, "box.key");
	char from_file[65], again[65];
	struct error err;
	EVP_PKEY *read_key;
	X509 *own;

	authority_issue(&fleet, *state, "box", "URI:pharos:box/nyc");
	own = tls_read_certificate(crt, &err);
	read_key = tls_read_key(pem, &err);
	assert_non_null(own);
	assert_non_null(read_key);
	assert_int_equal(X509_check_private_key(own, read_key), 1);
	tls_fingerprint(own, from_file);
	assert_int_equal(strlen(from_file), 64);
	tls_fingerprint(fleet.certificate, again);
	assert_string_not_equal(from_file, again);
	assert_null(tls_read_certificate(pem, &err));
	assert_non_null(strstr(err.text, "box.key: "));
	assert_null(tls_read_key("/nonexistent", &err));
	assert_string_equal(
	    err.text, "/nonexistent: No such file or directory");
	EVP_PKEY_free(read_key);
	X509_free(own);
	free(pem);
	free(crt);
}

static void
a_request_carries_key_and_box(void **state)
{
	struct error err;
	char *text = tls_request_pem(key, "nyc", &err);
	BIO *bio = BIO_new_mem_buf(text, -1);
	X509_REQ *request = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
	STACK_OF(X509_EXTENSION) *all = X509_REQ_get_extensions(request);
	GENERAL_NAMES *sans =
	    X509V3_get_d2i(all, NID_subject_alt_name, NULL, NULL);
	const GENERAL_NAME *san = sk_GENERAL_NAME_value(sans, 0);

	assert_int_equal(
	    X509_REQ_verify(request, X509_REQ_get0_pubkey(request)), 1);
	assert_int_equal(EVP_PKEY_eq(X509_REQ_get0_pubkey(request), key), 1);
	assert_int_equal(san->type, GEN_URI);
	assert_memory_equal(
	    ASN1_STRING_get0_data(san->d.uniformResourceIdentifier),
	    "pharos:box/nyc", 14);
	GENERAL_NAMES_free(sans);
	sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
	X509_REQ_free(request);
	BIO_free(bio);
	free(text);
}

static void
a_server_names_the_file_that_is_wrong(void **state)
{
	char *crt = folder_path(state, "web.crt"), *ca;
	char *pem = folder_path(state, "web.key");
	char *other = folder_path(state, "other.key");
	struct error err;
	SSL_CTX *ctx;

	ca = folder_path(state, "ca.crt");
	authority_write(&fleet, *state, "ca");
	authority_issue(&fleet, *state, "web", "DNS:localhost");
	authority_issue(&fleet, *state, "other", "DNS:localhost");
	ctx = tls_server(crt, pem, ca, &err);
	assert_non_null(ctx);
	assert_int_equal(SSL_CTX_get_min_proto_version(ctx), TLS1_3_VERSION);
	SSL_CTX_free(ctx);
	assert_null(tls_server(crt, other, ca, &err));
	assert_non_null(strstr(err.text, "other.key: key values mismatch"));
	assert_null(tls_server("/nonexistent", pem, ca, &err));
	assert_string_equal(
	    err.text, "/nonexistent: No such file or directory");
	assert_null(tls_server(crt, pem, pem, &err));
	assert_non_null(strstr(err.text, "web.key: "));
	free(ca);
	free(other);
	free(pem);
	free(crt);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_valid_certificate_verifies),
	    cmocka_unit_test(a_certificate_of_another_authority_is_refused),
	    cmocka_unit_test(
		a_verified_certificate_is_still_refused_by_another_authority),
	    cmocka_unit_test(
		a_verified_certificate_is_refused_when_it_has_expired),
	    cmocka_unit_test(a_certificate_out_of_its_time_is_refused),
	    cmocka_unit_test(
		a_certificate_of_a_time_to_come_is_told_from_a_bad_one),
	    cmocka_unit_test(the_box_is_read_from_the_alternative_name),
	    cmocka_unit_test(what_a_certificate_says_is_kept_with_it),
	    cmocka_unit_test(certificates_that_name_no_single_box_are_refused),
	    IN_FOLDER(files_come_back_as_they_were_written),
	    cmocka_unit_test(a_request_carries_key_and_box),
	    IN_FOLDER(a_server_names_the_file_that_is_wrong),
	};

	return (
	    cmocka_run_group_tests(tests, make_authorities, clear_authorities));
}
