/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pairs.h - the secret that two boxes of the fleet share.
 *
 * HMAC-SHA-256 of who the two are, by a key that never leaves the collector:
 * STATE/pairs.key, made when it is first needed. Who a box is: the mark that it
 * keeps for life, and when it was enrolled last; so a box that was removed and
 * comes back shares other secrets, and what it once knew is void.
 */
#ifndef PHAROS_COLLECTOR_PAIRS_H
#define PHAROS_COLLECTOR_PAIRS_H

#include <stdbool.h>
#include <stdint.h>

struct error;
struct pairs;
struct registry;

#define PAIRS_SECRET 32

/* path: of the key. */
struct pairs *pairs_open(const char *path, struct error *err);
void pairs_free(struct pairs *pairs); /* NULL is fine */

/* Reads who is a member now. -1: those of before count on. */
int pairs_look(
    struct pairs *pairs, struct registry *registry, struct error *err);
/* As planner.h has it; pairs is the first argument. The same both ways. */
bool pairs_secret(void *pairs, const char *a, const char *b,
    uint8_t secret[static PAIRS_SECRET]);

#endif
