/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * worker.h - the host of one plug-in: pharos-probe, the program.
 *
 * Reads orders and writes findings as JSON lines over its parent's socketpair
 * (common/child.h), and exits when that closes. Orders ("m" is the kind):
 *
 *   {"m":"open","probe":"ping"}
 *   {"m":"start","run":7,"at":1795300000.25,"target":"lon",
 *    "address":"198.51.100.7","family":4,"flow":"9f3c...","settings":{...}}
 *        end: "src" or "dst", which of the two this host is; absent: as the
 *        manifest has it
 *        at: wall-clock; absent: now. "monotonic" beside it is the same instant by
 *        the monotonic clock, which counts. address absent: target is resolved.
 *        family 0 or absent: whatever the name gives, IPv6 first
 *        test: whose it is, in a fleet
 *        report: a stream, with a record for each interval of this length
 *        watched: true: tell what happens meanwhile, too
 *   {"m":"stop","run":7}   cut it short; no record of it any more
 *   {"m":"finish","run":7} somebody waits: end it now with what there is;
 *        without a number: every run
 *   {"m":"cost","ask":3,"settings":{...}}  what would a run ask of the network?
 *   {"m":"peers","box":"nyc","peers":[..]}  whom it may measure with, from here
 *        on (peers.h), and its own name
 *   {"m":"clock","source":"chrony","error":0.00002,"growth":1.2e-6,"age":0,..,
 *    "host":0.0000034}  what keeps this host's clock right, from here on, and by how
 *        much a stamp may be off beside it (told_clock.h)
 *   {"m":"respond","settings":{...}}  be the far end of others, too
 *   {"m":"silence"}                   and no longer
 *   {"m":"admitted","ask":5}          it may serve; with "why": it may not
 *   {"m":"close"}     let the open runs end in their own time, then exit
 *
 * Findings:
 *
 *   {"m":"manifest","manifest":{...}}              after open
 *   {"m":"refused","why":"..."}                    open failed; it then exits
 *   {"m":"record","run":7,"last":true,"address":"198.51.100.7","family":4,
 *    "start":..,"end":..,"lateness":..,"outcome":"measured","why":"..",
 *    "stamps":"user/kernel","metrics":{...},
 *    "clocks":{"near":0.00002,"far":0.0001,"both":0.00014}}
 *        clocks: of times between two of them: how far our own clock, the other
 *        end's by its own word, and such a time may be off (budget.h); none: by
 *        anything
 *   {"m":"live","run":7,"text":"3: rtt 60.8 us"}   of a run that is watched
 *   {"m":"cost","ask":3,"packets":10,"bits":6720,"seconds":2.9,"heavy":false}
 *        as struct cost has them, for IPv4; or "why" alone: the settings are wrong
 *   {"m":"responds"}           it is the far end now; with "why": it is not
 *   {"m":"admit","ask":5,"peer":"lon","packets":2,"bits":800,"seconds":0,
 *    "heavy":false}            may it serve that one? It costs so much
 *   {"m":"release","ask":5}    it serves that one no longer
 *   {"m":"state","test":"core-owd","peer":"lon","end":"src","family":4,"start":..,
 *    "finish":..,"metrics":{..}}  its side of an interval of that box's
 *
 * Every start that is not stopped yields exactly one record with "last",
 * whatever happens; one whose address is on the opt-out list (opt_out.h) is
 * skipped; a number that is already in use is a bug of the parent and
 * refused with a failed record. "lateness" is in it when there was an "at" and
 * the run did start: how far "start" is behind "at", by the wall clock of then, so
 * anything when that was set in between. "end" is as long after "start" as the
 * run has taken, whatever became of the wall clock; "metrics" when it was measured. Names are resolved without
 * blocking. A run that its probe does not end in the time it announced
 * (cost.seconds) is cut WORKER_SLACK later, as failed.
 *
 * A stream's records follow one another without a hole, each from "start" to
 * "end"; none but the last has "last". It ends when it is finished, and when the
 * clock was set or the host slept: "why" says so then, though it was measured.
 */
#ifndef PHAROS_AGENT_WORKER_H
#define PHAROS_AGENT_WORKER_H

#include "common/clock.h"

struct error;

#define WORKER_SLACK (5 * NS_PER_S)

/* Runs until the parent is gone; exit status. */
int worker_main(int fd, struct error *err);

#endif
