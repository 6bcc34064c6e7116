/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * message.h - the messages of OWAMP-Control, as structs and as plain bytes.
 *
 * RFC 4656 sections 3.1 to 3.9, without what guard.h adds. The put functions
 * write all of the bytes named, zeros where they must be zero; the get functions
 * read them and ignore what must be zero. What a peer may well ask and we may
 * well refuse is read as it is; message_check_request judges it.
 */
#ifndef PHAROS_PROBES_OWAMP_MESSAGE_H
#define PHAROS_PROBES_OWAMP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/owamp/keys.h"
#include "probes/owamp/timetable.h"

struct error;

/* Bytes; without digests, except that they count as blocks of their own. */
#define MESSAGE_GREETING 64
#define MESSAGE_SETUP 164
#define MESSAGE_WELCOME 48
#define MESSAGE_WELCOME_CLEAR 32 /* the part of it that is never encrypted */
#define MESSAGE_REQUEST 96
#define MESSAGE_SLOT 16
#define MESSAGE_ACCEPT 32
#define MESSAGE_START 16
#define MESSAGE_STARTED 16
#define MESSAGE_STOP 16
#define MESSAGE_STOPPED 24 /* its skips follow, then zeros to a whole block */
#define MESSAGE_SKIP 8
#define MESSAGE_FETCH 32
#define MESSAGE_FETCHED 16
#define MESSAGE_RECORD 25
#define MESSAGE_STAMP 4
#define MESSAGE_STATEMENT 48 /* its ranges and stamps follow, then zeros */
#define MESSAGE_LABEL 96

/* The first byte of what either side may send once it is set up. */
enum message_command {
	MESSAGE_DO_REQUEST = 1,
	MESSAGE_DO_START = 2,
	MESSAGE_DO_STOP = 3,
	MESSAGE_DO_FETCH = 4,
	MESSAGE_DO_STATE = 192, /* ours: see message_statement */
	MESSAGE_DO_LABEL = 193  /* likewise: message_label */
};

enum message_accept { /* section 3.3 */
	ACCEPT_OK,
	ACCEPT_REJECTED,
	ACCEPT_FAILURE, /* internal */
	ACCEPT_UNSUPPORTED,
	ACCEPT_NEVER, /* a limit of resources that stays */
	ACCEPT_LATER  /* one that may pass */
};

struct message_greeting {
	uint32_t modes; /* 0: the server does not want to talk */
	uint8_t challenge[CIPHER_BLOCK], salt[KEYS_SALT];
	uint32_t count;
};

#define MESSAGE_KEY_ID 80

struct message_setup {
	uint32_t mode;
	bool states; /* MODE_STATEMENTS is set beside it */
	char key_id[MESSAGE_KEY_ID + 1];
	uint8_t token[KEYS_TOKEN], iv[CIPHER_BLOCK]; /* zeros in open mode */
};

struct message_welcome { /* Server-Start */
	uint8_t accept;
	uint8_t iv[CIPHER_BLOCK];
	uint64_t since; /* NTP: when the server began */
};

struct message_request {
	uint8_t family;          /* 4, 6; as it came */
	uint8_t sends, receives; /* 1: the server does */
	uint32_t packets;
	uint16_t sender_port, receiver_port;
	uint8_t sender[16], receiver[16]; /* IPv4: the first four bytes */
	uint8_t sid[KEYS_SID];
	uint32_t padding; /* bytes */
	uint64_t start, timeout;
	uint32_t type_p; /* DSCP in bits 2 to 7 of the highest byte */
	uint32_t slot_count;
	const struct slot *slots; /* borrowed; kinds as they came */
};

struct message_accepted {
	uint8_t accept;
	uint16_t port;
	uint8_t sid[KEYS_SID];
};

struct message_skip { /* both were not sent, nor what is between */
	uint32_t first, last;
};

#define MESSAGE_NEXT_UNKNOWN UINT32_MAX

/* A session that the sender of Stop-Sessions was sending. */
struct message_stopped {
	uint8_t sid[KEYS_SID];
	uint32_t next; /* one more than the last that may have been sent */
	uint32_t skip_count;
	const struct message_skip *skips; /* rising, apart from each other */
};

struct message_stop {
	uint8_t accept;
	uint32_t count;
	const struct message_stopped *sessions;
};

struct message_fetch {
	uint32_t begin, end; /* 0 and UINT32_MAX: all */
	uint8_t sid[KEYS_SID];
};

struct message_fetched {
	uint8_t accept;
	uint8_t finished; /* 0: it still runs, 1: normally, else: incomplete */
	uint32_t next, skips, records;
};

#define MESSAGE_TTL_UNKNOWN 255

struct message_record {
	uint32_t sequence;
	uint16_t send_estimate, receive_estimate; /* ntp.h */
	uint64_t sent, received;                  /* received 0: lost */
	uint8_t ttl;
};

/* Not of the RFC, which lets nothing be said while sessions run: a sender of ours
 * states, of each session and in order, what became of packets `first` to before
 * `next`. Only where both ends have set the bit MODE_STATEMENTS, the server in
 * its greeting and the client beside the mode that it chose: to all others there
 * is no such thing.
 *
 *    0  command (192)                 16  SID
 *    4  first                         32  stuck ranges
 *    8  next                          36  stamps: 0, or next - first
 *   12  unsent ranges                 40  must be zero (8 bytes)
 *   48  unsent, then stuck ranges, 8 bytes each, then stamps, 4 bytes each
 */
struct message_statement {
	uint8_t sid[KEYS_SID];
	uint32_t first, next;
	uint32_t unsent_count, stuck_count, stamp_count;
	const struct message_skip *unsent; /* were never sent */
	const struct message_skip *stuck;  /* sent, but lost in that host */
	const int32_t *later; /* how many ns behind its due time each left, by
	                         the kernel's stamp; or MESSAGE_NO_STAMP */
};
#define MESSAGE_NO_STAMP INT32_MIN
#define MESSAGE_STATEMENT_MOST 4096 /* packets, and so ranges, of one */

/* Nor is this, which a client of ours says before it asks for sessions: what they
 * are for, so that a sender can say elsewhere, too, what he sent.
 *
 *    0  command (193)                 16  start, ns
 *    4  must be zero (4 bytes)        24  must be zero (8 bytes)
 *    8  interval, ns                  32  name, then zeros
 */
#define MESSAGE_NAME 63

struct message_label {
	char name[MESSAGE_NAME + 1];
	int64_t
	    interval; /* of reports, at its multiples (wall-clock); 0: all is
	                     one, of what began at start */
	int64_t start;
};

/* A length with the zeros that fill its last block. */
static inline uint64_t
message_padded(uint64_t length)
{
	return ((length + CIPHER_BLOCK - 1) / CIPHER_BLOCK * CIPHER_BLOCK);
}

void message_put_greeting(uint8_t *p, const struct message_greeting *m);
void message_get_greeting(const uint8_t *p, struct message_greeting *m);
void message_put_setup(uint8_t *p, const struct message_setup *m);
/* -1: not exactly one mode, MODE_STATEMENTS apart. */
int message_get_setup(
    const uint8_t *p, struct message_setup *m, struct error *err);
void message_put_welcome(uint8_t *p, const struct message_welcome *m);
void message_get_welcome(const uint8_t *p, struct message_welcome *m);
void message_put_request(uint8_t *p, const struct message_request *m);
void message_get_request(const uint8_t *p, struct message_request *m);
void message_put_slot(uint8_t *p, const struct slot *slot);
void message_get_slot(const uint8_t *p, struct slot *slot);
void message_put_accepted(uint8_t *p, const struct message_accepted *m);
void message_get_accepted(const uint8_t *p, struct message_accepted *m);
void message_put_start(uint8_t *p);
void message_put_started(uint8_t *p, uint8_t accept);
uint8_t message_get_started(const uint8_t *p);
void message_put_stop(uint8_t *p, const struct message_stop *m);
void message_get_stop(const uint8_t *p, struct message_stop *m);
void message_put_stopped(uint8_t *p, const struct message_stopped *m);
void message_get_stopped(const uint8_t *p, struct message_stopped *m);
void message_put_skip(uint8_t *p, const struct message_skip *skip);
/* -1: upside down, or not behind before (NULL: it is the first). */
int message_get_skip(const uint8_t *p, const struct message_skip *before,
    struct message_skip *skip, struct error *err);
void message_put_fetch(uint8_t *p, const struct message_fetch *m);
void message_get_fetch(const uint8_t *p, struct message_fetch *m);
void message_put_fetched(uint8_t *p, const struct message_fetched *m);
void message_get_fetched(const uint8_t *p, struct message_fetched *m);
void message_put_statement(uint8_t *p, const struct message_statement *m);
/* Without what follows. -1: it is about too many packets, or more is to follow
 * than they have. */
int message_get_statement(
    const uint8_t *p, struct message_statement *m, struct error *err);
void message_put_label(uint8_t *p, const struct message_label *m);
/* -1: its times are none, or its name has no end. */
int message_get_label(
    const uint8_t *p, struct message_label *m, struct error *err);
/* Its ranges are there: do they lie in what it is about, and rise? -1: no. */
int message_check_statement(
    const struct message_statement *m, struct error *err);
void message_put_stamp(uint8_t *p, int32_t later);
int32_t message_get_stamp(const uint8_t *p);
void message_put_record(uint8_t *p, const struct message_record *m);
void message_get_record(const uint8_t *p, struct message_record *m);

/* What no server could do: ACCEPT_REJECTED or ACCEPT_UNSUPPORTED, with the
 * reason; ACCEPT_OK where a server's own limits have the word. */
enum message_accept message_check_request(
    const struct message_request *m, struct error *err);

#endif
