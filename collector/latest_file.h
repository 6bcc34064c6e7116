/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * latest_file.h - a mapped file of planes; for latest*.c alone.
 */
#ifndef PHAROS_COLLECTOR_LATEST_FILE_H
#define PHAROS_COLLECTOR_LATEST_FILE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/hash.h"

struct latest_header {
	char magic[8];
	uint64_t version;
	uint8_t digest[HASH_SIZE];
	_Atomic uint64_t sequence;
};

struct latest_column {
	const char *metric, *stat; /* borrowed from the manifest */
};

struct latest {
	char *path;
	size_t sources, destinations, cells;
	struct latest_column *columns;
	size_t count;
	size_t size;
	struct latest_header *header; /* mapped */
	ino_t inode;
};

#endif
