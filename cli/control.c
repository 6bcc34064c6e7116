/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/control.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/settings.h"
#include "common/error.h"
#include "common/fetch.h"
#include "common/memory.h"

static json_object *
post(const char *socket, const char *path, json_object *body, int *status,
    struct error *err)
{
	static const char *const headers[] = {
	    "Content-Type: application/json", NULL};
	const char *text =
	    body == NULL ? "{}" : json_object_to_json_string(body);
	char *url = memory_print("http://localhost%s", path);
	json_object *answer = fetch_answer(NULL,
	    &(const struct fetch_about){.method = "POST",
		.url = url,
		.unix_socket = socket,
		.headers = headers,
		.body = text,
		.length = strlen(text)},
	    status, err);

	free(url);
	return (answer);
}

json_object *
control_post(const char *config, const char *path, json_object *body,
    int *status, struct error *err)
{
	struct collector_settings settings;
	json_object *answer = NULL;
	char *socket;

	*status = CONTROL_UNREAD;
	if (collector_settings_read(&settings, config, err) == -1)
		return (NULL);
	*status = 0;
	socket = collector_settings_path(&settings, "control");
	if (access(socket, R_OK | W_OK) == 0)
		answer = post(socket, path, body, status, err);
	else if (errno == ENOENT)
		error_set(err, "%s: not there; is pharos-collectord running?",
		    socket);
	else
		error_set(err, "%s: %m", socket);
	free(socket);
	return (answer);
}

int
control_failure(int status)
{
	bool given =
	    status == CONTROL_UNREAD || (status >= 400 && status < 500);

	return (given ? 2 : 3);
}
