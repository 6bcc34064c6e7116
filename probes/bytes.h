/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bytes.h - numbers in network order, at any address.
 */
#ifndef PHAROS_PROBES_BYTES_H
#define PHAROS_PROBES_BYTES_H

#include <stdint.h>

static inline uint16_t
bytes_get16(const uint8_t *p)
{
	return ((uint16_t)(p[0] << 8 | p[1]));
}

static inline uint32_t
bytes_get32(const uint8_t *p)
{
	return ((uint32_t)bytes_get16(p) << 16 | bytes_get16(p + 2));
}

static inline uint64_t
bytes_get64(const uint8_t *p)
{
	return ((uint64_t)bytes_get32(p) << 32 | bytes_get32(p + 4));
}

static inline void
bytes_put16(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static inline void
bytes_put32(uint8_t *p, uint32_t value)
{
	bytes_put16(p, (uint16_t)(value >> 16));
	bytes_put16(p + 2, (uint16_t)value);
}

static inline void
bytes_put64(uint8_t *p, uint64_t value)
{
	bytes_put32(p, (uint32_t)(value >> 32));
	bytes_put32(p + 4, (uint32_t)value);
}

#endif
