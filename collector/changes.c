/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/changes.h"

#include <event2/buffer.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/changes_event.h"
#include "collector/fleet.h"
#include "collector/web.h"
#include "collector/web_matrix.h"
#include "common/error.h"
#include "common/hash.h"
#include "common/log.h"
#include "common/memory.h"

#define LIFE 16 /* hexadecimal digits */

/* A message, shared by the buffers of all who are sent it. */
struct message {
	size_t holders, length;
	char *text;
};

struct changes {
	struct matrix seen;
	char *silent; /* JSON */
	uint64_t *changed;
	uint64_t last, silent_changed;
	char life[LIFE + 1];
	struct message *message; /* NULL: none */
	uint64_t message_after;
};

static void
drop(struct message *message)
{
	if (message == NULL || --message->holders > 0)
		return;
	free(message->text);
	free(message);
}

static void
on_sent(const void *text, size_t length, void *message)
{
	drop(message);
}

static char *
silent_text(struct web *web, const struct matrix_question *question)
{
	json_object *json = matrix_silent(web, question);
	char *text = memory_text(
	    json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN));

	json_object_put(json);
	return (text);
}

static bool
same(double a, double b)
{
	return (a == b || (isnan(a) && isnan(b)));
}

static bool
cell_changed(const struct matrix *a, const struct matrix *b, size_t cell)
{
	if (a->main.finding[cell] != b->main.finding[cell] ||
	    a->state[cell] != b->state[cell] ||
	    a->main.weight[cell] != b->main.weight[cell] ||
	    !same(a->main.value[cell], b->main.value[cell]))
		return (true);
	if (a->q.based && !same(a->base[cell], b->base[cell]))
		return (true);
	for (size_t i = 0; i < a->q.known; i++)
		if (!same(a->also[i].value[cell], b->also[i].value[cell]))
			return (true);
	return (false);
}

struct changes *
changes_new(
    struct web *web, const struct matrix_question *question, struct error *err)
{
	struct changes *changes = memory_new(1, sizeof(*changes));
	uint8_t life[LIFE / 2];

	changes->seen.q = *question;
	if (matrix_look(web, &changes->seen, err) == -1) {
		changes_free(changes);
		return (NULL);
	}
	hash_random(life, sizeof(life));
	hash_hex(life, sizeof(life), changes->life);
	changes->silent = silent_text(web, question);
	changes->changed =
	    memory_new(changes->seen.cells, sizeof(*changes->changed));
	return (changes);
}

void
changes_free(struct changes *changes)
{
	if (changes == NULL)
		return;
	matrix_clear(&changes->seen);
	drop(changes->message);
	free(changes->changed);
	free(changes->silent);
	free(changes);
}

static bool
same_number(const struct matrix_number *a, const struct matrix_number *b)
{
	return (a->metric == b->metric && strcmp(a->stat, b->stat) == 0);
}

bool
changes_are_of(
    const struct changes *changes, const struct matrix_question *question)
{
	const struct matrix_question *own = &changes->seen.q;

	if (own->test != question->test || own->window != question->window ||
	    own->based != question->based ||
	    !same_number(&own->main, &question->main) ||
	    own->also_count != question->also_count)
		return (false);
	for (size_t i = 0; i < own->also_count; i++)
		if (!same_number(&own->also[i], &question->also[i]))
			return (false);
	return (true);
}

size_t
changes_size(const struct matrix_question *question)
{
	size_t cells =
	    question->test->source_count * question->test->destination_count;

	return (
	    cells * (56 + 33 * question->known + (question->based ? 24 : 0)));
}

static void
compare(struct changes *changes, const struct matrix *now, char *silent)
{
	uint64_t next = changes->last + 1;

	for (size_t i = 0; i < now->cells; i++)
		if (cell_changed(&changes->seen, now, i)) {
			changes->changed[i] = next;
			changes->last = next;
		}
	if (strcmp(silent, changes->silent) != 0)
		changes->last = changes->silent_changed = next;
}

void
changes_look(struct web *web, struct changes *changes)
{
	struct matrix now = {.q = changes->seen.q};
	struct error err;
	char *silent;

	if (matrix_look(web, &now, &err) == -1) {
		log_debug("live: %s", err.text);
		matrix_clear(&now);
		return;
	}
	silent = silent_text(web, &now.q);
	compare(changes, &now, silent);
	matrix_clear(&changes->seen);
	changes->seen = now;
	free(changes->silent);
	changes->silent = silent;
	drop(changes->message);
	changes->message = NULL;
}

uint64_t
changes_last(const struct changes *changes)
{
	return (changes->last);
}

void
changes_id(const struct changes *changes, char id[static CHANGES_ID])
{
	snprintf(id, CHANGES_ID, "%s-%" PRIu64, changes->life, changes->last);
}

bool
changes_resume(const struct changes *changes, const char *id, uint64_t *number)
{
	char *end;

	if (strncmp(id, changes->life, LIFE) != 0 || id[LIFE] != '-' ||
	    id[LIFE + 1] < '0' || id[LIFE + 1] > '9')
		return (false);
	*number = strtoull(&id[LIFE + 1], &end, 10);
	return (*end == '\0' && *number <= changes->last);
}

static struct message *
make_message(const struct changes *changes, uint64_t after)
{
	struct message *message = memory_new(1, sizeof(*message));
	struct evbuffer *out = evbuffer_new();
	size_t *cells = memory_new(changes->seen.cells, sizeof(*cells));
	struct changes_choice choice = {.cells = cells};
	char id[CHANGES_ID];

	changes_id(changes, id);
	for (size_t i = 0; i < changes->seen.cells; i++)
		if (changes->changed[i] > after)
			cells[choice.count++] = i;
	if (choice.count > 0 || changes->silent_changed > after)
		changes_event(
		    out, &changes->seen, id, changes->silent, &choice);
	message->holders = 1;
	message->length = evbuffer_get_length(out);
	message->text = memory_new(message->length + 1, 1);
	evbuffer_remove(out, message->text, message->length);
	evbuffer_free(out);
	free(cells);
	return (message);
}

void
changes_tell(
    struct changes *changes, uint64_t after, size_t cell, struct evbuffer *out)
{
	const struct changes_choice one = {.cells = &cell, .count = 1};
	char id[CHANGES_ID];

	if (cell == CHANGES_SUMMARY) {
		changes_summary(out, &changes->seen, changes->silent);
		return;
	}
	if (cell != CHANGES_ALL) {
		changes_id(changes, id);
		if (changes->changed[cell] > after)
			changes_event(out, &changes->seen, id, NULL, &one);
		return;
	}
	if (changes->message == NULL || changes->message_after != after) {
		drop(changes->message);
		changes->message = make_message(changes, after);
		changes->message_after = after;
	}
	changes->message->holders++;
	if (changes->message->length == 0)
		drop(changes->message);
	else
		evbuffer_add_reference(out, changes->message->text,
		    changes->message->length, on_sent, changes->message);
}
