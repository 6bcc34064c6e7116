/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/sender.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>

#include "probes/echo.h"
#include "probes/probe.h"

struct sender {
	const struct probe_host *host;
	int fd;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t given_more, gone_more;
	/* under the lock; queues ever, and no more come */
	unsigned given, gone;
	bool over;
	struct echo_queue *queues[SENDER_QUEUES]; /* by number */
	unsigned told;                            /* the loop's own */
	struct echo_queue room[SENDER_QUEUES];
};

/* Odd while a packet is handed over: it counts twice, before and behind. */
static void
send_all(struct sender *sender, struct echo_queue *queue)
{
	/* read once: with the last step it is the loop's again */
	const unsigned count = queue->count;

	for (unsigned i = 0; i < count; i++) {
		queue->when[i] = sender->host->monotonic();
		atomic_store(&queue->steps, 2 * i + 1);
		queue->errors[i] =
		    sendmmsg(sender->fd, &queue->messages[i], 1, 0) == 1
			? 0
			: errno;
		atomic_store(&queue->steps, 2 * i + 2);
	}
}

/* NULL: that was all. */
static struct echo_queue *
next_queue(struct sender *sender)
{
	struct echo_queue *queue = NULL;

	pthread_mutex_lock(&sender->lock);
	while (sender->gone == sender->given && !sender->over)
		pthread_cond_wait(&sender->given_more, &sender->lock);
	if (sender->gone != sender->given)
		queue = sender->queues[sender->gone % SENDER_QUEUES];
	pthread_mutex_unlock(&sender->lock);
	return (queue);
}

static void
put_away(struct sender *sender)
{
	pthread_mutex_lock(&sender->lock);
	sender->gone++;
	pthread_cond_signal(&sender->gone_more);
	pthread_mutex_unlock(&sender->lock);
}

static void *
work(void *arg)
{
	struct sender *sender = arg;
	struct echo_queue *queue;

	while ((queue = next_queue(sender)) != NULL) {
		send_all(sender, queue);
		put_away(sender);
	}
	return (NULL);
}

static bool
has_processors(void)
{
	cpu_set_t set;

	return (sched_getaffinity(0, sizeof(set), &set) == 0 &&
		CPU_COUNT(&set) > 1);
}

/* Signals are the loop's. */
static int
start(struct sender *sender)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&sender->thread, NULL, work, sender);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return (error);
}

struct sender *
sender_new(int fd, const struct probe_host *host)
{
	struct sender *sender =
	    has_processors() ? calloc(1, sizeof(*sender)) : NULL;

	if (sender == NULL)
		return (NULL);
	sender->host = host;
	sender->fd = fd;
	for (int i = 0; i < SENDER_QUEUES; i++)
		sender->queues[i] = &sender->room[i];
	pthread_mutex_init(&sender->lock, NULL);
	pthread_cond_init(&sender->given_more, NULL);
	pthread_cond_init(&sender->gone_more, NULL);
	if (start(sender) == 0)
		return (sender);
	free(sender);
	return (NULL);
}

void
sender_free(struct sender *sender)
{
	if (sender == NULL)
		return;
	pthread_mutex_lock(&sender->lock);
	sender->over = true;
	pthread_cond_signal(&sender->given_more);
	pthread_mutex_unlock(&sender->lock);
	pthread_join(sender->thread, NULL);
	free(sender);
}

struct echo_queue *
sender_take(struct sender *sender, struct echo_queue *queue)
{
	struct echo_queue **place, *empty = NULL;

	pthread_mutex_lock(&sender->lock);
	if (sender->given - sender->told < SENDER_QUEUES) {
		place = &sender->queues[sender->given++ % SENDER_QUEUES];
		empty = *place;
		*place = queue;
		pthread_cond_signal(&sender->given_more);
	}
	pthread_mutex_unlock(&sender->lock);
	return (empty);
}

static void
tell_one(
    const struct echo_calls *calls, const struct echo_queue *queue, unsigned i)
{
	const struct echo_owner *it = &queue->owners[i];

	if (queue->errors[i] == 0)
		calls->sent(it->owner, it->packet, queue->when[i], 0);
	else
		calls->refused(
		    it->owner, it->packet, queue->when[i], queue->errors[i]);
}

/* How many packets of it have left. Only the one that is leaving now is waited
 * for, not those behind it. */
static unsigned
count_gone(struct echo_queue *queue, bool settle)
{
	unsigned steps = atomic_load(&queue->steps);

	if (steps % 2 == 0 || !settle)
		return (steps / 2);
	while (atomic_load(&queue->steps) == steps)
		sched_yield();
	return (steps / 2 + 1);
}

bool
sender_tell(struct sender *sender, const struct echo_calls *calls, bool settle)
{
	struct echo_queue *queue;
	unsigned gone;

	/* given is written by the loop alone */
	for (; sender->told != sender->given; sender->told++) {
		queue = sender->queues[sender->told % SENDER_QUEUES];
		gone = count_gone(queue, settle);
		while (queue->told < gone)
			tell_one(calls, queue, queue->told++);
		if (gone < queue->count)
			return (false);
		queue->count = queue->told = 0;
		queue->used = 0;
		atomic_store(&queue->steps, 0);
	}
	return (true);
}

void
sender_wait(struct sender *sender)
{
	pthread_mutex_lock(&sender->lock);
	while (sender->gone != sender->given)
		pthread_cond_wait(&sender->gone_more, &sender->lock);
	pthread_mutex_unlock(&sender->lock);
}
