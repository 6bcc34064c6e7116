/* SPDX-License-Identifier: BSD-2-Clause */
/* Only what is in range is taken, whatever the line; a refused one has a reason,
 * and no text makes a way that the emulator could not follow. */
#include "lab/emulator/request.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/target.h"

static void
check_ratio(double ratio)
{
	if (!(ratio >= 0 && ratio <= 1))
		abort();
}

static void
check_way(const struct way *way)
{
	check_ratio(way->loss);
	check_ratio(way->bad_loss);
	check_ratio(way->to_bad);
	check_ratio(way->to_good);
	check_ratio(way->duplicate);
	check_ratio(way->corrupt);
	if (!isfinite(way->rate) || way->rate < 0 || way->delay < 0 ||
	    way->jitter < 0 || way->queue < 1)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct way way = {.queue = 1};
	struct request request;
	const char *trouble = request_parse(&request, (const char *)data, size);

	if (trouble != NULL) {
		if (trouble[0] == '\0')
			abort();
		return (0);
	}
	if (request.number > 1 || strlen(request.name) > REQUEST_NAME)
		abort();
	request_apply(&request, &way);
	check_way(&way);
	return (0);
}
