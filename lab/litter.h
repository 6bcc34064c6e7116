/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * litter.h - a folder and all below it, removed.
 */
#ifndef PHAROS_LAB_LITTER_H
#define PHAROS_LAB_LITTER_H

struct error;

/* None there is fine. Mounts below it are left alone, as an error. */
int litter_remove(const char *folder, struct error *err);

#endif
