/* SPDX-License-Identifier: BSD-2-Clause */
/* Statements of what was sent, and labels: message.h has their figures. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/memory.h"
#include "probes/bytes.h"
#include "probes/owamp/inlet_parts.h"

void
message_put_statement(uint8_t *p, const struct message_statement *m)
{
	memset(p, 0, MESSAGE_STATEMENT);
	p[0] = MESSAGE_DO_STATE;
	bytes_put32(p + 4, m->first);
	bytes_put32(p + 8, m->next);
	bytes_put32(p + 12, m->unsent_count);
	memcpy(p + 16, m->sid, sizeof(m->sid));
	bytes_put32(p + 32, m->stuck_count);
	bytes_put32(p + 36, m->stamp_count);
}

int
message_get_statement(
    const uint8_t *p, struct message_statement *m, struct error *err)
{
	uint32_t packets;

	*m = (struct message_statement){
	    .first = bytes_get32(p + 4),
	    .next = bytes_get32(p + 8),
	    .unsent_count = bytes_get32(p + 12),
	    .stuck_count = bytes_get32(p + 32),
	    .stamp_count = bytes_get32(p + 36),
	};
	memcpy(m->sid, p + 16, sizeof(m->sid));
	packets = m->next - m->first;
	if (m->next < m->first || packets > MESSAGE_STATEMENT_MOST)
		return (error_set(err,
		    "statement: packets %" PRIu32 " to before %" PRIu32
		    ", expected at most %d",
		    m->first, m->next, MESSAGE_STATEMENT_MOST));
	if (m->unsent_count > packets || m->stuck_count > packets)
		return (error_set(err,
		    "statement: %" PRIu32 " and %" PRIu32 " ranges, of %" PRIu32
		    " packets",
		    m->unsent_count, m->stuck_count, packets));
	if (m->stamp_count != 0 && m->stamp_count != packets)
		return (error_set(err,
		    "statement: %" PRIu32 " stamps, expected 0 or %" PRIu32,
		    m->stamp_count, packets));
	return (0);
}

static int
check_ranges(const struct message_statement *m,
    const struct message_skip *ranges, uint32_t count, struct error *err)
{
	uint64_t least = m->first;

	for (uint32_t i = 0; i < count; i++) {
		if (ranges[i].first < least ||
		    ranges[i].last < ranges[i].first ||
		    ranges[i].last >= m->next)
			return (error_set(err,
			    "statement: range %" PRIu32 " to %" PRIu32
			    ", expected rising ones within %" PRIu32
			    " to before %" PRIu32,
			    ranges[i].first, ranges[i].last, m->first,
			    m->next));
		least = (uint64_t)ranges[i].last + 1;
	}
	return (0);
}

int
message_check_statement(const struct message_statement *m, struct error *err)
{
	if (check_ranges(m, m->unsent, m->unsent_count, err) == -1)
		return (-1);
	return (check_ranges(m, m->stuck, m->stuck_count, err));
}

void
message_put_label(uint8_t *p, const struct message_label *m)
{
	memset(p, 0, MESSAGE_LABEL);
	p[0] = MESSAGE_DO_LABEL;
	bytes_put64(p + 8, (uint64_t)m->interval);
	bytes_put64(p + 16, (uint64_t)m->start);
	memcpy(p + 32, m->name, strlen(m->name));
}

int
message_get_label(const uint8_t *p, struct message_label *m, struct error *err)
{
	*m = (struct message_label){
	    .interval = (int64_t)bytes_get64(p + 8),
	    .start = (int64_t)bytes_get64(p + 16),
	};
	memcpy(m->name, p + 32, sizeof(m->name));
	if (m->interval < 0 || m->start < 0)
		return (error_set(err, "label: a time before 1970"));
	if (m->name[MESSAGE_NAME] != '\0')
		return (error_set(err,
		    "label: expected a name of at most %d "
		    "bytes",
		    MESSAGE_NAME));
	return (0);
}

void
message_put_stamp(uint8_t *p, int32_t later)
{
	bytes_put32(p, (uint32_t)later);
}

int32_t
message_get_stamp(const uint8_t *p)
{
	return ((int32_t)bytes_get32(p));
}

static const uint8_t *
copy_ranges(struct inlet *inlet, const uint8_t *p, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct message_skip *range = &inlet->skips[i];

		range->first = bytes_get32(p);
		range->last = bytes_get32(p + 4);
		p += MESSAGE_SKIP;
	}
	return (p);
}

static int
read_lists(struct inlet *inlet, struct error *err)
{
	struct message_statement *m = &inlet->message.statement;
	uint32_t ranges = m->unsent_count + m->stuck_count;
	const uint8_t *p = inlet->part + MESSAGE_STATEMENT;

	if (inlet_unseal(inlet, "statement", err) == -1)
		return (-1);
	inlet->skips = memory_resize(
	    inlet->skips, (size_t)ranges + 1, sizeof(*inlet->skips));
	inlet->later = memory_resize(
	    inlet->later, (size_t)m->stamp_count + 1, sizeof(*inlet->later));
	p = copy_ranges(inlet, p, ranges);
	for (uint32_t i = 0; i < m->stamp_count; i++)
		inlet->later[i] = message_get_stamp(p + i * MESSAGE_STAMP);
	m->unsent = inlet->skips;
	m->stuck = inlet->skips + m->unsent_count;
	m->later = inlet->later;
	inlet->event = INLET_STATE;
	return (message_check_statement(m, err));
}

/* Its fixed part: how much is to follow. */
static int
read_statement(struct inlet *inlet, struct error *err)
{
	struct message_statement *m = &inlet->message.statement;
	uint64_t length = MESSAGE_STATEMENT;

	inlet_open(inlet);
	if (message_get_statement(inlet->part, m, err) == -1)
		return (-1);
	length += ((uint64_t)m->unsent_count + m->stuck_count) * MESSAGE_SKIP +
		  (uint64_t)m->stamp_count * MESSAGE_STAMP;
	inlet_await_more(inlet,
	    message_padded(length) + CIPHER_DIGEST - inlet->need, read_lists);
	return (0);
}

static int
read_label(struct inlet *inlet, struct error *err)
{
	if (inlet_unseal(inlet, "label", err) == -1)
		return (-1);
	inlet->event = INLET_LABEL;
	return (message_get_label(inlet->part, &inlet->message.label, err));
}

void
inlet_await_label(struct inlet *inlet)
{
	inlet_await_more(
	    inlet, MESSAGE_LABEL + CIPHER_DIGEST - CIPHER_BLOCK, read_label);
}

void
inlet_await_statement(struct inlet *inlet)
{
	inlet_await_more(
	    inlet, MESSAGE_STATEMENT - CIPHER_BLOCK, read_statement);
}
