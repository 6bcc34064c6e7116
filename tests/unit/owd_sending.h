/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * owd_sending.h - one session over loopback, both halves of it in the same loop.
 *
 * Whatever fails fails the test.
 */
#ifndef PHAROS_TESTS_UNIT_OWD_SENDING_H
#define PHAROS_TESTS_UNIT_OWD_SENDING_H

#include "probes/owd/catch.h"
#include "probes/owd/outbound.h"

#define MOST 100000 /* packets of a session here */

struct sending {
	struct event_base *base;
	/* The wall clock that the host shows, and how wrong it is; < 0: nobody
	 * knows. */
	nanoseconds clock_shift, clock_error;
	struct keys keys;
	struct slot slots[2];
	struct outbound_about about;
	struct udp_calls from_calls, to_calls;
	struct udp *from, *to;
	struct outbound *outbound;
	struct catch *catch;
	nanoseconds begin;
	int caught;
	nanoseconds sent[MOST], received[MOST]; /* 0: not caught */
	uint16_t estimate;
	bool ended;
	char why[80];
	uint32_t stated, unsent, stuck, stamped;
	uint32_t first_stated; /* with the first statement, which came then: */
	nanoseconds first_at;
	bool unstated[MOST]; /* said to be skipped */
	nanoseconds later[MOST];
	bool withholds; /* some stamps */
	uint32_t withheld;
	struct message_stopped stopped;
};
extern struct sending sending;

/* cmocka's setup and teardown. A test sets packets and slots, and what else it
 * would have different, in about; it begins 20 ms from then. */
int sending_make(void **state);
int sending_remove(void **state);
#define IN_SENDING(test) \
	cmocka_unit_test_setup_teardown(test, sending_make, sending_remove)

void sending_slot(int i, enum slot_kind kind, nanoseconds length);
/* rate: packets a second that there is to be room for; 0: the usual. */
void sending_start(unsigned rate);
/* And all that was sent has come. */
void sending_stop(void);
void sending_run(unsigned rate); /* from start to its own end */
/* Each packet that was caught left as the timetable and the statements have it,
 * within what is possible. */
void sending_check_times(void);

#endif
