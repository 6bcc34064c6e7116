/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loaded.h - the libraries that are loaded into this process.
 */
#ifndef PHAROS_COMMON_LOADED_H
#define PHAROS_COMMON_LOADED_H

/* For a process that is mostly at rest, as it starts. The loader has read tables
 * in each library to bind it, also in the many that others draw in and nobody
 * calls: what only it has read is not mapped any more. It comes back from the file
 * when it is used. The program itself stays as it is. A debugger's breakpoints
 * in libraries are to be set after this. */
void loaded_let_go(void);

#endif
