/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * records.h - records as tables for people, a table for each pair.
 */
#ifndef PHAROS_CLI_RECORDS_H
#define PHAROS_CLI_RECORDS_H

#include <stddef.h>
#include <stdio.h>

struct json_object;
struct records_text;

/* manifests: the array of /api/v1/fleet, or NULL; borrowed. */
struct records_text *records_text_new(
    struct json_object *manifests, int width, FILE *out);
/* A record in JSON. Those of a pair follow each other. */
void records_text_add(
    struct records_text *text, const char *line, size_t length);
void records_text_end(
    struct records_text *text); /* prints what is left, frees */

#endif
