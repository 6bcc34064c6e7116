/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/checker.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/tree.h"

#define WORTH_IT 16 /* lines: fewer are done before another thread is awake */
#define WORTH_WAKING 2048           /* bytes, packed: surely so many lines */
#define AT_ONCE 4                   /* lines that a thread takes */
#define READY_FOR (NS_PER_S / 4000) /* a batch is unpacked in less, mostly */
#define LINES_KEPT 4096 /* room for so many, from one batch to the next */

enum phase {
	REST,
	READY, /* awake, or soon: lines are on their way */
	LOOK
};

struct checker {
	struct checker_line *lines;
	size_t count, room;
	atomic_size_t next; /* line that nobody looks at yet */
	double now;
	struct tree *own;
	pthread_t second;
	bool has_second;
	cpu_set_t allowed; /* processors */
	int left_to_first; /* one of them, where the second thread is not; -1 */
	pthread_mutex_t lock; /* held by the second thread unless it rests */
	pthread_cond_t called;
	bool over; /* under the lock */
	atomic_int phase;
	struct tree *its;
};

static void
check(struct tree *tree, struct checker_line *line, double now)
{
	const struct tree_node *record;
	struct error err;

	line->good = false;
	if (line->length == 0 || line->length > RECORD_MOST)
		return;
	record = tree_parse(tree, line->text, line->length, &err);
	line->good = record != NULL && record_check_tree(record, now, &line->id,
					   &line->end, &err) == 0;
}

static void
check_lines(struct checker *checker, struct tree *tree)
{
	size_t i, end;

	while (
	    (i = atomic_fetch_add(&checker->next, AT_ONCE)) < checker->count) {
		end =
		    i + AT_ONCE < checker->count ? i + AT_ONCE : checker->count;
		for (; i < end; i++)
			check(tree, &checker->lines[i], checker->now);
	}
}

/* It gives up after a while: the batch was none. */
static void
wait_ready(struct checker *checker)
{
	nanoseconds until = clock_monotonic() + READY_FOR;
	int phase = READY;

	while (
	    atomic_load(&checker->phase) == READY && clock_monotonic() < until)
		continue;
	atomic_compare_exchange_strong(&checker->phase, &phase, REST);
}

/* It takes no processor from the thread that it is to help. */
static void *
work(void *arg)
{
	static const struct sched_param none = {0};
	struct checker *checker = arg;

	pthread_setschedparam(pthread_self(), SCHED_BATCH, &none);
	pthread_mutex_lock(&checker->lock);
	while (!checker->over) {
		while (atomic_load(&checker->phase) == REST && !checker->over)
			pthread_cond_wait(&checker->called, &checker->lock);
		wait_ready(checker);
		if (atomic_load(&checker->phase) == REST)
			continue;
		check_lines(checker, checker->its);
		atomic_store(&checker->phase, REST);
	}
	pthread_mutex_unlock(&checker->lock);
	return (NULL);
}

/* The end of a line that is looked at is not worth going to sleep for. */
static void
init_lock(pthread_mutex_t *lock)
{
	pthread_mutexattr_t kind;

	pthread_mutexattr_init(&kind);
	pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_ADAPTIVE_NP);
	pthread_mutex_init(lock, &kind);
	pthread_mutexattr_destroy(&kind);
}

struct checker *
checker_new(void)
{
	struct checker *checker = memory_new(1, sizeof(*checker));

	checker->own = tree_new();
	checker->its = tree_new();
	init_lock(&checker->lock);
	pthread_cond_init(&checker->called, NULL);
	checker->left_to_first = -1;
	return (checker);
}

static void
end_second(struct checker *checker)
{
	pthread_mutex_lock(&checker->lock);
	checker->over = true;
	pthread_mutex_unlock(&checker->lock);
	pthread_cond_signal(&checker->called);
	pthread_join(checker->second, NULL);
}

void
checker_free(struct checker *checker)
{
	if (checker == NULL)
		return;
	if (checker->has_second)
		end_second(checker);
	pthread_cond_destroy(&checker->called);
	pthread_mutex_destroy(&checker->lock);
	tree_free(checker->its);
	tree_free(checker->own);
	free(checker->lines);
	free(checker);
}

static bool
has_processors(struct checker *checker)
{
	return (sched_getaffinity(
		    0, sizeof(checker->allowed), &checker->allowed) == 0 &&
		CPU_COUNT(&checker->allowed) > 1);
}

/* Some kernels wake a thread where the one is that wakes it, although others have
 * nothing to do. This one would sleep on until the first thread does. */
static void
keep_apart(struct checker *checker)
{
	int processor = sched_getcpu();
	cpu_set_t others = checker->allowed;

	if (processor == -1 || processor == checker->left_to_first)
		return;
	CPU_CLR(processor, &others);
	pthread_setaffinity_np(checker->second, sizeof(others), &others);
	checker->left_to_first = processor;
}

/* Signals are the loop's. Without a second thread it takes longer, that is all. */
static void
start_second(struct checker *checker)
{
	sigset_t all, before;

	if (checker->has_second || !has_processors(checker))
		return;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	checker->has_second =
	    pthread_create(&checker->second, NULL, work, checker) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!checker->has_second)
		log_debug("records are checked by one thread alone");
}

/* While it has the lock it is awake; or falls asleep this moment, and this batch is
 * checked by one thread alone. */
static void
call(struct checker *checker)
{
	keep_apart(checker);
	if (pthread_mutex_trylock(&checker->lock) != 0)
		return;
	pthread_mutex_unlock(&checker->lock);
	pthread_cond_signal(&checker->called);
}

void
checker_ready(struct checker *checker, size_t bytes)
{
	if (bytes < WORTH_WAKING)
		return;
	start_second(checker);
	if (!checker->has_second)
		return;
	atomic_store(&checker->phase, READY);
	call(checker);
}

/* One that is awake sees it. */
static void
give(struct checker *checker)
{
	if (!checker->has_second ||
	    atomic_exchange(&checker->phase, LOOK) == READY)
		return;
	call(checker);
}

/* It looks at no more lines, and has let the last of its own go. */
static void
stop_second(struct checker *checker)
{
	atomic_store(&checker->phase, REST);
	pthread_mutex_lock(&checker->lock);
	pthread_mutex_unlock(&checker->lock);
}

static size_t
count_lines(const char *text, const char *end, size_t most)
{
	size_t lines = 0;

	while (text < end && lines <= most) {
		text = memchr(text, '\n', (size_t)(end - text));
		text = text != NULL ? text + 1 : end;
		lines++;
	}
	return (lines);
}

static void
cut(struct checker *checker, char *text, const char *end)
{
	for (size_t i = 0; i < checker->count; i++) {
		struct checker_line *line = &checker->lines[i];
		char *newline = memchr(text, '\n', (size_t)(end - text));

		line->good = false;
		line->text = text;
		text = newline != NULL ? newline : text + (end - text);
		line->length = (size_t)(text - line->text);
		*text++ = '\0';
	}
}

static void
make_room(struct checker *checker, size_t lines)
{
	if (lines <= checker->room && checker->room <= LINES_KEPT)
		return;
	checker->lines =
	    memory_resize(checker->lines, lines, sizeof(*checker->lines));
	checker->room = lines;
}

size_t
checker_begin(
    struct checker *checker, char *text, size_t length, size_t most, double now)
{
	size_t lines = count_lines(text, text + length, most);

	checker->count = 0;
	if (lines == 0 || lines > most)
		return (lines);
	make_room(checker, lines);
	checker->count = lines;
	cut(checker, text, text + length);
	checker->now = now;
	atomic_store(&checker->next, 1);
	if (lines < WORTH_IT)
		return (lines);
	start_second(checker);
	give(checker);
	return (lines);
}

void
checker_finish(struct checker *checker)
{
	check_lines(checker, checker->own);
	stop_second(checker);
}

const struct checker_line *
checker_line(const struct checker *checker, size_t i)
{
	return (&checker->lines[i]);
}

const struct tree_node *
checker_read(
    struct checker *checker, const struct checker_line *line, struct error *err)
{
	return (tree_parse(checker->own, line->text, line->length, err));
}
