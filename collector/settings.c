/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/settings.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/listener.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/name.h"
#include "common/option.h"
#include "common/yaml.h"

#define ROOM(field) (sizeof(((struct collector_settings *)0)->field) - 1)
#define AGES 3153600000 /* a hundred years */
#define AT(field) offsetof(struct collector_settings, field)

static const struct setting table[] = {
    {"fleet", OPTION_TEXT, PHAROS_SYSCONFDIR "/fleet.yaml", 1, ROOM(fleet),
	NULL, "The file that declares sites, meshes and tests", AT(fleet)},
    {"state", OPTION_TEXT, PHAROS_STATEDIR "/collector", 1, ROOM(state), NULL,
	"The folder that holds what the collector keeps", AT(state)},
    {"people", OPTION_TEXT, "127.0.0.1:8640", 1, ROOM(people), NULL,
	"Where pages and API are served; a loopback address", AT(people)},
    {"agents", OPTION_TEXT, "8641", 1, ROOM(agents), NULL,
	"Where agents connect", AT(agents)},
    {"journal", OPTION_SIZE, "4GB", 16e6, 1e15, NULL,
	"How much may wait for the store before agents have to", AT(journal)},
    {"archive", OPTION_SIZE, "20GB", 0, 1e15, NULL,
	"How much disk all records may take up; 0: no bound", AT(archive)},
    {"departed", OPTION_DURATION, "1y", 0, AGES, NULL,
	"How long histories of pairs that left the fleet are kept; 0: no bound",
	AT(departed)},
    {NULL}};

static const struct setting certificates[] = {
    {"life", OPTION_DURATION, "90d", 20, 825 * 86400.0, NULL,
	"How long certificates of boxes and of the collector are good",
	AT(certificate_life)},
    {NULL}};

static const struct yml_section sections[] = {
    {"certificates", certificates}, {NULL, NULL}};

/* A running collector holds a lock and listens. */
static const char *const at_start[] = {"state", "people", "agents", NULL};

/* Relative to the folder of the file that says so. */
static int
resolve(char *path, size_t room, const char *config, const char *what,
    struct error *err)
{
	const char *slash = strrchr(config, '/');
	char *folder, *full;
	int length;

	if (*path == '/')
		return (0);
	folder = slash == NULL
		     ? memory_text(".")
		     : memory_print("%.*s", (int)(slash - config), config);
	full = realpath(*folder == '\0' ? "/" : folder, NULL);
	free(folder);
	if (full == NULL)
		return (error_set(err, "%s: %m", config));
	folder = memory_text(path);
	length = snprintf(path, room, "%s/%s", full, folder);
	free(folder);
	free(full);
	if ((size_t)length >= room)
		return (error_set(err,
		    "%s: %s: the path is too long, expected "
		    "at most %zu bytes",
		    config, what, room - 1));
	return (0);
}

static int
check_listener(const struct yml *tree, const char *key, const char *text,
    bool loopback_only, struct error *err)
{
	const struct yml *node = yml_get(tree, key);
	struct sockaddr_storage address;
	struct error cause;

	if (node == NULL)
		node = tree;
	if (listener_parse(text, &address, &cause) == -1)
		return (yml_error(node, err, "%s: %s", key, cause.text));
	if (loopback_only && !listener_is_loopback(&address))
		return (yml_error(node, err,
		    "%s: %s is not a loopback address; there is no login yet, "
		    "so pages are served to this host only: use "
		    "127.0.0.1:8640 or [::1]:8640 and a tunnel",
		    key, text));
	return (0);
}

static int
load(struct collector_settings *settings, const struct yml *tree,
    const char *path, struct error *err)
{
	memset(settings, 0, sizeof(*settings));
	if (yml_load_sections(tree, table, sections, settings, err) == -1 ||
	    check_listener(tree, "people", settings->people, true, err) == -1 ||
	    check_listener(tree, "agents", settings->agents, false, err) == -1)
		return (-1);
	if (resolve(settings->fleet, sizeof(settings->fleet), path, "fleet",
		err) == -1)
		return (-1);
	return (resolve(
	    settings->state, sizeof(settings->state), path, "state", err));
}

int
collector_settings_parse(struct collector_settings *settings, const char *path,
    const char *text, size_t length, struct error *err)
{
	struct yml *tree = yml_parse(path, text, length, err);
	int result;

	if (tree == NULL)
		return (-1);
	result = load(settings, tree, path, err);
	yml_free(tree);
	return (result);
}

void
collector_settings_follow(
    struct collector_settings *settings, json_object *message)
{
	const char *text = member_text_or(message, "text", "");
	struct error err;

	if (collector_settings_parse(
		settings, "settings", text, strlen(text), &err) == -1)
		log_warnx("%s", err.text);
}

int
collector_settings_read(
    struct collector_settings *settings, const char *path, struct error *err)
{
	struct yml *tree = yml_read(path, err);
	int result;

	if (tree == NULL)
		return (-1);
	result = load(settings, tree, path, err);
	yml_free(tree);
	return (result);
}

char *
collector_settings_path(
    const struct collector_settings *settings, const char *file)
{
	return (memory_print("%s/%s", settings->state, file));
}

/*
 * As a file, and what is different.
 */

/* JSON's quoting is YAML's, too. */
static void
print_value(
    FILE *out, const struct setting *row, const struct collector_settings *s)
{
	char *text = option_text(row, s);
	json_object *quoted = json_object_new_string(text);

	fprintf(out, "%s: %s", row->name,
	    json_object_to_json_string_ext(
		quoted, JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(quoted);
	free(text);
}

char *
collector_settings_text(const struct collector_settings *settings)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		log_fatal("out of memory");
	for (const struct setting *row = table; row->name != NULL; row++) {
		print_value(out, row, settings);
		fputc('\n', out);
	}
	for (size_t i = 0; sections[i].name != NULL; i++) {
		const struct setting *row = sections[i].table;

		fprintf(out, "%s:\n", sections[i].name);
		for (; row->name != NULL; row++) {
			fputs("  ", out);
			print_value(out, row, settings);
			fputc('\n', out);
		}
	}
	fclose(out);
	return (text);
}

static void
compare(const char *section, const struct setting *rows,
    const struct collector_settings *before,
    const struct collector_settings *after, json_object *lines)
{
	for (const struct setting *row = rows; row->name != NULL; row++) {
		bool waits =
		    *section == '\0' && name_index(at_start, row->name) != -1;
		char *old = option_text(row, before);
		char *new = option_text(row, after), *line;

		if (strcmp(old, new) != 0) {
			line = memory_print("%s%s: %s, was %s%s", section,
			    row->name, new, old,
			    waits ? "; takes effect when pharos-collectord "
				    "is restarted"
				  : "");
			json_object_array_add(lines, member_new_text(line));
			free(line);
		}
		free(old);
		free(new);
	}
}

struct json_object *
collector_settings_change(
    struct collector_settings *settings, const struct collector_settings *next)
{
	struct collector_settings before = *settings;
	json_object *lines = json_object_new_array();

	compare("", table, &before, next, lines);
	for (size_t i = 0; sections[i].name != NULL; i++) {
		char *section = memory_print("%s: ", sections[i].name);

		compare(section, sections[i].table, &before, next, lines);
		free(section);
	}
	*settings = *next;
	memcpy(settings->state, before.state, sizeof(before.state));
	memcpy(settings->people, before.people, sizeof(before.people));
	memcpy(settings->agents, before.agents, sizeof(before.agents));
	return (lines);
}
