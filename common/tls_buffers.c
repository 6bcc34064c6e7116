/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/tls_buffers.h"

#include <openssl/crypto.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LEAST (12 * 1024) /* what is smaller may last */
#define PIECE (24 * 1024) /* whole pages; room for the largest buffer */
#define PIECES 4096       /* beyond them, the heap */
#define WARM 16           /* free ones that keep their memory */

/* Free pieces, the last one freed is the first one taken. */
static struct {
	unsigned char *all; /* NULL: not in use */
	uint16_t warm[WARM], cold[PIECES];
	size_t warm_count, cold_count;
} pool;

static bool
is_piece(const void *data)
{
	uintptr_t at = (uintptr_t)data, from = (uintptr_t)pool.all;

	return (at >= from && at < from + (size_t)PIECES * PIECE);
}

static void *
take(size_t size, const char *file, int line)
{
	size_t piece;

	if (size == 0)
		return (NULL);
	if (size < LEAST || size > PIECE ||
	    pool.warm_count + pool.cold_count == 0)
		return (malloc(size));
	piece = pool.warm_count > 0 ? pool.warm[--pool.warm_count]
				    : pool.cold[--pool.cold_count];
	return (pool.all + piece * PIECE);
}

static void
give(void *data, const char *file, int line)
{
	uint16_t piece;

	if (data == NULL || !is_piece(data)) {
		free(data);
		return;
	}
	piece = (uint16_t)(((unsigned char *)data - pool.all) / PIECE);
	if (pool.warm_count < WARM) {
		pool.warm[pool.warm_count++] = piece;
		return;
	}
	madvise(data, PIECE, MADV_DONTNEED);
	pool.cold[pool.cold_count++] = piece;
}

static void *
resize(void *data, size_t size, const char *file, int line)
{
	void *other;

	if (data == NULL)
		return (take(size, file, line));
	if (size == 0) {
		give(data, file, line);
		return (NULL);
	}
	if (!is_piece(data))
		return (realloc(data, size));
	if (size <= PIECE)
		return (data);
	other = malloc(size);
	if (other != NULL) {
		memcpy(other, data, PIECE);
		give(data, file, line);
	}
	return (other);
}

bool
tls_buffers_apart(void)
{
	const size_t size = (size_t)PIECES * PIECE;
	void *all = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (all == MAP_FAILED)
		return (false);
	if (CRYPTO_set_mem_functions(take, resize, give) != 1) {
		munmap(all, size);
		return (false);
	}
	madvise(all, size, MADV_NOHUGEPAGE); /* a piece is to go alone */
	pool.all = all;
	for (size_t i = 0; i < PIECES; i++)
		pool.cold[i] = (uint16_t)(PIECES - 1 - i);
	pool.cold_count = PIECES;
	return (true);
}
