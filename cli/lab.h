/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lab.h - what the subcommands of pharos lab share; one file each, argv[0] is
 * its own name. They return the exit status as commands.h has it.
 */
#ifndef PHAROS_CLI_LAB_H
#define PHAROS_CLI_LAB_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct json_object;

int command_lab_cut(int argc, char **argv);
int command_lab_down(int argc, char **argv);
int command_lab_events(int argc, char **argv);
int command_lab_exec(int argc, char **argv);
int command_lab_fail(int argc, char **argv);
int command_lab_from_config(int argc, char **argv);
int command_lab_log(int argc, char **argv);
int command_lab_restore(int argc, char **argv);
int command_lab_run(int argc, char **argv);
int command_lab_set(int argc, char **argv);
int command_lab_status(int argc, char **argv);
int command_lab_truth(int argc, char **argv);
int command_lab_up(int argc, char **argv);

/* The lab that is meant: the one given, or the only one that is up. The name is
 * the caller's to free; NULL: err names those there are. */
char *lab_choose(const char *given, struct error *err);
/* What a lab's control socket answers (new reference), or NULL. body is taken
 * over; NULL: GET. */
struct json_object *lab_ask(const char *name, const char *path,
    struct json_object *body, struct error *err);
/* An answer without an end, given to part as it comes. -1: it broke off. */
int lab_listen(const char *name, const char *path,
    bool (*part)(void *arg, const char *data, size_t length), void *arg,
    struct error *err);
/* The rest of the way into a lab, for a child. */
struct lab_door {
	int mounts;
	char *share; /* of the CPU, the node's; NULL: none */
};
/* This process's network is the node's from now on, and children of it are in the
 * lab and end with it; each of them calls lab_settle with door first, for a
 * process outside cannot use the lab's /proc. 0, or the exit status. */
int lab_enter(const char *lab, const char *node, struct lab_door *door,
    struct error *err);
int lab_settle(const struct lab_door *door, struct error *err);
/* Ends a lab in order, or else by force, and removes what it left. */
int lab_end(const char *name, struct error *err);

#endif
