/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pki.h - the fleet's own certificate authority.
 *
 * ECDSA P-256. The CA lives 20 years, everything else as long as collector.yaml
 * says, usually 90 days, and is renewed meanwhile. Boxes carry only
 * the SAN URI:pharos:box/NAME, the collector DNS names and addresses.
 */
#ifndef PHAROS_COLLECTOR_PKI_H
#define PHAROS_COLLECTOR_PKI_H

#include <openssl/x509.h>
#include <stddef.h>

#include "common/clock.h"

struct error;
struct pki;

#define PKI_DAY (INT64_C(86400) * NS_PER_S)
#define PKI_LIFE (90 * PKI_DAY)

/* Makes dir/{ca,collector}.{pem,key}, keys 0600. An existing CA is kept and
 * only the collector's certificate is made anew. collector.pem holds the chain
 * down to the CA. */
int pki_init(
    const char *dir, const char *const *names, size_t count, struct error *err);
struct pki *pki_open(const char *dir, struct error *err);
void pki_free(struct pki *pki);      /* NULL is fine */
X509 *pki_ca(const struct pki *pki); /* borrowed */
/* Signs a PEM request: its signature is checked, all names in it are ignored
 * but the key. Returns PEM; free() it. */
char *pki_sign_box(const struct pki *pki, const char *request_pem,
    const char *box, nanoseconds life, struct error *err);
/* Makes the collector's certificate anew, with the names and the key it has,
 * when two thirds of its life have passed or it lives longer than it should.
 * 1: it did, 0: it is good as it is, -1. */
int pki_renew_collector(const struct pki *pki, const char *dir,
    nanoseconds life, nanoseconds now, struct error *err);
/* The key of a PEM request that is signed by it (new reference), or NULL. */
EVP_PKEY *pki_request_key(const char *request_pem, struct error *err);
/* SHA-256 of the public key, lower-case hexadecimal. */
int pki_key_fingerprint(EVP_PKEY *key, char text[static 65], struct error *err);

#endif
