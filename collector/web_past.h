/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web_past.h - GET /api/v1/matrix/{test}?at=T: a matrix as it was.
 *
 * Of bins that had ended at T; before the bins' horizon of the hour that ended
 * last. States are of records alone: who was silent then is not known, but what
 * was too old then is stale. It is gathered a little at a time, and answered
 * when it is whole.
 */
#ifndef PHAROS_COLLECTOR_WEB_PAST_H
#define PHAROS_COLLECTOR_WEB_PAST_H

struct http_request;
struct matrix_question;
struct matrix_reply;
struct pasts;
struct web;

struct pasts *pasts_new(struct web *web); /* borrowed */
/* The server's requests are void already. NULL is fine. */
void pasts_free(struct pasts *pasts);
/* The fleet goes: those under way are told to ask again. */
void pasts_forget(struct pasts *pasts);
/* Answers, now or later. */
void pasts_ask(struct pasts *pasts, struct http_request *request,
    const struct matrix_question *question, const struct matrix_reply *reply);

#endif
