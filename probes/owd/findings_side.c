/* SPDX-License-Identifier: BSD-2-Clause */
/* What we know of an interval that the sender has not stated, for when he does so
 * elsewhere: common/sides.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/draft.h"
#include "common/hash.h"
#include "common/memory.h"
#include "probes/owd/findings.h"

void
findings_lack(struct findings *findings, const uint8_t *sid, nanoseconds to,
    const struct numbers *received)
{
	struct findings_lack *lack;

	if (sid == NULL || findings->lack_count == FINDINGS_LACKS) {
		findings->lost_touch = true;
		return;
	}
	if (findings->lacks == NULL)
		findings->lacks =
		    memory_new(FINDINGS_LACKS, sizeof(*findings->lacks));
	lack = &findings->lacks[findings->lack_count++];
	memcpy(lack->sid, sid, sizeof(lack->sid));
	lack->to = to;
	numbers_copy(&lack->received, received);
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
write_keys(const struct findings *findings, struct draft *draft)
{
	for (unsigned i = 0; i < findings->lack_count; i++) {
		const struct findings_lack *lack = &findings->lacks[i];
		char sid[2 * KEYS_SID + 1], key[sizeof(sid) + 24];

		hash_hex(lack->sid, sizeof(lack->sid), sid);
		snprintf(key, sizeof(key), "%s\"%s/%" PRId64 "\"",
		    i == 0 ? "" : ",", sid, lack->to);
		draft_add(draft, key);
	}
	draft_add(draft, "],\"came\":[");
	for (unsigned i = 0; i < findings->lack_count; i++) {
		draft_add(draft, i == 0 ? "" : ",");
		numbers_write(&findings->lacks[i].received, draft);
	}
}

/* What is known of the other parts, and of ourselves. */
static void
write_counts(const struct findings *findings, struct draft *draft)
{
	const struct account_totals *t = &findings->totals;
	const struct {
		const char *name;
		uint64_t n;
	} counts[] = {
	    {"sent", t->sent},
	    {"lost_locally", (uint64_t)t->lost_locally + findings->dropped},
	    {"lost_unsure", (uint64_t)t->unsure + findings->dropped -
				findings->dropped_surely},
	    {"skipped", t->skipped},
	    {"loss_periods", t->pattern.periods},
	    {"loss_near", t->pattern.noticeable},
	};

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		draft_member(draft, counts[i].name);
		draft_whole(draft, (int64_t)counts[i].n);
	}
}

void
findings_side(const struct findings *findings, struct probe_run *run)
{
	const struct account_totals *t = &findings->totals;
	struct draft draft = {0};

	if (findings->lack_count == 0 || findings->lost_touch ||
	    may_be_shifted(findings))
		return;
	draft_add(&draft, "[{\"needs\":[");
	write_keys(findings, &draft);
	draft_add(&draft, "]");
	draft_member(&draft, "received");
	draft_whole(&draft, t->received);
	draft_member(&draft, "late");
	draft_whole(&draft, t->late);
	if (t->pattern.longest > 0) {
		draft_member(&draft, "longest");
		draft_whole(&draft, t->pattern.longest);
	}
	draft_member(&draft, "add");
	draft_add(&draft, "{");
	write_counts(findings, &draft);
	draft_add(&draft, "}}]");
	run->worker->host->detail(run, "open", draft.text);
	draft_clear(&draft);
}
