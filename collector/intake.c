/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/intake.h"

#include <event2/event.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "collector/behind.h"
#include "collector/checker.h"
#include "collector/children.h"
#include "collector/fleet.h"
#include "collector/holders.h"
#include "collector/journal.h"
#include "collector/pairs.h"
#include "collector/pki.h"
#include "collector/registry.h"
#include "collector/settings.h"
#include "common/channel.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/hash.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/timekeeper.h"
#include "common/tls.h"
#include "common/tls_buffers.h"

#define IDLE_SECONDS 120
#define OWN_EVERY (5 * NS_PER_S) /* looks at the own certificate */
/* Of what may wait for the store; the last one has always to stay. */
#define JOURNAL_FILES 16

static int
load_fleet(struct intake *intake, struct error *err)
{
	char *path = collector_settings_path(intake->settings, "fleet.json");
	struct fleet *fleet = fleet_load(path, err);

	free(path);
	if (fleet == NULL)
		return (-1);
	fleet_free(intake->fleet);
	intake->fleet = fleet;
	return (0);
}

/* Before anybody is spoken to by a new name. */
static int
follow_renames(struct intake *intake, struct error *err)
{
	const struct renames *renames = &intake->fleet->renames;
	int64_t before;
	int renamed;

	if (renames_last(renames) <= intake->followed)
		return (0);
	renamed = registry_follow(intake->registry, renames, &before, err);
	if (renamed == -1)
		return (-1);
	intake->followed = renames_last(renames);
	if (renamed == 0)
		return (0);
	log_info("%d boxes have other names since revision %lld", renamed,
	    (long long)renames_last(renames));
	holders_free(intake->holders); /* the registry knows them, too */
	intake->holders = holders_new();
	intake_seed_holders(intake);
	intake_plans_renamed(intake, before);
	return (pairs_look(intake->pairs, intake->registry, err));
}

static int
take_fleet(struct intake *intake, struct error *err)
{
	if (load_fleet(intake, err) == -1 || follow_renames(intake, err) == -1)
		return (-1);
	intake_plans_changed(intake);
	return (0);
}

static void
answer(struct intake *intake, json_object *question)
{
	json_object *message = json_object_new_object(), *body = NULL;
	const char *what = member_text_or(question, "what", "");
	int status =
	    intake_ask(intake, what, member_get(question, "body"), &body);

	member_add_text(message, "m", "answer");
	member_add_whole(message, "id", member_whole_or(question, "id", 0));
	member_add_whole(message, "status", status);
	json_object_object_add(message, "body", body);
	channel_send(intake->parent, message);
}

static int64_t
journal_file_bytes(const struct intake *intake)
{
	return (intake->settings->journal / JOURNAL_FILES);
}

static void
tell_parent(struct intake *intake)
{
	json_object *message = json_object_new_object();

	member_add_text(message, "m", "journal");
	member_add_whole(
	    message, "last", (int64_t)journal_last(intake->journal));
	channel_send(intake->parent, message);
}

/* The store says again what may go: of a smaller journal that may be more. */
static void
take_settings(struct intake *intake, json_object *message)
{
	collector_settings_follow(intake->settings, message);
	journal_resize(intake->journal, journal_file_bytes(intake));
	tell_parent(intake);
}

static void
on_message(void *arg, json_object *message)
{
	struct intake *intake = arg;
	const char *kind = member_text_or(message, "m", "");
	struct error err;

	if (strcmp(kind, "ask") == 0) {
		answer(intake, message);
	} else if (strcmp(kind, "settings") == 0) {
		take_settings(intake, message);
	} else if (strcmp(kind, "release") == 0) {
		journal_release(intake->journal,
		    (uint64_t)member_whole_or(message, "upto", 0));
	} else if (strcmp(kind, "fleet") == 0) {
		if (take_fleet(intake, &err) == -1)
			log_warnx("fleet not loaded: %s", err.text);
	}
}

static void
on_closed(void *arg, const char *why)
{
	struct intake *intake = arg;

	if (why != NULL)
		log_warnx("parent: %s", why);
	event_base_loopbreak(intake->base);
}

static void
on_stop(void *arg)
{
	struct intake *intake = arg;

	event_base_loopbreak(intake->base);
}

static void
on_second(evutil_socket_t fd, short what, void *arg)
{
	struct intake *intake = arg;
	struct error err;

	if (registry_commit(intake->registry, &err) == -1 ||
	    follow_renames(intake, &err) == -1)
		log_warnx("%s", err.text);
	intake_look_at_clock(intake);
	intake_beat(intake);
	intake_plans_look(intake);
	if (clock_monotonic() - intake->own_looked >= OWN_EVERY) {
		intake->own_looked = clock_monotonic();
		intake_look_at_own(intake);
	}
}

static void
on_commit(evutil_socket_t fd, short what, void *arg)
{
	intake_commit(arg);
}

/* The store may go on; and a second is many records, so the disk is looked at. */
static void
on_after(evutil_socket_t fd, short what, void *arg)
{
	struct intake *intake = arg;

	tell_parent(intake);
	intake_look_at_disk(intake);
}

static int
read_key(struct intake *intake, struct error *err)
{
	char *path = collector_settings_path(intake->settings, "fleet.key");
	char *text = daemon_read_file(path, 256, NULL, err);
	int result = -1;

	if (text != NULL) {
		text[strcspn(text, "\n")] = '\0';
		result = hash_unhex(text, intake->key, sizeof(intake->key));
		if (result == -1)
			error_set(
			    err, "%s: expected 64 hexadecimal digits", path);
	}
	free(text);
	free(path);
	return (result);
}

static int
open_files(struct intake *intake, struct error *err)
{
	char *pki = collector_settings_path(intake->settings, "pki");
	char *registry =
	    collector_settings_path(intake->settings, "registry.db");
	char *journal = collector_settings_path(intake->settings, "journal");
	char *pairs = collector_settings_path(intake->settings, "pairs.key");

	intake->pki = pki_open(pki, err);
	if (intake->pki != NULL)
		intake->registry = registry_open(registry, false, err);
	if (intake->registry != NULL)
		intake->pairs = pairs_open(pairs, err);
	if (intake->pairs != NULL &&
	    pairs_look(intake->pairs, intake->registry, err) == 0)
		intake->journal =
		    journal_open(journal, journal_file_bytes(intake), err);
	free(pairs);
	free(journal);
	free(registry);
	free(pki);
	return (intake->journal != NULL ? 0 : -1);
}

static SSL_CTX *
open_tls(const struct collector_settings *settings, struct error *err)
{
	char *chain = collector_settings_path(settings, "pki/collector.pem");
	char *key = collector_settings_path(settings, "pki/collector.key");
	char *ca = collector_settings_path(settings, "pki/ca.pem");
	SSL_CTX *tls = tls_server(chain, key, ca, err);

	free(ca);
	free(key);
	free(chain);
	return (tls);
}

static int
open_http(struct intake *intake, int listener, struct error *err)
{
	static const struct {
		unsigned method;
		const char *path;
		http_handler handler;
	} routes[] = {
	    {HTTP_POST, "/agent/v1/enroll", intake_post_enrol},
	    {HTTP_POST, "/agent/v1/renew", intake_post_renew},
	    {HTTP_POST, "/agent/v1/hello", intake_post_hello},
	    {HTTP_GET, "/agent/v1/plan", intake_get_plan},
	    {HTTP_POST, "/agent/v1/records", intake_post_records},
	};

	intake_look_at_own(intake);
	intake->tls = open_tls(intake->settings, err);
	if (intake->tls == NULL)
		return (-1);
	intake->http =
	    http_new(intake->base, intake->tls, INTAKE_BODY_MOST, IDLE_SECONDS);
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
		http_route(intake->http, routes[i].method, routes[i].path,
		    routes[i].handler, intake);
	if (http_listen(intake->http, listener) == -1)
		return (error_set(err, "agents: %m"));
	return (0);
}

static void
start(struct intake *intake, int fd)
{
	static const struct timeval second = {1, 0};

	intake->parent =
	    channel_new(intake->base, fd, on_message, on_closed, intake);
	intake->every_second =
	    event_new(intake->base, -1, EV_PERSIST, on_second, intake);
	event_add(intake->every_second, &second);
	intake->commit = evtimer_new(intake->base, on_commit, intake);
	intake->after = evtimer_new(intake->base, on_after, intake);
	intake->took = clock_monotonic();
	intake_seed_holders(intake);
	behind_seen(intake->behind, registry_seen(intake->registry));
	intake_look_at_clock(intake);
	tell_parent(intake);
}

static void
stop(struct intake *intake)
{
	if (intake->commit != NULL) {
		intake_commit(intake);
		if (evtimer_pending(intake->after, NULL))
			tell_parent(intake);
		event_free(intake->commit);
		event_free(intake->after);
		event_free(intake->every_second);
	}
	intake_plans_free(intake);
	http_free(intake->http);
	holders_free(intake->holders);
	behind_free(intake->behind);
	checker_free(intake->checker);
	timekeeper_free(intake->keeper);
	SSL_CTX_free(intake->tls);
	channel_free(intake->parent);
	journal_free(intake->journal);
	pairs_free(intake->pairs);
	registry_free(intake->registry);
	pki_free(intake->pki);
	fleet_free(intake->fleet);
	http_free_loop(intake->base);
}

int
intake_main(struct collector_settings *settings, int fd, int listener,
    struct error *err)
{
	struct intake intake = {.settings = settings};
	struct daemon_signals *signals;
	int result = -1;

	if (!tls_buffers_apart())
		log_debug("OpenSSL has its buffers on the heap");
	TAILQ_INIT(&intake.batches);
	TAILQ_INIT(&intake.wishes);
	intake.holders = holders_new();
	intake.behind = behind_new();
	intake.checker = checker_new();
	intake.base = event_base_new();
	intake.keeper =
	    timekeeper_new(intake.base, &(const struct timekeeper_about){0});
	signals = daemon_signals_new(intake.base, on_stop, NULL, &intake);
	if (read_key(&intake, err) == 0 && load_fleet(&intake, err) == 0 &&
	    open_files(&intake, err) == 0 &&
	    follow_renames(&intake, err) == 0 &&
	    open_http(&intake, listener, err) == 0) {
		start(&intake, fd);
		event_base_dispatch(intake.base);
		result = 0;
	}
	daemon_signals_free(signals);
	stop(&intake);
	return (result);
}
