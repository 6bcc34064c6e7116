/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>

#include "common/unit.h"
#include "lab/frame.h"
#include "lab/truth.h"

static const struct {
	const char *title;
	enum unit unit;
} columns[] = {{"way", UNIT_NONE}, {"entered", UNIT_NONE}, {"left", UNIT_NONE},
    {"again", UNIT_NONE}, {"delay", UNIT_SECONDS}, {"outcome", UNIT_NONE},
    {"by", UNIT_NONE}, {"length", UNIT_COUNT}, {"protocol", UNIT_NONE},
    {"source", UNIT_NONE}, {"source_port", UNIT_NONE},
    {"destination", UNIT_NONE}, {"destination_port", UNIT_NONE},
    {"icmp_type", UNIT_NONE}, {"icmp_id", UNIT_NONE},
    {"icmp_sequence", UNIT_NONE}, {"payload", UNIT_NONE}};

const char *
truth_outcome_name(enum truth_outcome outcome)
{
	static const char *const names[] = {[TRUTH_DELIVERED] = "delivered",
	    [TRUTH_LOST] = "lost",
	    [TRUTH_QUEUE] = "queue",
	    [TRUTH_FAILED] = "failed",
	    [TRUTH_OVERFLOW] = "overflow",
	    [TRUTH_DUPLICATE] = "duplicate",
	    [TRUTH_CORRUPT] = "corrupt",
	    [TRUTH_UNKNOWN] = "unknown",
	    [TRUTH_STRAY] = "stray"};

	return (names[outcome]);
}

/* A double cannot hold the nanoseconds of an instant. */
static void
write_instant(struct table *table, nanoseconds instant)
{
	char text[40];

	snprintf(text, sizeof(text), "%" PRId64 ".%09" PRId64,
	    instant / NS_PER_S, instant % NS_PER_S);
	table_text(table, instant != TRUTH_ABSENT ? text : NULL);
}

static void
write_text(struct table *table, const char *text)
{
	table_text(table, text[0] != '\0' ? text : NULL);
}

static void
write_number(struct table *table, long number)
{
	table_number(table, number >= 0 ? (double)number : NAN);
}

static void
write_frame(struct table *table, const struct truth_packet *packet)
{
	struct frame frame;

	frame_read(packet->head, packet->kept, &frame);
	write_text(table, frame.protocol);
	write_text(table, frame.source);
	write_number(table, frame.source_port);
	write_text(table, frame.destination);
	write_number(table, frame.destination_port);
	write_number(table, frame.icmp_type);
	write_number(table, frame.icmp_id);
	write_number(table, frame.icmp_sequence);
	write_text(table, frame.payload);
}

static void
write_packet(struct table *table, const struct truth_packet *packet)
{
	bool both =
	    packet->entered != TRUTH_ABSENT && packet->left != TRUTH_ABSENT;

	table_row(table);
	table_number(table, packet->way);
	write_instant(table, packet->entered);
	write_instant(table, packet->left);
	write_instant(table, packet->again);
	table_number(
	    table, both ? clock_seconds(packet->left - packet->entered) : NAN);
	table_text(table, truth_outcome_name(packet->outcome));
	table_text(table, packet->judged ? "verdict" : "sight");
	table_number(table, packet->length);
	write_frame(table, packet);
}

void
truth_write(const struct truth *truth, enum table_format format, FILE *out)
{
	struct table *table = table_new();
	size_t count;
	const struct truth_packet *packets = truth_packets(truth, &count);

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		table_column(table, columns[i].title, columns[i].unit);
	for (size_t i = 0; i < count; i++)
		write_packet(table, &packets[i]);
	table_write(table, format, 0, out);
	table_free(table);
}
