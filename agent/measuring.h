/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * measuring.h - whether this box measures, and by which plan.
 *
 * It does from the first plan on, for as long as its clock can be believed; the
 * time that it did not becomes a gap record. A plan that is no good is refused,
 * and the one before goes on. What was taken is kept on disk for the next start.
 */
#ifndef PHAROS_AGENT_MEASURING_H
#define PHAROS_AGENT_MEASURING_H

struct commits;
struct error;
struct json_object;
struct measuring;
struct runs;
struct spool;
struct watch;

/* All borrowed. */
struct measuring_about {
	const char *box;
	const char *path; /* of the plan that is kept */
	struct watch *watch;
	struct spool *spool;
	struct commits *commits;
	struct runs *runs;
};

/* Nothing is measured yet. Manifests of the crew that are no good are logged. */
struct measuring *measuring_new(const struct measuring_about *about);
void measuring_free(struct measuring *measuring); /* NULL is fine */
/* The plan that was kept; one that is no good any more is refused. */
void measuring_load(struct measuring *measuring);
/* The collector's plan; borrowed. */
void measuring_take(struct measuring *measuring, struct json_object *plan);
/* The clock can be believed from here on, or no longer: asks the watch. */
void measuring_look(struct measuring *measuring);
/* Why the last plan was refused; NULL: it was not. */
const char *measuring_refused(const struct measuring *measuring);

#endif
