/* SPDX-License-Identifier: BSD-2-Clause */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/batches.h"
#include "bench/crowd.h"
#include "bench/link.h"
#include "common/log.h"
#include "common/memory.h"

struct sending;

struct sender {
	struct sending *sending;
	struct link *link;
	struct event *next;
	struct packed *batches;
	size_t count, at;
	bool met; /* it has said hello, as agents do first */
	bool
	    echoes; /* to a place that is not there, which is the least it takes */
	nanoseconds asked;
};

struct sending {
	struct crowd *crowd;
	struct sender *senders;
	size_t ready, done, failed;
	size_t records, bytes, plain;
	double *took, *echoed; /* seconds, of each batch */
	size_t batches, echoes;
	nanoseconds began, ended; /* wall-clock */
};

static void
ask(struct sender *sender)
{
	const struct packed *batch = &sender->batches[sender->at];

	sender->asked = clock_monotonic();
	link_ask(sender->link, "POST",
	    sender->echoes ? "/agent/v1/nowhere" : "/agent/v1/records",
	    "Content-Type: application/x-ndjson\r\n"
	    "Content-Encoding: zstd\r\n",
	    batch->data, batch->length);
}

static void
on_next(evutil_socket_t fd, short what, void *arg)
{
	ask(arg);
}

static void
end_one(struct sending *sending)
{
	if (++sending->done < sending->crowd->boxes)
		return;
	sending->ended = clock_wall();
	event_base_loopbreak(sending->crowd->base);
}

static void
on_ready(void *arg)
{
	static const char hello[] = "{}";
	struct sender *sender = arg;

	link_ask(sender->link, "POST", "/agent/v1/hello",
	    "Content-Type: application/json\r\n", hello, sizeof(hello) - 1);
}

/* All start together, when all have been greeted. */
static void
start(struct sending *sending)
{
	if (++sending->ready < sending->crowd->boxes)
		return;
	sending->began = clock_wall();
	printf("{\"began\":%.6f}\n", clock_seconds(sending->began));
	for (size_t i = 0; i < sending->crowd->boxes; i++)
		ask(&sending->senders[i]);
}

static void
wait_and_ask(struct sender *sender)
{
	double pause = sender->sending->crowd->pause;
	struct timeval wait = {(time_t)pause,
	    (suseconds_t)(1e6 * (pause - (double)(time_t)pause))};

	if (pause > 0)
		event_add(sender->next, &wait);
	else
		ask(sender);
}

/* All of its batches have been taken. With pauses they go once more, to be read
 * only. */
static void
end_batches(struct sender *sender)
{
	sender->at = 0;
	if (sender->echoes || sender->sending->crowd->pause == 0) {
		end_one(sender->sending);
		return;
	}
	sender->echoes = true;
	wait_and_ask(sender);
}

static void
go_on(struct sender *sender)
{
	if (++sender->at == sender->count)
		end_batches(sender);
	else
		wait_and_ask(sender);
}

static void
on_answer(
    void *arg, int status, const char *etag, const char *body, size_t length)
{
	struct sender *sender = arg;
	struct sending *sending = sender->sending;
	const struct packed *batch = &sender->batches[sender->at];
	double took = clock_seconds(clock_monotonic() - sender->asked);

	if (status == 404 && sender->echoes) {
		sending->echoed[sending->echoes++] = took;
		go_on(sender);
		return;
	}
	if (status == 503 && sender->met) {
		wait_and_ask(sender);
		return;
	}
	if (status != 200 || strstr(body, "refused") != NULL)
		log_fatal("HTTP %d: %.400s", status, body);
	if (!sender->met) {
		sender->met = true;
		start(sending);
		return;
	}
	sending->took[sending->batches++] = took;
	sending->records += batch->records;
	sending->bytes += batch->length;
	sending->plain += batch->plain;
	go_on(sender);
}

static void
on_closed(void *arg)
{
	log_fatal("the collector has closed a connection");
}

static void
prepare(struct sending *sending, size_t i)
{
	static const struct link_calls calls = {on_ready, on_answer, on_closed};
	struct crowd *crowd = sending->crowd;
	struct sender *sender = &sending->senders[i];
	struct batches_about about = {.test = crowd->test,
	    .probe = crowd->probe,
	    .boxes = crowd->mesh,
	    .box = crowd->first + i,
	    .pairs = crowd->pairs,
	    .start = crowd->start,
	    .minutes = crowd->minutes,
	    .batch = crowd->batch,
	    .sequence = crowd->sequence,
	    .epoch = crowd->epoch};

	sender->sending = sending;
	sender->batches = batches_make(&about, &sender->count);
	sender->next = evtimer_new(crowd->base, on_next, sender);
	sender->link = link_new(crowd->base, crowd->identities.tls,
	    crowd->identities.list[i].certificate, crowd->identities.key,
	    &calls, sender);
	sending->took = memory_resize(
	    sending->took, (i + 1) * sender->count, sizeof(*sending->took));
	sending->echoed = memory_resize(
	    sending->echoed, (i + 1) * sender->count, sizeof(*sending->echoed));
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return ((x > y) - (x < y));
}

static void
print(struct sending *sending)
{
	size_t n = sending->batches, m = sending->echoes;

	qsort(sending->took, n, sizeof(*sending->took), by_size);
	qsort(sending->echoed, m, sizeof(*sending->echoed), by_size);
	printf("{\"records\":%zu,\"batches\":%zu,\"packed\":%zu,"
	       "\"plain\":%zu,\"ended\":%.6f,\"p10\":%.9f,\"p50\":%.9f,"
	       "\"p95\":%.9f,\"max\":%.9f,\"echo_p10\":%.9f,"
	       "\"echo_p50\":%.9f}\n",
	    sending->records, n, sending->bytes, sending->plain,
	    clock_seconds(sending->ended), sending->took[n / 10],
	    sending->took[n / 2], sending->took[n * 95 / 100],
	    sending->took[n - 1], m > 0 ? sending->echoed[m / 10] : 0,
	    m > 0 ? sending->echoed[m / 2] : 0);
}

int
crowd_send(struct crowd *crowd)
{
	struct sending sending = {.crowd = crowd};

	sending.senders = memory_new(crowd->boxes, sizeof(*sending.senders));
	for (size_t i = 0; i < crowd->boxes; i++)
		prepare(&sending, i);
	printf("{\"ready\":true}\n");
	while (getchar() != '\n')
		; /* a word to begin */
	for (size_t i = 0; i < crowd->boxes; i++) {
		struct sockaddr_in from;

		crowd_address(crowd, i, &from);
		link_open(sending.senders[i].link, &from, &crowd->to);
	}
	event_base_dispatch(crowd->base);
	print(&sending);
	for (size_t i = 0; i < crowd->boxes; i++) {
		struct sender *sender = &sending.senders[i];

		batches_free(sender->batches, sender->count);
		event_free(sender->next);
		link_free(sender->link);
	}
	free(sending.senders);
	free(sending.echoed);
	free(sending.took);
	return (0);
}
