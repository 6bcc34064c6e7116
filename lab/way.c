/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/way.h"

#include <stddef.h>

#define AT(field) offsetof(struct way, field)

const struct setting way_options[] = {
    {"delay", OPTION_DURATION, "0s", 0, 60, NULL,
	"from one end to the other, without rate and queue", AT(delay)},
    {"jitter", OPTION_DURATION, "0s", 0, 60, NULL,
	"the delay is uniform between so much less and so much more",
	AT(jitter)},
    {"reorder", OPTION_FLAG, "no", 0, 0, NULL,
	"may a packet overtake another because of jitter", AT(reorder)},
    {"loss", OPTION_RATIO, "0", 0, 1, NULL,
	"how many packets are lost, in the good state if there are two",
	AT(loss)},
    {"bad_loss", OPTION_RATIO, "1", 0, 1, NULL,
	"how many packets are lost in the bad state", AT(bad_loss)},
    {"to_bad", OPTION_RATIO, "0", 0, 1, NULL,
	"chance that a packet ends the good state", AT(to_bad)},
    {"to_good", OPTION_RATIO, "1", 0, 1, NULL,
	"chance that a packet ends the bad state", AT(to_good)},
    {"duplicate", OPTION_RATIO, "0", 0, 1, NULL,
	"how many packets arrive twice", AT(duplicate)},
    {"corrupt", OPTION_RATIO, "0", 0, 1, NULL,
	"how many packets arrive with one bit inverted", AT(corrupt)},
    {"rate", OPTION_BITRATE, "0bit/s", 0, 1e12, NULL,
	"bits of whole frames in a second, 0 for no limit", AT(rate)},
    {"queue", OPTION_COUNT, "100", 1, 1e6, NULL,
	"packets that may be there for the rate, the one being sent included",
	AT(queue)},
    {.name = NULL},
};

double
way_loss(const struct way *way)
{
	double bad;

	if (way->to_bad == 0)
		return (way->loss);
	bad = way->to_bad / (way->to_bad + way->to_good);
	return (bad * way->bad_loss + (1 - bad) * way->loss);
}
