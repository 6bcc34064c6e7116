/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fault.h - what others had against a run's packets: who, which code, how often.
 */
#ifndef PHAROS_PROBES_FAULT_H
#define PHAROS_PROBES_FAULT_H

#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "probes/icmp.h"

#define FAULTS 8            /* different ones; more are counted together */
#define FAULT_TEXT 160      /* of one, for people */
#define FAULT_JSON (2048)   /* of all */
#define FAULT_STRANGER (-1) /* type: an answer of another address */

struct fault {
	uint8_t family, length;
	uint8_t who[16];
	int16_t type, code;
	uint32_t mtu, count;
};

struct fault_list { /* zeroed: none */
	struct fault faults[FAULTS];
	uint32_t used, others;
	uint32_t last; /* index of the one heard last */
};

/* message: an ICMP error; NULL: an answer that `who` had not been asked for. */
void fault_add(struct fault_list *list, int family, const uint8_t *who,
    const struct icmp_message *message);
/* The one heard last, "destination unreachable: host unreachable from
 * 198.51.100.7"; NULL when there was none. */
char *fault_text(const struct fault_list *list, char text[static FAULT_TEXT]);
/* The same, "...198.51.100.7, and 3 of other kinds", if there were any. */
char *fault_all_text(
    const struct fault_list *list, char text[static FAULT_TEXT]);
/* [{"from":"198.51.100.7","type":3,"code":1,"what":"..","n":10},..]; "mtu" where
 * one was told; answers of strangers have neither type nor code, those that there
 * was no room for only n. */
char *fault_json(const struct fault_list *list, char text[static FAULT_JSON]);

#endif
