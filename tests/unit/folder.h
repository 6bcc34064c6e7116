/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * folder.h - a temporary folder for one test, removed with all that is in it.
 */
#ifndef PHAROS_TESTS_UNIT_FOLDER_H
#define PHAROS_TESTS_UNIT_FOLDER_H

/* cmocka setup and teardown; *state is the folder's path. */
int folder_make(void **state);
int folder_remove(void **state);
/* DIR/NAME; free() it. */
char *folder_path(void **state, const char *name);

#endif
