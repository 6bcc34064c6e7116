/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/emulator/pool.h"

#include <sys/mman.h>

int
pool_open(struct pool *pool, size_t size)
{
	void *all =
	    mmap(NULL, size * sizeof(struct packet), PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (all == MAP_FAILED)
		return (-1);
	*pool = (struct pool){.all = all, .size = size};
	return (0);
}

void
pool_close(struct pool *pool)
{
	munmap(pool->all, pool->size * sizeof(struct packet));
}

struct packet *
pool_take(struct pool *pool)
{
	struct packet *packet = pool->free;

	if (packet != NULL)
		pool->free = packet->next;
	else if (pool->touched < pool->size)
		packet = &pool->all[pool->touched++];
	return (packet);
}

void
pool_give(struct pool *pool, struct packet *packet)
{
	packet->next = pool->free;
	pool->free = packet;
}
