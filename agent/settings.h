/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * settings.h - agent.yaml.
 *
 *   name: lon                                  # the box; as enrolled
 *   collector: https://collector.example:8641
 *   state: /var/lib/pharos/agent               # spool, plan, certificate
 *   spool: {size: 256MB, age: 14d}             # the oldest go first
 *   metrics: 127.0.0.1:8642                    # /metrics and /healthz; absent:
 *                                              # not served
 *   limits: ..., forbid: ..., quiet: ...       # agent/limits.h
 *   clock: ...                                 # agent/vouched.h
 *
 * Certificate, key and CA are STATE/box.pem, STATE/box.key and STATE/ca.pem.
 */
#ifndef PHAROS_AGENT_SETTINGS_H
#define PHAROS_AGENT_SETTINGS_H

#include <stdint.h>

#include "agent/limits.h"
#include "common/name.h"
#include "common/vouch.h"

struct error;

struct agent_settings {
	char name[NAME_TEXT];
	char collector[256]; /* URL without a trailing slash */
	char state[256];     /* absolute */
	char metrics[64];    /* for listener_open; "": none */
	int64_t spool_size;  /* bytes */
	int64_t spool_age;   /* nanoseconds */
	struct limits_rules limits;
	struct vouch_word vouched; /* of this box's clock */
};

/* "FILE:LINE:COLUMN: ..." when it is not right. */
int agent_settings_read(
    struct agent_settings *settings, const char *path, struct error *err);
/* What holds when a file says nothing; name and collector are empty. */
int agent_settings_default(struct agent_settings *settings, struct error *err);
/* The rules for collector and state. The URL loses a slash at its end. */
int agent_settings_url(char *url, struct error *err);
int agent_settings_folder(const char *path, struct error *err);
/* A commented agent.yaml, for enrolment. */
int agent_settings_write(
    const struct agent_settings *settings, const char *path, struct error *err);
/* Takes what may change in a running pharosd over from next. What differs is said
 * in lines for people, and what of it has to wait for a restart. */
void agent_settings_change(struct agent_settings *settings,
    const struct agent_settings *next,
    void (*line)(void *arg, const char *text), void *arg);
/* STATE/file; free() it */
char *agent_settings_path(
    const struct agent_settings *settings, const char *file);

#endif
