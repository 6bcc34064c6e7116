/* SPDX-License-Identifier: BSD-2-Clause */
/* Whom the far end lets in. */
#include <errno.h>
#include <event2/bufferevent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "probes/owamp/ntp.h"
#include "probes/owd/udp.h"
#include "tests/unit/loop.h"
#include "tests/unit/owd_far_scene.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const struct inlet_limits limits = {
    .slots = 10, .sessions = 10, .skips = 10};

static void
call_as(struct caller *caller, uint32_t modes, const char *key_id,
    const void *secret, size_t length)
{
	const struct client_wish wish = {.modes = modes,
	    .key_id = key_id,
	    .secret = secret,
	    .secret_length = length,
	    .limits = limits};

	caller_open(caller, scene.base, 4, far_port(scene.far), &wish);
}

static void
check_turned_away(uint32_t modes, const char *key_id, const char *secret,
    const char *why, const char *noted)
{
	static struct caller caller;

	call_as(&caller, modes, key_id, secret, strlen(secret));
	caller_expect_end(&caller);
	assert_string_equal(caller.why.text, why);
	if (noted != NULL)
		assert_string_equal(scene.note, noted);
	caller_close(&caller);
}

static void
who_does_not_know_the_secret_is_turned_away(void **state)
{
	scene_start();
	check_turned_away(MODE_ENCRYPTED, "nyc", "wrong",
	    "it refused us: the key is unknown there, or another one",
	    "127.0.0.1: key \"nyc\": unknown, or another secret");
	check_turned_away(MODE_AUTHENTICATED, "a\nb", "wrong",
	    "it refused us: the key is unknown there, or another one",
	    "127.0.0.1: key \"a?b\": unknown, or another secret");
}

static void
only_modes_of_the_settings_are_offered(void **state)
{
	strcpy(scene.settings.modes, "auth, encrypted");
	scene_start();
	check_turned_away(MODE_OPEN, "", "",
	    "it talks in other modes than we: authenticated, encrypted; "
	    "expected open, for there is no key for it here",
	    NULL);
}

static void
open_mode_is_for_listed_prefixes(void **state)
{
	static struct caller caller;

	strcpy(scene.settings.allow, "192.0.2.0/24,::1/128");
	scene_start();
	check_turned_away(MODE_OPEN, "", "",
	    "it talks in other modes than we: authenticated, encrypted; "
	    "expected open, for there is no key for it here",
	    NULL);
	caller_open(&caller, scene.base, 6, far_port(scene.far),
	    &(struct client_wish){.modes = MODE_OPEN, .limits = limits});
	caller_expect(&caller, CLIENT_READY);
	caller_close(&caller);
}

static void
where_there_is_no_mode_there_is_no_talk(void **state)
{
	strcpy(scene.settings.modes, "open");
	scene.settings.allow[0] = '\0';
	scene_start();
	check_turned_away(
	    MODE_OPEN, "", "", "the server does not want to talk", NULL);
}

static void
a_mode_that_was_not_offered_is_refused(void **state)
{
	static struct caller caller;
	uint8_t setup[MESSAGE_SETUP];

	strcpy(scene.settings.modes, "encrypted");
	scene_start();
	call_as(&caller, MODE_ENCRYPTED, "nyc", "x", 1);
	message_put_setup(setup, &(struct message_setup){.mode = MODE_OPEN});
	bufferevent_write(caller.stream, setup, sizeof(setup));
	caller_expect_end(&caller);
	assert_string_equal(scene.note, "127.0.0.1: mode 1, offered were 4");
	caller_close(&caller);
}

static void
a_file_has_the_keys_of_others(void **state)
{
	static struct caller caller;
	struct error err;
	FILE *file;

	snprintf(scene.settings.keys, sizeof(scene.settings.keys),
	    "/tmp/pharos-keys-%ld", (long)getpid());
	file = fopen(scene.settings.keys, "w");
	assert_non_null(file);
	fputs("# others\n\nguest  pass phrase \nnyc no\n", file);
	fchmod(fileno(file), 0640);
	fclose(file);
	assert_null(far_new(&scene.responder, &err));
	assert_non_null(strstr(err.text, "expected 0600: chmod 600 it"));
	assert_int_equal(chmod(scene.settings.keys, 0600), 0);
	scene_start();
	unlink(scene.settings.keys);
	call_as(&caller, MODE_ALL, "guest", "pass phrase", 11);
	caller_expect(&caller, CLIENT_READY);
	assert_int_equal(client_mode(caller.client), MODE_ENCRYPTED);
	caller_close(&caller);
	/* a member has the pair's secret, whatever the file says */
	check_turned_away(MODE_ENCRYPTED, "nyc", "no",
	    "it refused us: the key is unknown there, or another one", NULL);
}

static void
write_pfs(const char *text)
{
	FILE *file;

	snprintf(scene.settings.keys, sizeof(scene.settings.keys),
	    "/tmp/pharos-keys-%ld.pfs", (long)getpid());
	file = fopen(scene.settings.keys, "w");
	assert_non_null(file);
	fputs(text, file);
	fchmod(fileno(file), 0600);
	fclose(file);
}

/* As pfstore writes it. */
static void
a_file_of_perfsonar_has_keys_in_hexadecimal(void **state)
{
	static const char *const wrong[] = {"guest 706173730\n",
	    "guest 70 61\n", "guest pass phrase\n", "guest\n"};
	static struct caller caller;
	struct error err;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		write_pfs(wrong[i]);
		assert_null(far_new(&scene.responder, &err));
		assert_non_null(strstr(err.text, ".pfs: line 1: "));
		assert_null(strstr(err.text, "phrase"));
	}
	write_pfs("# others\nguest\t7061737320706872617365\n");
	scene_start();
	unlink(scene.settings.keys);
	call_as(&caller, MODE_ALL, "guest", "pass phrase", 11);
	caller_expect(&caller, CLIENT_READY);
	caller_close(&caller);
}

static void
open_silent(int *fds, size_t count)
{
	union address address;

	assert_true(address_parse("127.0.0.1", far_port(scene.far), &address));
	for (size_t i = 0; i < count; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_true(fds[i] >= 0);
		assert_int_equal(
		    connect(fds[i], &address.sa, address_length(&address)), 0);
		event_base_loop(scene.base, EVLOOP_NONBLOCK);
	}
}

static void
close_all(const int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		close(fds[i]);
}

static void
a_crowd_of_silent_ones_keeps_nobody_out(void **state)
{
	static struct caller early, late;
	struct message_request request = scene_request(false, 9);
	static int fds[400];

	scene.settings.connections = 40;
	scene.settings.client_connections = 10000;
	scene_start();
	scene_call(&early, MODE_ENCRYPTED);
	open_silent(fds, COUNT(fds));
	scene_call(&late, MODE_ENCRYPTED);
	scene_ask(&early, &request, ACCEPT_OK);
	scene_ask(&late, &request, ACCEPT_OK);
	close_all(fds, COUNT(fds));
	caller_close(&early);
	caller_close(&late);
}

/* Both ends are of this process: so many files are not enough for all of them. */
static void
nor_where_files_are_few(void **state)
{
	static struct caller late;
	struct message_request request = scene_request(false, 9);
	struct rlimit before, few;
	int fds[120];

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = 200;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	scene.settings.client_connections = 10000;
	scene_start();
	open_silent(fds, COUNT(fds));
	scene_call(&late, MODE_ENCRYPTED);
	scene_ask(&late, &request, ACCEPT_OK);
	close_all(fds, COUNT(fds));
	caller_close(&late);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

static void
keys_are_not_tried_too_fast(void **state)
{
	static struct caller callers[300];
	nanoseconds begun = clock_monotonic();

	scene.settings.client_connections = 1000;
	scene_start();
	for (size_t i = 0; i < COUNT(callers); i++)
		call_as(&callers[i], MODE_ENCRYPTED, "nyc", MEMBER_SECRET, 32);
	for (size_t i = 0; i < COUNT(callers); i++)
		if (callers[i].said[CLIENT_READY] == 0)
			caller_expect(&callers[i], CLIENT_READY);
	assert_true(clock_monotonic() - begun > 900 * NS_PER_MS);
	for (size_t i = 0; i < COUNT(callers); i++)
		caller_close(&callers[i]);
}

static void
one_address_has_so_many_that_did_not_say_who_they_are(void **state)
{
	static struct caller callers[8];
	int fds[3];

	scene.settings.client_connections = 3;
	scene_start();
	for (size_t i = 0; i < COUNT(callers); i++) /* these did */
		scene_call(&callers[i], MODE_ENCRYPTED);
	open_silent(fds, COUNT(fds));
	for (size_t i = 0; i < COUNT(callers); i++)
		caller_close(&callers[i]);
	call_as(&callers[0], MODE_ENCRYPTED, "nyc", MEMBER_SECRET, 32);
	caller_expect_end(&callers[0]);
	caller_close(&callers[0]);
	close_all(fds, COUNT(fds));
}

static void
who_is_no_member_any_more_is_dropped(void **state)
{
	static struct caller member, guest;

	scene_start();
	scene_call(&member, MODE_ENCRYPTED);
	scene_call(&guest, MODE_OPEN);
	far_peers_changed(scene.far);
	scene_ask(&member, &(struct message_request){.family = 9}, 3);
	scene.peer.secret[5]++;
	far_peers_changed(scene.far);
	caller_expect_end(&member);
	caller_close(&member);
	scene_call(&member, MODE_ENCRYPTED);
	scene.is_member = false;
	far_peers_changed(scene.far);
	caller_expect_end(&member);
	assert_string_equal(scene.note,
	    "nyc (127.0.0.1): is no member of the fleet any more, or has "
	    "another secret");
	scene_ask(&guest, &(struct message_request){.family = 9}, 3);
	caller_close(&member);
	caller_close(&guest);
}

static void
a_connection_that_asks_for_nothing_is_closed(void **state)
{
	static struct caller caller;

	scene.settings.idle = 200 * NS_PER_MS;
	scene_start();
	scene_call(&caller, MODE_OPEN);
	caller_expect_end(&caller);
	caller_close(&caller);
}

/* Not even who he is. */
static void
who_says_nothing_at_all_is_closed(void **state)
{
	nanoseconds deadline = clock_monotonic() + 10 * NS_PER_S;
	char data[MESSAGE_GREETING];
	ssize_t n;
	int fd;

	scene.settings.idle = 200 * NS_PER_MS;
	scene_start();
	open_silent(&fd, 1);
	do {
		assert_true(clock_monotonic() < deadline);
		event_base_loop(scene.base, EVLOOP_NONBLOCK);
		n = recv(fd, data, sizeof(data), MSG_DONTWAIT);
	} while (n > 0 || (n == -1 && errno == EAGAIN));
	assert_int_equal(n, 0);
	close(fd);
}

/* Who is in is not sent away for who comes. */
static void
there_are_no_more_connections_than_there_may_be(void **state)
{
	static struct caller first, second, third;

	scene.settings.connections = 2;
	scene_start();
	scene_call(&first, MODE_ENCRYPTED);
	scene_call(&second, MODE_OPEN);
	call_as(&third, MODE_ENCRYPTED, "nyc", MEMBER_SECRET, 32);
	caller_expect_end(&third);
	scene_ask(&first, &(struct message_request){.family = 9}, 3);
	scene_ask(&second, &(struct message_request){.family = 9}, 3);
	caller_close(&second);
	caller_close(&third);
	caller_close(&first);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_SCENE(who_does_not_know_the_secret_is_turned_away),
	    IN_SCENE(only_modes_of_the_settings_are_offered),
	    IN_SCENE(open_mode_is_for_listed_prefixes),
	    IN_SCENE(where_there_is_no_mode_there_is_no_talk),
	    IN_SCENE(a_mode_that_was_not_offered_is_refused),
	    IN_SCENE(a_file_has_the_keys_of_others),
	    IN_SCENE(a_file_of_perfsonar_has_keys_in_hexadecimal),
	    IN_SCENE(who_is_no_member_any_more_is_dropped),
	    IN_SCENE(a_crowd_of_silent_ones_keeps_nobody_out),
	    IN_SCENE(nor_where_files_are_few),
	    IN_SCENE(keys_are_not_tried_too_fast),
	    IN_SCENE(one_address_has_so_many_that_did_not_say_who_they_are),
	    IN_SCENE(a_connection_that_asks_for_nothing_is_closed),
	    IN_SCENE(who_says_nothing_at_all_is_closed),
	    IN_SCENE(there_are_no_more_connections_than_there_may_be),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
