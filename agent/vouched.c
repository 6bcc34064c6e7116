/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/vouched.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/error.h"
#include "common/option.h"
#include "common/unit.h"
#include "common/yaml.h"

static const struct setting table[] = {
    {.name = "vouched",
	.type = OPTION_DURATION,
	.least = 0,
	.most = 1,
	.help = "how far the clock is off at most, as who runs this box knows",
	.offset = offsetof(struct vouch_word, error)},
    {.name = "because",
	.type = OPTION_TEXT,
	.most = DISCIPLINE_REFERENCE - 1,
	.help = "how that is known, shown wherever the clock is",
	.offset = offsetof(struct vouch_word, because)},
    {.name = NULL},
};

/* It is shown on terminals. */
static int
check_reason(
    const struct vouch_word *word, const struct yml *node, struct error *err)
{
	bool control = false;

	for (const char *c = word->because; *c != '\0'; c++)
		control |= iscntrl((unsigned char)*c) != 0;
	if (word->because[0] != '\0' && !control)
		return (0);
	return (yml_error(yml_get(node, "because"), err,
	    "because: expected a reason, in one line"));
}

int
vouched_read(struct vouch_word *word, const struct yml *root, struct error *err)
{
	const struct yml *node = yml_get(root, "clock");

	memset(word, 0, sizeof(*word));
	word->error = -1;
	if (yml_null(node))
		return (0);
	if (yml_load(node, table, word, err) == -1)
		return (-1);
	return (check_reason(word, node, err));
}

char *
vouched_write(const struct vouch_word *word, char text[static VOUCHED_TEXT])
{
	char error[UNIT_TEXT];

	if (word->error < 0)
		return (strcpy(text, "no"));
	snprintf(text, VOUCHED_TEXT, "within %s (%s)",
	    unit_write(UNIT_SECONDS, clock_seconds(word->error), error),
	    word->because);
	return (text);
}
