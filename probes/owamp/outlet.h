/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outlet.h - builds what one side of a control connection sends.
 *
 * Messages come out as bytes, encrypted and signed where the mode says so, to be
 * sent in any pieces.
 */
#ifndef PHAROS_PROBES_OWAMP_OUTLET_H
#define PHAROS_PROBES_OWAMP_OUTLET_H

#include "probes/owamp/message.h"

struct outlet;
struct outlet *outlet_new(void);
void outlet_free(struct outlet *outlet); /* NULL is fine */

/* From here on the mode's rules hold: once, before any message but greeting and
 * set-up response. keys NULL: open mode. */
void outlet_protect(struct outlet *outlet, const struct keys *keys,
    const uint8_t iv[static CIPHER_BLOCK]);

/* What is ready to be sent, until the next message (NULL: nothing); and that this
 * much of it was. */
const uint8_t *outlet_data(const struct outlet *outlet, size_t *length);
void outlet_sent(struct outlet *outlet, size_t length);

void outlet_greeting(struct outlet *outlet, const struct message_greeting *m);
void outlet_setup(struct outlet *outlet, const struct message_setup *m);
/* One that refuses needs no outlet_protect, and is the last. */
void outlet_welcome(struct outlet *outlet, const struct message_welcome *m);
/* Also the second part of a fetched session. */
void outlet_request(struct outlet *outlet, const struct message_request *m);
void outlet_accepted(struct outlet *outlet, const struct message_accepted *m);
void outlet_start(struct outlet *outlet);
void outlet_started(struct outlet *outlet, uint8_t accept);
void outlet_stop(struct outlet *outlet, const struct message_stop *m);
void outlet_state(struct outlet *outlet, const struct message_statement *m);
void outlet_label(struct outlet *outlet, const struct message_label *m);
void outlet_fetch(struct outlet *outlet, const struct message_fetch *m);

/* A fetched session is sent as: fetched; request; skips; as many records as were
 * announced, in the order they arrived in; end. A refusal is fetched alone. */
void outlet_fetched(struct outlet *outlet, const struct message_fetched *m);
void outlet_skips(
    struct outlet *outlet, const struct message_skip *skips, uint32_t count);
void outlet_record(struct outlet *outlet, const struct message_record *m);
void outlet_end(struct outlet *outlet);

#endif
