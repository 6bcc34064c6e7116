/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * interfaces.h - the addresses this box can be reached at.
 */
#ifndef PHAROS_AGENT_INTERFACES_H
#define PHAROS_AGENT_INTERFACES_H

struct json_object;

/* Of interfaces that are up, without loopback and link-local ones: an array of
 * texts; new reference. */
struct json_object *interfaces_addresses(void);

#endif
