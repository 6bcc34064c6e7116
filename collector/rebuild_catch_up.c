/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collector/archive.h"
#include "collector/children.h"
#include "collector/journal.h"
#include "collector/rebuild_target.h"
#include "collector/settings.h"
#include "common/error.h"
#include "common/log.h"
#include "common/member.h"

#define FILE_SIZE (INT64_C(1) << 40) /* nothing is written */

/* The number of the journal's last entry. */
static int
find_last(const struct collector_settings *settings, uint64_t *last,
    struct error *err)
{
	char *path = collector_settings_path(settings, "journal");
	struct journal *journal = journal_open(path, FILE_SIZE, err);

	free(path);
	if (journal == NULL)
		return (-1);
	*last = journal_last(journal);
	journal_free(journal);
	return (0);
}

/* The store says how far it is; false when it has gone. */
static bool
wait_until(FILE *store, uint64_t last)
{
	char *line = NULL;
	size_t room = 0;
	bool there = false;

	while (!there && getline(&line, &room, store) > 0) {
		json_object *json = member_parse(line, strlen(line), NULL);

		if (strcmp(member_text_or(json, "m", ""), "latest") == 0)
			there = (uint64_t)member_whole_or(json, "number", 0) >=
				last;
		json_object_put(json);
	}
	free(line);
	return (there);
}

static void
run_store(const struct collector_settings *settings, int fd)
{
	struct collector_settings own = *settings;
	struct error err = {""};

	if (store_main(&own, fd, &err) == 0)
		_exit(EXIT_SUCCESS);
	log_warnx("%s", err.text);
	_exit(EXIT_FAILURE);
}

/* It commits all it has when its parent, which is us, is gone. */
static int
end_store(pid_t store, bool there, struct error *err)
{
	int status;

	while (waitpid(store, &status, 0) == -1)
		if (errno != EINTR)
			return (error_set(err, "store: %m"));
	if (!there || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return (error_set(err,
		    "the store did not take what is in the journal, as it "
		    "says above; nothing was changed"));
	return (0);
}

/* Until the bins have all; the archive may be behind them then. */
static int
run_once(
    const struct collector_settings *settings, uint64_t last, struct error *err)
{
	int ends[2];
	pid_t store;
	FILE *ours;
	bool there;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == -1)
		return (error_set(err, "socketpair: %m"));
	fflush(NULL);
	store = fork();
	if (store == 0) {
		close(ends[0]);
		run_store(settings, ends[1]);
	}
	close(ends[1]);
	ours = fdopen(ends[0], "r");
	there = store != -1 && ours != NULL && wait_until(ours, last);
	if (ours != NULL)
		fclose(ours);
	if (store == -1)
		return (error_set(err, "fork: %m"));
	return (end_store(store, there, err));
}

static int
find_archived(const struct collector_settings *settings, uint64_t *number,
    struct error *err)
{
	char *path = collector_settings_path(settings, "archive");
	struct archive *archive = archive_open(path, true, err);

	free(path);
	if (archive == NULL)
		return (-1);
	*number = archive_checkpoint(archive);
	archive_free(archive);
	return (0);
}

int
rebuild_catch_up(const struct collector_settings *settings, struct error *err)
{
	uint64_t last, before, after;

	if (find_last(settings, &last, err) == -1 ||
	    find_archived(settings, &after, err) == -1)
		return (-1);
	do {
		before = after;
		if (run_once(settings, last, err) == -1 ||
		    find_archived(settings, &after, err) == -1)
			return (-1);
	} while (after < last && after > before);
	return (0);
}
