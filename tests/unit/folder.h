/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * folder.h - a temporary folder for one test, removed with all that is in it.
 */
#ifndef PHAROS_TESTS_UNIT_FOLDER_H
#define PHAROS_TESTS_UNIT_FOLDER_H

#include <sys/resource.h>

/* cmocka setup and teardown; *state is the folder's path. */
int folder_make(void **state);
int folder_remove(void **state);
/* A test that has one; cmocka.h is to be included. */
#define IN_FOLDER(test) \
	cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)
/* DIR/NAME; free() it. */
char *folder_path(void **state, const char *name);
/* Files of this process become no longer than that, as on a disk that is full;
 * RLIM_INFINITY: they do again. */
void folder_limit_files(rlim_t bytes);

#endif
