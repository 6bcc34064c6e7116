/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/reload.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "collector/parent.h"
#include "collector/settings.h"
#include "common/child.h"
#include "common/error.h"
#include "common/log.h"
#include "common/member.h"

static int
write_settings(int fd, const char *text, struct error *err)
{
	size_t length = strlen(text);

	if (pwrite(fd, text, length, 0) == (ssize_t)length &&
	    ftruncate(fd, (off_t)length) == 0)
		return (0);
	return (error_set(err, "settings for the children: %m"));
}

int
reload_open(const struct collector_settings *settings, struct error *err)
{
	int fd = memfd_create("settings", MFD_CLOEXEC);
	char *text;

	if (fd == -1)
		return (error_set(err, "settings for the children: %m"));
	text = collector_settings_text(settings);
	if (write_settings(fd, text, err) == -1) {
		close(fd);
		fd = -1;
	}
	free(text);
	return (fd);
}

/* For those that run, and those that are started again. */
static void
hand_on(struct collector *collector)
{
	char *text = collector_settings_text(&collector->in_use);
	struct error err;

	if (write_settings(collector->settings_fd, text, &err) == -1)
		log_warnx("%s", err.text);
	for (int part = 0; part < PARTS; part++) {
		json_object *message = json_object_new_object();

		member_add_text(message, "m", "settings");
		member_add_text(message, "text", text);
		child_send(collector->parts[part].child, message);
	}
	free(text);
}

/* What differs, or NULL. */
static json_object *
reload_settings(struct collector *collector, struct error *err)
{
	struct collector_settings next;
	json_object *lines;

	if (collector_settings_read(&next, collector->config, err) == -1) {
		log_warnx("%s", err->text);
		log_warnx("%s: refused, the last good settings stay",
		    collector->config);
		return (NULL);
	}
	lines = collector_settings_change(&collector->in_use, &next);
	for (size_t i = 0; i < json_object_array_length(lines); i++)
		log_info(
		    "settings: %s", json_object_get_string(
					json_object_array_get_idx(lines, i)));
	if (json_object_array_length(lines) > 0)
		hand_on(collector);
	return (lines);
}

int
reload_all(struct collector *collector, json_object **report)
{
	struct error err;
	json_object *lines = reload_settings(collector, &err);
	int result = collector_read_fleet(collector, report);

	if (lines != NULL)
		json_object_object_add(*report, "settings", lines);
	else
		member_add_text(*report, "settings_problem", err.text);
	return (result == -1 || lines == NULL ? -1 : 0);
}
