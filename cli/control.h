/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control.h - what the subcommands for a collector's operator ask of it, over
 * the socket in its state folder.
 */
#ifndef PHAROS_CLI_CONTROL_H
#define PHAROS_CLI_CONTROL_H

struct error;
struct json_object;

#define CONTROL_UNREAD (-1) /* instead of a status: config is no good */

/* POST of a body (borrowed; NULL: empty) to the collector that config is of.
 * The JSON of whatever it answers, with the status, or NULL: 0 or the above. */
struct json_object *control_post(const char *config, const char *path,
    struct json_object *body, int *status, struct error *err);
/* What to end with after a status that is not the wanted one: 2, what was given
 * is wrong, or 3. */
int control_failure(int status);

#endif
