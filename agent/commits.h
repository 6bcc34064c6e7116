/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * commits.h - when what waits in the spool goes to disk.
 *
 * All together, 0.2 s after the first of it; every 16 s without any, so that the
 * spool knows that we live; 0.5 s after a commit that failed. Records do not
 * become old by a clock that leaps.
 */
#ifndef PHAROS_AGENT_COMMITS_H
#define PHAROS_AGENT_COMMITS_H

struct commits;
struct event_base;
struct spool;
struct watch;

struct commits_calls {
	/* Before each: what is due is to be noted. */
	void (*before)(void *arg);
	/* It is on disk, or could not be. */
	void (*after)(void *arg);
};

/* All borrowed. The watch is looked at every 16 s. */
struct commits *commits_new(struct event_base *base, struct spool *spool,
    struct watch *watch, const struct commits_calls *calls, void *arg);
void commits_free(struct commits *commits); /* NULL is fine */
void commits_soon(struct commits *commits); /* something waits */
/* Why the last one failed; NULL: it did not. */
const char *commits_error(const struct commits *commits);

#endif
