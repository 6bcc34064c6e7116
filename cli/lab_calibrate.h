/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lab_calibrate.h - the subcommand of pharos lab that tries links out.
 */
#ifndef PHAROS_CLI_LAB_CALIBRATE_H
#define PHAROS_CLI_LAB_CALIBRATE_H

int command_lab_calibrate(int argc, char **argv);

#endif
