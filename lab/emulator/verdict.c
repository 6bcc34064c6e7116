/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/emulator/verdict.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t
mix(uint64_t hash, uint64_t word)
{
	unsigned __int128 product =
	    (unsigned __int128)(hash ^ word) * UINT64_C(0x9fb21c651e98df25);

	return ((uint64_t)product ^ (uint64_t)(product >> 64));
}

uint64_t
verdict_hash(const void *frame, size_t length)
{
	const uint8_t *at = frame;
	uint64_t hash = UINT64_C(0x2545f4914f6cdd1d) + length, word;

	for (; length >= 8; length -= 8, at += 8) {
		memcpy(&word, at, 8);
		hash = mix(hash, word) + UINT64_C(0x9e3779b97f4a7c15);
	}
	word = 0;
	memcpy(&word, at, length);
	hash = mix(mix(hash, word), UINT64_C(0xd6e8feb86659fd93));
	return (hash != 0 ? hash : 1);
}

static void
write_all(struct verdict_log *log, const void *data, size_t length)
{
	const char *at = data;
	ssize_t n;

	while (length > 0 && log->trouble == 0) {
		if ((n = write(log->fd, at, length)) > 0) {
			at += n;
			length -= (size_t)n;
		} else if (n == 0 || errno != EINTR) {
			log->trouble = n == 0 ? EIO : errno;
		}
	}
}

struct verdict_log *
verdict_open(int fd)
{
	struct verdict_log *log = calloc(1, sizeof(*log));

	if (log == NULL)
		return (NULL);
	log->fd = fd;
	write_all(log, VERDICT_MAGIC, 8);
	return (log);
}

void
verdict_add(struct verdict_log *log, const struct verdict *verdict)
{
	log->batch[log->count++] = *verdict;
	if (log->count == VERDICT_BATCH)
		verdict_flush(log);
}

void
verdict_flush(struct verdict_log *log)
{
	write_all(log, log->batch, log->count * sizeof(log->batch[0]));
	log->count = 0;
}

int
verdict_close(struct verdict_log *log)
{
	int trouble;

	verdict_flush(log);
	trouble = log->trouble;
	close(log->fd);
	free(log);
	return (trouble);
}
