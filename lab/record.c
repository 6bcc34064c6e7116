/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/record.h"

#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/error.h"
#include "common/memory.h"
#include "common/place.h"
#include "lab/keeper.h"
#include "lab/topology.h"

#define WORD 64

struct record {
	struct duty *duty; /* NULL: it has ended */
	struct event *word;
	int heard; /* what the recorder says; -1 */
	int said;
	void (*ready)(void *arg, const char *why);
	void (*done)(void *arg);
	void *arg, *done_arg;
};

static void
prepare(void *arg)
{
	const struct record *record = arg;

	dup2(record->said, STDOUT_FILENO);
}

static void
on_ended(void *arg, struct duty *duty, const char *why)
{
	struct record *record = arg;

	record->duty = NULL;
	if (record->done != NULL)
		record->done(record->done_arg);
}

static const struct duty_calls calls = {.prepare = prepare, .ended = on_ended};

/* "ready", or its end without that. */
static void
on_word(evutil_socket_t fd, short what, void *arg)
{
	struct record *record = arg;
	char word[WORD];
	ssize_t length = read(fd, word, sizeof(word));

	event_del(record->word);
	record->ready(record->arg,
	    length > 0 ? NULL
		       : "pharos-truth has ended; its reason is in the "
			 "lab's log");
}

static struct duty *
launch(
    struct record *record, const struct record_about *about, struct error *err)
{
	const struct topology_end *ends =
	    about->links->topology->links[about->link].ends;
	const int keep[] = {
	    about->links->nets[ends[0].node], about->links->nets[ends[1].node]};
	char *path = place_libexec("pharos-truth");
	const char *argv[] = {path, "--output", about->file, "/proc/self/fd/3",
	    ends[0].interface, "/proc/self/fd/4", ends[1].interface, NULL};
	struct duty *duty = duty_new(about->links->keeper,
	    &(const struct duty_about){.name = "truth",
		.argv = argv,
		.net = -1,
		.keep = keep,
		.kept = 2,
		.once = true,
		.calls = &calls,
		.arg = record},
	    err);

	free(path);
	return (duty);
}

struct record *
record_new(const struct record_about *about,
    void (*ready)(void *arg, const char *why), void *arg, struct error *err)
{
	struct record *record = memory_new(1, sizeof(*record));
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) == -1) {
		error_set(err, "pipe: %m");
		free(record);
		return (NULL);
	}
	record->ready = ready;
	record->arg = arg;
	record->heard = ends[0];
	record->said = ends[1];
	record->word = event_new(
	    about->links->base, ends[0], EV_READ | EV_PERSIST, on_word, record);
	event_add(record->word, NULL);
	record->duty = launch(record, about, err);
	close(ends[1]);
	if (record->duty != NULL)
		return (record);
	record_free(record);
	return (NULL);
}

bool
record_stop(struct record *record, void (*done)(void *arg), void *arg)
{
	record->done = done;
	record->done_arg = arg;
	if (record->duty == NULL)
		return (false);
	duty_stop(record->duty);
	return (true);
}

void
record_free(struct record *record)
{
	if (record == NULL)
		return;
	event_free(record->word);
	close(record->heard);
	free(record);
}
