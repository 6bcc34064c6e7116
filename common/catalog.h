/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * catalog.h - the manifests known here, by name.
 *
 * Of two with one name the higher version stands, the first of equals. One that
 * was handed out stays readable as long as the catalog, also when replaced.
 */
#ifndef PHAROS_COMMON_CATALOG_H
#define PHAROS_COMMON_CATALOG_H

#include <stddef.h>

struct catalog;
struct error;
struct json_object;
struct manifest;

struct catalog *catalog_new(void);
void catalog_free(struct catalog *catalog); /* NULL is fine */
int catalog_add(
    struct catalog *catalog, struct json_object *manifest, struct error *err);
/* Adds those of the plug-ins installed here, by asking "pharos-probe
 * --manifests" (one JSON manifest a line). No such program: 0 and nothing added. */
int catalog_add_installed(struct catalog *catalog, struct error *err);
const struct manifest *catalog_find(
    const struct catalog *catalog, const char *name);
size_t catalog_size(const struct catalog *catalog);
const struct manifest *catalog_at(
    const struct catalog *catalog, size_t i); /* sorted by name */
struct json_object *catalog_json(const struct catalog *catalog); /* array */

#endif
