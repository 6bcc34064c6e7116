/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * handshake.h - what OpenSSL alone needs to let an agent in.
 */
#ifndef PHAROS_BENCH_HANDSHAKE_H
#define PHAROS_BENCH_HANDSHAKE_H

#include <stddef.h>

/*
 * Full handshakes of TLS 1.3 in memory, both ends with certificates and as
 * OpenSSL has them unless it is told otherwise. The processor time of the
 * server's end in seconds. pki has collector.pem, collector.key and ca.pem; boxes
 * has b00000.pem and key.pem. Ends the process when one fails.
 */
double handshake_server(const char *pki, const char *boxes, size_t count);

#endif
