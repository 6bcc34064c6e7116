/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * registry.h - who belongs to the fleet, and when it was last heard of.
 *
 * STATE/registry.db; intake is its only writer (the parent upgrades an older
 * one before), others open it read-only. Of a token only the SHA-256 of the secret is kept. Heartbeats are committed
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
struct renames;

struct registry *registry_open(
    const char *path, bool read_only, struct error *err);
void registry_free(struct registry *registry); /* commits; NULL is fine */

/* One-time tokens: secret is 32 random bytes; valid until `until` (wall). A
 * token's id, for people, are the first digits of the SHA-256 that is kept. */
int registry_add_token(struct registry *registry, const char *box,
    const uint8_t secret[static 32], nanoseconds now, nanoseconds until,
    struct error *err);
/* Uses a token with the fingerprint of the request's key. First use: box is
 * filled, *certificate NULL. The same key again: *certificate is what was
 * issued (free() it). Used by another key, expired, revoked, unknown: -1, each
 * with its own message. */
int registry_use_token(struct registry *registry,
    const uint8_t secret[static 32], const char *key_fingerprint,
    nanoseconds now, char box[static NAME_TEXT], char **certificate,
    struct error *err);
#define REGISTRY_TOKEN_ID 8 /* hexadecimal digits */
void registry_token_id(
    const uint8_t secret[static 32], char id[static REGISTRY_TOKEN_ID + 1]);
struct registry_token {
	char id[REGISTRY_TOKEN_ID + 1], box[NAME_TEXT];
	nanoseconds made, until, used, revoked; /* the latter two 0: not */
};
/* All that have not been forgotten (30 days after they expired), the newest
 * last; count or -1, free() them. */
int registry_tokens(struct registry *registry, struct registry_token **tokens,
    struct error *err);
/* An unused one is good for nothing from here on; *token says which. -1 also
 * when there is none, or it was used. */
int registry_revoke_token(struct registry *registry, const char *id,
    nanoseconds now, struct registry_token *token, struct error *err);

struct registry_certificate {
	const char *box;
	const char *pem, *fingerprint, *key; /* key: its fingerprint */
	nanoseconds until;
};
/* The box is a member from here on, by this certificate alone. */
int registry_enrol(struct registry *registry, const uint8_t secret[static 32],
    const struct registry_certificate *certificate, nanoseconds now,
    struct error *err);
/* A further certificate of a member. The earlier ones stay good until they
 * expire, for a box may never get the answer, and may come back out of a backup;
 * the newest REGISTRY_CERTIFICATES are kept. */
#define REGISTRY_CERTIFICATES 8
int registry_renew(struct registry *registry,
    const struct registry_certificate *certificate, nanoseconds now,
    struct error *err);
/* Whose certificate has this fingerprint: its name now, and the mark that it
 * keeps for life, which the journal knows it by. False: no member's. For the one
 * that writes the registry: what was found is remembered until members change. */
bool registry_find(struct registry *registry,
    const char *certificate_fingerprint, char box[static NAME_TEXT],
    char mark[static NAME_TEXT]);
/* All members: their names now, their marks, and when each was enrolled last. The
 * count, free() them; or -1. */
struct registry_tie {
	char name[NAME_TEXT], mark[NAME_TEXT];
	nanoseconds enrolled;
};
int registry_ties(
    struct registry *registry, struct registry_tie **ties, struct error *err);
/* Is a certificate with this fingerprint the box's, and not removed? */
bool registry_is_member(struct registry *registry, const char *box,
    const char *certificate_fingerprint);
/* Forgets the certificates of a box and revokes its tokens. 1, or 0: it is no
 * member, or -1. */
int registry_remove(struct registry *registry, const char *box, nanoseconds now,
    struct error *err);
/* When that was done, 0: it was not, or it has been enrolled since. */
nanoseconds registry_removed(struct registry *registry, const char *box);
/* Boxes have other names from here on, with all they have; in one transaction,
 * on disk. Those that it has followed before are passed over: up to *before, a
 * revision. One whose new name a member has keeps the old. How many boxes were
 * renamed, or -1. */
int registry_follow(struct registry *registry, const struct renames *renames,
    int64_t *before, struct error *err);
/* A second agent used the box's certificate: {"epoch","peer","at","first":
 * {"epoch","peer"}}; NULL: it has gone. */
int registry_note_second(struct registry *registry, const char *box,
    struct json_object *second, struct error *err);

/* A hello, whole; its manifests are kept apart, of REGISTRY_MANIFESTS names at
 * most, whoever sends more. 1 when one of them was not known before, 0 or -1. */
#define REGISTRY_MANIFESTS 256
int registry_heard(struct registry *registry, const char *box,
    struct json_object *hello, nanoseconds now, struct error *err);
/* When it was last heard of; 0: never. */
nanoseconds registry_heard_at(struct registry *registry, const char *box);
/* A batch of records came: alive, too. */
void registry_alive(
    struct registry *registry, const char *box, nanoseconds now);
int registry_commit(struct registry *registry, struct error *err);
/* The wall-clock time as it was last seen with a clock that nobody doubted; 0:
 * never. On disk with registry_commit. */
nanoseconds registry_seen(struct registry *registry);
int registry_see(
    struct registry *registry, nanoseconds wall, struct error *err);

/* A record that intake would not take, kept aside with the reason; once,
 * however often it is sent. Of each box the newest REGISTRY_REFUSED_MOST are
 * kept, each cut at REGISTRY_REFUSED_LINE bytes; all are counted. */
#define REGISTRY_REFUSED_MOST 1000
#define REGISTRY_REFUSED_LINE 65536
int registry_refuse(struct registry *registry, const char *box,
    const char *line, const char *why, nanoseconds now, struct error *err);

/* So many more, of which nothing is kept. */
int registry_count_refused(struct registry *registry, const char *box,
    unsigned count, struct error *err);
/* As registry_commit, for those who have had any kept aside or counted: also -1, and
 * nothing of theirs may be acknowledged, when since the last time some was undone
 * with a change that failed. */
int registry_commit_refused(struct registry *registry, struct error *err);

struct registry_box {
	char name[NAME_TEXT];
	nanoseconds enrolled, heard; /* 0: never */
	nanoseconds removed;         /* 0: it is a member */
	nanoseconds until;           /* of its last certificate; 0: none */
	struct json_object *hello;   /* without manifests; or NULL */
	struct json_object *second;  /* as it was noted; or NULL */
	uint64_t refused;            /* records kept aside */
};
/* Seconds that its stamps are off by beside its clock, as it has found itself
 * (agent/calibration.h); 0: it has not said, or nothing that can be. */
double registry_host_error(const struct registry_box *box);
/* Is there a second agent? It asks again every few seconds. */
#define REGISTRY_SECOND (60 * NS_PER_S)
bool registry_has_second(const struct registry_box *box, nanoseconds now);
/* All that are or were members, by name; count of them or -1. */
int registry_boxes(
    struct registry *registry, struct registry_box **boxes, struct error *err);
void registry_boxes_free(struct registry_box *boxes, int count);
/* Adds all manifests heard from agents. */
int registry_catalog(
    struct registry *registry, struct catalog *catalog, struct error *err);

#define REGISTRY_SILENT (45 * NS_PER_S) /* three heartbeats */
/* So is a box that was heard at a time to come: our clock has been set back, and
 * it has said nothing since. */
static inline bool
registry_is_silent(nanoseconds heard, nanoseconds now)
{
	return (now - heard > REGISTRY_SILENT || heard - now > REGISTRY_SILENT);
}

#endif
