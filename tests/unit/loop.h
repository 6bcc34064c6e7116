/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loop.h - an event loop in a test: run it until something has happened.
 */
#ifndef PHAROS_TESTS_UNIT_LOOP_H
#define PHAROS_TESTS_UNIT_LOOP_H

#include <stdbool.h>

struct event_base;

/* cmocka setup and teardown; *state is the event base. */
int loop_make(void **state);
int loop_remove(void **state);
/* Runs the loop until *flag; fails the test after ten seconds. */
#define loop_until(base, flag) loop_until_at(base, flag, __FILE__, __LINE__)
void loop_until_at(
    struct event_base *base, const bool *flag, const char *file, int line);
/* Runs the loop until *count has reached this. */
#define loop_count(base, count, least) \
	loop_count_at(base, count, least, __FILE__, __LINE__)
void loop_count_at(struct event_base *base, const int *count, int least,
    const char *file, int line);

#endif
