/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/tapes.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/error.h"
#include "common/http.h"
#include "common/member.h"
#include "common/memory.h"
#include "lab/record.h"
#include "lab/topology.h"

struct tape {
	struct tapes *tapes;
	size_t link;
	struct record *record;        /* NULL: nothing is recorded */
	struct http_request *request; /* that waits for it, or NULL */
	char *file, *verdicts;        /* verdicts may be NULL: there are none */
	char *trouble;                /* why it is not whole, or NULL */
	bool stopping;
};

struct tapes {
	struct links_about about;
	struct links *links;
	char *folder;
	struct tape *tape; /* one a link */
};

struct tapes *
tapes_new(
    const struct links_about *about, struct links *links, const char *folder)
{
	struct tapes *tapes = memory_new(1, sizeof(*tapes));
	size_t count = about->topology->link_count;

	tapes->about = *about;
	tapes->links = links;
	tapes->folder = memory_text(folder);
	tapes->tape = memory_new(count + 1, sizeof(*tapes->tape));
	for (size_t i = 0; i < count; i++) {
		tapes->tape[i].tapes = tapes;
		tapes->tape[i].link = i;
	}
	return (tapes);
}

static void
clear(struct tape *tape)
{
	record_free(tape->record);
	free(tape->file);
	free(tape->verdicts);
	free(tape->trouble);
	*tape = (struct tape){.tapes = tape->tapes, .link = tape->link};
}

void
tapes_free(struct tapes *tapes)
{
	if (tapes == NULL)
		return;
	for (size_t i = 0; i < tapes->about.topology->link_count; i++)
		clear(&tapes->tape[i]);
	free(tapes->tape);
	free(tapes->folder);
	free(tapes);
}

static void
on_gone(struct http_request *request, void *arg)
{
	struct tape *tape = arg;

	tape->request = NULL;
}

static void
hold(struct tape *tape, struct http_request *request)
{
	tape->request = request;
	http_hold(request, on_gone, tape);
}

static void
answer(struct tape *tape)
{
	struct http_request *request = tape->request;
	json_object *files;

	tape->request = NULL;
	if (request == NULL)
		return;
	if (tape->trouble != NULL) {
		http_problem(request, 500, "Not recorded", "%s", tape->trouble);
		return;
	}
	files = json_object_new_object();
	member_add_text(files, "file", tape->file);
	member_add_text(files, "verdicts", tape->verdicts);
	http_reply_json(request, 200, files);
}

static void
on_done(void *arg)
{
	struct tape *tape = arg;

	answer(tape);
	clear(tape);
}

static void
stop(struct tape *tape)
{
	tape->stopping = true;
	if (!record_stop(tape->record, on_done, tape))
		on_done(tape);
}

static int
begin_verdicts(const struct tape *tape, struct error *err)
{
	int fd, status;

	if (tape->verdicts == NULL)
		return (0);
	fd = open(
	    tape->verdicts, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd == -1)
		return (error_set(err, "%s: %m", tape->verdicts));
	status = links_verdicts(tape->tapes->links, tape->link, fd, err);
	close(fd);
	return (status);
}

static void
on_ready(void *arg, const char *why)
{
	struct tape *tape = arg;
	struct error err;

	if (tape->stopping)
		return;
	if (why != NULL)
		tape->trouble = memory_text(why);
	else if (begin_verdicts(tape, &err) == -1)
		tape->trouble = memory_text(err.text);
	if (tape->trouble != NULL)
		stop(tape);
	else
		answer(tape);
}

static void
refuse(struct tape *tape, struct http_request *request, const char *why)
{
	http_problem(request, 409, "Not done", "link %s %s",
	    tape->tapes->about.topology->links[tape->link].name, why);
}

void
tapes_start(struct tapes *tapes, size_t link, struct http_request *request)
{
	struct tape *tape = &tapes->tape[link];
	const char *name = tapes->about.topology->links[link].name;
	struct record_about about = {&tapes->about, link, NULL};
	struct error err;

	if (tape->record != NULL) {
		refuse(tape, request, "is being recorded already");
		return;
	}
	tape->file = memory_print("%s/truth-%s", tapes->folder, name);
	if (links_judged(tapes->links, link))
		tape->verdicts =
		    memory_print("%s/verdicts-%s", tapes->folder, name);
	about.file = tape->file;
	tape->record = record_new(&about, on_ready, tape, &err);
	if (tape->record != NULL) {
		hold(tape, request);
		return;
	}
	http_problem(request, 500, "Not recorded", "%s", err.text);
	clear(tape);
}

void
tapes_stop(struct tapes *tapes, size_t link, struct http_request *request)
{
	struct tape *tape = &tapes->tape[link];
	struct error err;

	if (tape->record == NULL || tape->stopping) {
		refuse(tape, request, "is not being recorded");
		return;
	}
	if (tape->verdicts != NULL &&
	    links_verdicts(tapes->links, link, -1, &err) == -1)
		tape->trouble = memory_text(err.text);
	hold(tape, request);
	stop(tape);
}
