/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lately.h - the last records, for who asks how the agent is.
 *
 * As text: what is parsed of a record with a distribution takes 18 kB, its line 1.
 */
#ifndef PHAROS_AGENT_LATELY_H
#define PHAROS_AGENT_LATELY_H

#define LATELY_RECORDS 16

struct json_object;
struct lately;

struct lately *lately_new(void);
void lately_free(struct lately *lately); /* NULL is fine */
/* Keeps a reference until lately_pack, so that of many only the last ones are
 * written out. */
void lately_add(struct lately *lately, struct json_object *record);
void lately_pack(struct lately *lately);
/* An array, the oldest first; new reference. */
struct json_object *lately_json(const struct lately *lately);

#endif
