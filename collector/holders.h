/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * holders.h - which pharosd speaks for a box when several have its identity.
 *
 * A pharosd is known by its epoch, which is new with every start and never
 * comes back. So a restart looks like this: A, then B for good; and a copy of
 * the box that runs beside it like this: A, B, A again. Whoever has the place
 * keeps it. A newcomer has it at once when nobody has spoken lately or when the
 * one that had it has no connection left, which is what any restart looks like
 * but that of a host without power: then it waits until HOLDERS_SILENT has
 * passed. When the other goes on speaking there are two, and the newcomer is the
 * second one until the other has gone.
 *
 * In memory; holders_seed brings back what has to outlive the process.
 */
#ifndef PHAROS_COLLECTOR_HOLDERS_H
#define PHAROS_COLLECTOR_HOLDERS_H

#include <stdbool.h>

#include "common/clock.h"
#include "common/name.h"
#include "common/record.h"

struct holders;

/* What a process had said when it ended may come long after, out of its host's
 * kernel: a request of each of its connections. */
#define HOLDERS_STALE 2
/* An agent that lives says hello every 15 s. */
#define HOLDERS_SILENT (45 * NS_PER_S)
/* The same for one without a connection, which a second one leaves the time to
 * come back. */
#define HOLDERS_AWAY (20 * NS_PER_S)
/* After a restart of ours all that live connect again, in a second or so. */
#define HOLDERS_RETURN (5 * NS_PER_S)

/* One pharosd; peer is an address, for people. */
struct holder {
	char epoch[EPOCH_TEXT];
	char peer[64];
};

struct holders *holders_new(void);
void holders_free(struct holders *holders); /* NULL is fine */
/* Before a restart of ours this one had the place, and second (may be NULL) was
 * refused. */
void holders_seed(struct holders *holders, const char *box,
    const struct holder *first, const struct holder *second, nanoseconds now);
/* The box begins anew: whoever comes has the place. */
void holders_forget(struct holders *holders, const char *box);

/* Who has the place; NULL: nobody. Valid until the next call. */
const struct holder *holders_first(
    const struct holders *holders, const char *box);

enum holders_verdict {
	HOLDERS_FIRST, /* speaks for the box */
	HOLDERS_WAITS, /* cannot be told yet */
	HOLDERS_SECOND /* there are two, and this is the second */
};
/* One speaks, now (monotonic). connected: the one that has the place has a
 * connection. *news: it is told for the first time that it is the second, or
 * has the place after it was. */
enum holders_verdict holders_ask(struct holders *holders, const char *box,
    const struct holder *who, bool connected, nanoseconds now, bool *news);

#endif
