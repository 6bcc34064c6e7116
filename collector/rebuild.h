/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rebuild.h - what is made of records, made again from the archive.
 *
 *   rrd     STATE/rrd: all histories
 *   rollup  the hours and days in bins.db
 *   latest  bins of the days that are kept, and STATE/latest
 *
 * Nothing else may use the state folder meanwhile. First the store takes what
 * is still in the journal. What is made lies beside what there is and replaces it
 * when it is complete: whoever kills us leaves the old or the new. What the
 * archive no longer has in full, and pairs of tests that the fleet file does not
 * have, stay as they are.
 */
#ifndef PHAROS_COLLECTOR_REBUILD_H
#define PHAROS_COLLECTOR_REBUILD_H

struct collector_settings;
struct error;

extern const char *const rebuild_names[]; /* NULL-ended */

/* name is one of them. The state folder is locked by the caller. Prints what was
 * made. */
int rebuild_run(const struct collector_settings *settings, const char *name,
    struct error *err);
/* Of a rebuild that was killed where a file system cannot exchange two names at
 * once, the old one is put back. For everybody who has the folder locked. */
int rebuild_mend(const struct collector_settings *settings, struct error *err);

#endif
