/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/log.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* What a child that does this writes to standard error, and how it ends. */
static int
said_by(void (*speak)(void), char *text, size_t size)
{
	FILE *out = tmpfile();
	int status;
	pid_t pid;

	assert_non_null(out);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		dup2(fileno(out), STDERR_FILENO);
		speak();
		log_close();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	rewind(out);
	text[fread(text, 1, size - 1, out)] = '\0';
	fclose(out);
	return (WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static void
expect(void (*speak)(void), const char *expected)
{
	char text[4096];

	assert_int_equal(said_by(speak, text, sizeof(text)), 0);
	assert_string_equal(text, expected);
}

static void
speak_plainly(void)
{
	log_open("pharosd", false);
	errno = ENOENT;
	log_warn("cannot open %s", "a.yaml");
	log_warnx("half of it");
	log_info("started");
	log_debug("not now");
}

static void
log_names_the_program_and_the_cause(void **state)
{
	unsetenv("JOURNAL_STREAM");
	expect(speak_plainly,
	    "pharosd: cannot open a.yaml: No such file or directory\n"
	    "pharosd: half of it\n"
	    "pharosd: started\n");
}

static void
speak_to_the_journal(void)
{
	setenv("JOURNAL_STREAM", "8:1", 1);
	log_open("pharosd", true);
	log_warnx("a");
	log_info("b");
	log_debug("c");
}

static void
log_gives_the_journal_priorities(void **state)
{
	expect(speak_to_the_journal,
	    "<4>pharosd: a\n<6>pharosd: b\n<7>pharosd: c\n");
}

static void
speak_again_and_again(void)
{
	log_open("x", false);
	for (int i = 0; i < 5; i++) {
		log_info("the same");
		log_info("the other");
	}
}

static void
log_counts_what_repeats(void **state)
{
	expect(speak_again_and_again, "x: the same\n"
				      "x: the other\n"
				      "x: 4 more times: the same\n"
				      "x: 4 more times: the other\n");
}

static void
speak_of_many_things(void)
{
	log_open("x", false);
	log_info("first");
	log_info("first");
	for (int i = 0; i < 100; i++)
		log_info("line %d", i);
}

static void
log_loses_no_count_when_it_forgets_a_line(void **state)
{
	char text[4096];

	assert_int_equal(said_by(speak_of_many_things, text, sizeof(text)), 0);
	assert_non_null(strstr(text, "x: 1 more times: first\n"));
	assert_non_null(strstr(text, "x: line 99\n"));
}

static void
fail_for_good(void)
{
	log_open("x", false);
	log_info("a");
	log_info("a");
	log_fatal("no way: %d", 5);
}

static void
log_fatal_ends_with_status_three(void **state)
{
	char text[4096];

	assert_int_equal(said_by(fail_for_good, text, sizeof(text)), 3);
	assert_string_equal(text, "x: a\nx: no way: 5\nx: 1 more times: a\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(log_names_the_program_and_the_cause),
	    cmocka_unit_test(log_gives_the_journal_priorities),
	    cmocka_unit_test(log_counts_what_repeats),
	    cmocka_unit_test(log_loses_no_count_when_it_forgets_a_line),
	    cmocka_unit_test(log_fatal_ends_with_status_three),
	};

	return (cmocka_run_group_tests_name("log", tests, NULL, NULL));
}
