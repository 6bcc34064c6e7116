/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/store.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "collector/archive.h"
#include "collector/children.h"
#include "collector/settings.h"
#include "common/channel.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/log.h"
#include "common/member.h"
#include "common/tree.h"

#define SLICE (100 * NS_PER_MS)        /* of records before all else */
#define COMMIT_EVERY (150 * NS_PER_MS) /* while records flow */
#define SPARE (30 * NS_PER_MS)         /* for windows, for histories */
#define HURRY (500 * NS_PER_MS)        /* for histories, when that saves work */
#define LOOK_EVERY NS_PER_S            /* at what nobody tells */
#define KEEP_DAYS 2                    /* bins, at least */
#define DAY (86400 * NS_PER_S)

static void
work_in(struct store *store, nanoseconds wait)
{
	struct timeval when = clock_timeval(wait);

	event_add(store->work, &when);
}

void
store_tell_parent(struct store *store)
{
	json_object *message = json_object_new_object();
	uint64_t bins = bins_checkpoint(store->bins);
	uint64_t archive = archive_checkpoint(store->archive);

	member_add_text(message, "m", "latest");
	member_add_whole(message, "number", (int64_t)bins);
	member_add_whole(
	    message, "release", (int64_t)(bins < archive ? bins : archive));
	channel_send(store->parent, message);
}

int
store_commit(struct store *store, struct error *err)
{
	uint64_t known = bins_checkpoint(store->bins);

	if (!store->changed)
		return (0);
	/* the journal may be read again for the archive alone */
	if (bins_commit(
		store->bins, store->at > known ? store->at : known, err) == -1)
		return (-1);
	store->changed = false;
	store->committed = clock_monotonic();
	if (store->board != NULL)
		store_tell(store, clock_wall());
	store_tell_parent(store);
	return (0);
}

/* 1: there is more, 0: drained, -1 */
static int
read_journal(struct store *store, nanoseconds deadline, struct error *err)
{
	struct journal_entry entry;
	int result;

	while ((result = journal_read(store->reader, &entry, err)) == 1) {
		enum store_taking taking = store_take(store, &entry, err);

		if (taking == STORE_BEHIND) {
			if (store_load_board(store, err) == -1)
				return (-1);
			taking = store_take(store, &entry, err);
		}
		if (taking == STORE_FAILED)
			return (-1);
		store->at = entry.number;
		if (store->at > bins_checkpoint(store->bins))
			store->changed = true;
		if (clock_monotonic() >= deadline) {
			store->behind = clock_wall() - entry.received;
			return (1);
		}
	}
	store->behind = 0;
	return (result);
}

nanoseconds
store_steady(struct store *store)
{
	return (steady_time(&store->steady, clock_wall(), clock_monotonic()));
}

/* The day of the last expiry has begun, whatever the clock says now. */
static void
begin_steady(struct store *store)
{
	nanoseconds horizon = bins_horizon(store->bins);

	steady_begin(&store->steady,
	    horizon != 0 ? horizon + KEEP_DAYS * DAY : 0, clock_monotonic());
}

/* Windows, histories, old bins: 1: there is more of it, 0, -1 */
static int
do_the_rest(struct store *store, struct error *err)
{
	nanoseconds day = store_steady(store) / DAY * DAY;
	bool more = store_make_windows(store, clock_monotonic() + SPARE);
	int expired, departed;

	more = store_flush(store, clock_monotonic() + SPARE) || more;
	more = store_look_back(store, clock_monotonic() + SPARE) || more;
	more = store_archive_tidy(store) || more;
	expired = bins_expire(store->bins, day - KEEP_DAYS * DAY, err);
	if (expired == -1)
		return (-1);
	if (expired == 1)
		store->changed = true;
	departed = store_see_to_departed(store, clock_monotonic() + SPARE, err);
	if (departed == -1)
		return (-1);
	store->spare = clock_monotonic() + LOOK_EVERY;
	return (more || expired == 1 || departed == 1);
}

/* How long there is nothing to do, or -1. */
static nanoseconds
work(struct store *store, struct error *err)
{
	nanoseconds now = clock_monotonic(), next;
	bool again = store->at < bins_checkpoint(store->bins);
	int more = read_journal(store, now + SLICE, err), rest = 0;

	if (more == 0 || (more == 1 && now >= store->spare))
		rest = do_the_rest(store, err);
	else if (more == 1 && store_is_crowded(store))
		store_flush(store, clock_monotonic() + HURRY);
	if (more == -1 || rest == -1)
		return (-1);
	/* what is read again is not to be read a third time */
	if ((again || archive_due(store->archive) <= now) &&
	    store_archive_commit(store, err) == -1)
		return (-1);
	next = store->committed + COMMIT_EVERY - clock_monotonic();
	if (store->changed && next <= 0)
		return (store_commit(store, err)); /* and see to its windows */
	if (more == 1 || rest == 1)
		return (0);
	return (store->changed ? next : LOOK_EVERY);
}

/* A sink that is ahead of the others waits for them to come there. */
static void
add_sink(const struct store *store, json_object *sinks, const char *name,
    uint64_t number)
{
	json_object *sink = json_object_new_object();
	bool waits = store->behind <= 0 || store->at < number;

	member_add_whole(sink, "number", (int64_t)number);
	member_add_duration(sink, "behind", waits ? 0 : store->behind);
	json_object_object_add(sinks, name, sink);
}

static void
on_beat(evutil_socket_t fd, short events, void *arg)
{
	struct store *store = arg;
	json_object *beat = json_object_new_object();
	json_object *sinks = json_object_new_object();

	member_add_text(beat, "m", "beat");
	add_sink(store, sinks, "bins", bins_checkpoint(store->bins));
	add_sink(store, sinks, "archive", archive_checkpoint(store->archive));
	json_object_object_add(beat, "sinks", sinks);
	member_add_whole(beat, "passed_over", (int64_t)store->passed_over);
	channel_send(store->parent, beat);
}

static void
give_up(struct store *store)
{
	store->failed = true;
	event_base_loopbreak(store->base);
}

static void
on_work(evutil_socket_t fd, short events, void *arg)
{
	struct store *store = arg;
	nanoseconds wait;

	if (store->board == NULL)
		return; /* a fleet will come */
	wait = work(store, store->err);
	if (wait == -1)
		give_up(store);
	else
		work_in(store, wait);
}

static void
take_settings(struct store *store, json_object *message)
{
	collector_settings_follow(store->settings, message);
	store->expire = 0;
	store->departed.looked = 0;
	work_in(store, 0);
}

/* Intake that asks for what there is already, has begun anew or has other settings:
 * it is told what it may let go. */
static void
take_journal(struct store *store, json_object *message)
{
	uint64_t last = (uint64_t)member_whole_or(message, "last", 0);

	if (last <= bins_checkpoint(store->bins))
		store_tell_parent(store);
	work_in(store, 0);
}

static void
on_message(void *arg, json_object *message)
{
	struct store *store = arg;
	const char *kind = member_text_or(message, "m", "");

	if (strcmp(kind, "settings") == 0)
		take_settings(store, message);
	if (strcmp(kind, "fleet") == 0 &&
	    store_load_board(store, store->err) == -1)
		give_up(store);
	else if (strcmp(kind, "fleet") == 0)
		work_in(store, 0);
	else if (strcmp(kind, "journal") == 0)
		take_journal(store, message);
}

static void
on_closed(void *arg, const char *why)
{
	struct store *store = arg;

	if (why != NULL)
		log_warnx("parent: %s", why);
	event_base_loopbreak(store->base);
}

static void
on_stop(void *arg)
{
	struct store *store = arg;

	event_base_loopbreak(store->base);
}

/* The journal from where the lower of the sinks is. */
static int
open_journal(struct store *store, const char *dir, struct error *err)
{
	uint64_t bins = bins_checkpoint(store->bins), archive;

	if (store_archive_open(store, dir, err) == -1)
		return (-1);
	archive = archive_checkpoint(store->archive);
	store->at = bins < archive ? bins : archive;
	store->reader = journal_reader_open(dir, store->at, err);
	return (store->reader == NULL ? -1 : 0);
}

static void
add_cure(struct error *err)
{
	struct error why = *err;

	error_set(err,
	    "%s; what is damaged or gone is made again by "
	    "\"pharos-collectord rebuild latest\" while the collector is "
	    "stopped",
	    why.text);
}

static int
open_files(struct store *store, struct error *err)
{
	char *bins = collector_settings_path(store->settings, "bins.db");
	char *journal = collector_settings_path(store->settings, "journal");
	int result = -1;

	store->tree = tree_new();
	store->rrd = collector_settings_path(store->settings, "rrd");
	store->bins = bins_open(bins, false, err);
	if (store->bins != NULL)
		begin_steady(store);
	if (store->bins == NULL || open_journal(store, journal, err) == -1)
		add_cure(err);
	else
		result = store_load_board(store, err);
	free(journal);
	free(bins);
	return (result);
}

static void
close_files(struct store *store)
{
	board_free(store->board);
	journal_reader_free(store->reader);
	archive_free(store->archive);
	bins_free(store->bins);
	tree_free(store->tree);
	free(store->departed.pairs);
	free(store->rrd);
}

/* The checkpoint is told at once: it may have been lost on the way. */
static void
run(struct store *store)
{
	static const struct timeval second = {1, 0};

	store->work = evtimer_new(store->base, on_work, store);
	store->beat = event_new(store->base, -1, EV_PERSIST, on_beat, store);
	event_add(store->beat, &second);
	store->changed = true;
	work_in(store, 0);
	event_base_dispatch(store->base);
	event_free(store->work);
	event_free(store->beat);
	if (!store->failed &&
	    (store_commit(store, store->err) == -1 ||
		store_archive_commit(store, store->err) == -1))
		store->failed = true;
}

int
store_main(struct collector_settings *settings, int fd, struct error *err)
{
	struct store store = {.settings = settings, .err = err};
	struct daemon_signals *signals;

	store.base = event_base_new();
	signals = daemon_signals_new(store.base, on_stop, NULL, &store);
	store.parent =
	    channel_new(store.base, fd, on_message, on_closed, &store);
	if (open_files(&store, err) == 0)
		run(&store);
	else
		store.failed = true;
	close_files(&store);
	channel_free(store.parent);
	daemon_signals_free(signals);
	event_base_free(store.base);
	return (store.failed ? -1 : 0);
}
