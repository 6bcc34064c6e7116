/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * authority.h - a certificate authority made for a test, and what it signs.
 */
#ifndef PHAROS_TESTS_UNIT_AUTHORITY_H
#define PHAROS_TESTS_UNIT_AUTHORITY_H

#include <openssl/x509.h>

struct authority {
	EVP_PKEY *key;
	X509 *certificate;
};

void authority_make(struct authority *authority, const char *name);
void authority_clear(struct authority *authority);
/* A certificate for this key. san as in openssl.cnf ("DNS:localhost,
 * URI:pharos:box/nyc"), NULL for none; valid from now + from to now + to,
 * seconds. */
X509 *authority_sign(const struct authority *authority, EVP_PKEY *key,
    const char *san, long from, long to);
/* DIR/NAME.crt (with the authority's behind it), DIR/NAME.key. */
void authority_issue(const struct authority *authority, const char *dir,
    const char *name, const char *san);
/* DIR/NAME.crt, the authority's own */
void authority_write(
    const struct authority *authority, const char *dir, const char *name);

#endif
