/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * now.h - the emulator's own reader of time, for it is linked with libc alone.
 */
#ifndef PHAROS_LAB_EMULATOR_NOW_H
#define PHAROS_LAB_EMULATOR_NOW_H

#include "common/clock.h"

nanoseconds now_monotonic(void);

#endif
