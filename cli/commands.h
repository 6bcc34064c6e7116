/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * commands.h - the subcommands of pharos, one file each.
 *
 * argv[0] is the subcommand's own name. They return the exit status: 0 fine,
 * 1 measured but not answered, 2 usage or bad input, 3 our own failure.
 */
#ifndef PHAROS_CLI_COMMANDS_H
#define PHAROS_CLI_COMMANDS_H

int command_check(int argc, char **argv);
int command_clock(int argc, char **argv);
int command_enroll(int argc, char **argv);
int command_lab(int argc, char **argv);
int command_matrix(int argc, char **argv);
int command_probe(int argc, char **argv);
int command_records(int argc, char **argv);
int command_reload(int argc, char **argv);
int command_remove(int argc, char **argv);
int command_respond(int argc, char **argv);
int command_series(int argc, char **argv);
int command_status(int argc, char **argv);
int command_token(int argc, char **argv);

#endif
