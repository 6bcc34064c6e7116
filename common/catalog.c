/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/catalog.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/error.h"
#include "common/manifest.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/place.h"

struct catalog {
	struct manifest **current; /* by name */
	size_t count;
	struct manifest **replaced; /* somebody may still look at them */
	size_t replaced_count;
};

struct catalog *
catalog_new(void)
{
	return (memory_new(1, sizeof(struct catalog)));
}

void
catalog_free(struct catalog *catalog)
{
	if (catalog == NULL)
		return;
	for (size_t i = 0; i < catalog->count; i++)
		manifest_free(catalog->current[i]);
	for (size_t i = 0; i < catalog->replaced_count; i++)
		manifest_free(catalog->replaced[i]);
	free(catalog->current);
	free(catalog->replaced);
	free(catalog);
}

/* Where a manifest of this name is or belongs. */
static size_t
place_of(const struct catalog *catalog, const char *name, bool *there)
{
	size_t low = 0, high = catalog->count;

	*there = false;
	while (low < high && !*there) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(name, catalog->current[middle]->name);

		if (order <= 0)
			high = middle;
		else
			low = middle + 1;
		*there = order == 0;
	}
	return (high);
}

static void
insert(struct catalog *catalog, size_t at, struct manifest *manifest)
{
	catalog->current = memory_resize(
	    catalog->current, catalog->count + 1, sizeof(*catalog->current));
	memmove(&catalog->current[at + 1], &catalog->current[at],
	    (catalog->count - at) * sizeof(*catalog->current));
	catalog->current[at] = manifest;
	catalog->count++;
}

static void
replace(struct catalog *catalog, size_t at, struct manifest *manifest)
{
	catalog->replaced = memory_resize(catalog->replaced,
	    catalog->replaced_count + 1, sizeof(*catalog->replaced));
	catalog->replaced[catalog->replaced_count++] = catalog->current[at];
	catalog->current[at] = manifest;
}

int
catalog_add(struct catalog *catalog, json_object *json, struct error *err)
{
	struct manifest *manifest = manifest_parse(json, err);
	bool there;
	size_t at;

	if (manifest == NULL)
		return (-1);
	at = place_of(catalog, manifest->name, &there);
	if (!there)
		insert(catalog, at, manifest);
	else if (manifest->version > catalog->current[at]->version)
		replace(catalog, at, manifest);
	else
		manifest_free(manifest);
	return (0);
}

static int
add_line(
    struct catalog *catalog, const char *line, size_t length, struct error *err)
{
	json_object *json = member_parse(line, length, err);
	int result;

	if (json == NULL)
		return (-1);
	result = catalog_add(catalog, json, err);
	json_object_put(json);
	return (result);
}

static int
add_lines(struct catalog *catalog, FILE *in, struct error *err)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t length;
	int number = 0, result = 0;

	while (result == 0 && (length = getline(&line, &size, in)) != -1) {
		number++;
		result = add_line(catalog, line, (size_t)length, err);
	}
	if (result == 0 && ferror(in))
		result = error_set(err, "%m");
	else if (result == -1)
		error_place(err, "line %d", number);
	free(line);
	return (result);
}

/* Starts "program --manifests" and gives the end to read from. */
static int
start(const char *program, pid_t *pid, FILE **in, struct error *err)
{
	char *const argv[] = {(char *)program, (char *)"--manifests", NULL};
	posix_spawn_file_actions_t actions;
	int ends[2], failure;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return (error_set(err, "pipe: %m"));
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	failure = posix_spawn(pid, program, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (failure != 0) {
		close(ends[0]);
		return (error_set(err, "%s", strerror(failure)));
	}
	*in = fdopen(ends[0], "r");
	return (0);
}

static int
finish(pid_t pid, struct error *err)
{
	int status;

	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return (error_set(err, "%m"));
	if (WIFSIGNALED(status))
		return (error_set(err, "ended by signal %d", WTERMSIG(status)));
	if (WEXITSTATUS(status) != 0)
		return (error_set(
		    err, "ended with status %d", WEXITSTATUS(status)));
	return (0);
}

static int
ask(struct catalog *catalog, const char *program, struct error *err)
{
	FILE *in = NULL;
	pid_t pid;
	int result;

	if (access(program, F_OK) == -1 && errno == ENOENT)
		return (0); /* a host that measures nothing itself */
	if (start(program, &pid, &in, err) == -1)
		return (-1);
	result = add_lines(catalog, in, err);
	fclose(in);
	if (finish(pid, result == 0 ? err : NULL) == -1)
		result = -1;
	return (result);
}

int
catalog_add_installed(struct catalog *catalog, struct error *err)
{
	char *program = place_libexec("pharos-probe");
	int result = ask(catalog, program, err);

	if (result == -1)
		error_place(err, "%s --manifests", program);
	free(program);
	return (result);
}

const struct manifest *
catalog_find(const struct catalog *catalog, const char *name)
{
	bool there;
	size_t at = place_of(catalog, name, &there);

	return (there ? catalog->current[at] : NULL);
}

size_t
catalog_size(const struct catalog *catalog)
{
	return (catalog->count);
}

const struct manifest *
catalog_at(const struct catalog *catalog, size_t i)
{
	return (catalog->current[i]);
}

json_object *
catalog_json(const struct catalog *catalog)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < catalog->count; i++)
		json_object_array_add(
		    array, manifest_json(catalog->current[i]));
	return (array);
}
