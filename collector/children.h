/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * children.h - the processes of pharos-collectord.
 *
 * The parent reads fleet.yaml, keeps STATE/fleet.json, opens the listeners and
 * supervises; each child is the same program with its part's name as first
 * argument, may be killed at any time and resumes where it was. They talk over
 * common/channel.h ("m" is the kind):
 *
 *   to all      {"m":"settings","text":".."}  collector.yaml has changed
 *   to all      {"m":"fleet"}              STATE/fleet.json has changed
 *   to intake   {"m":"ask","id":1,"what":"token","body":{..}}
 *               {"m":"release","upto":N}   the journal may drop up to N
 *   to store    {"m":"journal","last":N}   there is more to read
 *   to web      {"m":"latest","number":N}  the store has committed up to N
 *   to web      {"m":"parts","parts":[..]}  how all parts are: see parts.h
 *   from intake {"m":"journal","last":N}
 *               {"m":"answer","id":1,"status":200,"body":{..}}
 *               {"m":"manifests"}          a new manifest has been heard
 *   from store  {"m":"latest","number":N,"release":N}  the bins are committed
 *               up to number; all sinks have what is up to release
 *   from these and court  {"m":"beat",..}   every second, see below
 *
 * A beat says that a part's loop turns, and how it is; what is counted is
 * counted since its start. It reaches web by way of the parent, which adds what
 * it knows itself.
 *   intake  "taken","again","refused","late"  records: in the journal, there
 *           before, kept aside, taken long after their end
 *           "batches","bad","later"  batches: answered 200, 4xx, 503
 *           "strangers"  requests without a good certificate
 *           "seconds"  requests of a second agent with one identity
 *           "connections","ended"  open now; ended for want of a request
 *           "journal","journal_bytes"  its last number and its size
 *           "quiet"  seconds since a record was taken, or since the start
 *           "disk_free"  ratio; absent: unknown
 *           "taking":1, or 0 and "full":"why nothing is taken"
 *   store   "sinks":{"bins":{"number":N,"behind":S},"archive":{..}}  the last
 *           number that a sink has on disk; how long ago the record came that it
 *           reads now, 0 when it has read them all
 *           "passed_over"  records that the fleet has no pair for
 *   court   "sittings"  "took"  seconds of the last one
 *
 * Questions ("what") to intake; refused, {"detail"} and another status than 200:
 *   "token" {"box","valid"} -> {"token","id","expires"}
 *   "tokens" {} -> {"tokens":[{"id","box","made","expires","used","revoked"}]}
 *   "revoke" {"id"} -> {"box"}
 *   "remove" {"box"} -> {"in_fleet"}
 */
#ifndef PHAROS_COLLECTOR_CHILDREN_H
#define PHAROS_COLLECTOR_CHILDREN_H

struct collector_settings;
struct error;

/* Each runs until its parent is gone or SIGTERM: 0, or -1 and why. fd is the
 * channel, listener the inherited socket (-1: none). */
int intake_main(struct collector_settings *settings, int fd, int listener,
    struct error *err);
int store_main(struct collector_settings *settings, int fd, struct error *err);
int web_main(struct collector_settings *settings, int fd, int listener,
    struct error *err);
int court_main(
    const struct collector_settings *settings, int fd, struct error *err);

#endif
