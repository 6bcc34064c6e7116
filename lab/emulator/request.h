/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * request.h - a line of command.h, parsed.
 */
#ifndef PHAROS_LAB_EMULATOR_REQUEST_H
#define PHAROS_LAB_EMULATOR_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "lab/way.h"

#define REQUEST_NAME 63    /* bytes of a link's name */
#define REQUEST_CHANGES 16 /* K=V in one line */

enum request_verb {
	REQUEST_LINK,
	REQUEST_SET,
	REQUEST_FAIL,
	REQUEST_CARRIER,
	REQUEST_RESTORE,
	REQUEST_SEED,
	REQUEST_VERDICTS,
	REQUEST_STATS,
	REQUEST_HELLO
};

struct request_change {
	const struct request_key *key;
	union {
		int64_t whole;
		double ratio;
	} value;
};

struct request {
	enum request_verb verb;
	char name[REQUEST_NAME + 1];
	unsigned number; /* the way, or the carrier: 0 or 1 */
	uint64_t seed;
	struct request_change changes[REQUEST_CHANGES];
	size_t count;
};

/* NULL, or what is wrong with the line; it need not end with a NUL. */
const char *request_parse(
    struct request *request, const char *line, size_t length);
/* What set asks for. */
void request_apply(const struct request *request, struct way *way);

#endif
