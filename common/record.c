/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/record.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/memory.h"

#define DIGITS "0123456789"

const char *const outcome_names[OUTCOMES] = {
    [OUTCOME_MEASURED] = "measured",
    [OUTCOME_NO_ANSWER] = "no-answer",
    [OUTCOME_FAILED] = "failed",
    [OUTCOME_SKIPPED] = "skipped",
    [OUTCOME_GAP] = "gap",
    [OUTCOME_STATED] = "stated",
};

int
outcome_find(const char *name, enum outcome *outcome)
{
	for (int i = 0; i < OUTCOMES; i++) {
		if (strcmp(name, outcome_names[i]) == 0) {
			*outcome = (enum outcome)i;
			return (0);
		}
	}
	return (-1);
}

static int
id_error(const char *text, struct error *err)
{
	return (error_set(err,
	    "id \"%.120s\": expected BOX/EPOCH/SEQUENCE, the epoch of %d "
	    "hexadecimal digits and the sequence from 1",
	    text, EPOCH_TEXT - 1));
}

/* From 1, without leading zeros: an id has one text only. */
static int
parse_sequence(const char *text, uint64_t *sequence)
{
	size_t length = strlen(text);

	if (length == 0 || length > 18 || text[0] == '0' ||
	    strspn(text, DIGITS) != length)
		return (-1);
	*sequence = strtoull(text, NULL, 10);
	return (0);
}

int
record_id_parse(const char *text, struct record_id *id, struct error *err)
{
	size_t box = strcspn(text, "/"), epoch;
	const char *rest = text + box;

	if (box >= sizeof(id->box) || *rest++ != '/')
		return (id_error(text, err));
	memcpy(id->box, text, box);
	id->box[box] = '\0';
	epoch = strspn(rest, DIGITS "abcdef");
	if (!name_valid(id->box) || epoch != sizeof(id->epoch) - 1 ||
	    rest[epoch] != '/')
		return (id_error(text, err));
	memcpy(id->epoch, rest, epoch);
	id->epoch[epoch] = '\0';
	if (parse_sequence(rest + epoch + 1, &id->sequence) != 0)
		return (id_error(text, err));
	return (0);
}

char *
record_id_write(const struct record_id *id)
{
	return (
	    memory_print("%s/%s/%" PRIu64, id->box, id->epoch, id->sequence));
}
