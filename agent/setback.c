/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/setback.h"

#include <stdlib.h>

#include "agent/spool.h"
#include "common/error.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"

struct anew {
	struct spool *spool;
	nanoseconds since;
	int64_t end; /* of the epoch */
	int64_t from, upto;
	uint64_t records;
};

char *
setback_mark(const char *epoch)
{
	return (memory_print("set back %s", epoch));
}

static int
add_anew(void *arg, const struct shelf_row *row)
{
	struct anew *anew = arg;
	json_object *record;
	struct error err;

	if (row->n > anew->end)
		return (SHELF_STOP);
	if (row->added <= anew->since && anew->records == 0)
		return (SHELF_MORE);
	record = member_parse(row->line, row->length, &err);
	if (anew->records++ == 0)
		anew->from = row->n - 1;
	anew->upto = row->n;
	if (record == NULL ||
	    spool_add_anew(anew->spool, record, row, &err) < 0)
		log_warnx("a record is lost: %s", err.text);
	json_object_put(record);
	return (SHELF_MORE);
}

int
setback(struct spool *spool, struct shelf *shelf,
    const struct shelf_epoch *epochs, size_t count, int64_t *from,
    int64_t *upto, struct error *err)
{
	for (size_t i = 0; i + 1 < count; i++) {
		struct anew anew = {.spool = spool, .end = epochs[i + 1].base};
		char *mark = setback_mark(epochs[i].name);
		int marked = shelf_marked(shelf, mark, &anew.since, err);

		free(mark);
		if (marked < 0 ||
		    (marked == 1 && shelf_visit(shelf, epochs[i].base, add_anew,
					&anew, err) < 0))
			return (-1);
		if (anew.records == 0)
			continue;
		log_info("%llu records of epoch %s get new ids",
		    (unsigned long long)anew.records, epochs[i].name);
		*from = anew.from;
		*upto = anew.upto;
	}
	return (0);
}
