/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * subscription.h - each plan that the collector has for this box, once.
 *
 * A request is always under way: the collector holds it until there is another
 * plan, or a minute has passed. On a connection of its own; for uplink.c.
 */
#ifndef PHAROS_AGENT_SUBSCRIPTION_H
#define PHAROS_AGENT_SUBSCRIPTION_H

struct error;
struct event_base;
struct fetcher_identity;
struct spool;
struct subscription;
struct uplink_calls;

/* All borrowed, spool for its epoch; collector is its URL. Of the calls it makes
 * plan. */
struct subscription *subscription_new(struct event_base *base,
    const struct fetcher_identity *identity, const char *collector,
    const struct spool *spool, const struct uplink_calls *calls, void *arg,
    struct error *err);
void subscription_free(struct subscription *subscription); /* NULL is fine */
void subscription_reconnect(struct subscription *subscription);
/* Why the last request failed; NULL: it did not. */
const char *subscription_error(const struct subscription *subscription);

#endif
