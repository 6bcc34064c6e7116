/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * echo_filter.h - keeps other people's ICMP out of a raw socket's buffer.
 */
#ifndef PHAROS_PROBES_ECHO_FILTER_H
#define PHAROS_PROBES_ECHO_FILTER_H

#include <stdint.h>

/* Only echo replies with this identifier, and errors about echo requests with
 * it. -1 with errno. */
int echo_filter(int fd, int family, uint16_t identifier);
/* Nothing at all. -1 with errno. */
int echo_filter_all(int fd, int family);

#endif
