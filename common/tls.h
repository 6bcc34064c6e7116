/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tls.h - the fleet's TLS: version 1.3, own CA, names in SAN only.
 *
 * Boxes are "URI:pharos:box/NAME". Verification runs on every request that
 * needs an identity, for resumption skips the handshake's own.
 */
#ifndef PHAROS_COMMON_TLS_H
#define PHAROS_COMMON_TLS_H

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdbool.h>

#include "common/clock.h"
#include "common/name.h"

struct error;

/* For a server that asks for a client certificate and takes connections
 * without one (enrolment), and with any: who has a wrong one is told what is wrong
 * with it by an answer, which a refused handshake cannot. chain holds certificate
 * and CA. */
SSL_CTX *tls_server(
    const char *chain, const char *key, const char *ca, struct error *err);
/* Presents what the files hold now to connections that begin from here on; the
 * others go on. When it fails the context is as it was. */
int tls_server_reload(
    SSL_CTX *tls, const char *chain, const char *key, struct error *err);
/* Wall-clock, from when until when it is good, and when two thirds of that have
 * passed: the time to have another. */
struct tls_life {
	nanoseconds from, until, renew;
};
int tls_life(X509 *certificate, struct tls_life *life, struct error *err);
/* Does the certificate verify against ca now? What was found out about its
 * signature is kept with it. */
int tls_verify(X509 *certificate, X509 *ca, struct error *err);
/* Would it, if only its time, or the CA's, had come? Then *from is when it does,
 * wall-clock. */
bool tls_not_yet(X509 *certificate, X509 *ca, nanoseconds *from);
/* The box a certificate speaks for. */
int tls_box(X509 *certificate, char name[static NAME_TEXT], struct error *err);
/* Lower-case hexadecimal SHA-256 of the DER form. */
void tls_fingerprint(X509 *certificate, char text[static 65]);
/* Both, read once and kept with the certificate. */
int tls_identify(X509 *certificate, char name[static NAME_TEXT],
    char fingerprint[static 65], struct error *err);
X509 *tls_read_certificate(const char *path, struct error *err);
EVP_PKEY *tls_read_key(const char *path, struct error *err);
EVP_PKEY *tls_new_key(struct error *err); /* ECDSA P-256 */
/* PEM texts, free() them; NULL only on a bug in OpenSSL, with err */
char *tls_key_pem(EVP_PKEY *key, struct error *err);
char *tls_certificate_pem(X509 *certificate, struct error *err);
/* A certificate request for a box, PEM. */
char *tls_request_pem(EVP_PKEY *key, const char *box, struct error *err);

#endif
