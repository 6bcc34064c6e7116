/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owamp/message.h"

#include <inttypes.h>
#include <string.h>

#include "common/error.h"
#include "probes/bytes.h"

#define DSCP_MASK UINT32_C(0x3f000000)

void
message_put_greeting(uint8_t *p, const struct message_greeting *m)
{
	memset(p, 0, MESSAGE_GREETING);
	bytes_put32(p + 12, m->modes);
	memcpy(p + 16, m->challenge, sizeof(m->challenge));
	memcpy(p + 32, m->salt, sizeof(m->salt));
	bytes_put32(p + 48, m->count);
}

void
message_get_greeting(const uint8_t *p, struct message_greeting *m)
{
	m->modes = bytes_get32(p + 12);
	memcpy(m->challenge, p + 16, sizeof(m->challenge));
	memcpy(m->salt, p + 32, sizeof(m->salt));
	m->count = bytes_get32(p + 48);
}

void
message_put_setup(uint8_t *p, const struct message_setup *m)
{
	memset(p, 0, MESSAGE_SETUP);
	bytes_put32(p, m->mode | (m->states ? MODE_STATEMENTS : 0));
	memcpy(p + 4, m->key_id, strnlen(m->key_id, MESSAGE_KEY_ID));
	memcpy(p + 84, m->token, sizeof(m->token));
	memcpy(p + 148, m->iv, sizeof(m->iv));
}

int
message_get_setup(const uint8_t *p, struct message_setup *m, struct error *err)
{
	m->mode = bytes_get32(p) & ~MODE_STATEMENTS;
	m->states = (bytes_get32(p) & MODE_STATEMENTS) != 0;
	memcpy(m->key_id, p + 4, MESSAGE_KEY_ID);
	m->key_id[MESSAGE_KEY_ID] = '\0';
	memcpy(m->token, p + 84, sizeof(m->token));
	memcpy(m->iv, p + 148, sizeof(m->iv));
	if (__builtin_popcount(m->mode) == 1)
		return (0);
	return (error_set(err,
	    "set-up response: mode 0x%" PRIx32 ", expected one bit", m->mode));
}

void
message_put_welcome(uint8_t *p, const struct message_welcome *m)
{
	memset(p, 0, MESSAGE_WELCOME);
	p[15] = m->accept;
	memcpy(p + 16, m->iv, sizeof(m->iv));
	bytes_put64(p + 32, m->since);
}

void
message_get_welcome(const uint8_t *p, struct message_welcome *m)
{
	m->accept = p[15];
	memcpy(m->iv, p + 16, sizeof(m->iv));
	m->since = bytes_get64(p + 32);
}

void
message_put_request(uint8_t *p, const struct message_request *m)
{
	memset(p, 0, MESSAGE_REQUEST);
	p[0] = MESSAGE_DO_REQUEST;
	p[1] = m->family & 0xf;
	p[2] = m->sends;
	p[3] = m->receives;
	bytes_put32(p + 4, m->slot_count);
	bytes_put32(p + 8, m->packets);
	bytes_put16(p + 12, m->sender_port);
	bytes_put16(p + 14, m->receiver_port);
	memcpy(p + 16, m->sender, sizeof(m->sender));
	memcpy(p + 32, m->receiver, sizeof(m->receiver));
	memcpy(p + 48, m->sid, sizeof(m->sid));
	bytes_put32(p + 64, m->padding);
	bytes_put64(p + 68, m->start);
	bytes_put64(p + 76, m->timeout);
	bytes_put32(p + 84, m->type_p);
}

void
message_get_request(const uint8_t *p, struct message_request *m)
{
	*m = (struct message_request){
	    .family = p[1] & 0xf,
	    .sends = p[2],
	    .receives = p[3],
	    .slot_count = bytes_get32(p + 4),
	    .packets = bytes_get32(p + 8),
	    .sender_port = bytes_get16(p + 12),
	    .receiver_port = bytes_get16(p + 14),
	    .padding = bytes_get32(p + 64),
	    .start = bytes_get64(p + 68),
	    .timeout = bytes_get64(p + 76),
	    .type_p = bytes_get32(p + 84),
	};
	memcpy(m->sender, p + 16, sizeof(m->sender));
	memcpy(m->receiver, p + 32, sizeof(m->receiver));
	memcpy(m->sid, p + 48, sizeof(m->sid));
}

void
message_put_slot(uint8_t *p, const struct slot *slot)
{
	memset(p, 0, MESSAGE_SLOT);
	p[0] = (uint8_t)slot->kind;
	bytes_put64(p + 8, slot->length);
}

void
message_get_slot(const uint8_t *p, struct slot *slot)
{
	slot->kind = (enum slot_kind)p[0];
	slot->length = bytes_get64(p + 8);
}

void
message_put_accepted(uint8_t *p, const struct message_accepted *m)
{
	memset(p, 0, MESSAGE_ACCEPT);
	p[0] = m->accept;
	bytes_put16(p + 2, m->port);
	memcpy(p + 4, m->sid, sizeof(m->sid));
}

void
message_get_accepted(const uint8_t *p, struct message_accepted *m)
{
	m->accept = p[0];
	m->port = bytes_get16(p + 2);
	memcpy(m->sid, p + 4, sizeof(m->sid));
}

void
message_put_start(uint8_t *p)
{
	memset(p, 0, MESSAGE_START);
	p[0] = MESSAGE_DO_START;
}

void
message_put_started(uint8_t *p, uint8_t accept)
{
	memset(p, 0, MESSAGE_STARTED);
	p[0] = accept;
}

uint8_t
message_get_started(const uint8_t *p)
{
	return (p[0]);
}

void
message_put_stop(uint8_t *p, const struct message_stop *m)
{
	memset(p, 0, MESSAGE_STOP);
	p[0] = MESSAGE_DO_STOP;
	p[1] = m->accept;
	bytes_put32(p + 4, m->count);
}

void
message_get_stop(const uint8_t *p, struct message_stop *m)
{
	*m = (struct message_stop){.accept = p[1], .count = bytes_get32(p + 4)};
}

void
message_put_stopped(uint8_t *p, const struct message_stopped *m)
{
	memcpy(p, m->sid, sizeof(m->sid));
	bytes_put32(p + 16, m->next);
	bytes_put32(p + 20, m->skip_count);
}

void
message_get_stopped(const uint8_t *p, struct message_stopped *m)
{
	memcpy(m->sid, p, sizeof(m->sid));
	m->next = bytes_get32(p + 16);
	m->skip_count = bytes_get32(p + 20);
	m->skips = NULL;
}

void
message_put_skip(uint8_t *p, const struct message_skip *skip)
{
	bytes_put32(p, skip->first);
	bytes_put32(p + 4, skip->last);
}

int
message_get_skip(const uint8_t *p, const struct message_skip *before,
    struct message_skip *skip, struct error *err)
{
	skip->first = bytes_get32(p);
	skip->last = bytes_get32(p + 4);
	if (skip->first <= skip->last &&
	    (before == NULL || before->last < skip->first))
		return (0);
	return (error_set(err,
	    "skip range: %" PRIu32 " to %" PRIu32 ", expected rising ranges",
	    skip->first, skip->last));
}

void
message_put_fetch(uint8_t *p, const struct message_fetch *m)
{
	memset(p, 0, MESSAGE_FETCH);
	p[0] = MESSAGE_DO_FETCH;
	bytes_put32(p + 8, m->begin);
	bytes_put32(p + 12, m->end);
	memcpy(p + 16, m->sid, sizeof(m->sid));
}

void
message_get_fetch(const uint8_t *p, struct message_fetch *m)
{
	m->begin = bytes_get32(p + 8);
	m->end = bytes_get32(p + 12);
	memcpy(m->sid, p + 16, sizeof(m->sid));
}

void
message_put_fetched(uint8_t *p, const struct message_fetched *m)
{
	memset(p, 0, MESSAGE_FETCHED);
	p[0] = m->accept;
	p[1] = m->finished;
	bytes_put32(p + 4, m->next);
	bytes_put32(p + 8, m->skips);
	bytes_put32(p + 12, m->records);
}

void
message_get_fetched(const uint8_t *p, struct message_fetched *m)
{
	m->accept = p[0];
	m->finished = p[1];
	m->next = bytes_get32(p + 4);
	m->skips = bytes_get32(p + 8);
	m->records = bytes_get32(p + 12);
}

void
message_put_record(uint8_t *p, const struct message_record *m)
{
	bytes_put32(p, m->sequence);
	bytes_put16(p + 4, m->send_estimate);
	bytes_put16(p + 6, m->receive_estimate);
	bytes_put64(p + 8, m->sent);
	bytes_put64(p + 16, m->received);
	p[24] = m->ttl;
}

void
message_get_record(const uint8_t *p, struct message_record *m)
{
	m->sequence = bytes_get32(p);
	m->send_estimate = bytes_get16(p + 4);
	m->receive_estimate = bytes_get16(p + 6);
	m->sent = bytes_get64(p + 8);
	m->received = bytes_get64(p + 16);
	m->ttl = p[24];
}

static enum message_accept
check_slots(const struct message_request *m, struct error *err)
{
	if (m->slot_count == 0) {
		error_set(err, "slots: 0, expected at least one");
		return (ACCEPT_REJECTED);
	}
	for (uint32_t i = 0; i < m->slot_count; i++) {
		unsigned kind = (unsigned)m->slots[i].kind;

		if (kind == SLOT_EXPONENTIAL || kind == SLOT_FIXED)
			continue;
		error_set(
		    err, "slot %" PRIu32 ": type %u, expected 0 or 1", i, kind);
		return (ACCEPT_UNSUPPORTED);
	}
	return (ACCEPT_OK);
}

enum message_accept
message_check_request(const struct message_request *m, struct error *err)
{
	if (m->family != 4 && m->family != 6) {
		error_set(err, "IP version: %u, expected 4 or 6", m->family);
		return (ACCEPT_UNSUPPORTED);
	}
	if (m->sends > 1 || m->receives > 1 || m->sends + m->receives == 0) {
		error_set(err,
		    "conf-sender %u, conf-receiver %u, expected a 1 in one",
		    m->sends, m->receives);
		return (ACCEPT_REJECTED);
	}
	if (m->sends + m->receives == 2) {
		error_set(err, "the server as both sender and receiver");
		return (ACCEPT_UNSUPPORTED);
	}
	if ((m->type_p & ~DSCP_MASK) != 0) {
		error_set(
		    err, "Type-P: 0x%08" PRIx32 ", expected a DSCP", m->type_p);
		return (ACCEPT_UNSUPPORTED);
	}
	return (check_slots(m, err));
}
