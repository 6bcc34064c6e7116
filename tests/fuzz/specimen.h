/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * specimen.h - what targets need around their input: a probe, a folder, a file.
 *
 * The probe is called fuzz and has an option of every type. Whatever fails
 * here ends the process.
 */
#ifndef PHAROS_TESTS_FUZZ_SPECIMEN_H
#define PHAROS_TESTS_FUZZ_SPECIMEN_H

#include <stddef.h>

struct catalog;

struct catalog *specimen_catalog(void); /* catalog_free it */
/* Of this process, gone when it ends; the same each time. */
const char *specimen_folder(void);
/* The path of a file in memory that holds this; valid until the next call. */
const char *specimen_file(const void *data, size_t length);
/* A message for people that begins so and says what was expected, or how to
 * get there; else this aborts. */
void specimen_place(const char *message, const char *place);

#endif
