/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * record_parts.h - what the files that check records share; not for others.
 */
#ifndef PHAROS_COMMON_RECORD_PARTS_H
#define PHAROS_COMMON_RECORD_PARTS_H

struct error;
struct tree_node;

/* Names that may be, and counts that add up. NULL: there are none, which is
 * fine. */
int record_check_metrics(const struct tree_node *metrics, struct error *err);

#endif
