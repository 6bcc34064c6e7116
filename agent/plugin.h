/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plugin.h - loading of plug-ins: NAME.so in place_probes().
 *
 * Everything is checked before anything is used: ABI, sizes, tables. A plug-in
 * that cannot be loaded never keeps another from it.
 */
#ifndef PHAROS_AGENT_PLUGIN_H
#define PHAROS_AGENT_PLUGIN_H

#include "probes/probe.h"

/* Stays loaded until the process ends. The name is a manifest's name, never a
 * path. NULL: "probe NAME: ..." */
const struct probe_ops *plugin_load(const char *name, struct error *err);
/* The names of the files in place_probes(), sorted; free() each and the
 * array. */
char **plugin_list(size_t *count, struct error *err);

#endif
