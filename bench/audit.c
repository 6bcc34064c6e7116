/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * audit - waits until a collector has counted all records and written their
 * histories, and then counts them one by one.
 *
 *   audit STATE TEST RECORDS START END PACKETS
 *
 * START and END (Unix seconds, whole minutes) bound the rows of the histories,
 * each of which must hold PACKETS packets sent: one record, once. 0: only waits
 * for bins and histories.
 */
#include <dirent.h>
#include <inttypes.h>
#include <math.h>
#include <rrd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/archive.h"
#include "collector/bins.h"
#include "collector/fleet.h"
#include "collector/history.h"
#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"

#define LOOK_EVERY 20000 /* us */

struct audit {
	const char *state, *test;
	uint64_t wanted;
	time_t start, end;
	double packets;
	struct fleet *fleet;
	struct bins *bins;
	char **paths; /* of the histories */
	int64_t *pairs;
	size_t count;
	uint64_t records, rows, wrong, archived, doubled;
};

static void
note_pair(void *arg, int64_t pair, const struct bins_key *key)
{
	struct audit *audit = arg;
	char *dir;

	if (strcmp(key->test, audit->test) != 0)
		return;
	dir = memory_print("%s/rrd", audit->state);
	audit->paths = memory_resize(
	    audit->paths, audit->count + 1, sizeof(*audit->paths));
	audit->pairs = memory_resize(
	    audit->pairs, audit->count + 1, sizeof(*audit->pairs));
	audit->paths[audit->count] = history_path(dir, key);
	audit->pairs[audit->count++] = pair;
	free(dir);
}

static void
open_bins(struct audit *audit)
{
	char *path = memory_print("%s/bins.db", audit->state);
	struct error err;

	bins_free(audit->bins);
	audit->bins = bins_open(path, true, &err);
	if (audit->bins == NULL)
		log_fatal("%s", err.text);
	free(path);
}

/* All that was acknowledged is in the bins, which are on disk. */
static void
wait_for_bins(struct audit *audit)
{
	open_bins(audit);
	while (bins_checkpoint(audit->bins) < audit->wanted) {
		usleep(LOOK_EVERY);
		open_bins(audit);
	}
	printf("{\"bins_at\":%.6f}\n", clock_seconds(clock_wall()));
}

static void
wait_for_rows(struct audit *audit)
{
	for (size_t i = 0; i < audit->count; i++) {
		while (access(audit->paths[i], F_OK) == -1 ||
		       rrd_last_r(audit->paths[i]) < audit->end) {
			rrd_clear_error();
			usleep(LOOK_EVERY);
		}
	}
	printf("{\"rows_at\":%.6f}\n", clock_seconds(clock_wall()));
}

static int
count_bin(void *arg, nanoseconds start, const struct bundle *bundle,
    struct error *err)
{
	struct audit *audit = arg;

	for (int i = 0; i < OUTCOMES; i++)
		audit->records += bundle_outcomes(bundle, (enum outcome)i);
	return (0);
}

static void
count_bins(struct audit *audit)
{
	const struct manifest *manifest =
	    fleet_test(audit->fleet, audit->test)->manifest;
	struct error err;

	for (size_t i = 0; i < audit->count; i++)
		if (bins_read(audit->bins, audit->pairs[i], 60 * NS_PER_S,
			manifest, 0, BINS_NONE, count_bin, audit, &err) == -1)
			log_fatal("%s", err.text);
}

static void
count_file(struct audit *audit, const char *path)
{
	time_t start = audit->start, end = audit->end;
	unsigned long step = 60, count, sent = 0;
	rrd_value_t *values;
	char **names;

	if (rrd_fetch_r(path, "AVERAGE", &start, &end, &step, &count, &names,
		&values) == -1)
		log_fatal("%s", rrd_get_error());
	while (strcmp(names[sent], "sent") != 0)
		sent++;
	for (time_t at = audit->start; at < audit->end; at += 60) {
		size_t row = (size_t)(at - start) / 60;

		audit->rows++;
		if (step != 60 || values[row * count + sent] != audit->packets)
			audit->wrong++;
	}
	for (unsigned long i = 0; i < count; i++)
		rrd_freemem(names[i]);
	rrd_freemem(names);
	rrd_freemem(values);
}

/* What has come last is in memory for a while, by design. */
static struct archive *
wait_for_archive(struct audit *audit)
{
	char *dir = memory_print("%s/archive", audit->state);
	struct archive *archive = archive_open(dir, true, NULL);
	struct error err;

	if (archive == NULL)
		log_fatal("%s: cannot be read", dir);
	while (archive_checkpoint(archive) < audit->wanted) {
		usleep(LOOK_EVERY);
		if (archive_look(archive, &err) == -1)
			log_fatal("%s", err.text);
	}
	printf("{\"archive_at\":%.6f}\n", clock_seconds(clock_wall()));
	free(dir);
	return (archive);
}

/* A pair has one run in a minute, so two of one start are one twice. */
static void
count_archive(struct audit *audit)
{
	struct archive *archive = wait_for_archive(audit);
	const struct archive_query query = {
	    .test = audit->test, .to = INT64_MAX};
	struct archive_record record;
	nanoseconds last = 0;
	struct error err;
	struct archive_cursor *cursor = archive_find(archive, &query, &err);
	int found = -1;

	while (cursor != NULL &&
	       (found = archive_next(cursor, &record, &err)) == 1) {
		audit->archived++;
		audit->doubled += record.start == last;
		last = record.start;
	}
	if (found == -1)
		log_fatal("%s", err.text);
	archive_cursor_free(cursor);
	archive_free(archive);
}

static void
clear(struct audit *audit)
{
	for (size_t i = 0; i < audit->count; i++)
		free(audit->paths[i]);
	free(audit->paths);
	free(audit->pairs);
	bins_free(audit->bins);
	fleet_free(audit->fleet);
}

int
main(int argc, char **argv)
{
	struct audit audit = {0};
	struct error err;
	char *path;

	if (argc != 7)
		log_fatal("usage: audit STATE TEST RECORDS START END PACKETS");
	setvbuf(stdout, NULL, _IOLBF, 0);
	audit.state = argv[1];
	audit.test = argv[2];
	audit.wanted = strtoull(argv[3], NULL, 10);
	audit.start = (time_t)strtoull(argv[4], NULL, 10);
	audit.end = (time_t)strtoull(argv[5], NULL, 10);
	audit.packets = atof(argv[6]);
	path = memory_print("%s/fleet.json", audit.state);
	audit.fleet = fleet_load(path, &err);
	free(path);
	if (audit.fleet == NULL)
		log_fatal("%s", err.text);
	wait_for_bins(&audit);
	if (bins_each(audit.bins, note_pair, &audit, &err) == -1)
		log_fatal("%s", err.text);
	wait_for_rows(&audit);
	if (audit.packets == 0) {
		clear(&audit);
		return (0);
	}
	open_bins(&audit);
	count_bins(&audit);
	for (size_t i = 0; i < audit.count; i++)
		count_file(&audit, audit.paths[i]);
	count_archive(&audit);
	printf("{\"pairs\":%zu,\"records\":%" PRIu64 ",\"rows\":%" PRIu64
	       ",\"wrong\":%" PRIu64 ",\"archived\":%" PRIu64
	       ",\"doubled\":%" PRIu64 "}\n",
	    audit.count, audit.records, audit.rows, audit.wrong, audit.archived,
	    audit.doubled);
	clear(&audit);
	return (0);
}
