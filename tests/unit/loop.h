/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loop.h - an event loop in a test: run it until something has happened.
 */
#ifndef PHAROS_TESTS_UNIT_LOOP_H
#define PHAROS_TESTS_UNIT_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct event_base;

/* cmocka setup and teardown; *state is the event base. */
int loop_make(void **state);
int loop_remove(void **state);
/* Runs the loop as long as this is so; fails the test after half a minute. */
#define loop_while(base, condition)                             \
	for (int64_t loop_end_ = loop_patience(); (condition);) \
	loop_turn(base, loop_end_, __FILE__, __LINE__)
/* Until *flag; until *count has reached what least is when it begins. */
#define loop_until(base, flag) loop_while(base, !*(flag))
#define loop_count(base, count, least)                                   \
	for (int64_t loop_end_ = loop_patience(), loop_least_ = (least); \
	     *(count) < loop_least_;)                                    \
	loop_turn(base, loop_end_, __FILE__, __LINE__)

int64_t loop_patience(void);
void loop_turn(
    struct event_base *base, int64_t end, const char *file, int line);

#endif
