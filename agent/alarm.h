/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * alarm.h - a call at an instant of the wall clock.
 *
 * Also called when the clock has been set, for then whoever waits for a time of
 * day has to think anew; and, after a suspend, as soon as the host is back.
 */
#ifndef PHAROS_AGENT_ALARM_H
#define PHAROS_AGENT_ALARM_H

#include "common/clock.h"

struct alarm;
struct error;
struct event_base;

struct alarm *alarm_new(struct event_base *base, void (*ring)(void *arg),
    void *arg, struct error *err);
void alarm_free(struct alarm *alarm); /* NULL is fine */
/* Replaces what was set before. In the past: at once. INT64_MAX: only when the
 * clock is set. */
void alarm_set(struct alarm *alarm, nanoseconds wall);

#endif
