/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * registered.h - a registry in the test's folder, and box "lon" in it.
 *
 * Whatever fails fails the test.
 */
#ifndef PHAROS_TESTS_UNIT_REGISTERED_H
#define PHAROS_TESTS_UNIT_REGISTERED_H

#include "collector/registry.h"

/* When these tests take place, wall-clock. */
#define NOW (INT64_C(1795300000) * NS_PER_S)
#define DAY (INT64_C(86400) * NS_PER_S)

extern const uint8_t registered_secret[32], registered_other[32];

struct registry *registered_open(void **state, bool read_only);
/* A new one; lon has a token for a day: registered_secret. */
struct registry *registered_token(void **state);
/* lon uses it, and has a certificate for 90 days. */
void registered_enrol(
    struct registry *registry, const char *key, const char *fingerprint);
/* lon, of "key1", has one more. */
void registered_renew(
    struct registry *registry, const char *fingerprint, nanoseconds now);
/* The token is refused, and the error says why. */
void registered_refusal(struct registry *registry,
    const uint8_t token[static 32], const char *key, nanoseconds now,
    const char *why);
/* The only member; its hello is the caller's. */
struct registry_box registered_box(struct registry *registry);

#endif
