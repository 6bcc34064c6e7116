/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * intake.h - the process that agents talk to.
 *
 * It is the only writer of journal and registry. Every request but enrolment
 * needs a certificate of this fleet that the registry knows, of a box that the
 * fleet file has. What is acknowledged is on disk.
 */
#ifndef PHAROS_COLLECTOR_INTAKE_H
#define PHAROS_COLLECTOR_INTAKE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/clock.h"
#include "common/http.h"
#include "common/name.h"

struct behind;
struct channel;
struct checker;
struct collector_settings;
struct error;
struct event;
struct event_base;
struct fleet;
struct holders;
struct intake_batch;
struct intake_wish;
struct journal;
struct json_object;
struct pairs;
struct pki;
struct registry;
struct timekeeper;

#define INTAKE_BODY_MOST (4 * 1024 * 1024) /* also when unpacked */

/* What came, since the start. */
struct intake_counts {
	uint64_t taken, again, refused, late; /* records */
	uint64_t batches, bad, later;         /* bad: 4xx, later: 503 */
	uint64_t strangers; /* requests without a good certificate */
	uint64_t seconds;   /* of a second agent with the same identity */
};

struct intake {
	struct collector_settings *settings;
	struct event_base *base;
	struct channel *parent;
	struct fleet *fleet;
	uint8_t key[32];     /* the fleet's, part of every plan */
	struct pairs *pairs; /* the secrets in it */
	bool ties_changed;   /* who is a member: those may be others */
	struct pki *pki;
	struct registry *registry;
	struct journal *journal;
	struct checker *checker; /* of records */
	SSL_CTX *tls;
	int64_t followed;       /* renames up to this revision */
	char own[65];           /* fingerprint of the certificate we present */
	bool own_failed;        /* to renew or read it */
	nanoseconds own_looked; /* monotonic */
	struct http *http;
	struct holders *holders; /* who speaks for each box */
	struct event *every_second;
	struct event *commit; /* at the end of this turn of the loop */
	struct event *after;  /* it, when the answers have gone */
	TAILQ_HEAD(, intake_batch) batches; /* they wait for it */
	TAILQ_HEAD(, intake_wish) wishes;   /* held requests for a plan */
	struct intake_counts counts;
	struct behind *behind;     /* is our own clock? */
	struct timekeeper *keeper; /* of it */
	nanoseconds saw;    /* monotonic: noted what it said; 0: not yet */
	nanoseconds offset; /* wall-clock less monotonic, when last looked at */
	nanoseconds took;   /* monotonic: the last record taken, or the start */
	double disk_free;   /* ratio; below 0: not known */
	int64_t journal_bytes;
	char wrong[160]; /* what is with the clock; "": nothing */
	char full[160];  /* why nothing is taken now; "": it is */
	bool spoilt;     /* what was added must not be committed */
	bool refused;    /* the registry has something to commit, too */
};

/* Who asks. The mark is what the journal knows the box by; renamed: the
 * certificate names it as it was called before (said). */
struct intake_member {
	char box[NAME_TEXT], mark[NAME_TEXT], said[NAME_TEXT];
	bool renamed;
};
/* Whom the request's certificate speaks for, a member of this fleet; false
 * after answering 403 with the cure, 409 to a second agent, or 503 when it is our
 * own clock that is behind the certificate. */
bool intake_admit(struct intake *intake, struct http_request *request,
    struct intake_member *member);
/* The same for a route where a box that is not in the fleet file gets 404. */
bool intake_admit_member(struct intake *intake, struct http_request *request,
    struct intake_member *member);
/* 403 to somebody who is no member, and the end of his connection; box "": nobody
 * knows who it is. */
void intake_refuse(struct intake *intake, struct http_request *request,
    const char *box, const char *why);
/* The request is of the pharosd that speaks for the box; false after answering
 * 409 or 503. epoch as it says it, NULL: it does not. */
bool intake_is_first(struct intake *intake, struct http_request *request,
    const char *box, const char *epoch);
/* Who did before this process began. */
void intake_seed_holders(struct intake *intake);
/* The box has been removed or enrolled anew: ends its connections, and whoever
 * comes next speaks for it. */
void intake_begin_anew(struct intake *intake, const char *box);
bool intake_has_box(const struct intake *intake, const char *box);

/* The routes; arg is the struct intake. */
void intake_post_enrol(struct http_request *request, void *arg);
void intake_post_renew(struct http_request *request, void *arg);
void intake_post_hello(struct http_request *request, void *arg);
void intake_get_plan(struct http_request *request, void *arg);
void intake_post_records(struct http_request *request, void *arg);

/* A question of the parent's, collector/children.h has them; a status as of HTTP
 * and the answer's body ({"detail":..} when refused). */
int intake_ask(struct intake *intake, const char *what,
    struct json_object *question, struct json_object **answer);
/* Commits for all that wait and answers them. */
void intake_commit(struct intake *intake);
/* The plan of a box, and its etag (planner.h). */
struct json_object *intake_plan(
    struct intake *intake, const char *box, char etag[static 20]);
/* Answers those whose plan is another one now. */
void intake_plans_changed(struct intake *intake);
/* Boxes have other names since that revision: their held requests are answered
 * as if nothing had changed, for they have to get a new certificate first. */
void intake_plans_renamed(struct intake *intake, int64_t before);
/* Boxes have been enrolled or removed: secrets of all that measure with them are
 * others. */
void intake_plans_look(struct intake *intake);
/* The box has been removed: ends what it has open. */
void intake_plans_refuse(struct intake *intake, const char *box);
void intake_plans_free(struct intake *intake);
/* Tells the parent how we are, collector/children.h has the words. */
void intake_beat(struct intake *intake);
/* Renews the collector's certificate when it is time, and presents it. */
void intake_look_at_own(struct intake *intake);
/* Sets intake->full from the disk, from how far the store is behind, and from what
 * is known of the clock. */
void intake_look_at_disk(struct intake *intake);
/* Is our own clock behind? Sets intake->wrong and full. */
void intake_look_at_clock(struct intake *intake);
void intake_notice_clock(struct intake *intake); /* the same, if it was set */
/* Do the records of a box that has not said hello yet lie ahead of our clock? */
bool intake_is_early(const struct intake *intake, const char *box,
    const char *text, size_t length);
/* The member's certificate is good from then on only. Is it our clock that is
 * behind? Then why says so, and the box has spoken against it. */
bool intake_is_before(struct intake *intake, const char *box, nanoseconds from,
    struct error *why);
/* 503: nothing of the request has been done, and why. */
void intake_reply_later(
    struct intake *intake, struct http_request *request, const char *why);
/* What a hello says of the box's clock. */
void intake_hear_clock(
    struct intake *intake, const char *box, struct json_object *hello);

#endif
