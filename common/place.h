/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * place.h - where our own files are.
 *
 * A program run from its build tree finds its companions there; otherwise they
 * are where configure's --prefix put them. PHAROS_LIBEXEC, PHAROS_PROBES,
 * PHAROS_WEB and PHAROS_LAB_FILES name other folders, unless the process gained privileges by its
 * execution (AT_SECURE). What is returned is the caller's to free.
 */
#ifndef PHAROS_COMMON_PLACE_H
#define PHAROS_COMMON_PLACE_H

char *place_libexec(const char *program); /* full path of a helper program */
char *place_program(const char *program); /* full path of one for people */
char *place_probes(void);                 /* folder of the plug-ins */
char *place_web(void);                    /* folder of the pages */
char *place_lab(void);                    /* folder of the topologies */
/* "agent.yaml" or "collector.yaml" in the system's configuration folder */
char *place_config(const char *file);
char *place_opt_out(void); /* agent/opt_out.h; PHAROS_OPT_OUT names another */
char *place_state(const char *kind); /* /var/lib/pharos/KIND */

#endif
