/* SPDX-License-Identifier: BSD-2-Clause */
/* What we know of an interval that the sender has not stated, for when he does so
 * elsewhere: common/sides.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/hash.h"
#include "probes/owd/findings.h"

#define KEY (2 * KEYS_SID + 24) /* bytes, with a comma and quotes */
#define JSON (FINDINGS_LACKS * KEY + 256)

void
findings_lack(struct findings *findings, const uint8_t *sid, nanoseconds to)
{
	struct findings_lack *lack = &findings->lacks[findings->lack_count];

	if (sid == NULL || findings->lack_count == FINDINGS_LACKS) {
		findings->lost_touch = true;
		return;
	}
	memcpy(lack->sid, sid, sizeof(lack->sid));
	lack->to = to;
	findings->lack_count++;
}

/* With clocks that are further apart than the timeout nothing arrives in time:
 * nobody is to make losses of that. */
static bool
may_be_shifted(const struct findings *findings)
{
	return (!findings->timely && findings->totals.received == 0 &&
		findings->totals.late + findings->stray > 0);
}

static void
write_keys(const struct findings *findings, char *json, size_t room)
{
	size_t length = 0;

	for (unsigned i = 0; i < findings->lack_count; i++) {
		const struct findings_lack *lack = &findings->lacks[i];
		char sid[2 * KEYS_SID + 1];

		hash_hex(lack->sid, sizeof(lack->sid), sid);
		length += (size_t)snprintf(json + length, room - length,
		    "%s\"%s/%" PRId64 "\"", i == 0 ? "" : ",", sid, lack->to);
	}
}

void
findings_side(const struct findings *findings, struct probe_run *run)
{
	const struct account_totals *t = &findings->totals;
	char keys[FINDINGS_LACKS * KEY], json[JSON];

	if (findings->lack_count == 0 || findings->lost_touch ||
	    may_be_shifted(findings))
		return;
	write_keys(findings, keys, sizeof(keys));
	snprintf(json, sizeof(json),
	    "[{\"needs\":[%s],\"received\":%" PRIu32 ",\"late\":%" PRIu32
	    ",\"add\":{\"sent\":%" PRIu32 ",\"lost_locally\":%" PRIu64
	    ",\"skipped\":%" PRIu32 "}}]",
	    keys, t->received, t->late, t->sent,
	    (uint64_t)t->lost_locally + findings->dropped, t->skipped);
	run->worker->host->detail(run, "open", json);
}
