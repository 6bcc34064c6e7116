/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * owd.h - what may be asked of the one-way delay probe.
 *
 * owd.c has the tables, wish.c what is to be understood of them.
 */
#ifndef PHAROS_PROBES_OWD_OWD_H
#define PHAROS_PROBES_OWD_OWD_H

#include "common/address.h"
#include "probes/owamp/message.h"
#include "probes/probe.h"

#define OWD_SLOTS 64
#define OWD_CONTROL_PORT 861
/* Packets may take so much longer than they should on average. */
#define OWD_LONGER 2
/* A connection is set up, and results are fetched, in this time. */
#define OWD_SETUP (10 * NS_PER_S)

enum owd_distribution { OWD_POISSON, OWD_FIXED };

struct owd_settings {
	double rate;          /* packets per second */
	int64_t distribution; /* of owd_distribution */
	char slots[512];      /* or these: "exp:100ms,fixed:20ms" */
	int64_t count, padding, dscp, control_port;
	nanoseconds timeout;
	char source[ADDRESS_TEXT];
	char test_ports[16]; /* "8760-9960" */
	char modes[40];      /* "open,authenticated,encrypted" */
	char key_id[MESSAGE_KEY_ID + 1], keys[256];
	bool samples, raw;
	char fetch[2 * KEYS_SID + 1]; /* hexadecimal */
};

/* Each fills what it is named for; -1: "option NAME: what was expected". */
int wish_slots(const struct owd_settings *s, struct slot slots[OWD_SLOTS],
    uint32_t *count, struct error *err);
int wish_modes(const struct owd_settings *s, uint32_t *modes, /* 0: none said */
    struct error *err);
int wish_ports(const struct owd_settings *s, uint16_t *least, uint16_t *most,
    struct error *err);
/* false: nothing is to be fetched */
bool wish_fetch(const struct owd_settings *s, uint8_t sid[static KEYS_SID]);

/* Seconds between packets in the long run. */
double wish_mean(const struct slot *slots, uint32_t count);

int owd_start(struct probe_run *run, struct error *err);
void owd_stop(struct probe_run *run);
void owd_finish(struct probe_run *run);
void owd_interval(struct probe_run *run, nanoseconds from, nanoseconds to);
extern const size_t owd_run_size;

#endif
