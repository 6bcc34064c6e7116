/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "common/option.h"
#include "probes/owd/far.h"

#define IN_SETTINGS(field) offsetof(struct far_settings, field)

const struct setting far_table[] = {
    {"control-port", OPTION_COUNT, "861", 0, 65535, NULL,
	"TCP port of control connections; 0 is any", IN_SETTINGS(control_port)},
    {"test-ports", OPTION_TEXT, "8760-9960", 0, 11, NULL,
	"UDP ports of test packets, the first and the last; empty is any",
	IN_SETTINGS(test_ports)},
    {"modes", OPTION_TEXT, "open,authenticated,encrypted", 1, 40, NULL,
	"which modes are offered, by commas: open, auth, encrypted",
	IN_SETTINGS(modes)},
    {"keys", OPTION_TEXT, "", 0, 255, NULL,
	"a file of NAME SECRET lines, for those who are no member of the "
	"fleet; of perfSONAR, with hexadecimal secrets, if its name ends in "
	".pfs",
	IN_SETTINGS(keys)},
    {"allow", OPTION_TEXT, "127.0.0.0/8,::1", 0, 1024, NULL,
	"prefixes, by commas, from which strangers may come in open mode",
	IN_SETTINGS(allow)},
    {"packets", OPTION_RATE, "20000/s", 1, 1e7, NULL,
	"packets a second that all sessions together may send and receive",
	IN_SETTINGS(packets)},
    {"sessions", OPTION_COUNT, "5000", 1, 1e6, NULL,
	"sessions at the same time, of all clients", IN_SETTINGS(sessions)},
    {"client-sessions", OPTION_COUNT, "2500", 1, 1e6, NULL,
	"sessions at the same time of one client",
	IN_SETTINGS(client_sessions)},
    {"connections", OPTION_COUNT, "5000", 1, 1e6, NULL,
	"control connections at the same time", IN_SETTINGS(connections)},
    {"client-connections", OPTION_COUNT, "100", 1, 1e6, NULL,
	"control connections from one address that are in open mode, or have "
	"not said who they are",
	IN_SETTINGS(client_connections)},
    {"keep", OPTION_SIZE, "64MB", 0, 1e12, NULL,
	"memory for results that can be fetched", IN_SETTINGS(keep)},
    {"keep-for", OPTION_DURATION, "1h", 1, 604800, NULL,
	"how long results can be fetched when a session is over",
	IN_SETTINGS(keep_for)},
    {"idle", OPTION_DURATION, "30min", 1, 86400, NULL,
	"when a control connection is closed that asks for nothing",
	IN_SETTINGS(idle)},
    {"keep-sending", OPTION_DURATION, "1h", 0, 86400, NULL,
	"how long a box of the fleet is still sent what it has asked for when "
	"its control connection has broken",
	IN_SETTINGS(keep_sending)},
    {0},
};
