/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/error.h"
#include "tests/unit/folder.h"

static void
addresses_are_parsed(void **state)
{
	struct sockaddr_storage address;
	const struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&address;
	const struct sockaddr_in *in = (struct sockaddr_in *)&address;

	assert_int_equal(listener_parse("192.0.2.1:8640", &address, NULL), 0);
	assert_int_equal(in->sin_family, AF_INET);
	assert_int_equal(ntohl(in->sin_addr.s_addr), 0xc0000201);
	assert_int_equal(ntohs(in->sin_port), 8640);
	assert_int_equal(listener_parse("[2001:db8::1]:1", &address, NULL), 0);
	assert_int_equal(in6->sin6_family, AF_INET6);
	assert_int_equal(in6->sin6_addr.s6_addr[15], 1);
	assert_int_equal(listener_parse("8641", &address, NULL), 0);
	assert_true(IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr));
	assert_int_equal(ntohs(in6->sin6_port), 8641);
}

static void
what_is_no_address_with_a_port_is_refused(void **state)
{
	const char *wrong[] = {"", ":", "x", "127.0.0.1",
	    "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1: 80",
	    "::1:80", "[::1]", "[::1:80", "[]:80", "localhost:80", "1.2.3:80",
	    "127.0.0.1:80x"};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct sockaddr_storage address;
		struct error err;

		assert_int_equal(listener_parse(wrong[i], &address, &err), -1);
		assert_non_null(strstr(err.text, "expected an address"));
	}
}

static void
loopback_is_recognised(void **state)
{
	struct sockaddr_storage address;

	listener_parse("127.3.2.1:1", &address, NULL);
	assert_true(listener_is_loopback(&address));
	listener_parse("[::1]:1", &address, NULL);
	assert_true(listener_is_loopback(&address));
	listener_parse("128.0.0.1:1", &address, NULL);
	assert_false(listener_is_loopback(&address));
	listener_parse("1", &address, NULL);
	assert_false(listener_is_loopback(&address));
}

static int
flag_of(int fd, int level, int name)
{
	int value = -1;
	socklen_t length = sizeof(value);

	getsockopt(fd, level, name, &value, &length);
	return (value);
}

static void
what_a_listener_accepts_sends_at_once(void **state)
{
	struct sockaddr_in address;
	socklen_t length = sizeof(address);
	struct error err;
	int fd = listener_open("people", "127.0.0.1:0", &err);
	int client = socket(AF_INET, SOCK_STREAM, 0), peer;

	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	getsockname(fd, (struct sockaddr *)&address, &length);
	assert_int_equal(
	    connect(client, (struct sockaddr *)&address, length), 0);
	peer = accept(fd, NULL, NULL);
	assert_true(flag_of(peer, IPPROTO_TCP, TCP_NODELAY) > 0);
	close(peer);
	close(client);
	close(fd);
}

static void
a_port_that_is_taken_is_named(void **state)
{
	struct sockaddr_in address;
	socklen_t length = sizeof(address);
	char text[32];
	struct error err;
	int fd = listener_open("people", "127.0.0.1:0", &err);

	getsockname(fd, (struct sockaddr *)&address, &length);
	snprintf(text, sizeof(text), "127.0.0.1:%d", ntohs(address.sin_port));
	assert_int_equal(listener_open("people", text, &err), -1);
	assert_non_null(strstr(err.text, text));
	assert_non_null(strstr(err.text, "Address already in use"));
	close(fd);
}

/* In a new process, with what fd is as descriptor 4, the second inherited one:
 * does listener_open take it? */
static int
inherit(int fd, const char *wanted)
{
	char pid[16];
	struct error err;
	int status, got;
	pid_t child = fork();

	if (child == 0) {
		dup2(fd, 4);
		snprintf(pid, sizeof(pid), "%d", (int)getpid());
		setenv("LISTEN_PID", pid, 1);
		setenv("LISTEN_FDS", "2", 1);
		setenv("LISTEN_FDNAMES", "agents:people", 1);
		got = listener_open(wanted, "127.0.0.1:0", &err);
		_exit(got == 4 ? 1 : got >= 0 ? 2 : 3);
	}
	waitpid(child, &status, 0);
	return (WEXITSTATUS(status));
}

static void
an_inherited_socket_is_taken_by_its_name(void **state)
{
	struct error err;
	int fd = listener_open("x", "127.0.0.1:0", &err);

	assert_int_equal(inherit(fd, "people"), 1);
	assert_int_equal(inherit(fd, "peop"), 2); /* opens one of its own */
	close(fd);
}

static void
an_inherited_descriptor_that_does_not_listen_is_refused(void **state)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(inherit(fd, "people"), 3);
	close(fd);
}

static void
sockets_of_another_process_are_not_taken(void **state)
{
	struct error err;
	int fd;

	setenv("LISTEN_PID", "1", 1);
	setenv("LISTEN_FDS", "1", 1);
	setenv("LISTEN_FDNAMES", "people", 1);
	fd = listener_open("people", "127.0.0.1:0", &err);
	assert_true(fd > 3);
	unsetenv("LISTEN_PID");
	close(fd);
}

static int
connect_unix(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), result;

	strcpy(address.sun_path, path);
	result = connect(fd, (struct sockaddr *)&address, sizeof(address));
	close(fd);
	return (result);
}

static void
a_unix_socket_is_for_owner_and_group(void **state)
{
	char *path = folder_path(state, "control");
	struct error err;
	struct stat st;
	int fd = listener_open_unix(path, &err);

	assert_true(fd >= 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_int_equal(connect_unix(path), 0);
	close(fd);
	free(path);
}

static void
a_stale_unix_socket_is_replaced_a_live_one_is_not(void **state)
{
	char *path = folder_path(state, "control");
	struct error err;
	int fd = listener_open_unix(path, &err), again;

	assert_int_equal(listener_open_unix(path, &err), -1);
	assert_non_null(strstr(err.text, "another process listens there"));
	close(fd);
	assert_int_equal(connect_unix(path), -1);
	again = listener_open_unix(path, &err);
	assert_true(again >= 0);
	assert_int_equal(connect_unix(path), 0);
	close(again);
	free(path);
}

static void
a_path_too_long_for_a_socket_is_refused(void **state)
{
	char name[200], *path;
	struct error err;

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	path = folder_path(state, name);
	assert_int_equal(listener_open_unix(path, &err), -1);
	assert_non_null(strstr(err.text, "too long for a socket"));
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses_are_parsed),
	    cmocka_unit_test(what_is_no_address_with_a_port_is_refused),
	    cmocka_unit_test(loopback_is_recognised),
	    cmocka_unit_test(what_a_listener_accepts_sends_at_once),
	    cmocka_unit_test(a_port_that_is_taken_is_named),
	    cmocka_unit_test(an_inherited_socket_is_taken_by_its_name),
	    cmocka_unit_test(
		an_inherited_descriptor_that_does_not_listen_is_refused),
	    cmocka_unit_test(sockets_of_another_process_are_not_taken),
	    IN_FOLDER(a_unix_socket_is_for_owner_and_group),
	    IN_FOLDER(a_stale_unix_socket_is_replaced_a_live_one_is_not),
	    IN_FOLDER(a_path_too_long_for_a_socket_is_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
