/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/daemon.h"

#include <event2/event.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/error.h"
#include "tests/unit/folder.h"

static void
a_claimed_directory_is_made_and_marked(void **state)
{
	char *dir = folder_path(state, "a/b"), *path, *text;
	struct error err;
	int fd = daemon_claim(dir, "agent", 1, &err);

	assert_true(fd >= 0);
	path = folder_path(state, "a/b/format");
	text = daemon_read_file(path, 100, NULL, &err);
	assert_string_equal(text, "pharos agent 1\n");
	close(fd);
	/* the same version takes it up again */
	fd = daemon_claim(dir, "agent", 1, &err);
	assert_true(fd >= 0);
	close(fd);
	free(text);
	free(path);
	free(dir);
}

static void
a_second_process_is_refused_by_number(void **state)
{
	char expected[64];
	struct error err;
	int fd = daemon_claim(*state, "agent", 1, &err), status;
	pid_t pid;

	assert_true(fd >= 0);
	snprintf(
	    expected, sizeof(expected), "in use by process %d", (int)getpid());
	pid = fork();
	if (pid == 0)
		_exit(daemon_claim(*state, "agent", 1, &err) != -1 ||
		      strstr(err.text, expected) == NULL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(fd);
}

static void
the_claim_ends_with_its_process(void **state)
{
	struct error err;
	int status, fd;
	pid_t pid = fork();

	if (pid == 0) {
		daemon_claim(*state, "agent", 1, &err);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	fd = daemon_claim(*state, "agent", 1, &err);
	assert_true(fd >= 0);
	close(fd);
}

static void
assert_refused(void **state, const char *kind, unsigned format, const char *why)
{
	struct error err;

	assert_int_equal(daemon_claim(*state, kind, format, &err), -1);
	assert_non_null(strstr(err.text, why));
}

static void
a_newer_format_is_refused_by_name(void **state)
{
	close(daemon_claim(*state, "agent", 7, NULL));
	assert_refused(state, "agent", 1, "format 7 is newer than format 1");
}

static void
an_older_format_is_raised(void **state)
{
	char *path = folder_path(state, "format"), *text;
	int fd;

	close(daemon_claim(*state, "agent", 1, NULL));
	fd = daemon_claim(*state, "agent", 2, NULL);
	assert_true(fd >= 0);
	close(fd);
	text = daemon_read_file(path, 100, NULL, NULL);
	assert_string_equal(text, "pharos agent 2\n");
	assert_refused(state, "agent", 1, "format 2 is newer than format 1");
	free(text);
	free(path);
}

static void
a_directory_of_another_kind_is_refused(void **state)
{
	char *path = folder_path(state, "format");

	close(daemon_claim(*state, "agent", 1, NULL));
	assert_refused(state, "collector", 1, "that of a pharos agent");
	daemon_write_file(path, "rubbish", 7, 0640, NULL);
	assert_refused(state, "agent", 1, "not a format file");
	free(path);
}

static void
a_file_is_replaced_whole_with_its_mode(void **state)
{
	char *path = folder_path(state, "key"), *text;
	struct error err;
	struct stat st;
	size_t length;

	assert_int_equal(daemon_write_file(path, "old", 3, 0644, &err), 0);
	assert_int_equal(daemon_write_file(path, "n\0w!", 4, 0600, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	text = daemon_read_file(path, 4, &length, &err);
	assert_int_equal(length, 4);
	assert_memory_equal(text, "n\0w!", 5);
	free(text);
	assert_null(daemon_read_file(path, 3, &length, &err));
	assert_non_null(strstr(err.text, "over 3 bytes"));
	free(path);
}

static void
a_file_of_root_belongs_to_whom_its_folder_does(void **state)
{
	char *path = folder_path(state, "key");
	struct error err;
	struct stat st;

	if (geteuid() != 0)
		skip();
	assert_int_equal(daemon_write_file(path, "a", 1, 0600, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, 0);
	assert_int_equal(chown(*state, 65534, 65533), 0);
	assert_int_equal(daemon_write_file(path, "b", 1, 0600, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, 65534);
	assert_int_equal(st.st_gid, 65533);
	assert_int_equal(st.st_mode & 0777, 0600);
	free(path);
}

static void
a_file_that_cannot_be_written_is_named(void **state)
{
	char *path = folder_path(state, "absent/key");
	struct error err;

	assert_int_equal(daemon_write_file(path, "x", 1, 0600, &err), -1);
	assert_non_null(strstr(err.text, path));
	assert_null(daemon_read_file(path, 10, NULL, &err));
	assert_non_null(strstr(err.text, path));
	free(path);
}

static void
a_file_in_the_way_of_a_directory_is_named(void **state)
{
	char *file = folder_path(state, "file");
	char *below = folder_path(state, "file/dir");
	struct error err;

	daemon_write_file(file, "", 0, 0600, NULL);
	assert_int_equal(daemon_make_dir(file, &err), -1);
	assert_non_null(strstr(err.text, "not a directory"));
	assert_int_equal(daemon_make_dir(below, &err), -1);
	free(below);
	free(file);
}

static void
descriptors_are_raised_to_what_is_allowed(void **state)
{
	struct rlimit before, after, low;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	low = before;
	low.rlim_cur = 64;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	daemon_raise_files();
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &after), 0);
	assert_true(after.rlim_cur == after.rlim_max || after.rlim_cur > 65536);
	assert_int_equal(after.rlim_max, before.rlim_max);
	setrlimit(RLIMIT_NOFILE, &before);
}

struct calls {
	struct event_base *base;
	int stops, reloads;
};

static void
on_stop(void *arg)
{
	struct calls *calls = arg;

	calls->stops++;
	event_base_loopbreak(calls->base);
}

static void
on_reload(void *arg)
{
	struct calls *calls = arg;

	calls->reloads++;
	raise(SIGTERM);
}

static void
signals_reload_and_stop(void **state)
{
	struct calls calls = {.base = event_base_new()};
	struct daemon_signals *signals =
	    daemon_signals_new(calls.base, on_stop, on_reload, &calls);

	raise(SIGPIPE); /* is ignored */
	raise(SIGHUP);
	event_base_dispatch(calls.base);
	assert_int_equal(calls.reloads, 1);
	assert_int_equal(calls.stops, 1);
	daemon_signals_free(signals);
	event_base_free(calls.base);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(a_claimed_directory_is_made_and_marked),
	    IN_FOLDER(a_second_process_is_refused_by_number),
	    IN_FOLDER(the_claim_ends_with_its_process),
	    IN_FOLDER(a_newer_format_is_refused_by_name),
	    IN_FOLDER(an_older_format_is_raised),
	    IN_FOLDER(a_directory_of_another_kind_is_refused),
	    IN_FOLDER(a_file_is_replaced_whole_with_its_mode),
	    IN_FOLDER(a_file_of_root_belongs_to_whom_its_folder_does),
	    IN_FOLDER(a_file_that_cannot_be_written_is_named),
	    IN_FOLDER(a_file_in_the_way_of_a_directory_is_named),
	    IN_FOLDER(descriptors_are_raised_to_what_is_allowed),
	    cmocka_unit_test(signals_reload_and_stop),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
