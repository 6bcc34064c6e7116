/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <openssl/x509_vfy.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/daemon.h"
#include "common/error.h"
#include "common/fetch.h"
#include "common/memory.h"
#include "common/tls.h"
#include "tests/unit/client.h"
#include "tests/unit/loop.h"
#include "tests/unit/server.h"

static struct fetcher *
fetcher_of(struct server *server, const char *certificate, const char *key,
    const char *ca)
{
	struct fetcher_identity identity = {
	    certificate != NULL ? server_file(server, certificate) : NULL,
	    key != NULL ? server_file(server, key) : NULL,
	    server_file(server, ca)};
	struct fetcher *fetcher = fetcher_new(server->base, &identity, NULL);

	free((char *)identity.certificate);
	free((char *)identity.key);
	free((char *)identity.ca);
	return (fetcher);
}

static void
a_box_is_known_by_its_certificate(void **state)
{
	struct server *server = *state;
	struct fetcher *fetcher =
	    fetcher_of(server, "nyc.crt", "nyc.key", "ca.crt");
	struct answer answer;

	answer_await(&answer, server, fetcher, "GET", "/echo", NULL);
	assert_string_equal(answer.why, "");
	assert_non_null(strstr(answer.body, "\"box\":\"nyc\""));
	fetcher_free(fetcher);
}

static void
a_resumed_session_still_names_its_box(void **state)
{
	struct server *server = *state;
	struct fetcher *fetcher =
	    fetcher_of(server, "nyc.crt", "nyc.key", "ca.crt");
	struct answer answer;

	answer_await(&answer, server, fetcher, "GET", "/farewell", NULL);
	assert_int_equal(answer.status, 204);
	answer_await(&answer, server, fetcher, "GET", "/echo", NULL);
	assert_non_null(strstr(answer.body, "\"box\":\"nyc\""));
	assert_int_equal(SSL_CTX_sess_hits(server->tls), 1);
	fetcher_free(fetcher);
}

static void
count_answers(int written, int version, int kind, const void *data,
    size_t length, SSL *ssl, void *arg)
{
	int *count = arg;

	if (written && kind == SSL3_RT_INNER_CONTENT_TYPE &&
	    *(const unsigned char *)data == SSL3_RT_APPLICATION_DATA)
		++*count;
}

static void
an_answer_leaves_in_one_piece(void **state)
{
	struct server *server = *state;
	struct fetcher *fetcher =
	    fetcher_of(server, "nyc.crt", "nyc.key", "ca.crt");
	struct answer answer;
	int count = 0;

	SSL_CTX_set_msg_callback(server->tls, count_answers);
	SSL_CTX_set_msg_callback_arg(server->tls, &count);
	answer_await(&answer, server, fetcher, "POST", "/echo", "body");
	assert_non_null(strstr(answer.body, "\"body\":\"body\""));
	assert_int_equal(count, 1);
	fetcher_free(fetcher);
}

struct stopping {
	struct event_base *base;
	int connection; /* its descriptor, once it has been answered */
	bool stopped;
};

/* libevent has written, and will say so later in this turn, which ends here. */
static void
stop_at_the_answer(int written, int version, int kind, const void *data,
    size_t length, SSL *ssl, void *arg)
{
	struct stopping *stopping = arg;

	if (!written || kind != SSL3_RT_INNER_CONTENT_TYPE ||
	    *(const unsigned char *)data != SSL3_RT_APPLICATION_DATA)
		return;
	stopping->connection = SSL_get_fd(ssl);
	stopping->stopped = true;
	event_base_loopbreak(stopping->base);
}

static void
a_server_that_stops_as_it_answers_keeps_no_connection(void **state)
{
	struct server *server;
	struct stopping stopping = {.connection = -1};
	struct answer answer = {.done = false};
	struct fetch_about about = {.method = "GET"};
	struct fetcher *fetcher;
	char *url;

	server_make_tls((void **)&server);
	stopping.base = server->base;
	SSL_CTX_set_msg_callback(server->tls, stop_at_the_answer);
	SSL_CTX_set_msg_callback_arg(server->tls, &stopping);
	fetcher = fetcher_of(server, NULL, NULL, "ca.crt");
	about.url = url = memory_print("%s/echo", server->url);
	fetch_start(fetcher, &about, answer_take, &answer);
	loop_until(server->base, &stopping.stopped);
	fetcher_free(fetcher);
	free(url);
	server_remove((void **)&server);
	assert_int_equal(fcntl(stopping.connection, F_GETFD), -1);
	assert_int_equal(errno, EBADF);
}

static size_t
number(const unsigned char *at, int bytes)
{
	size_t value = 0;

	while (bytes-- > 0)
		value = value << 8 | *at++;
	return (value);
}

/* RFC 8446, 4.4.2, behind the four bytes of a message's head. */
static void
count_certificates(int written, int version, int kind, const void *data,
    size_t length, SSL *ssl, void *arg)
{
	const unsigned char *message = data;
	int *count = arg;
	size_t at;

	if (written || kind != SSL3_RT_HANDSHAKE ||
	    message[0] != SSL3_MT_CERTIFICATE)
		return;
	for (at = 5 + number(message + 4, 1) + 3; at + 3 < length; ++*count) {
		at += 3 + number(message + at, 3);
		at += 2 + number(message + at, 2);
	}
}

/* As enrolment leaves it: without the CA that the tests' files have, too. */
static void
write_alone(struct server *server, const char *from, const char *to)
{
	char *a = server_file(server, from), *b = server_file(server, to);
	X509 *certificate = tls_read_certificate(a, NULL);
	char *pem = tls_certificate_pem(certificate, NULL);

	assert_int_equal(daemon_write_file(b, pem, strlen(pem), 0600, NULL), 0);
	free(pem);
	X509_free(certificate);
	free(b);
	free(a);
}

/* The CA is with the other end, and would take memory and time of it. */
static void
a_client_sends_its_certificate_alone(void **state)
{
	struct server *server = *state;
	struct fetcher *fetcher;
	struct answer answer;
	int count = 0;

	write_alone(server, "nyc.crt", "alone.crt");
	fetcher = fetcher_of(server, "alone.crt", "nyc.key", "ca.crt");
	SSL_CTX_set_msg_callback(server->tls, count_certificates);
	SSL_CTX_set_msg_callback_arg(server->tls, &count);
	answer_await(&answer, server, fetcher, "GET", "/echo", NULL);
	assert_non_null(strstr(answer.body, "\"box\":\"nyc\""));
	assert_int_equal(count, 1);
	fetcher_free(fetcher);
}

static void
a_client_that_never_shakes_hands_is_closed(void **state)
{
	struct server *server = *state;
	struct client client;

	client_open(&client, server->base, server->listener);
	loop_until(server->base, &client.closed);
	client_close(&client);
}

static void
on_held_tls(void *arg, const struct fetch_reply *reply)
{
	fail();
}

static void
a_held_tls_client_that_goes_is_noticed(void **state)
{
	struct server *server = *state;
	struct fetcher *fetcher =
	    fetcher_of(server, "nyc.crt", "nyc.key", "ca.crt");
	char *hold = memory_print("%s/hold", server->url);
	const struct fetch_about about = {.method = "GET", .url = hold};
	struct answer answer;

	fetch_start(fetcher, &about, on_held_tls, NULL);
	answer_await(&answer, server, fetcher, "GET", "/echo", NULL);
	assert_int_equal(server->gone, 0);
	fetcher_free(fetcher);
	loop_count(server->base, &server->gone, 1);
	free(hold);
}

static void
assert_nobody(struct server *server, struct fetcher *fetcher)
{
	struct answer answer;

	answer_await(&answer, server, fetcher, "GET", "/echo", NULL);
	assert_non_null(strstr(answer.body, "\"box\":\"nobody\""));
	fetcher_free(fetcher);
}

static void
without_a_certificate_one_is_nobody(void **state)
{
	struct server *server = *state;

	assert_nobody(server, fetcher_of(server, NULL, NULL, "ca.crt"));
}

static void
assert_refused(struct server *server, struct fetcher *fetcher, const char *why)
{
	struct answer answer;

	answer_await(&answer, server, fetcher, "GET", "/echo", NULL);
	assert_int_equal(answer.status, 0);
	if (strstr(answer.why, why) == NULL)
		fail_msg("%s", answer.why);
	fetcher_free(fetcher);
}

/* It gets an answer, for that can say why. */
static void
a_certificate_of_another_authority_is_nobodys(void **state)
{
	struct server *server = *state;

	assert_nobody(
	    server, fetcher_of(server, "false.crt", "false.key", "ca.crt"));
}

static void
a_server_of_another_authority_is_refused(void **state)
{
	struct server *server = *state;
	assert_refused(server,
	    fetcher_of(server, "nyc.crt", "nyc.key", "stranger.crt"),
	    "self-signed certificate in certificate chain");
}

static void
a_server_of_another_name_is_refused(void **state)
{
	struct server *server = *state;
	char *port = memory_text(strrchr(server->url, ':'));

	free(server->url);
	server->url = memory_print("https://127.0.0.1%s", port);
	assert_refused(
	    server, fetcher_of(server, NULL, NULL, "ca.crt"), "127.0.0.1");
	free(port);
}

static int
accept_once(X509_STORE_CTX *store, void *arg)
{
	struct answer *verdict = arg;
	char print[65];

	tls_fingerprint(X509_STORE_CTX_get0_cert(store), print);
	snprintf(verdict->body, sizeof(verdict->body), "%s", print);
	return (verdict->status);
}

static void
verification_can_be_the_callers(void **state)
{
	struct server *server = *state;
	struct answer verdict = {.status = 1}, answer;
	const struct fetcher_identity identity = {
	    .verify = accept_once, .arg = &verdict};
	struct fetcher *fetcher = fetcher_new(server->base, &identity, NULL);
	char *path = server_file(server, "web.crt"), print[65];
	X509 *expected = tls_read_certificate(path, NULL);

	tls_fingerprint(expected, print);
	answer_await(&answer, server, fetcher, "GET", "/echo", NULL);
	assert_int_equal(answer.status, 200);
	assert_string_equal(verdict.body, print);
	fetcher_free(fetcher);
	verdict.status = 0;
	assert_refused(
	    server, fetcher_new(server->base, &identity, NULL), "certificate");
	X509_free(expected);
	free(path);
}

static void
replace(struct server *server, const char *from, const char *to)
{
	char *a = server_file(server, from), *b = server_file(server, to);

	assert_int_equal(rename(a, b), 0);
	free(a);
	free(b);
}

static void
a_replaced_identity_is_used_once_the_old_is_forgotten(void **state)
{
	struct server *server = *state;
	struct fetcher *fetcher =
	    fetcher_of(server, "nyc.crt", "nyc.key", "ca.crt");
	struct answer answer;

	answer_await(&answer, server, fetcher, "GET", "/echo", NULL);
	replace(server, "false.crt", "nyc.crt");
	replace(server, "false.key", "nyc.key");
	answer_await(&answer, server, fetcher, "GET", "/echo", NULL);
	assert_non_null(strstr(answer.body, "\"box\":\"nyc\""));
	fetcher_forget(fetcher);
	assert_nobody(server, fetcher);
}

static void
fingerprint(struct server *server, const char *file, char print[static 65])
{
	char *path = server_file(server, file);
	X509 *certificate = tls_read_certificate(path, NULL);

	tls_fingerprint(certificate, print);
	X509_free(certificate);
	free(path);
}

/* A certificate that names no host ends the second connection, once seen. */
static void
a_server_presents_another_certificate_and_keeps_its_connections(void **state)
{
	struct server *server = *state;
	struct answer verdict = {.status = 1}, answer;
	const struct fetcher_identity identity = {
	    .verify = accept_once, .arg = &verdict};
	struct fetcher *old = fetcher_new(server->base, &identity, NULL);
	char *chain = server_file(server, "nyc.crt");
	char *key = server_file(server, "nyc.key"), print[65];

	answer_await(&answer, server, old, "GET", "/echo", NULL);
	assert_int_equal(tls_server_reload(server->tls, chain, key, NULL), 0);
	verdict.body[0] = '\0';
	answer_await(&answer, server, old, "GET", "/echo", NULL);
	assert_int_equal(answer.status, 200);
	assert_string_equal(verdict.body, "");
	assert_refused(
	    server, fetcher_new(server->base, &identity, NULL), "certificate");
	fingerprint(server, "nyc.crt", print);
	assert_string_equal(verdict.body, print);
	fetcher_free(old);
	free(key);
	free(chain);
}

static void
a_certificate_without_its_key_is_not_presented(void **state)
{
	struct server *server = *state;
	struct fetcher *fetcher = fetcher_of(server, NULL, NULL, "ca.crt");
	char *chain = server_file(server, "nyc.crt");
	char *key = server_file(server, "web.key");
	struct answer answer;
	struct error err;

	assert_int_equal(tls_server_reload(server->tls, chain, key, &err), -1);
	assert_non_null(strstr(err.text, "web.key"));
	answer_await(&answer, server, fetcher, "GET", "/echo", NULL);
	assert_int_equal(answer.status, 200);
	fetcher_free(fetcher);
	free(key);
	free(chain);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, server_make_tls, server_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_box_is_known_by_its_certificate),
	    TEST(a_resumed_session_still_names_its_box),
	    TEST(a_replaced_identity_is_used_once_the_old_is_forgotten),
	    TEST(
		a_server_presents_another_certificate_and_keeps_its_connections),
	    TEST(a_certificate_without_its_key_is_not_presented),
	    TEST(an_answer_leaves_in_one_piece),
	    cmocka_unit_test(
		a_server_that_stops_as_it_answers_keeps_no_connection),
	    TEST(a_client_sends_its_certificate_alone),
	    TEST(a_client_that_never_shakes_hands_is_closed),
	    TEST(a_held_tls_client_that_goes_is_noticed),
	    TEST(without_a_certificate_one_is_nobody),
	    TEST(a_certificate_of_another_authority_is_nobodys),
	    TEST(a_server_of_another_authority_is_refused),
	    TEST(a_server_of_another_name_is_refused),
	    TEST(verification_can_be_the_callers),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
