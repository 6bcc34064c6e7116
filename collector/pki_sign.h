/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pki_sign.h - one certificate, signed; for pki.c only.
 */
#ifndef PHAROS_COLLECTOR_PKI_SIGN_H
#define PHAROS_COLLECTOR_PKI_SIGN_H

#include <openssl/x509.h>

struct error;

struct pki_leaf {
	const char *name;        /* common name, for people only */
	const char *alternative; /* "DNS:..,IP:..", "URI:.."; NULL: a CA */
	const char *usage;       /* extended key usage; NULL: a CA */
	int days;
};

/* Signs key with the CA's key; ca NULL: with itself. PEM, free() it. */
char *pki_sign(X509 *ca, EVP_PKEY *ca_key, EVP_PKEY *key,
    const struct pki_leaf *about, struct error *err);

#endif
