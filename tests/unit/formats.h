/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * formats.h - files that older versions wrote, kept as SQL in formats/.
 */
#ifndef PHAROS_TESTS_UNIT_FORMATS_H
#define PHAROS_TESTS_UNIT_FORMATS_H

/* The database that formats/NAME describes, at path. */
void formats_make(const char *path, const char *name);

#endif
