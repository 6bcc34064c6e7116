/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control.h - what the subcommands for a collector's operator ask of it, over
 * the socket in its state folder.
 */
#ifndef PHAROS_CLI_CONTROL_H
#define PHAROS_CLI_CONTROL_H

struct error;
struct json_object;

/* POST of a body (borrowed; NULL: empty) to the collector that config is of.
 * The JSON of whatever it answers, with the status, or NULL. */
struct json_object *control_post(const char *config, const char *path,
    struct json_object *body, int *status, struct error *err);

#endif
