/* SPDX-License-Identifier: BSD-2-Clause */
/* Times as people write them, "-24h" and "2026-11-21T10:05Z": what is taken can
 * be written, and what is written is taken as the same. */
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/memory.h"
#include "tests/fuzz/target.h"

#define NOW (INT64_C(1795300000) * NS_PER_S)

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = memory_new(size + 1, 1), written[40];
	nanoseconds value, back;
	struct error err = {""};

	memcpy(text, data, size);
	if (clock_parse(text, NOW, &value, &err) == -1) {
		if (strstr(err.text, "expected") == NULL)
			abort();
	} else {
		clock_format(value, 9, written);
		if (clock_parse(written, NOW, &back, NULL) == -1 ||
		    back != value)
			abort();
	}
	free(text);
	return (0);
}
