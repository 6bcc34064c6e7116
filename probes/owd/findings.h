/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * findings.h - what was found in one reporting interval, one way.
 *
 * An interval may be made of parts: sessions that followed one another. Counts
 * are added and distributions merged. If any part is not stated, then nothing is
 * claimed about what was sent and lost in the whole of it.
 */
#ifndef PHAROS_PROBES_OWD_FINDINGS_H
#define PHAROS_PROBES_OWD_FINDINGS_H

#include "common/error.h"
#include "common/numbers.h"
#include "probes/owamp/account.h"
#include "probes/owamp/distribution.h"
#include "probes/owd/samples.h"
#include "probes/probe.h"

#define FINDINGS_LAST 3  /* fewer say nothing of the last third */
#define FINDINGS_LACKS 8 /* parts that are not stated; with more, so be it */

struct findings { /* findings_begin */
	unsigned parts;
	bool stated;
	/* The parts that are not stated, by session, and where the interval
	 * ends (0: it is a run): so the sender names them elsewhere. */
	struct findings_lack {
		uint8_t sid[KEYS_SID];
		nanoseconds to;
		struct numbers received;
	} * lacks; /* room for FINDINGS_LACKS from the first one on */
	unsigned lack_count;
	bool lost_touch;         /* nobody will state one of them */
	uint32_t dropped;        /* of them, at most, by our own socket ... */
	uint32_t dropped_surely; /* ... and at least */
	struct account_totals totals; /* summed */
	uint32_t stray; /* came when their interval had been reported, or long
			   before it began */
	struct distribution delay, variation, lateness;
	/* Of the packets that were due in the last third of an interval. */
	struct findings_last {
		nanoseconds least;
		uint32_t count;
	} last;
	double a2; /* of packets as they really left (gaps.h); NAN: not known */
	enum probe_stamp sent_by, received_by; /* the weakest */
	uint32_t
	    unstamped; /* received, and only the packet's own stamp of sending
	                       is known */
	bool timely; /* the session's packets came in time before: late ones now
			are the path's, and no clock's */
	bool heard;  /* anything arrived: these two are known */
	bool far_synchronised; /* the other end's clock, by all it said */
	nanoseconds far_error; /* the largest */
	bool samples_wanted;
	struct samples samples;
	const struct error *trouble; /* borrowed; NULL or empty: none */
};

void findings_begin(struct findings *findings);
void findings_clear(struct findings *findings); /* frees what it holds */
void findings_add(
    struct findings *findings, const struct account_totals *totals);

/* A delay of the interval's last third. */
void findings_add_last(struct findings *findings, nanoseconds delay);

/* What was added last is not stated, and these came of it, which are copied. sid
 * NULL: nor will it be. */
void findings_lack(struct findings *findings, const uint8_t *sid,
    nanoseconds to, const struct numbers *received);

static inline const struct error *
findings_trouble(const struct findings *findings) /* NULL: none */
{
	return (findings->trouble != NULL && findings->trouble->text[0] != '\0'
		    ? findings->trouble
		    : NULL);
}

/* None arrived in time, and most at another one: clocks that are far apart look like
 * loss, and it is not claimed that it is. */
bool findings_are_shifted(const struct findings *findings);
/* What is wrong, in plain words; empty: nothing is. */
void findings_explain(const struct findings *findings, struct error *why);
/* findings_side.c: our side of it, where it lacks the sender's. */
void findings_side(const struct findings *findings, struct probe_run *run);
/* Gives the run all metrics of the table in owd.c, and empties findings. */
enum probe_outcome findings_report(
    struct findings *findings, struct probe_run *run);

#endif
