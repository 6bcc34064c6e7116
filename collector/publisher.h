/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * publisher.h - fleet.yaml becomes STATE/fleet.json, or is refused.
 *
 * The last good fleet stays published while the file is wrong. The revision
 * rises by one with each change and is kept when nothing changed. A fleet is
 * checked against the manifests installed here and those heard from agents.
 */
#ifndef PHAROS_COLLECTOR_PUBLISHER_H
#define PHAROS_COLLECTOR_PUBLISHER_H

struct catalog;
struct collector_settings;
struct error;
struct fleet;
struct json_object;
struct publisher;

/* With what was published last; reads no YAML yet. The settings are borrowed.
 */
struct publisher *publisher_new(const struct collector_settings *settings);
void publisher_free(struct publisher *publisher); /* NULL is fine */

/* 1: another fleet is published now, 0: the same, -1: refused. *report (new
 * reference): {"revision":41,"changes":[..],"warnings":[..]}, or {"problems":
 * [..],"warnings":[..]}. */
int publisher_reload(struct publisher *publisher, struct json_object **report);
/* An agent told of a new manifest: takes it into the published fleet, or tries
 * a file that was refused again. The same answers. */
int publisher_manifests(
    struct publisher *publisher, struct json_object **report);

const struct fleet *publisher_fleet(
    const struct publisher *publisher); /* NULL: none yet */
/* Why the file is refused now, an array of texts, borrowed; NULL: it is not. */
struct json_object *publisher_problems(const struct publisher *publisher);
/* The manifests installed and heard; NULL: they cannot be read. */
struct catalog *publisher_catalog(
    const struct collector_settings *settings, struct error *err);

#endif
