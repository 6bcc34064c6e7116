/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log.h - every packet of a session as it arrived, for Fetch-Session.
 *
 * In order of arrival, copies included; what was lost is told by what is not
 * there. A statement of the sender corrects the times of sending, as long as it
 * comes before the log is read. 29 bytes a packet.
 */
#ifndef PHAROS_PROBES_OWD_LOG_H
#define PHAROS_PROBES_OWD_LOG_H

#include "probes/owamp/message.h"

struct log;

/* most: records that are kept; further ones are counted and not kept. */
struct log *log_new(uint32_t most);
void log_free(struct log *log); /* NULL is fine */
size_t log_size(const struct log *log); /* bytes */

void log_add(struct log *log, const struct message_record *record);
/* Packet `sequence` left at that time (NTP): all copies of it say so. */
void log_correct(struct log *log, uint32_t sequence, uint64_t sent);
/* Drops what was sent behind that (RFC 4656 section 3.8: less than the timeout
 * before the stop, so that its fate is not known), or has a higher number. */
void log_trim(struct log *log, uint32_t next);
/* Records with numbers from begin to end; place: 0 at first, and moved on. False:
 * there are no more. For each number in it that never arrived, one that says so
 * (received 0) comes behind all others. */
uint32_t log_count(const struct log *log, uint32_t begin, uint32_t end);
bool log_next(const struct log *log, uint32_t begin, uint32_t end,
    uint32_t *place, struct message_record *record);
uint32_t log_missed(const struct log *log); /* were not kept */

#endif
