/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * desk.h - the control socket of a lab; run.h says what it answers.
 */
#ifndef PHAROS_LAB_DESK_H
#define PHAROS_LAB_DESK_H

struct desk;
struct error;
struct lab;

struct desk *desk_new(struct lab *lab, struct error *err);
void desk_free(struct desk *desk); /* NULL is fine */

#endif
