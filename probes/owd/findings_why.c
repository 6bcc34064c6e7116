/* SPDX-License-Identifier: BSD-2-Clause */
/* In plain words, what is wrong with what was found. */
#include <stdio.h>
#include <string.h>

#include "probes/owd/findings.h"

bool
findings_are_shifted(const struct findings *findings)
{
	const struct account_totals *t = &findings->totals;
	uint64_t came = (uint64_t)t->late + findings->stray;

	return (findings->stated && !findings->timely && t->received == 0 &&
		came > 0 && 2 * came >= t->sent);
}

/* Whose clock is it? */
static void
blame_clock(const struct findings *findings, struct error *why)
{
	size_t length = strlen(why->text);

	if (findings->heard && !findings->far_synchronised)
		snprintf(why->text + length, sizeof(why->text) - length,
		    "; the far end says that nobody keeps its clock right");
}

/* Of clocks that are further apart than the timeout. */
static bool
explain_clocks(const struct findings *findings, struct error *why)
{
	const struct account_totals *t = &findings->totals;

	if (t->early > 0 && t->early >= t->received)
		error_set(why,
		    "packets came more than the timeout before they were "
		    "sent: the clocks of the two ends are further apart than "
		    "that");
	else if (t->received == 0 && t->late > 0 && findings->timely) {
		error_set(why,
		    "packets came, but all of them more than the timeout after "
		    "they were sent: something held them back");
		return (true);
	} else if (t->received == 0 && t->late > 0)
		error_set(why,
		    "packets came, but all of them more than the timeout after "
		    "they were sent: raise timeout, or set the clocks of the "
		    "two ends right");
	else if (t->received == 0 && findings->stray > 0)
		error_set(why,
		    "packets came, but at other times than they were due: set "
		    "the clocks of the two ends right");
	else
		return (false);
	blame_clock(findings, why);
	return (true);
}

static void
explain_losses(const struct findings *findings, struct error *why)
{
	const struct account_totals *t = &findings->totals;

	if (t->sent == 0 && t->skipped > 0)
		error_set(why,
		    "the sending host sent none of its packets: it was too "
		    "late for them, its clock is ahead, or its network "
		    "refused");
	else if (t->sent > 0 && t->lost_locally == t->sent)
		error_set(why,
		    "all packets were dropped by the hosts at the ends: their "
		    "queues or buffers were full (net.core.rmem_max)");
	else if (t->sent > 0 && t->received == 0)
		error_set(why,
		    "the packets left, and none arrived, while the control "
		    "connection works: are UDP and these ports let through?");
}

void
findings_explain(const struct findings *findings, struct error *why)
{
	why->text[0] = '\0';
	if (findings_trouble(findings) != NULL)
		*why = *findings->trouble;
	else if (findings->parts == 0)
		error_set(why, "the session had not begun yet");
	else if (explain_clocks(findings, why))
		return;
	else if (findings->stated)
		explain_losses(findings, why);
	else if (findings->totals.received == 0)
		error_set(why, "nothing arrived, and the sender did not say "
			       "what it sent");
}
