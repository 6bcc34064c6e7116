/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/store_hours.h"

#include <stdlib.h>

#include "collector/rollup.h"
#include "common/memory.h"
#include "tests/unit/store_found.h"

/* Of hours, as rollup_row.h numbers rows. */
int64_t
hours_count(struct stage *stage, const char *dst)
{
	char *sql = memory_print("SELECT count(*) FROM rollup WHERE id >> 25 ="
				 " 2 * (SELECT id FROM pair WHERE dst = '%s')",
	    dst);
	int64_t count = found_number(stage, sql);

	free(sql);
	return (count);
}

void
hours_make(struct stage *stage, int hours)
{
	nanoseconds day = clock_wall() / ROLLUP_DAY * ROLLUP_DAY;

	day -= 40 * ROLLUP_DAY;
	for (int n = 0; n < hours; n++)
		for (int i = 0; i < 2; i++)
			stage_add_run(stage,
			    (struct stage_run){.dst = i == 0 ? "lon" : "par",
				.start = day + n * ROLLUP_HOUR,
				.received = 10});
	stage_commit(stage);
	stage_start(stage);
	stage_add(stage, clock_wall() - NS_PER_S, 10);
	stage_tell(stage);
	/* the histories are left in peace: an hour has its row after them */
	STAGE_UNTIL(stage, hours_count(stage, "par") >= hours);
	STAGE_UNTIL(stage, hours_count(stage, "lon") >= hours);
	stage_stop(stage);
}
