/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/archive.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/archived.h"
#include "tests/unit/folder.h"

#define KILLS 6
#define KILLED_RECORDS 3000

/* Goes on from the checkpoint as a store does, and is killed at some time. */
static void
write_until_killed(void **state)
{
	struct archive *archive = archived_open(state, false);
	uint64_t n = archive_checkpoint(archive);

	for (n = n > 20 ? n - 20 : 1; n <= KILLED_RECORDS; n++) {
		archived_add(archive, n);
		if (n % 9 == 0 || n == KILLED_RECORDS)
			archived_commit(archive, n);
		archive_tidy(archive, clock_monotonic() + NS_PER_MS / 5);
	}
	archive_free(archive);
	_exit(0);
}

static void
every_record_is_there_once_whenever_the_writer_is_killed(void **state)
{
	struct archive *archive;
	uint64_t before = 0;

	for (int i = 0; i < KILLS; i++) {
		pid_t child = fork();
		int status;

		if (child == 0)
			write_until_killed(state);
		usleep(20000 + (useconds_t)i * 17000);
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		archive = archived_open(state, true);
		assert_true(archive_checkpoint(archive) >= before);
		before = archive_checkpoint(archive);
		archived_expect(archive, before);
		archive_free(archive);
	}
	archive = archived_open(state, false);
	archived_fill(archive, 1, KILLED_RECORDS, 500);
	archived_tidy(archive);
	archived_expect(archive, KILLED_RECORDS);
	archive_free(archive);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(every_record_is_there_once_whenever_the_writer_is_killed),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
