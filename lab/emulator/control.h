/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control.h - commands from the socket, and their answers.
 */
#ifndef PHAROS_LAB_EMULATOR_CONTROL_H
#define PHAROS_LAB_EMULATOR_CONTROL_H

struct net;

/* One command that is there. -1: there will be no more; errno is 0 when the
 * other side has closed. */
int control_serve(struct net *net, int socket);

#endif
