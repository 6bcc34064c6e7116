/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * identity.h - who this box is: its key and certificates, as files.
 *
 * STATE/box.key, box.pem, ca.pem. The certificate says what the box is called;
 * when the fleet file calls it otherwise, the next certificate does, and the
 * names it had before are in STATE/was, so that agent.yaml may stay as it is.
 */
#ifndef PHAROS_AGENT_IDENTITY_H
#define PHAROS_AGENT_IDENTITY_H

#include <openssl/x509.h>
#include <stdbool.h>

#include "common/name.h"

struct agent_settings;
struct error;
struct json_object;

EVP_PKEY *identity_key(
    const struct agent_settings *settings, struct error *err);
X509 *identity_certificate(
    const struct agent_settings *settings, struct error *err);
X509 *identity_ca(const struct agent_settings *settings, struct error *err);

/* The name that the certificate gives, if agent.yaml has the same or one that
 * the box had. */
int identity_box(const struct agent_settings *settings,
    char box[static NAME_TEXT], struct error *err);
/* Was the box called so once? */
bool identity_had(const struct agent_settings *settings, const char *name);
/* Remembers a name that the box had. */
int identity_note(
    const struct agent_settings *settings, const char *name, struct error *err);

/* A member of a collector's answer that is a certificate; X509_free it. */
X509 *identity_parse(
    struct json_object *reply, const char *member, struct error *err);
/* Is it of this CA, for this key, and for which box? */
int identity_check(X509 *certificate, X509 *ca, EVP_PKEY *key,
    char box[static NAME_TEXT], struct error *err);
/* STATE/file, replaced whole. */
int identity_write(const struct agent_settings *settings, const char *file,
    X509 *certificate, struct error *err);

#endif
