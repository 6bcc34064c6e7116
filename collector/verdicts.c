/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/verdicts.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "collector/court.h"
#include "collector/fleet.h"
#include "collector/settings.h"
#include "collector/web.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"

#define LOOK_EVERY NS_PER_S
#define FILE_MOST (64 * 1024 * 1024)

struct verdicts {
	struct web *web;
	nanoseconds looked; /* monotonic */
	nanoseconds made;   /* of the file that is read; 0: none */
	ino_t inode;
	json_object *last; /* NULL: none */
	bool *wrong;       /* by end; NULL: not made yet */
};

struct verdicts *
verdicts_new(struct web *web)
{
	struct verdicts *verdicts = memory_new(1, sizeof(*verdicts));

	verdicts->web = web;
	return (verdicts);
}

void
verdicts_free(struct verdicts *verdicts)
{
	if (verdicts == NULL)
		return;
	verdicts_forget(verdicts);
	json_object_put(verdicts->last);
	free(verdicts);
}

void
verdicts_forget(struct verdicts *verdicts)
{
	free(verdicts->wrong);
	verdicts->wrong = NULL;
}

static void
read_file(struct verdicts *v, const char *path)
{
	struct error err;
	size_t length;
	char *text = daemon_read_file(path, FILE_MOST, &length, &err);

	json_object_put(v->last);
	v->last = text == NULL ? NULL : member_parse(text, length, &err);
	if (v->last == NULL)
		log_warnx("%s: %s; no clock is judged until the court sits",
		    path, err.text);
	verdicts_forget(v);
	free(text);
}

/* The court puts a new file in its place each time. */
static void
look(struct verdicts *v)
{
	nanoseconds now = clock_monotonic();
	struct stat st;
	char *path;

	if (v->looked != 0 && now - v->looked < LOOK_EVERY)
		return;
	v->looked = now;
	path = collector_settings_path(v->web->settings, "clocks.json");
	if (stat(path, &st) == 0 &&
	    (st.st_ino != v->inode ||
		clock_of_timespec(&st.st_mtim) != v->made)) {
		v->inode = st.st_ino;
		v->made = clock_of_timespec(&st.st_mtim);
		read_file(v, path);
	}
	free(path);
}

json_object *
verdicts_last(struct verdicts *v)
{
	double at, now = clock_seconds(clock_wall());

	look(v);
	at = member_number_or(v->last, "at", 0);
	/* one of a time to come: our clock has been set back since */
	if (now - at > clock_seconds(VERDICTS_AGE) ||
	    at - now > clock_seconds(VERDICTS_AGE))
		return (NULL);
	return (v->last);
}

static void
mark(struct verdicts *v)
{
	const struct fleet *fleet = v->web->fleet;
	json_object *boxes;
	size_t count = 0;

	v->wrong = memory_new(fleet->end_count, sizeof(*v->wrong));
	if (member_array(v->last, "boxes", &boxes, NULL) == 0)
		count = json_object_array_length(boxes);
	for (size_t i = 0; i < count; i++) {
		json_object *box = json_object_array_get_idx(boxes, i);
		const struct fleet_end *end =
		    fleet_end(fleet, member_text_or(box, "name", ""));

		if (end != NULL && strcmp(member_text_or(box, "verdict", ""),
				       court_verdict_names[COURT_WRONG]) == 0)
			v->wrong[end - fleet->ends] = true;
	}
}

bool
verdicts_is_wrong(struct verdicts *v, size_t end)
{
	if (verdicts_last(v) == NULL)
		return (false);
	if (v->wrong == NULL)
		mark(v);
	return (v->wrong[end]);
}
