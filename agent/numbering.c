/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/numbering.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/hash.h"
#include "common/member.h"
#include "common/memory.h"

int
numbering_begin(struct numbering *numbering, const char *box,
    struct shelf *shelf, struct error *err)
{
	struct shelf_epoch epoch;
	uint8_t random[8];

	strncpy(numbering->box, box, sizeof(numbering->box) - 1);
	hash_random(random, sizeof(random));
	hash_hex(random, sizeof(random), epoch.name);
	if (shelf_begin(shelf, err) < 0 ||
	    shelf_epochs(
		shelf, &numbering->epochs, &numbering->epoch_count, err) < 0 ||
	    shelf_add_epoch(shelf, &epoch, err) < 0 ||
	    shelf_commit(shelf, err) < 0)
		return (-1);
	numbering->epochs = memory_resize(
	    numbering->epochs, numbering->epoch_count + 1, sizeof(epoch));
	numbering->epochs[numbering->epoch_count++] = epoch;
	return (0);
}

void
numbering_clear(struct numbering *numbering)
{
	free(numbering->epochs);
}

const char *
numbering_epoch(const struct numbering *numbering)
{
	return (numbering->epochs[numbering->epoch_count - 1].name);
}

int64_t
numbering_next(const struct numbering *numbering)
{
	return (numbering->epochs[numbering->epoch_count - 1].base +
		(int64_t)numbering->sequence + 1);
}

/* The epoch of record n. */
static const struct shelf_epoch *
epoch_of(const struct numbering *numbering, int64_t n)
{
	size_t i = numbering->epoch_count - 1;

	while (i > 0 && numbering->epochs[i].base >= n)
		i--;
	return (&numbering->epochs[i]);
}

void
numbering_id(const struct numbering *numbering, int64_t n, struct record_id *id)
{
	const struct shelf_epoch *epoch = epoch_of(numbering, n);

	memset(id, 0, sizeof(*id));
	memcpy(id->box, numbering->box, sizeof(id->box));
	memcpy(id->epoch, epoch->name, sizeof(id->epoch));
	id->sequence = (uint64_t)(n - epoch->base);
}

bool
numbering_same_epoch(
    const struct numbering *numbering, int64_t n, int64_t other)
{
	return (epoch_of(numbering, n) == epoch_of(numbering, other));
}

int64_t
numbering_find(const struct numbering *numbering, const struct record_id *id,
    int64_t committed, struct error *err)
{
	size_t i;
	int64_t n, most;

	for (i = 0; i < numbering->epoch_count; i++)
		if (strcmp(numbering->epochs[i].name, id->epoch) == 0)
			break;
	if (i == numbering->epoch_count)
		return (error_set(err,
		    "acknowledged epoch %s, which is none of ours", id->epoch));
	n = numbering->epochs[i].base + (int64_t)id->sequence;
	most = i + 1 < numbering->epoch_count ? numbering->epochs[i + 1].base
					      : committed;
	if (n < 0 || n > most)
		return (error_set(err,
		    "acknowledged record %" PRIu64 " of epoch %s, which was "
		    "never sent",
		    id->sequence, id->epoch));
	return (n);
}

void
numbering_line(const struct numbering *numbering, struct shelf_row *row,
    struct json_object *record)
{
	struct record_id id;
	const char *text;
	char *name;

	numbering_id(numbering, row->n, &id);
	snprintf(id.box, sizeof(id.box), "%s",
	    member_text_or(record, "agent", numbering->box));
	name = record_id_write(&id);
	member_add_text(record, "id", name);
	member_add_text(record, "agent", id.box);
	free(name);
	text = json_object_to_json_string_length(record,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
	    &row->length);
	row->line = memory_text(text);
}
