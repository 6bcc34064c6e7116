/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/error.h"
#include "tests/unit/folder.h"
#include "tests/unit/journaled.h"

static void
journal_reader_waits_for_a_journal(void **state)
{
	char *dir = folder_path(state, "later");
	struct journal_reader *reader = journaled_reader(dir, 0);
	struct journal *journal;

	journaled_none(reader);
	journal = journaled_open(dir, LARGE_FILE);
	journaled_none(reader);
	journaled_fill(journal, 1, 3);
	journaled_expect(reader, 1, 3);
	journal_reader_free(reader);
	journal_free(journal);
	free(dir);
}

static void
journal_reader_notices_a_lost_journal(void **state)
{
	struct journal *journal = journaled_open(*state, LARGE_FILE);
	struct error err;

	journaled_fill(journal, 1, 3);
	journal_free(journal);
	assert_null(journal_reader_open(*state, 4, &err));
	assert_non_null(strstr(err.text, "ends at 3"));
}

static void
journal_reader_sees_another_process(void **state)
{
	int news[2], go[2], status;
	struct journal_reader *reader;
	char byte;
	pid_t writer;

	assert_int_equal(pipe(news), 0);
	assert_int_equal(pipe(go), 0);
	if ((writer = fork()) == 0) {
		struct journal *journal = journaled_open(*state, LARGE_FILE);

		for (uint64_t n = 1; n <= 3; n++) {
			journaled_add(journal, "e1", n);
			journaled_commit(journal);
			if (write(news[1], "c", 1) != 1 ||
			    read(go[0], &byte, 1) != 1)
				_exit(1);
		}
		journal_free(journal);
		_exit(0);
	}
	assert_int_equal(read(news[0], &byte, 1), 1);
	reader = journaled_reader(*state, 0);
	for (uint64_t n = 1; n <= 3; n++) {
		journaled_expect(reader, n, n);
		assert_int_equal(write(go[1], "g", 1), 1);
		if (n < 3)
			assert_int_equal(read(news[0], &byte, 1), 1);
	}
	assert_int_equal(waitpid(writer, &status, 0), writer);
	assert_int_equal(status, 0);
	journal_reader_free(reader);
	for (int i = 0; i < 2; i++) {
		close(news[i]);
		close(go[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(journal_reader_waits_for_a_journal),
	    IN_FOLDER(journal_reader_notices_a_lost_journal),
	    IN_FOLDER(journal_reader_sees_another_process),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
