/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/renewal.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <openssl/pem.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/identity.h"
#include "agent/settings.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/http.h"
#include "common/listener.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/tls.h"
#include "tests/unit/authority.h"
#include "tests/unit/folder.h"
#include "tests/unit/loop.h"

#define DAY 86400

/* A collector of our own, in the same loop, and a box. */
struct world {
	void *folder;
	struct event_base *base;
	struct authority fleet;
	SSL_CTX *tls;
	struct http *http;
	struct agent_settings settings;
	EVP_PKEY *key;
	struct renewal *renewal;

	/* the collector's side */
	int refusals; /* of the first requests */
	const char *san, *was;
	bool other_key;
	int asked;

	/* the agent's side */
	int renewed, renamed;
	char name[NAME_TEXT];
};

static void
give(struct world *world, struct http_request *request)
{
	json_object *reply = json_object_new_object();
	EVP_PKEY *key = world->other_key ? tls_new_key(NULL) : world->key;
	X509 *certificate =
	    authority_sign(&world->fleet, key, world->san, -60, 90 * DAY);
	char *pem = tls_certificate_pem(certificate, NULL);

	member_add_text(reply, "certificate", pem);
	member_add_text(reply, "was", world->was);
	http_reply_json(request, 200, reply);
	free(pem);
	X509_free(certificate);
	if (world->other_key)
		EVP_PKEY_free(key);
}

static void
answer(struct http_request *request, void *arg)
{
	struct world *world = arg;
	json_object *body = http_body_json(request);

	assert_non_null(strstr(member_text_or(body, "request", ""), "REQUEST"));
	json_object_put(body);
	if (world->asked++ < world->refusals)
		http_problem(request, 503, "Not now", "come again");
	else
		give(world, request);
}

static void
on_renewed(void *arg)
{
	((struct world *)arg)->renewed++;
}

static void
on_renamed(void *arg, const char *box)
{
	struct world *world = arg;

	world->renamed++;
	snprintf(world->name, sizeof(world->name), "%s", box);
}

static const struct renewal_calls calls = {
    .renewed = on_renewed, .renamed = on_renamed};

static void
make_collector(struct world *world)
{
	struct sockaddr_in address;
	socklen_t length = sizeof(address);
	char *chain, *key, *ca;
	int fd = listener_open("agents", "127.0.0.1:0", NULL);

	authority_issue(
	    &world->fleet, world->folder, "collector", "IP:127.0.0.1");
	chain = folder_path(&world->folder, "collector.crt");
	key = folder_path(&world->folder, "collector.key");
	ca = folder_path(&world->folder, "fleet.crt");
	world->tls = tls_server(chain, key, ca, NULL);
	free(ca);
	free(key);
	free(chain);
	getsockname(fd, (struct sockaddr *)&address, &length);
	snprintf(world->settings.collector, sizeof(world->settings.collector),
	    "https://127.0.0.1:%d", ntohs(address.sin_port));
	world->http = http_new(world->base, world->tls, 1 << 20, 60);
	http_route(world->http, HTTP_POST, "/agent/v1/renew", answer, world);
	assert_int_equal(http_listen(world->http, fd), 0);
}

static void
write_pem(struct world *world, const char *file, char *pem)
{
	char *path = folder_path(&world->folder, file);

	assert_int_equal(
	    daemon_write_file(path, pem, strlen(pem), 0600, NULL), 0);
	free(path);
	free(pem);
}

/* The box's certificate, good from now + from to now + to, seconds. */
static void
hold_certificate(struct world *world, long from, long to)
{
	X509 *certificate = authority_sign(
	    &world->fleet, world->key, "URI:pharos:box/lon", from, to);

	write_pem(world, "box.pem", tls_certificate_pem(certificate, NULL));
	X509_free(certificate);
}

static int
world_make(void **state)
{
	struct world *world = memory_new(1, sizeof(*world));

	*state = world;
	folder_make(&world->folder);
	world->base = event_base_new();
	world->san = "URI:pharos:box/lon";
	authority_make(&world->fleet, "fleet");
	authority_write(&world->fleet, world->folder, "fleet");
	write_pem(world, "ca.pem",
	    tls_certificate_pem(world->fleet.certificate, NULL));
	world->key = tls_new_key(NULL);
	write_pem(world, "box.key", tls_key_pem(world->key, NULL));
	snprintf(world->settings.state, sizeof(world->settings.state), "%s",
	    (char *)world->folder);
	snprintf(world->settings.name, sizeof(world->settings.name), "lon");
	make_collector(world);
	return (0);
}

static int
world_remove(void **state)
{
	struct world *world = *state;

	renewal_free(world->renewal);
	http_free(world->http);
	SSL_CTX_free(world->tls);
	EVP_PKEY_free(world->key);
	authority_clear(&world->fleet);
	event_base_free(world->base);
	folder_remove(&world->folder);
	free(world);
	return (0);
}

static void
start(struct world *world)
{
	struct error err;

	world->renewal = renewal_new(
	    world->base, &world->settings, "lon", &calls, world, &err);
	if (world->renewal == NULL)
		fail_msg("%s", err.text);
}

/* How many days the certificate on disk is still good. */
static int
days_left(struct world *world)
{
	X509 *certificate = identity_certificate(&world->settings, NULL);
	int days, seconds;

	assert_non_null(certificate);
	ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(certificate));
	X509_free(certificate);
	return (days);
}

/* What renewal says went wrong; NULL: nothing has. */
static char *
error_said(struct world *world)
{
	json_object *status = renewal_status(world->renewal);
	const char *said = member_text_or(status, "error", NULL);
	char *text = said != NULL ? memory_text(said) : NULL;

	json_object_put(status);
	return (text);
}

static void
an_old_certificate_is_replaced(void **state)
{
	struct world *world = *state;

	hold_certificate(world, -70 * DAY, 10 * DAY);
	start(world);
	loop_count(world->base, &world->renewed, 1);
	assert_int_equal(world->asked, 1);
	assert_int_equal(world->renamed, 0);
	assert_in_range(days_left(world), 88, 90);
}

static void
a_young_certificate_is_left_alone(void **state)
{
	struct world *world = *state;
	json_object *status;
	double until, renew;

	hold_certificate(world, -10 * DAY, 80 * DAY);
	start(world);
	event_base_loop(world->base, EVLOOP_NONBLOCK);
	assert_int_equal(world->asked, 0);
	status = renewal_status(world->renewal);
	until = member_number_or(status, "until", 0);
	renew = member_number_or(status, "renew", 0);
	assert_true(renew >= until - 30 * DAY);
	assert_true(renew <= until - 24 * DAY);
	assert_null(member_get(status, "error"));
	json_object_put(status);
}

static void
the_collector_may_ask_for_it(void **state)
{
	struct world *world = *state;

	hold_certificate(world, -DAY, 10 * DAY);
	start(world);
	renewal_now(world->renewal);
	loop_count(world->base, &world->renewed, 1);
	assert_in_range(days_left(world), 88, 90);
}

static void
a_refusal_is_said_and_tried_again(void **state)
{
	struct world *world = *state;
	char *text = NULL;

	hold_certificate(world, -60, 15);
	world->refusals = 1;
	start(world);
	loop_while(world->base, (text = error_said(world)) == NULL);
	assert_non_null(strstr(text, "come again"));
	free(text);
	loop_count(world->base, &world->renewed, 1);
	assert_int_equal(world->asked, 2);
	assert_null(error_said(world));
}

static void
assert_not_kept(struct world *world, const char *why)
{
	char *text = NULL;

	hold_certificate(world, -70 * DAY, 10 * DAY);
	start(world);
	loop_while(world->base, (text = error_said(world)) == NULL);
	if (strstr(text, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", text, why);
	free(text);
	assert_int_equal(world->renewed, 0);
	assert_in_range(days_left(world), 9, 10);
}

static void
a_certificate_for_another_key_is_not_kept(void **state)
{
	struct world *world = *state;

	world->other_key = true;
	assert_not_kept(world, "another key");
}

static void
a_certificate_for_another_box_is_not_kept(void **state)
{
	struct world *world = *state;

	world->san = "URI:pharos:box/nyc";
	world->was = "par";
	assert_not_kept(world, "a certificate for nyc, we are lon");
}

static void
a_box_that_has_ended_says_what_to_do(void **state)
{
	struct world *world = *state;
	json_object *status;

	hold_certificate(world, -70 * DAY, -10);
	start(world);
	event_base_loop(world->base, EVLOOP_ONCE);
	status = renewal_status(world->renewal);
	assert_non_null(strstr(
	    member_text_or(status, "error", ""), "pharos token new lon"));
	json_object_put(status);
	assert_int_equal(world->asked, 0);
}

static void
a_box_takes_the_name_the_fleet_gives_it(void **state)
{
	struct world *world = *state;
	char box[NAME_TEXT];
	struct error err;

	hold_certificate(world, -70 * DAY, 10 * DAY);
	world->san = "URI:pharos:box/london";
	world->was = "lon";
	start(world);
	loop_count(world->base, &world->renamed, 1);
	assert_string_equal(world->name, "london");
	/* agent.yaml still says lon */
	assert_int_equal(identity_box(&world->settings, box, &err), 0);
	assert_string_equal(box, "london");
	assert_true(identity_had(&world->settings, "lon"));
	snprintf(world->settings.name, sizeof(world->settings.name), "paris");
	assert_int_equal(identity_box(&world->settings, box, &err), -1);
	assert_non_null(strstr(err.text, "agent.yaml says \"paris\""));
}

#define IN_WORLD(test) \
	cmocka_unit_test_setup_teardown(test, world_make, world_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_WORLD(an_old_certificate_is_replaced),
	    IN_WORLD(a_young_certificate_is_left_alone),
	    IN_WORLD(the_collector_may_ask_for_it),
	    IN_WORLD(a_refusal_is_said_and_tried_again),
	    IN_WORLD(a_certificate_for_another_key_is_not_kept),
	    IN_WORLD(a_certificate_for_another_box_is_not_kept),
	    IN_WORLD(a_box_that_has_ended_says_what_to_do),
	    IN_WORLD(a_box_takes_the_name_the_fleet_gives_it),
	};

	log_open("renewal", false);
	return (cmocka_run_group_tests_name("renewal", tests, NULL, NULL));
}
