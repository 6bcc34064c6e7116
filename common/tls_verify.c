/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A signature that was good stays good; only its time passes. Who verifies the
 * certificate of one connection with every request checks the signature once.
 */
#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include "common/error.h"
#include "common/log.h"
#include "common/tls.h"

static void
forget(void *certificate, void *ca, CRYPTO_EX_DATA *data, int index, long arg,
    void *more)
{
	X509_free(ca);
}

/* Where a certificate keeps which CA it has been verified against. */
static int
place(void)
{
	static int index = -1;

	if (index == -1)
		index = X509_get_ex_new_index(0, NULL, NULL, NULL, forget);
	if (index == -1)
		log_fatal("out of memory");
	return (index);
}

static bool
is_in_time(X509 *certificate)
{
	return (X509_cmp_current_time(X509_get0_notBefore(certificate)) < 0 &&
		X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0);
}

/* The CA is held, so that no other one can ever be at its place. */
static void
remember(X509 *certificate, X509 *ca)
{
	X509 *before = X509_get_ex_data(certificate, place());

	if (certificate == ca || before == ca)
		return;
	X509_up_ref(ca);
	X509_set_ex_data(certificate, place(), ca);
	X509_free(before);
}

/* flags: of OpenSSL's X509_V_FLAG_. */
static int
verify(X509 *certificate, X509 *ca, unsigned long flags, struct error *err)
{
	X509_STORE_CTX *check = X509_STORE_CTX_new();
	X509_STORE *store = X509_STORE_new();
	int result = -1;

	if (check == NULL || store == NULL ||
	    X509_STORE_add_cert(store, ca) != 1 ||
	    X509_STORE_set_flags(store, flags) != 1 ||
	    X509_STORE_CTX_init(check, store, certificate, NULL) != 1)
		error_set(err, "certificate: OpenSSL refuses it without a "
			       "reason");
	else if (X509_verify_cert(check) == 1)
		result = 0;
	else
		error_set(err, "certificate refused: %s",
		    X509_verify_cert_error_string(
			X509_STORE_CTX_get_error(check)));
	X509_STORE_CTX_free(check);
	X509_STORE_free(store);
	ERR_clear_error();
	return (result);
}

int
tls_verify(X509 *certificate, X509 *ca, struct error *err)
{
	if (X509_get_ex_data(certificate, place()) == ca &&
	    is_in_time(certificate) && is_in_time(ca))
		return (0);
	if (verify(certificate, ca, 0, err) == -1)
		return (-1);
	remember(certificate, ca);
	return (0);
}

bool
tls_not_yet(X509 *certificate, X509 *ca, nanoseconds *from)
{
	nanoseconds now = clock_wall();
	struct tls_life own, its;
	struct error err;

	if (verify(certificate, ca, X509_V_FLAG_NO_CHECK_TIME, &err) == -1 ||
	    tls_life(certificate, &own, &err) == -1 ||
	    tls_life(ca, &its, &err) == -1)
		return (false);
	*from = own.from > its.from ? own.from : its.from;
	return (now < *from);
}
