/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * changes.h - what changes in one view of a matrix, for all who watch it.
 *
 * Each look that finds something new has a number. Each cell knows the number
 * at which it last changed, so whoever has seen everything up to a number is
 * told all that followed, however long he was away, in one message that holds
 * a cell at most once. A message is made once for all who have seen as much.
 */
#ifndef PHAROS_COLLECTOR_CHANGES_H
#define PHAROS_COLLECTOR_CHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct changes;
struct error;
struct evbuffer;
struct matrix_question;
struct web;

#define CHANGES_ALL SIZE_MAX           /* of every cell */
#define CHANGES_SUMMARY (SIZE_MAX - 1) /* how many there are of each kind */
#define CHANGES_ID 40                  /* characters, with the NUL */

/* After a first look. What the question borrows stays borrowed. */
struct changes *changes_new(
    struct web *web, const struct matrix_question *question, struct error *err);
void changes_free(struct changes *changes); /* NULL is fine */
bool changes_are_of(
    const struct changes *changes, const struct matrix_question *question);
size_t changes_size(const struct matrix_question *question); /* bytes, about */

/* Looks again; what cannot be looked at now is left for the next time. */
void changes_look(struct web *web, struct changes *changes);
uint64_t changes_last(const struct changes *changes); /* its number */
/* The last number as the id of an event, and back; false: an id of another
 * life. */
void changes_id(const struct changes *changes, char id[static CHANGES_ID]);
bool changes_resume(
    const struct changes *changes, const char *id, uint64_t *number);
/* Adds an event with what changed after the number in this cell, in all of them,
 * or their summary; nothing when nothing did. So many cells that it would be cheaper to ask
 * for all are a "reset". */
void changes_tell(
    struct changes *changes, uint64_t after, size_t cell, struct evbuffer *out);

#endif
