/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos lab log: what a lab and its daemons have said.
 */
#include <dirent.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/lab.h"
#include "cli/output.h"
#include "common/memory.h"
#include "lab/run.h"

#define COPY 65536

static void
usage(FILE *out)
{
	fprintf(out,
	    "usage: pharos lab log [NAME] [--node NODE]\n"
	    "\n"
	    "  --node NODE  only what this node's daemons said\n"
	    "\n"
	    "What the lab itself has said comes first; it is kept until the\n"
	    "lab is taken down.\n");
}

static int
copy(const char *lab, const char *file, struct error *err)
{
	char *path = run_path(lab, file), *buffer = memory_new(COPY, 1);
	FILE *from = fopen(path, "re");
	size_t length;
	int status = 0;

	if (from == NULL)
		status = error_set(err, "%s: %m", path);
	while (from != NULL && (length = fread(buffer, 1, COPY, from)) > 0)
		fwrite(buffer, 1, length, stdout);
	if (from != NULL)
		fclose(from);
	free(buffer);
	free(path);
	return (status);
}

static int
is_log(const struct dirent *entry)
{
	return (strncmp(entry->d_name, "log-", 4) == 0);
}

static int
copy_all(const char *lab, struct error *err)
{
	char *folder = run_folder(lab);
	struct dirent **entries;
	int count = scandir(folder, &entries, is_log, alphasort);
	int status = copy(lab, "log", err);

	for (int i = 0; i < count; i++) {
		printf("\n%s:\n", entries[i]->d_name + 4);
		if (status == 0)
			status = copy(lab, entries[i]->d_name, err);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	free(folder);
	return (status);
}

int
command_lab_log(int argc, char **argv)
{
	const char *node = NULL;
	const struct argument arguments[] = {{"node", &node}, {NULL}};
	int status =
	    arguments_read(argc, argv, arguments, ARGUMENTS_ONE, usage);
	char *name, *file;
	struct error err;

	if (status != -1)
		return (status);
	if ((name = lab_choose(argv[optind], &err)) == NULL)
		return (output_fail(2, &err));
	file = node == NULL ? NULL : memory_print("log-%s", node);
	status = file == NULL ? copy_all(name, &err) : copy(name, file, &err);
	free(file);
	free(name);
	return (status == -1 ? output_fail(2, &err) : 0);
}
