/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pki_sign.h - what the files of the PKI share; not for others.
 */
#ifndef PHAROS_COLLECTOR_PKI_SIGN_H
#define PHAROS_COLLECTOR_PKI_SIGN_H

#include <openssl/x509.h>

#include "common/clock.h"

struct error;

struct pki {
	X509 *ca;
	EVP_PKEY *key;
};

/* dir/file, whole or not at all. */
int pki_write(const char *dir, const char *file, const char *text,
    unsigned mode, struct error *err);
/* The key in dir/file, made when it is not there. */
EVP_PKEY *pki_keep_key(const char *dir, const char *file, struct error *err);

struct pki_leaf {
	const char *name;        /* common name, for people only */
	const char *alternative; /* "DNS:..,IP:..", "URI:..", or NULL: */
	X509 *like;              /* the names that this one has */
	const char *usage;       /* extended key usage; NULL: a CA */
	nanoseconds life;
};

/* Signs key with the CA's key; ca NULL: with itself. PEM, free() it. */
char *pki_sign(X509 *ca, EVP_PKEY *ca_key, EVP_PKEY *key,
    const struct pki_leaf *about, struct error *err);

/* Signs dir/collector.key and writes dir/collector.pem. */
int pki_sign_collector(const struct pki *pki, const char *dir,
    const struct pki_leaf *about, struct error *err);

#endif
