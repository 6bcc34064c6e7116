/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * yaml_reader.h - what yaml.c and yaml_tree.c share: libyaml's events, with
 * errors that carry their place.
 */
#ifndef PHAROS_COMMON_YAML_READER_H
#define PHAROS_COMMON_YAML_READER_H

#include <stddef.h>
#include <yaml.h>

#include "common/yaml.h"

struct reader {
	yaml_parser_t parser;
	const char *file; /* the tree's own copy */
	const char *text;
	size_t length;
	struct error *err;
};

/* The next event, for the caller to yaml_event_delete; -1 with err set. */
int reader_next(struct reader *r, yaml_event_t *event);
/* A node without content that stands there, for yml_error. */
struct yml reader_place(const struct reader *r, const yaml_mark_t *mark);
int reader_refuse(
    const struct reader *r, const yaml_event_t *event, const char *what);

struct yml *reader_node(
    const struct reader *r, const yaml_event_t *event, enum yml_kind kind);
void reader_free(struct yml *node); /* NULL is fine; not the file's name */
/* The node that begins with this event; depth is 1 for the outermost. */
struct yml *reader_tree(struct reader *r, const yaml_event_t *event, int depth);

#endif
