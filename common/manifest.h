/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * manifest.h - what a probe is, as data.
 *
 * A plug-in holds one as constant tables; everyone else reads one from JSON
 * and cannot tell the difference.
 *
 *   {"name":"ping","version":1,"summary":"...","runs_at":"src",
 *    "lasts":"count*spacing+timeout",        common/lasts.h; absent: 0
 *    "reports":"timeout+7",                  the same; absent: as lasts
 *    "streams":true,                         absent: it runs and ends
 *    "either":true,                          absent: at that end alone
 *    "calibrates":{"rate":1},                absent: nothing like that
 *    "of_host":true,                         absent: it needs a plug-in
 *    "to_only":"fetch",                      absent: there is no such option
 *    "shows":"samples raw",                  likewise
 *    "options":[{"name":"count","type":"count","default":"10","least":1,
 *                "most":65535,"help":"..."},...],
 *    "responder_options":[...],              absent: needs no far end
 *    "metrics":[{"name":"loss","kind":"ratio","unit":"ratio","better":"less",
 *                "part":"lost","whole":"sent","edges":[...],"help":"..."},
 *               {"name":"delay","kind":"distribution",..,
 *                "bound":"bound","unbounded":"unbounded"}]}   metric.h
 */
#ifndef PHAROS_COMMON_MANIFEST_H
#define PHAROS_COMMON_MANIFEST_H

#include <stdbool.h>

#include "common/metric.h"
#include "common/option.h"

struct error;
struct json_object;

enum manifest_end { RUNS_AT_SRC, RUNS_AT_DST };
extern const char *const manifest_ends[]; /* "src", "dst"; ends with NULL */

struct manifest {
	const char *name;    /* like a metric's name */
	int version;         /* rises when options or metrics change */
	const char *summary; /* one sentence, no full stop */
	enum manifest_end runs_at;
	const struct setting *settings;
	const struct setting *responder_settings; /* NULL: no far end */
	const struct metric *metrics;
	const char *lasts;   /* how long a run takes at most; NULL: no time */
	const char *reports; /* how long behind the end of a stream's interval
	                        the report on it comes; NULL: as lasts */
	bool streams;        /* it can also run all the time, and report */
	/* Options, as JSON in base units, with which a stream from a host to
	 * itself shows what its own stamps are off by (RFC 7679 section 3.7.3);
	 * NULL: none do. It needs a far end and a metric with a bound. */
	const char *calibrates;
	bool either;  /* it can also run at the other end, where there is no
	                      agent at its own */
	bool of_host; /* it finds something of its own host: pharosd does
	                 that itself, all the time, without being asked */
	const char *to_only; /* an option: with it a run is at the source, as
	                        there is no other way; NULL: none */
	const char
	    *shows; /* flags, with blanks between them: whoever asks for one
	                        wants to see what happens; NULL: none */
};

/* Are the tables themselves right: names, ranges, defaults that parse, ratios
 * of existing counts, rising edges? Both parse and the plug-in loader ask. */
int manifest_check(const struct manifest *manifest, struct error *err);
/* New reference. */
struct json_object *manifest_json(const struct manifest *manifest);
struct manifest *manifest_parse(struct json_object *json, struct error *err);
/* Is one of those asked for? */
bool manifest_shows(
    const struct manifest *manifest, struct json_object *options);
/* How long a run with these options (base units) takes at most, seconds. */
double manifest_lasts(
    const struct manifest *manifest, struct json_object *options);
/* And in a stream how long behind an interval the report on it comes. */
double manifest_reports(
    const struct manifest *manifest, struct json_object *options);
/* Only what manifest_parse returned; NULL is fine. */
void manifest_free(struct manifest *manifest);

#endif
