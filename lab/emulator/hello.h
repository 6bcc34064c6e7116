/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hello.h - is this frame an OSPF hello (RFC 2328 A.3.2, RFC 5340 A.3.2)?
 */
#ifndef PHAROS_LAB_EMULATOR_HELLO_H
#define PHAROS_LAB_EMULATOR_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool hello_is(const uint8_t *frame, size_t length);

#endif
