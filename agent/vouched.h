/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vouched.h - the member "clock" of agent.yaml.
 *
 *   clock: {vouched: 50us, because: "namespaces of one host share a clock"}
 */
#ifndef PHAROS_AGENT_VOUCHED_H
#define PHAROS_AGENT_VOUCHED_H

#include "common/vouch.h"

#define VOUCHED_TEXT 128

struct error;
struct yml;

/* Without the member nobody vouches. "FILE:LINE:COLUMN: ..." when it is not right. */
int vouched_read(
    struct vouch_word *word, const struct yml *root, struct error *err);
/* "within 50us (namespaces of one host share a clock)", "no" */
char *vouched_write(
    const struct vouch_word *word, char text[static VOUCHED_TEXT]);

#endif
