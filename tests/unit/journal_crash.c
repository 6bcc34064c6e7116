/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/journal.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/folder.h"
#include "tests/unit/journaled.h"

/* Adds for ever and tells each sequence it could have acknowledged. */
static void
write_until_killed(const char *dir, uint64_t after, int out)
{
	struct journal *journal = journaled_open(dir, SMALL_FILE);

	for (uint64_t n = after + 1;; n++) {
		journaled_add(journal, "e1", n);
		if (n % 3 != 0)
			continue;
		journaled_commit(journal);
		if (write(out, &n, sizeof(n)) != (ssize_t)sizeof(n))
			_exit(1);
	}
}

/* What the writer acknowledged until it was killed after `enough` answers. */
static uint64_t
run_and_kill(const char *dir, uint64_t after, int enough)
{
	uint64_t n, acknowledged = after;
	int out[2], status;
	pid_t writer;

	assert_int_equal(pipe(out), 0);
	if ((writer = fork()) == 0) {
		close(out[0]);
		write_until_killed(dir, after, out[1]);
	}
	close(out[1]);
	for (int i = 0; read(out[0], &n, sizeof(n)) == (ssize_t)sizeof(n);
	     i++) {
		acknowledged = n;
		if (i == enough)
			kill(writer, SIGKILL);
	}
	close(out[0]);
	assert_int_equal(waitpid(writer, &status, 0), writer);
	assert_true(WIFSIGNALED(status));
	return (acknowledged);
}

static void
journal_survives_kill(void **state)
{
	uint64_t accepted = 0;

	for (int round = 0; round < 6; round++) {
		uint64_t acknowledged =
		    run_and_kill(*state, accepted, 100 + 37 * round);
		struct journal_reader *reader = journaled_reader(*state, 0);
		struct journal *journal = journaled_open(*state, SMALL_FILE);

		accepted = journal_accepted(journal, "lon", "e1");
		assert_true(accepted >= acknowledged);
		assert_int_equal(journal_last(journal), accepted);
		journaled_expect(reader, 1, accepted);
		journal_reader_free(reader);
		journal_free(journal);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(journal_survives_kill),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
