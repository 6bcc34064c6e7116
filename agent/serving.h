/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * serving.h - the far ends of this box: which there are, and whom they may serve.
 *
 * The plan says which are needed; what the site forbids is not even begun.
 * Whoever is served holds a pass of the site's limits, as a run of our own does.
 */
#ifndef PHAROS_AGENT_SERVING_H
#define PHAROS_AGENT_SERVING_H

struct admission;
struct crew;
struct json_object;
struct ledger;
struct plan;
struct serving;

/* All are borrowed; the crew is to be freed first. What a far end states of what
 * it did for others is written to the ledger. */
struct serving *serving_new(
    struct crew *crew, struct admission *admission, struct ledger *ledger);
void serving_free(struct serving *serving); /* NULL is fine */

/* As this plan has it, or, when it is the one of before, as the limits have it
 * now. Borrowed until the next call. */
void serving_set(struct serving *serving, const struct plan *plan);
/* [{"probe":"owd","ready":true,"why":"..","serves":3},...]; new reference */
struct json_object *serving_status(const struct serving *serving);

#endif
