/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/trust.h"

#include <stdlib.h>

#include "common/error.h"
#include "common/record.h"
#include "common/unit.h"

static int
against(struct error *why, nanoseconds now, const char *what, nanoseconds then)
{
	char said[40], when[40];

	return (error_set(why,
	    "the clock says %s, nothing keeps it right, and %s %s",
	    clock_format(now, 0, said), what, clock_format(then, 0, when)));
}

int
trust_still(const struct trust_facts *facts, struct error *why)
{
	nanoseconds by = llabs(facts->ahead);
	char text[UNIT_TEXT];

	if (!facts->told || by < TRUST_CONTRADICTS ||
	    (facts->synchronised && facts->ahead < 0))
		return (0);
	return (error_set(why, "the clock is %s %s the collector's, and %s",
	    unit_format(UNIT_SECONDS, clock_seconds(by), text),
	    facts->ahead > 0 ? "ahead of" : "behind",
	    facts->synchronised ? "what keeps it right is wrong"
				: "nothing keeps it right"));
}

static int
check_unkept(
    const struct trust_facts *facts, nanoseconds now, struct error *why)
{
	if (now < facts->from)
		return (against(
		    why, now, "this box's certificate is of", facts->from));
	if (facts->until != 0 && now > facts->until)
		return (against(
		    why, now, "this box's certificate ended at", facts->until));
	if (now < facts->lived)
		return (against(
		    why, now, "the spool was written at", facts->lived));
	return (0);
}

int
trust_judge(const struct trust_facts *facts, nanoseconds now, struct error *why)
{
	bool agrees = facts->told && llabs(facts->ahead) <= TRUST_AGREES;
	char said[40];

	if (trust_still(facts, why) == -1)
		return (-1);
	if (!facts->synchronised && !agrees &&
	    check_unkept(facts, now, why) == -1)
		return (-1);
	if (now < RECORD_EARLIEST * NS_PER_S)
		return (error_set(why, "the clock says %s, which cannot be",
		    clock_format(now, 0, said)));
	return (0);
}
