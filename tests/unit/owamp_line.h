/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * owamp_line.h - an outlet and the inlet that hears it: one direction of a control
 * connection, the network between the two being memory.
 */
#ifndef PHAROS_TESTS_UNIT_OWAMP_LINE_H
#define PHAROS_TESTS_UNIT_OWAMP_LINE_H

#include "common/error.h"
#include "probes/owamp/inlet.h"
#include "probes/owamp/outlet.h"

#define LINE_RANGES 3 /* an odd number of them */

struct line {
	struct outlet *out;
	struct inlet *in;
	size_t piece; /* bytes that come at once */
	struct error err;
};

/* What both ends have where a line is secure. */
extern const struct keys line_keys;
extern const uint8_t line_iv[CIPHER_BLOCK];
extern const struct message_request line_request;
extern const struct message_skip line_ranges[LINE_RANGES];

struct line line_make(bool secure, size_t piece);
struct line line_make_bare(
    size_t piece); /* neither end protects anything yet */
void line_free(struct line *line);

/* At most that many bytes of what it has: a copy, so that an overrun is seen.
 * free() it. */
uint8_t *line_piece(const struct outlet *from, size_t piece, size_t *length);
/* What comes out next, an enum inlet_event; -1: the inlet found fault. */
int line_receive(struct line *line);
int line_expect(struct line *line, enum inlet_hope hope);
size_t line_waiting(const struct line *line); /* bytes */

/* It is line_request. */
void line_check_request(const struct message_request *got);
/* A Stop-Sessions of three, with three skip ranges, none and two. */
void line_send_stop(struct outlet *out);
/* All commands at once, and what answers them. */
void line_talk(struct line *line);

#endif
