/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/enrol.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/pem.h>

#include "agent/settings.h"
#include "common/clock.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/hash.h"
#include "common/http.h"
#include "common/listener.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/tls.h"
#include "tests/unit/authority.h"
#include "tests/unit/folder.h"

#define DAY 86400

/* How the collector of the test may misbehave. */
enum manner { HONEST, OTHER_KEY, OTHER_FLEET, REFUSES };

struct world {
	void *folder;
	struct authority fleet, stranger;
	enum manner manner;
	int fd;      /* listening */
	int told[2]; /* a pipe: every enrolment that reached the collector */
	pid_t collector;
	struct agent_settings settings;
	char *config, *token;
};

/*
 * The collector, a process of its own.
 */

static EVP_PKEY *
requested_key(json_object *body)
{
	const char *pem = member_text_or(body, "request", "");
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509_REQ *request = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
	EVP_PKEY *key = X509_REQ_get_pubkey(request);

	X509_REQ_free(request);
	BIO_free(bio);
	return (key);
}

static void
give_certificate(struct http_request *request, void *arg)
{
	struct world *world = arg;
	struct authority *ca =
	    world->manner == OTHER_FLEET ? &world->stranger : &world->fleet;
	json_object *body = http_body_json(request);
	json_object *reply = json_object_new_object();
	EVP_PKEY *key = world->manner == OTHER_KEY ? tls_new_key(NULL)
						   : requested_key(body);
	X509 *certificate =
	    authority_sign(ca, key, "URI:pharos:box/lon", -DAY, DAY);

	if (write(world->told[1], "e", 1) != 1)
		_exit(1);
	member_add_text(reply, "box", "lon");
	member_add_text(
	    reply, "certificate", tls_certificate_pem(certificate, NULL));
	member_add_text(
	    reply, "ca", tls_certificate_pem(ca->certificate, NULL));
	if (world->manner == REFUSES)
		http_problem(request, 403, "Forbidden", "the token is used");
	else
		http_reply_json(request, 200, reply);
}

static void
serve(struct world *world)
{
	struct event_base *base = event_base_new();
	char *chain = folder_path(&world->folder, "collector.crt");
	char *key = folder_path(&world->folder, "collector.key");
	char *ca = folder_path(&world->folder, "fleet.crt");
	SSL_CTX *tls = tls_server(chain, key, ca, NULL);
	struct http *http = http_new(base, tls, 1 << 20, 60);

	http_route(
	    http, HTTP_POST, "/agent/v1/enroll", give_certificate, world);
	http_listen(http, world->fd);
	event_base_dispatch(base);
	_exit(0);
}

static void
start(struct world *world, enum manner manner)
{
	world->manner = manner;
	world->collector = fork();
	if (world->collector == 0)
		serve(world);
	assert_true(world->collector > 0);
	close(world->told[1]);
	world->told[1] = -1;
}

/* How many enrolments, with their secrets, reached it. */
static int
stop(struct world *world)
{
	int count = 0;
	char c;

	kill(world->collector, SIGKILL);
	waitpid(world->collector, NULL, 0);
	world->collector = 0;
	while (read(world->told[0], &c, 1) == 1)
		count++;
	return (count);
}

/*
 * The world.
 */

static char *
make_token(const struct authority *authority)
{
	uint8_t bytes[2 * HASH_SIZE];
	char fingerprint[65];

	tls_fingerprint(authority->certificate, fingerprint);
	hash_unhex(fingerprint, bytes, HASH_SIZE);
	hash_random(bytes + HASH_SIZE, HASH_SIZE);
	return (hash_base64url(bytes, sizeof(bytes)));
}

static int
world_make(void **state)
{
	struct world *world = memory_new(1, sizeof(*world));
	struct sockaddr_in address;
	socklen_t length = sizeof(address);
	char *folder;

	*state = world;
	folder_make(&world->folder);
	authority_make(&world->fleet, "fleet");
	authority_make(&world->stranger, "stranger");
	authority_issue(
	    &world->fleet, world->folder, "collector", "IP:127.0.0.1");
	authority_write(&world->fleet, world->folder, "fleet");
	world->fd = listener_open("agents", "127.0.0.1:0", NULL);
	assert_true(world->fd >= 0);
	getsockname(world->fd, (struct sockaddr *)&address, &length);
	assert_int_equal(pipe(world->told), 0);
	agent_settings_default(&world->settings, NULL);
	snprintf(world->settings.collector, sizeof(world->settings.collector),
	    "https://127.0.0.1:%d", ntohs(address.sin_port));
	folder = folder_path(&world->folder, "state");
	snprintf(
	    world->settings.state, sizeof(world->settings.state), "%s", folder);
	free(folder);
	world->config = folder_path(&world->folder, "agent.yaml");
	world->token = make_token(&world->fleet);
	return (0);
}

static int
world_remove(void **state)
{
	struct world *world = *state;

	if (world->collector > 0)
		stop(world);
	close(world->fd);
	close(world->told[0]);
	if (world->told[1] >= 0)
		close(world->told[1]);
	authority_clear(&world->fleet);
	authority_clear(&world->stranger);
	folder_remove(&world->folder);
	free(world->config);
	free(world->token);
	free(world);
	return (0);
}

static void
assert_enrolled(struct world *world)
{
	struct error err = {""};

	enrol(&world->settings, world->token, world->config, &err);
	assert_string_equal(err.text, "");
}

static void
assert_refused(struct world *world, const char *reason)
{
	struct error err = {""};

	assert_int_equal(
	    enrol(&world->settings, world->token, world->config, &err), -1);
	if (strstr(err.text, reason) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.text, reason);
}

static void
a_token_makes_a_member(void **state)
{
	struct world *world = *state;
	struct agent_settings written;
	char *path = agent_settings_path(&world->settings, "box.pem");
	char name[NAME_TEXT];
	X509 *certificate;

	start(world, HONEST);
	assert_enrolled(world);
	assert_int_equal(agent_settings_read(&written, world->config, NULL), 0);
	assert_string_equal(written.collector, world->settings.collector);
	assert_string_equal(written.state, world->settings.state);
	assert_string_equal(written.name, "lon");
	certificate = tls_read_certificate(path, NULL);
	assert_int_equal(tls_box(certificate, name, NULL), 0);
	assert_string_equal(name, "lon");
	X509_free(certificate);
	free(path);
	assert_int_equal(stop(world), 1);
}

static void
a_repeated_enrolment_keeps_key_and_file(void **state)
{
	struct world *world = *state;
	char *path = agent_settings_path(&world->settings, "box.key");
	char *before, *after, *mine;
	size_t length;

	start(world, HONEST);
	assert_enrolled(world);
	before = daemon_read_file(path, 10000, &length, NULL);
	mine = memory_print("name: lon\ncollector: %s\nstate: %s\n"
			    "spool: {age: 3d}\n",
	    world->settings.collector, world->settings.state);
	daemon_write_file(world->config, mine, strlen(mine), 0644, NULL);
	assert_enrolled(world);
	after = daemon_read_file(path, 10000, &length, NULL);
	assert_string_equal(before, after);
	free(after);
	after = daemon_read_file(world->config, 10000, &length, NULL);
	assert_string_equal(mine, after);
	free(before);
	free(after);
	free(mine);
	free(path);
}

static void
another_token_makes_another_key(void **state)
{
	struct world *world = *state;
	char *path = agent_settings_path(&world->settings, "box.key");
	EVP_PKEY *before, *after;

	start(world, HONEST);
	assert_enrolled(world);
	before = tls_read_key(path, NULL);
	free(world->token);
	world->token = make_token(&world->fleet);
	assert_enrolled(world);
	after = tls_read_key(path, NULL);
	assert_int_not_equal(EVP_PKEY_eq(before, after), 1);
	EVP_PKEY_free(before);
	EVP_PKEY_free(after);
	free(path);
}

static void
another_fleet_never_sees_the_secret(void **state)
{
	struct world *world = *state;

	free(world->token);
	world->token = make_token(&world->stranger);
	start(world, HONEST);
	assert_refused(world, "not of the fleet that the token is for");
	assert_int_equal(stop(world), 0);
}

static void
another_host_never_sees_the_secret(void **state)
{
	struct world *world = *state;

	authority_issue(
	    &world->fleet, world->folder, "collector", "DNS:elsewhere.example");
	start(world, HONEST);
	assert_refused(world, "127.0.0.1");
	assert_int_equal(stop(world), 0);
}

static void
a_certificate_for_another_key_is_refused(void **state)
{
	struct world *world = *state;

	start(world, OTHER_KEY);
	assert_refused(world, "another key");
	assert_int_equal(access(world->config, F_OK), -1);
}

static void
a_certificate_of_another_fleet_is_refused(void **state)
{
	struct world *world = *state;

	start(world, OTHER_FLEET);
	assert_refused(world, "another CA");
}

static void
the_collectors_reason_is_passed_on(void **state)
{
	struct world *world = *state;

	start(world, REFUSES);
	assert_refused(world, "the token is used");
}

static void
a_damaged_token_is_refused_here(void **state)
{
	struct world *world = *state;

	start(world, HONEST);
	world->token[strlen(world->token) - 2] = '\0';
	assert_refused(world, "token: expected the 86 characters");
	assert_int_equal(stop(world), 0);
}

static void
a_box_of_another_collector_stays_there(void **state)
{
	static const char other[] = "name: lon\n"
				    "collector: https://other.example\n";
	struct world *world = *state;

	daemon_write_file(world->config, other, strlen(other), 0644, NULL);
	start(world, HONEST);
	assert_refused(world, "https://other.example");
	assert_int_equal(stop(world), 0);
}

static void
a_box_does_not_become_another(void **state)
{
	struct world *world = *state;
	char *other = memory_print("name: nyc\ncollector: %s\nstate: %s\n",
	    world->settings.collector, world->settings.state);

	daemon_write_file(world->config, other, strlen(other), 0644, NULL);
	free(other);
	start(world, HONEST);
	assert_refused(world, "is for box nyc, the token for lon");
}

#define IN_WORLD(test) \
	cmocka_unit_test_setup_teardown(test, world_make, world_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_WORLD(a_token_makes_a_member),
	    IN_WORLD(a_repeated_enrolment_keeps_key_and_file),
	    IN_WORLD(another_token_makes_another_key),
	    IN_WORLD(another_fleet_never_sees_the_secret),
	    IN_WORLD(another_host_never_sees_the_secret),
	    IN_WORLD(a_certificate_for_another_key_is_refused),
	    IN_WORLD(a_certificate_of_another_fleet_is_refused),
	    IN_WORLD(the_collectors_reason_is_passed_on),
	    IN_WORLD(a_damaged_token_is_refused_here),
	    IN_WORLD(a_box_of_another_collector_stays_there),
	    IN_WORLD(a_box_does_not_become_another),
	};

	return (cmocka_run_group_tests_name("enrol", tests, NULL, NULL));
}
