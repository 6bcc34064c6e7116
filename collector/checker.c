/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/checker.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/tree.h"

#define WORTH_IT 16 /* lines: fewer are done before another thread is awake */
#define LINES_KEPT 4096 /* room for so many, from one batch to the next */

struct checker {
	struct checker_line *lines;
	size_t count, room;
	atomic_size_t next; /* line that nobody looks at yet */
	double now;
	struct tree *own;
	pthread_t second;
	bool has_second;
	pthread_mutex_t lock; /* held by the second thread while it looks */
	pthread_cond_t given;
	bool wanted, over; /* under the lock */
	struct tree *its;
};

static void
check(struct tree *tree, struct checker_line *line, double now)
{
	const struct tree_node *record;
	struct error err;
	const char *id;

	line->good = false;
	if (line->length == 0 || line->length > RECORD_MOST)
		return;
	record = tree_parse(tree, line->text, line->length, &err);
	line->good = record != NULL &&
		     record_check_tree(record, now, &err) == 0 &&
		     tree_text(record, "id", &id, &err) == 0 &&
		     record_id_parse(id, &line->id, &err) == 0 &&
		     tree_number(record, "end", &line->end, &err) == 0;
}

static void
check_next(struct checker *checker, struct tree *tree)
{
	size_t i;

	while ((i = atomic_fetch_add(&checker->next, 1)) < checker->count)
		check(tree, &checker->lines[i], checker->now);
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
		if (checker->wanted)
			check_next(checker, checker->its);
		checker->wanted = false;
		pthread_cond_wait(&checker->given, &checker->lock);
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
	pthread_cond_init(&checker->given, NULL);
	return (checker);
}

static void
tell(struct checker *checker, bool wanted, bool over)
{
	pthread_mutex_lock(&checker->lock);
	checker->wanted = wanted;
	checker->over = over;
	pthread_mutex_unlock(&checker->lock);
	if (wanted || over)
		pthread_cond_signal(&checker->given);
}

void
checker_free(struct checker *checker)
{
	if (checker == NULL)
		return;
	if (checker->has_second) {
		tell(checker, false, true);
		pthread_join(checker->second, NULL);
	}
	pthread_cond_destroy(&checker->given);
	pthread_mutex_destroy(&checker->lock);
	tree_free(checker->its);
	tree_free(checker->own);
	free(checker->lines);
	free(checker);
}

static bool
has_processors(void)
{
	cpu_set_t set;

	return (sched_getaffinity(0, sizeof(set), &set) == 0 &&
		CPU_COUNT(&set) > 1);
}

/* Signals are the loop's. Without a second thread it takes longer, that is all. */
static void
start_second(struct checker *checker)
{
	sigset_t all, before;

	if (checker->has_second || !has_processors())
		return;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	checker->has_second =
	    pthread_create(&checker->second, NULL, work, checker) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!checker->has_second)
		log_debug("records are checked by one thread alone");
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
	tell(checker, true, false);
	return (lines);
}

void
checker_finish(struct checker *checker)
{
	check_next(checker, checker->own);
	tell(checker, false, false); /* it has let the last of its lines go */
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
