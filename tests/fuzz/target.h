/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * target.h - what a fuzz target is; the name is libFuzzer's.
 */
#ifndef PHAROS_TESTS_FUZZ_TARGET_H
#define PHAROS_TESTS_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/* One input. Returns 0; aborts when what it parsed breaks a promise. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
