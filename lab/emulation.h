/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emulation.h - the emulator of a lab's links, and talk with it.
 *
 * It is started again when it dies; it knows nothing then.
 */
#ifndef PHAROS_LAB_EMULATION_H
#define PHAROS_LAB_EMULATION_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lab/emulator/command.h"

struct emulation;
struct error;
struct keeper;

/* again is called, from the loop, when a new one runs in a dead one's place;
 * lost when one has died. */
struct emulation_calls {
	void (*lost)(void *arg, const char *why);
	void (*again)(void *arg);
};

/* priority is real-time, 0 for none; share as in keeper.h. */
struct emulation *emulation_new(struct keeper *keeper, int priority,
    const char *share, const struct emulation_calls *calls, void *arg,
    struct error *err);
void emulation_free(struct emulation *emulation); /* NULL is fine */
/* Sends a command with so many descriptors and waits for its answer, whose text
 * behind "ok " is put into answer (may be NULL). */
int emulation_ask(struct emulation *emulation, const int *fds, size_t count,
    char answer[EMULATOR_LINE], struct error *err, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));
/* False: what has just gone wrong is that it is dead, and again will follow. */
bool emulation_lives(const struct emulation *emulation);

#endif
