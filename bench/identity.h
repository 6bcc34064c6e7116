/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * identity.h - certificates for as many boxes as a benchmark needs.
 *
 * Signed by the fleet's own CA and entered in its registry, as enrolment does
 * it, but without asking a collector ten thousand times. All share one key.
 */
#ifndef PHAROS_BENCH_IDENTITY_H
#define PHAROS_BENCH_IDENTITY_H

#include <openssl/ssl.h>
#include <stddef.h>

#include "common/name.h"

struct error;

struct identity {
	char box[NAME_TEXT];
	X509 *certificate;
};

struct identities {
	SSL_CTX *tls; /* trusts the fleet's CA; has no certificate */
	EVP_PKEY *key;
	struct identity *list;
	size_t count;
};

/* Enters boxes from..from+count-1 in the registry of a collector that does not
 * run; pki and registry are in the folder state, the certificates go to the
 * folder into. */
int identities_make(const char *state, const char *into, size_t from,
    size_t count, struct error *err);
int identities_read(struct identities *all, const char *from, size_t first,
    size_t count, struct error *err);
void identities_clear(struct identities *all);
void identity_name(size_t number, char box[static NAME_TEXT]); /* b00000 */

#endif
