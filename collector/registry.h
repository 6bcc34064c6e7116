/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * registry.h - who belongs to the fleet, and when it was last heard of.
 *
 * STATE/registry.db; intake is its only writer, others open it read-only. Of a
 * token only the SHA-256 of the secret is kept. Heartbeats are committed
 * together, once a second at most.
 */
#ifndef PHAROS_COLLECTOR_REGISTRY_H
#define PHAROS_COLLECTOR_REGISTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/clock.h"
#include "common/name.h"

struct catalog;
struct error;
struct json_object;
struct registry;

struct registry *registry_open(
    const char *path, bool read_only, struct error *err);
void registry_free(struct registry *registry); /* commits; NULL is fine */

/* One-time tokens: secret is 32 random bytes; valid until `until` (wall). */
int registry_add_token(struct registry *registry, const char *box,
    const uint8_t secret[static 32], nanoseconds now, nanoseconds until,
    struct error *err);
/* Uses a token with the fingerprint of the request's key. First use: box is
 * filled, *certificate NULL. The same key again: *certificate is what was
 * issued (free() it). Used by another key, expired, unknown: -1, each with its
 * own message. */
int registry_use_token(struct registry *registry,
    const uint8_t secret[static 32], const char *key_fingerprint,
    nanoseconds now, char box[static NAME_TEXT], char **certificate,
    struct error *err);
/* The box is a member from here on. */
int registry_enrol(struct registry *registry, const uint8_t secret[static 32],
    const char *box, const char *key_fingerprint, const char *certificate_pem,
    const char *certificate_fingerprint, nanoseconds now, struct error *err);
/* Is a certificate with this fingerprint the box's, and not removed? */
bool registry_is_member(struct registry *registry, const char *box,
    const char *certificate_fingerprint);

/* A hello, whole; its manifests are kept apart. 1 when one of them was not
 * known before, 0 or -1. */
int registry_heard(struct registry *registry, const char *box,
    struct json_object *hello, nanoseconds now, struct error *err);
/* A batch of records came: alive, too. */
void registry_alive(
    struct registry *registry, const char *box, nanoseconds now);
int registry_commit(struct registry *registry, struct error *err);

/* A record that intake would not take, kept aside with the reason; once,
 * however often it is sent. Of each box the newest REGISTRY_REFUSED_MOST are
 * kept, each cut at REGISTRY_REFUSED_LINE bytes; all are counted. */
#define REGISTRY_REFUSED_MOST 1000
#define REGISTRY_REFUSED_LINE 65536
int registry_refuse(struct registry *registry, const char *box,
    const char *line, const char *why, nanoseconds now, struct error *err);

struct registry_box {
	char name[NAME_TEXT];
	nanoseconds enrolled, heard; /* 0: never */
	struct json_object *hello;   /* without manifests; or NULL */
	uint64_t refused;            /* records kept aside */
};
/* All members by name; count of them or -1. */
int registry_boxes(
    struct registry *registry, struct registry_box **boxes, struct error *err);
void registry_boxes_free(struct registry_box *boxes, int count);
/* Adds all manifests heard from agents. */
int registry_catalog(
    struct registry *registry, struct catalog *catalog, struct error *err);

#define REGISTRY_SILENT (45 * NS_PER_S) /* three heartbeats */

#endif
