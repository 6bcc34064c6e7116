/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clock_fleet.h - all clocks of a fleet, as its collector's court judges them.
 */
#ifndef PHAROS_CLI_CLOCK_FLEET_H
#define PHAROS_CLI_CLOCK_FLEET_H

#include <stdbool.h>

struct api;

/* What the court found; the exit status. json: as the API has it. */
int clock_fleet(struct api *api, bool json);

#endif
