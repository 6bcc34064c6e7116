/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tapes.h - the truth about links, on request: POST /v1/links/{link}/truth.
 *
 * Each link's is in RUN/NAME/truth-LINK and, where the emulator made it, in
 * RUN/NAME/verdicts-LINK, new with each start.
 */
#ifndef PHAROS_LAB_TAPES_H
#define PHAROS_LAB_TAPES_H

#include "lab/links.h"

struct http_request;
struct tapes;

/* Borrows all but folder's text. */
struct tapes *tapes_new(
    const struct links_about *about, struct links *links, const char *folder);
void tapes_free(struct tapes *tapes); /* NULL is fine */
/* Answers, now or later: {"file","verdicts"} once every packet is recorded, or
 * the file is whole. */
void tapes_start(
    struct tapes *tapes, size_t link, struct http_request *request);
void tapes_stop(struct tapes *tapes, size_t link, struct http_request *request);

#endif
