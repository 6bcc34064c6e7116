/* SPDX-License-Identifier: BSD-2-Clause */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lab.h"
#include "common/error.h"
#include "common/fetch.h"
#include "common/memory.h"
#include "common/name.h"
#include "lab/run.h"

#define END_MS 5000 /* a lab may take so long to end in order */

/* The one that is up, or else the one that has died: it has a log, and leaves
 * something to remove. */
static const char *
only_one(char **names)
{
	const char *found = NULL;

	for (size_t i = 0; names[i] != NULL; i++) {
		if (!run_alive(names[i]))
			continue;
		if (found != NULL)
			return (NULL);
		found = names[i];
	}
	if (found == NULL && names[0] != NULL && names[1] == NULL)
		return (names[0]);
	return (found);
}

char *
lab_choose(const char *given, struct error *err)
{
	char **names = run_names(), *list = name_join((const char **)names);
	const char *found = given == NULL ? only_one(names) : NULL;
	char *chosen = NULL;

	if (given != NULL &&
	    name_index((const char *const *)names, given) != -1)
		chosen = memory_text(given);
	else if (found != NULL)
		chosen = memory_text(found);
	else if (names[0] == NULL)
		error_set(err,
		    "no lab is up%s%s; start one: pharos lab up "
		    "FILE",
		    given == NULL ? "" : ", so not ",
		    given == NULL ? "" : given);
	else if (given != NULL)
		error_set(err, "there is no lab %s; there is: %s", given, list);
	else
		error_set(err, "which lab? There is: %s", list);
	free(list);
	run_free_names(names);
	return (chosen);
}

static json_object *
fetch(const char *name, const char *path, struct fetch_about *about,
    struct error *err)
{
	static const char *const headers[] = {
	    "Content-Type: application/json", NULL};
	char *socket = run_path(name, "control");
	char *url = memory_print("http://localhost%s", path);
	json_object *answer = NULL;
	int status = 0;

	about->url = url;
	about->unix_socket = socket;
	about->headers = headers;
	if (!run_alive(name))
		error_set(err,
		    "lab %s has ended unasked; pharos lab log %s may say why, "
		    "pharos lab down %s removes what it left",
		    name, name, name);
	else if (about->part != NULL)
		answer = fetch_json(NULL, about, err);
	else
		answer = fetch_answer(NULL, about, &status, err);
	if (answer != NULL && about->part == NULL && status >= 300) {
		json_object *detail = NULL;

		json_object_object_get_ex(answer, "detail", &detail);
		error_set(err, "lab %s: %s", name,
		    detail == NULL ? "refused"
				   : json_object_get_string(detail));
		json_object_put(answer);
		answer = NULL;
	}
	free(url);
	free(socket);
	return (answer);
}

json_object *
lab_ask(
    const char *name, const char *path, json_object *body, struct error *err)
{
	const char *text = body == NULL ? "" : json_object_to_json_string(body);
	struct fetch_about about = {.method = body == NULL ? "GET" : "POST",
	    .body = text,
	    .length = strlen(text)};
	json_object *answer = fetch(name, path, &about, err);

	json_object_put(body);
	return (answer);
}

int
lab_listen(const char *name, const char *path,
    bool (*part)(void *arg, const char *data, size_t length), void *arg,
    struct error *err)
{
	struct fetch_about about = {
	    .method = "GET", .part = part, .part_arg = arg};
	json_object *answer = fetch(name, path, &about, err);
	int status = answer == NULL ? -1 : 0;

	json_object_put(answer);
	return (status);
}

int
lab_end(const char *name, struct error *err)
{
	json_object *answer = NULL;

	if (run_alive(name))
		answer =
		    lab_ask(name, "/v1/down", json_object_new_object(), NULL);
	if ((answer == NULL || !run_wait(name, END_MS)) &&
	    run_kill(name, err) == -1) {
		json_object_put(answer);
		return (-1);
	}
	json_object_put(answer);
	return (run_clear(name, err));
}
