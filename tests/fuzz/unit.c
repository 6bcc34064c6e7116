/* SPDX-License-Identifier: BSD-2-Clause */
/* The first byte chooses the unit, the rest is the text. What unit_parse
 * accepts is finite, can be shown, and reads back when it is written. */
#include "common/unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/target.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char written[UNIT_TEXT], *text;
	double value, back;
	enum unit unit;

	if (size == 0)
		return (0);
	unit = (enum unit)(data[0] % (UNIT_COUNT + 1));
	text = strndup((const char *)data + 1, size - 1);
	if (text != NULL && unit_parse(unit, text, &value, NULL) == 0) {
		unit_format(unit, value, written);
		if (!isfinite(value) || strlen(written) >= sizeof(written))
			abort();
		unit_write(unit, value, written);
		if (unit_parse(unit, written, &back, NULL) == -1 ||
		    back != value)
			abort();
	}
	free(text);
	return (0);
}
