/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * enrol.h - how a box becomes a member of its fleet.
 *
 * The token carries the fingerprint of the fleet's CA and a secret
 * (base64url(fingerprint || secret)). Fingerprint, chain and host are checked
 * before the secret is sent. The key is made here and never leaves. There is one
 * for each token (STATE/enrol.key, then box.key): the same token and key give the
 * same certificate, so a broken enrolment is repeated; another token makes
 * another key.
 */
#ifndef PHAROS_AGENT_ENROL_H
#define PHAROS_AGENT_ENROL_H

struct agent_settings;
struct error;

/* Fills settings->name, writes key, certificate and CA under settings->state
 * and settings themselves to path. An agent.yaml that is there for another
 * collector or box is refused. */
int enrol(struct agent_settings *settings, const char *token, const char *path,
    struct error *err);

#endif
