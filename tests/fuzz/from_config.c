/* SPDX-License-Identifier: BSD-2-Clause */
/* A router's configuration is refused at its place, or makes a topology. */
#include "lab/from_config.h"

#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "tests/fuzz/specimen.h"
#include "tests/fuzz/target.h"

#define FILE_NAME "/lab/r/fuzz.conf"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct from_config *from = from_config_new();
	struct error err = {""};
	size_t length, half = size / 2;
	char *text = NULL;
	FILE *out = open_memstream(&text, &length);

	if (from_config_take(
		from, "a", FILE_NAME, (const char *)data, half, &err) == -1 ||
	    from_config_take(from, "b", FILE_NAME, (const char *)data + half,
		size - half, &err) == -1)
		specimen_place(err.text, FILE_NAME);
	else if (from_config_write(from, "fuzz", out, &err) == -1 &&
		 strstr(err.text, "expected") == NULL)
		abort();
	fclose(out);
	free(text);
	from_config_free(from);
	return (0);
}
