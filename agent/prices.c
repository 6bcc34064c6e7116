/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/prices.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "agent/crew.h"
#include "common/memory.h"

struct entry {
	LIST_ENTRY(entry) link;
	struct prices *prices;
	char *name; /* probe and options */
	enum price state;
	struct cost cost;
	char *why;
};

struct prices {
	struct crew *crew;
	void (*news)(void *arg);
	void *arg;
	LIST_HEAD(, entry) entries;
};

struct prices *
prices_new(struct crew *crew, void (*news)(void *arg), void *arg)
{
	struct prices *prices = memory_new(1, sizeof(*prices));

	prices->crew = crew;
	prices->news = news;
	prices->arg = arg;
	LIST_INIT(&prices->entries);
	return (prices);
}

static void
remove_entry(struct entry *entry)
{
	LIST_REMOVE(entry, link);
	free(entry->name);
	free(entry->why);
	free(entry);
}

void
prices_free(struct prices *prices)
{
	if (prices == NULL)
		return;
	while (!LIST_EMPTY(&prices->entries))
		remove_entry(LIST_FIRST(&prices->entries));
	free(prices);
}

/* Who waits for it hears of it once; then it may be asked for again. */
static void
on_answer(void *arg, const struct cost *cost, const char *why)
{
	struct entry *entry = arg;
	struct prices *prices = entry->prices;

	entry->state = cost != NULL ? PRICE_KNOWN : PRICE_NOWHERE;
	if (cost != NULL)
		entry->cost = *cost;
	else
		entry->why = memory_text(why);
	prices->news(prices->arg);
	if (cost == NULL)
		remove_entry(entry);
}

static struct entry *
add_entry(struct prices *prices, char *name)
{
	struct entry *entry = memory_new(1, sizeof(*entry));

	entry->prices = prices;
	entry->name = name;
	entry->state = PRICE_ASKED;
	LIST_INSERT_HEAD(&prices->entries, entry, link);
	return (entry);
}

enum price
prices_get(struct prices *prices, const char *probe,
    struct json_object *options, struct cost *cost, const char **why)
{
	char *name = memory_print("%s %s", probe,
	    json_object_to_json_string_ext(options, JSON_C_TO_STRING_PLAIN));
	struct entry *entry = LIST_FIRST(&prices->entries);

	while (entry != NULL && strcmp(entry->name, name) != 0)
		entry = LIST_NEXT(entry, link);
	if (entry == NULL) {
		entry = add_entry(prices, name);
		crew_ask(prices->crew, probe, options, on_answer, entry);
	} else
		free(name);
	*cost = entry->cost;
	*why = entry->why;
	return (entry->state);
}
