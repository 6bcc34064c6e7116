/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bundle_parts.h - what is behind struct bundle; for bundle*.c alone.
 */
#ifndef PHAROS_COMMON_BUNDLE_PARTS_H
#define PHAROS_COMMON_BUNDLE_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "common/finding.h"
#include "common/record.h"

struct manifest;

struct bundle {
	const struct manifest *manifest;
	uint64_t outcomes[OUTCOMES];
	struct finding *findings; /* in the order of the manifest's metrics */
	size_t size;
};

#endif
