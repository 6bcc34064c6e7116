/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/bins.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/binned.h"

#define RECORDS 3000

/* The pair of the same ends over this family is the one in hand. */
static void
take_family(struct binned *stage, int family)
{
	struct bins_key key = binned_nyc_lon;

	key.family = family;
	stage->pair = bins_pair(stage->bins, &key, NULL);
	assert_true(stage->pair > 0);
}

/* A store that reads a journal of which record n started n seconds after
 * midnight, for one of three pairs. It is killed and knows only its bins. */
static void
work(struct binned *stage)
{
	uint64_t n;

	binned_reopen(stage, false);
	n = bins_checkpoint(stage->bins);
	while (n < RECORDS) {
		take_family(stage, (int)(n % 3));
		binned_add(
		    stage, MIDNIGHT + (nanoseconds)n * NS_PER_S, (int)(n % 10));
		n++;
		if (n % 7 == 0 || n == RECORDS)
			binned_commit(stage, n);
	}
	bins_free(stage->bins);
}

/* Kills a worker when it has come a little further: true when it was done. */
static bool
work_and_kill(struct binned *stage, unsigned wait)
{
	pid_t child = fork();
	int status;

	assert_true(child != -1);
	if (child == 0) {
		work(stage);
		_exit(0);
	}
	usleep(wait); /* any moment is right */
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	return (WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void
kill_at_any_moment_loses_and_doubles_nothing(void **state)
{
	struct binned *stage = *state;
	double sent = 0, lost = 0, expected = 0;
	int kills = 0;

	bins_free(stage->bins);
	stage->bins = NULL;
	assert_int_equal(unlink(stage->path), 0); /* a worker makes it */
	while (!work_and_kill(stage, 20000 + 1700 * (unsigned)kills))
		kills++;
	assert_true(kills > 2);
	binned_reopen(stage, false);
	assert_int_equal(bins_checkpoint(stage->bins), RECORDS);
	for (int family = 0; family < 3; family++) {
		struct binned_seen seen;

		take_family(stage, family);
		seen = binned_read(stage, MINUTE);
		sent += seen.sent;
		lost += seen.lost;
	}
	for (int n = 0; n < RECORDS; n++)
		expected += 10 - n % 10;
	assert_true(sent == 10 * RECORDS);
	assert_true(lost == expected);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, binned_make, binned_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(kill_at_any_moment_loses_and_doubles_nothing),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
