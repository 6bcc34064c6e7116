/* SPDX-License-Identifier: BSD-2-Clause */
/* No input unpacks to more than the limit, and what unpacks packs again. */
#include "common/packing.h"

#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "tests/fuzz/target.h"

#define MOST 65536

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t length, packed, again;
	struct error err = {""};
	int too_large;
	char *text, *second;
	void *back;

	text = packing_unpack(data, size, MOST, &length, &too_large, &err);
	if (text == NULL) {
		if (strncmp(err.text, "zstd data", strlen("zstd data")) != 0)
			abort();
		return (0);
	}
	if (length > MOST || text[length] != '\0' || too_large)
		abort();
	back = packing_pack(text, length, &packed);
	second = packing_unpack(back, packed, MOST, &again, &too_large, NULL);
	if (second == NULL || again != length ||
	    memcmp(text, second, length) != 0)
		abort();
	free(second);
	free(back);
	free(text);
	return (0);
}
