/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * prices.h - what runs cost, asked of their worker once for each set of options.
 */
#ifndef PHAROS_AGENT_PRICES_H
#define PHAROS_AGENT_PRICES_H

#include "probes/cost.h"

struct crew;
struct json_object;
struct prices;

enum price {
	PRICE_KNOWN,
	PRICE_ASKED,  /* news is called when that has changed */
	PRICE_NOWHERE /* it cannot be told; asked again, it is tried anew */
};

/* The crew is borrowed and to be freed first. */
struct prices *prices_new(
    struct crew *crew, void (*news)(void *arg), void *arg);
void prices_free(struct prices *prices); /* NULL is fine */
/* What is known stays so. *why is borrowed until the next call. */
enum price prices_get(struct prices *prices, const char *probe,
    struct json_object *options, struct cost *cost, const char **why);

#endif
