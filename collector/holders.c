/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/holders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "common/memory.h"

#define OTHERS 4 /* of a box, remembered at once */

/* One that has not got the place. */
struct other {
	struct holder who; /* no epoch: a free row */
	nanoseconds heard;
	unsigned words; /* of the first since it came */
	bool second;    /* so many that it lives */
	bool told;      /* that it is */
};

struct place {
	LIST_ENTRY(place) entry;
	char box[NAME_TEXT];
	struct holder first; /* no epoch: nobody */
	nanoseconds heard;
	bool seeded; /* has not been heard since we began */
	struct other others[OTHERS];
};

#define BUCKETS 1024

struct holders {
	LIST_HEAD(, place) places[BUCKETS];
};

static size_t
bucket_of(const char *box)
{
	size_t hash = 5381;

	while (*box != '\0')
		hash = hash * 33 + (unsigned char)*box++;
	return (hash % BUCKETS);
}

static struct place *
find(const struct holders *holders, const char *box)
{
	struct place *place;

	LIST_FOREACH (place, &holders->places[bucket_of(box)], entry)
		if (strcmp(place->box, box) == 0)
			return (place);
	return (NULL);
}

static struct place *
obtain(struct holders *holders, const char *box)
{
	struct place *place = find(holders, box);

	if (place != NULL)
		return (place);
	place = memory_new(1, sizeof(*place));
	snprintf(place->box, sizeof(place->box), "%s", box);
	LIST_INSERT_HEAD(&holders->places[bucket_of(box)], place, entry);
	return (place);
}

struct holders *
holders_new(void)
{
	return (memory_new(1, sizeof(struct holders)));
}

void
holders_free(struct holders *holders)
{
	struct place *place;

	if (holders == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		while ((place = LIST_FIRST(&holders->places[i])) != NULL) {
			LIST_REMOVE(place, entry);
			free(place);
		}
	free(holders);
}

void
holders_forget(struct holders *holders, const char *box)
{
	struct place *place = find(holders, box);

	if (place == NULL)
		return;
	LIST_REMOVE(place, entry);
	free(place);
}

const struct holder *
holders_first(const struct holders *holders, const char *box)
{
	const struct place *place = find(holders, box);

	if (place == NULL || place->first.epoch[0] == '\0')
		return (NULL);
	return (&place->first);
}

static bool
is_same(const struct holder *a, const struct holder *b)
{
	return (strcmp(a->epoch, b->epoch) == 0);
}

static void
forget_other(struct place *place, const struct holder *who)
{
	for (size_t i = 0; i < OTHERS; i++)
		if (is_same(&place->others[i].who, who))
			place->others[i] = (struct other){.heard = 0};
}

static void
take_place(struct place *place, const struct holder *who, nanoseconds now)
{
	forget_other(place, who);
	place->first = *who;
	place->heard = now;
	place->seeded = false;
}

/* Its row, or the one that was heard of longest ago. */
static struct other *
other_of(struct place *place, const struct holder *who)
{
	struct other *other = &place->others[0];

	for (size_t i = 0; i < OTHERS; i++) {
		if (is_same(&place->others[i].who, who))
			return (&place->others[i]);
		if (place->others[i].heard < other->heard)
			other = &place->others[i];
	}
	*other = (struct other){.heard = 0};
	return (other);
}

void
holders_seed(struct holders *holders, const char *box,
    const struct holder *first, const struct holder *second, nanoseconds now)
{
	struct place *place = obtain(holders, box);

	take_place(place, first, now);
	place->seeded = true;
	if (second == NULL)
		return;
	*other_of(place, second) =
	    (struct other){.who = *second, .heard = now, .second = true};
}

/* How long the one that has the place may still be silent. */
static nanoseconds
patience(const struct place *place, const struct other *other, bool connected)
{
	if (connected)
		return (HOLDERS_SILENT);
	if (other->second)
		return (HOLDERS_AWAY);
	return (place->seeded ? HOLDERS_RETURN : 0);
}

static enum holders_verdict
ask_again(struct place *place, const struct holder *who, nanoseconds now)
{
	place->first = *who; /* perhaps at another address */
	place->heard = now;
	place->seeded = false;
	for (size_t i = 0; i < OTHERS; i++) {
		struct other *other = &place->others[i];

		if (other->who.epoch[0] != '\0' &&
		    ++other->words > HOLDERS_STALE)
			other->second = true;
	}
	return (HOLDERS_FIRST);
}

enum holders_verdict
holders_ask(struct holders *holders, const char *box, const struct holder *who,
    bool connected, nanoseconds now, bool *news)
{
	struct place *place = obtain(holders, box);
	struct other *other;

	*news = false;
	if (is_same(&place->first, who))
		return (ask_again(place, who, now));
	other = other_of(place, who);
	other->who = *who;
	other->heard = now;
	if (place->first.epoch[0] == '\0' ||
	    now - place->heard >= patience(place, other, connected)) {
		*news = other->told;
		take_place(place, who, now);
		return (HOLDERS_FIRST);
	}
	*news = other->second && !other->told;
	other->told = other->second;
	return (other->second ? HOLDERS_SECOND : HOLDERS_WAITS);
}
