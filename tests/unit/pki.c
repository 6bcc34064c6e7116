/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/pki.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/tls.h"
#include "tests/unit/folder.h"

static const char *const names[] = {
    "collector.example", "192.0.2.1", "2001:db8::1"};

static struct pki *
make_pki(void **state, const char *name)
{
	char *dir = folder_path(state, name);
	struct error err;
	struct pki *pki = NULL;

	if (pki_init(dir, names, 3, &err) == 0)
		pki = pki_open(dir, &err);
	free(dir);
	if (pki == NULL)
		fail_msg("%s", err.text);
	return (pki);
}

static X509 *
parse(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	BIO_free(bio);
	assert_non_null(certificate);
	return (certificate);
}

static char *
request_for(EVP_PKEY *key, const char *box)
{
	struct error err;
	char *request = tls_request_pem(key, box, &err);

	assert_non_null(request);
	return (request);
}

static X509 *
sign(struct pki *pki, const char *request, const char *box)
{
	struct error err;
	char *pem = pki_sign_box(pki, request, box, PKI_LIFE, &err);
	X509 *certificate;

	if (pem == NULL)
		fail_msg("%s", err.text);
	certificate = parse(pem);
	free(pem);
	return (certificate);
}

static X509 *
new_box(struct pki *pki, const char *asked, const char *given)
{
	struct error err;
	EVP_PKEY *key = tls_new_key(&err);
	char *request = request_for(key, asked);
	X509 *certificate = sign(pki, request, given);

	free(request);
	EVP_PKEY_free(key);
	return (certificate);
}

static void
box_certificate_speaks_for_the_box_given(void **state)
{
	struct pki *pki = make_pki(state, "pki");
	X509 *certificate = new_box(pki, "intruder", "lon");
	char box[NAME_TEXT];
	struct error err;

	assert_int_equal(tls_verify(certificate, pki_ca(pki), &err), 0);
	assert_int_equal(tls_box(certificate, box, &err), 0);
	assert_string_equal(box, "lon");
	X509_free(certificate);
	pki_free(pki);
}

static void
box_certificate_lives_ninety_days(void **state)
{
	struct pki *pki = make_pki(state, "pki");
	X509 *certificate = new_box(pki, "lon", "lon");
	int days, seconds;

	assert_int_equal(ASN1_TIME_diff(&days, &seconds, NULL,
			     X509_get0_notAfter(certificate)),
	    1);
	assert_in_range(days * 86400 + seconds, 90 * 86400 - 60, 90 * 86400);
	X509_free(certificate);
	pki_free(pki);
}

static void
certificate_of_another_ca_is_refused(void **state)
{
	struct pki *pki = make_pki(state, "pki");
	struct pki *other = make_pki(state, "other");
	X509 *certificate = new_box(other, "lon", "lon");
	struct error err;

	assert_int_equal(tls_verify(certificate, pki_ca(pki), &err), -1);
	X509_free(certificate);
	pki_free(other);
	pki_free(pki);
}

static void
request_must_be_signed_by_its_key(void **state)
{
	struct pki *pki = make_pki(state, "pki");
	struct error err;
	EVP_PKEY *key = tls_new_key(&err);
	X509_REQ *request = X509_REQ_new();
	EVP_PKEY *other = tls_new_key(&err);
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem;

	X509_REQ_set_pubkey(request, key);
	X509_REQ_sign(request, other, EVP_sha256());
	PEM_write_bio_X509_REQ(bio, request);
	BIO_write(bio, "", 1);
	BIO_get_mem_data(bio, &pem);
	assert_null(pki_sign_box(pki, pem, "lon", PKI_LIFE, &err));
	assert_non_null(strstr(err.text, "not signed by its own key"));
	assert_null(pki_sign_box(pki, "nonsense", "lon", PKI_LIFE, &err));
	assert_non_null(strstr(err.text, "PEM"));
	BIO_free(bio);
	X509_REQ_free(request);
	EVP_PKEY_free(other);
	EVP_PKEY_free(key);
	pki_free(pki);
}

static void
key_fingerprint_is_the_requests(void **state)
{
	struct error err;
	EVP_PKEY *key = tls_new_key(&err), *found;
	char *request = request_for(key, "lon"), one[65], two[65];

	found = pki_request_key(request, &err);
	assert_non_null(found);
	assert_int_equal(pki_key_fingerprint(key, one, &err), 0);
	assert_int_equal(pki_key_fingerprint(found, two, &err), 0);
	assert_string_equal(one, two);
	EVP_PKEY_free(found);
	found = tls_new_key(&err);
	assert_int_equal(pki_key_fingerprint(found, two, &err), 0);
	assert_string_not_equal(one, two);
	EVP_PKEY_free(found);
	EVP_PKEY_free(key);
	free(request);
}

static void
collector_certificate_names_hosts_and_addresses(void **state)
{
	struct pki *pki = make_pki(state, "pki");
	char *path = folder_path(state, "pki/collector.pem");
	struct error err;
	X509 *certificate = tls_read_certificate(path, &err);

	assert_non_null(certificate);
	assert_int_equal(tls_verify(certificate, pki_ca(pki), &err), 0);
	assert_int_equal(X509_check_host(certificate, names[0], 0, 0, NULL), 1);
	assert_int_equal(X509_check_ip_asc(certificate, names[1], 0), 1);
	assert_int_equal(X509_check_ip_asc(certificate, names[2], 0), 1);
	assert_int_equal(
	    X509_check_host(certificate, "other.example", 0, 0, NULL), 0);
	X509_free(certificate);
	free(path);
	pki_free(pki);
}

static void
init_again_keeps_the_ca(void **state)
{
	struct pki *first = make_pki(state, "pki");
	struct pki *second = make_pki(state, "pki");

	assert_int_equal(X509_cmp(pki_ca(first), pki_ca(second)), 0);
	pki_free(first);
	pki_free(second);
}

static void
keys_are_for_the_owner_only(void **state)
{
	static const char *const keys[] = {"pki/ca.key", "pki/collector.key"};

	pki_free(make_pki(state, "pki"));
	for (int i = 0; i < 2; i++) {
		char *path = folder_path(state, keys[i]);
		struct stat st;

		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		free(path);
	}
}

static void
names_that_are_none_are_refused(void **state)
{
	static const char *const bad[] = {"a.example,IP:192.0.2.9"};
	char *dir = folder_path(state, "pki");
	struct error err;

	assert_int_equal(pki_init(dir, bad, 1, &err), -1);
	assert_non_null(strstr(err.text, "--name a.example,IP:192.0.2.9"));
	assert_int_equal(pki_init(dir, NULL, 0, &err), -1);
	assert_non_null(strstr(err.text, "--name"));
	free(dir);
}

static int
renew_collector(
    void **state, struct pki *pki, nanoseconds life, nanoseconds now)
{
	char *dir = folder_path(state, "pki");
	struct error err = {""};
	int result = pki_renew_collector(pki, dir, life, now, &err);

	free(dir);
	assert_string_equal(err.text, "");
	return (result);
}

static X509 *
read_collector(void **state)
{
	char *path = folder_path(state, "pki/collector.pem");
	struct error err;
	X509 *certificate = tls_read_certificate(path, &err);

	free(path);
	assert_non_null(certificate);
	return (certificate);
}

static void
collector_certificate_is_renewed_at_two_thirds(void **state)
{
	struct pki *pki = make_pki(state, "pki");
	nanoseconds now = clock_wall();
	X509 *before = read_collector(state), *after;

	assert_int_equal(renew_collector(state, pki, PKI_LIFE, now), 0);
	assert_int_equal(
	    renew_collector(state, pki, PKI_LIFE, now + 59 * PKI_DAY), 0);
	assert_int_equal(
	    renew_collector(state, pki, PKI_LIFE, now + 61 * PKI_DAY), 1);
	after = read_collector(state);
	assert_int_not_equal(X509_cmp(before, after), 0);
	assert_int_equal(
	    EVP_PKEY_eq(X509_get0_pubkey(before), X509_get0_pubkey(after)), 1);
	assert_int_equal(X509_check_host(after, names[0], 0, 0, NULL), 1);
	assert_int_equal(X509_check_ip_asc(after, names[1], 0), 1);
	assert_int_equal(X509_check_ip_asc(after, names[2], 0), 1);
	X509_free(after);
	X509_free(before);
	pki_free(pki);
}

/* Made while the clock was ahead, which has been set right since. */
static void
collector_certificate_that_is_not_good_yet_is_replaced(void **state)
{
	struct pki *pki = make_pki(state, "pki");
	nanoseconds then = clock_wall() - 10 * 365 * PKI_DAY;

	assert_int_equal(
	    renew_collector(state, pki, 20 * 365 * PKI_DAY, then), 1);
	pki_free(pki);
}

static void
collector_certificate_follows_a_shorter_life(void **state)
{
	struct pki *pki = make_pki(state, "pki");
	nanoseconds now = clock_wall();
	struct tls_life life;
	struct error err;
	X509 *after;

	assert_int_equal(renew_collector(state, pki, PKI_DAY, now), 1);
	assert_int_equal(renew_collector(state, pki, PKI_DAY, now), 0);
	after = read_collector(state);
	assert_int_equal(tls_life(after, &life, &err), 0);
	assert_in_range((life.until - now) / NS_PER_S, 86395, 86405);
	assert_true(life.from < now && life.renew < life.until);
	X509_free(after);
	pki_free(pki);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(box_certificate_speaks_for_the_box_given),
	    IN_FOLDER(box_certificate_lives_ninety_days),
	    IN_FOLDER(certificate_of_another_ca_is_refused),
	    IN_FOLDER(request_must_be_signed_by_its_key),
	    IN_FOLDER(key_fingerprint_is_the_requests),
	    IN_FOLDER(collector_certificate_names_hosts_and_addresses),
	    IN_FOLDER(collector_certificate_is_renewed_at_two_thirds),
	    IN_FOLDER(collector_certificate_that_is_not_good_yet_is_replaced),
	    IN_FOLDER(collector_certificate_follows_a_shorter_life),
	    IN_FOLDER(init_again_keeps_the_ca),
	    IN_FOLDER(keys_are_for_the_owner_only),
	    IN_FOLDER(names_that_are_none_are_refused),
	};

	return (cmocka_run_group_tests_name("pki", tests, NULL, NULL));
}
