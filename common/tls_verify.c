/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A signature that was good stays good, and a certificate says the same as before;
 * only its time passes. Who looks at the certificate of one connection with every
 * request checks the signature and reads it once.
 */
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/tls.h"

/* What is kept with a certificate. */
struct known {
	X509 *ca;                /* held; it has been verified against it */
	nanoseconds from, until; /* wall-clock: both are in their time */
	char box[NAME_TEXT];     /* "": not read yet */
	char fingerprint[65];
};

static void
forget(void *certificate, void *data, CRYPTO_EX_DATA *all, int index, long arg,
    void *more)
{
	struct known *known = data;

	if (known != NULL)
		X509_free(known->ca);
	free(known);
}

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

static struct known *
known_of(X509 *certificate)
{
	struct known *known = X509_get_ex_data(certificate, place());

	if (known != NULL)
		return (known);
	known = memory_new(1, sizeof(*known));
	if (X509_set_ex_data(certificate, place(), known) != 1)
		log_fatal("out of memory");
	return (known);
}

/* The CA is held, so that no other one can ever be at its place. */
static void
remember(X509 *certificate, X509 *ca)
{
	struct known *known = known_of(certificate);
	struct tls_life own, its;
	struct error err;

	if (certificate == ca || tls_life(certificate, &own, &err) == -1 ||
	    tls_life(ca, &its, &err) == -1)
		return;
	known->from = own.from > its.from ? own.from : its.from;
	known->until = own.until < its.until ? own.until : its.until;
	if (known->ca == ca)
		return;
	X509_free(known->ca);
	X509_up_ref(ca);
	known->ca = ca;
}

static bool
is_verified(X509 *certificate, const X509 *ca)
{
	const struct known *known = known_of(certificate);
	nanoseconds now = clock_wall();

	return (known->ca == ca && now > known->from && now < known->until);
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
	if (is_verified(certificate, ca))
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

int
tls_identify(X509 *certificate, char name[static NAME_TEXT],
    char fingerprint[static 65], struct error *err)
{
	struct known *known = known_of(certificate);

	if (known->box[0] == '\0') {
		if (tls_box(certificate, name, err) == -1)
			return (-1);
		tls_fingerprint(certificate, known->fingerprint);
		memcpy(known->box, name, NAME_TEXT);
	}
	memcpy(name, known->box, NAME_TEXT);
	memcpy(fingerprint, known->fingerprint, sizeof(known->fingerprint));
	return (0);
}
