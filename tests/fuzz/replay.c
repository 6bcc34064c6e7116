/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replay.c - gives a fuzz target every file of the folders named, so that what
 * a fuzzer once found is tried again by make check without one.
 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/memory.h"
#include "tests/fuzz/target.h"

static unsigned replayed;

static int
replay(const char *path, const struct stat *st, int type, struct FTW *where)
{
	size_t size = (size_t)st->st_size;
	uint8_t *data;
	FILE *in;

	if (type != FTW_F)
		return (type == FTW_D || type == FTW_DP ? 0 : -1);
	fprintf(stderr, "# %s\n", path); /* the last one is to blame */
	if ((in = fopen(path, "re")) == NULL)
		return (-1);
	data = memory_new(size, 1); /* exact, so that an overrun is seen */
	if (fread(data, 1, size, in) != size) {
		fclose(in);
		free(data);
		return (-1);
	}
	fclose(in);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	replayed++;
	return (0);
}

int
main(int argc, char *argv[])
{
	for (int i = 1; i < argc; i++)
		if (nftw(argv[i], replay, 16, FTW_PHYS) != 0) {
			perror(argv[i]);
			return (1);
		}
	printf("# %u inputs\n", replayed);
	return (replayed > 0 ? 0 : 1); /* a corpus that is gone tests nothing */
}
