/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * error.h - the reason why something the world caused did not work.
 *
 * A message names the place, the cause and, where there is one, the cure. It
 * has no trailing full stop and no newline. Whoever handles it logs it once.
 */
#ifndef PHAROS_COMMON_ERROR_H
#define PHAROS_COMMON_ERROR_H

struct error {
	char text[512];
};

/* Both always return -1, so that "return error_set(err, ...);" reads well;
 * where a pointer is due: "return error_set(err, ...), NULL;".
 * err may be NULL where nobody will read the reason. Too long is cut. */
int error_set(struct error *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts "place: " before the text that is already there. */
int error_place(struct error *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
