/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * alone - what the libraries do when nobody asks more of them.
 *
 *   alone json <RECORDS         decodes each line
 *   alone update COPIES...      a row each, one call each, again and again
 *   alone fetch DIR FILES       makes small files and reads a value of each
 *   alone handshake PKI BOXES   lets an agent in, the server's end of it
 *   alone append FILE BYTES COUNT PAUSE
 *                               has bytes on disk, of a file that grows and over
 *                               those of before, with seconds of pause
 *
 * Prints a JSON object; times are of the processor, but of append.
 */
#include <json-c/json.h>
#include <rrd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/append.h"
#include "bench/handshake.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/memory.h"

#define ROUNDS 20
#define HANDSHAKES 2000

static double
seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return ((double)now.tv_sec + (double)now.tv_nsec / 1e9);
}

struct stopwatch {
	double cpu, wall;
};

static struct stopwatch
start(void)
{
	return ((struct stopwatch){
	    seconds(CLOCK_PROCESS_CPUTIME_ID), seconds(CLOCK_MONOTONIC)});
}

static void
stop(struct stopwatch since, const char *what, size_t count)
{
	printf("{\"what\":\"%s\",\"count\":%zu,\"cpu\":%.6f,\"wall\":%.6f}\n",
	    what, count, seconds(CLOCK_PROCESS_CPUTIME_ID) - since.cpu,
	    seconds(CLOCK_MONOTONIC) - since.wall);
}

static void
decode(void)
{
	struct stopwatch watch = {0};
	char *line = NULL;
	size_t room = 0, count = 0;
	ssize_t length;
	double spent = 0, wall = 0;

	while ((length = getline(&line, &room, stdin)) > 0) {
		json_tokener *tokener = json_tokener_new();
		json_object *record;

		watch = start();
		record = json_tokener_parse_ex(tokener, line, (int)length);
		if (record == NULL)
			log_fatal("not JSON: %s", line);
		json_object_put(record);
		spent += seconds(CLOCK_PROCESS_CPUTIME_ID) - watch.cpu;
		wall += seconds(CLOCK_MONOTONIC) - watch.wall;
		json_tokener_free(tokener);
		count++;
	}
	free(line);
	printf("{\"what\":\"json-c\",\"count\":%zu,\"cpu\":%.6f,"
	       "\"wall\":%.6f}\n",
	    count, spent, wall);
}

static size_t
sources_of(const char *file)
{
	rrd_info_t *info = rrd_info_r(file), *at;
	size_t count = 0;

	for (at = info; at != NULL; at = at->next)
		count += strncmp(at->key, "ds[", 3) == 0 &&
			 strstr(at->key, "].index") != NULL;
	rrd_info_free(info);
	return (count);
}

/* A row of some delays and counts, as many as there are data sources. */
static void
write_row(char *line, size_t room, time_t when, size_t sources)
{
	int used = snprintf(line, room, "%ld", (long)when);

	for (size_t i = 0; i < sources; i++)
		used += snprintf(line + used, room - (size_t)used, ":%s",
		    i < 8 ? "0.0123456789" : "10");
}

static void
update_all(char **files, size_t count, time_t *last, size_t sources)
{
	for (size_t i = 0; i < count; i++) {
		char line[600];
		const char *lines[] = {line};

		last[i] += 60;
		write_row(line, sizeof(line), last[i], sources);
		if (rrd_update_r(files[i], NULL, 1, lines) == -1)
			log_fatal("%s", rrd_get_error());
	}
}

static void
update(char **files, size_t count)
{
	time_t *last = memory_new(count, sizeof(*last));
	size_t sources = sources_of(files[0]);
	struct stopwatch watch;

	for (size_t i = 0; i < count; i++)
		last[i] = rrd_last_r(files[i]);
	update_all(
	    files, count, last, sources); /* pages in memory, as the store's */
	watch = start();
	for (int i = 0; i < ROUNDS; i++)
		update_all(files, count, last, sources);
	stop(watch, "rrd_update", ROUNDS * count);
	free(last);
}

static void
make_small(const char *path, time_t now)
{
	static const char *const shape[] = {"DS:a:GAUGE:60:U:U",
	    "DS:b:GAUGE:60:U:U", "DS:c:GAUGE:60:U:U", "DS:d:GAUGE:60:U:U",
	    "DS:e:GAUGE:60:U:U", "DS:f:GAUGE:60:U:U", "DS:g:GAUGE:60:U:U",
	    "DS:h:GAUGE:60:U:U", "RRA:AVERAGE:0.5:1:120",
	    "RRA:AVERAGE:0.5:5:120", "RRA:AVERAGE:0.5:60:120"};
	char line[100];
	const char *lines[] = {line};

	snprintf(line, sizeof(line), "%ld:1:2:3:4:5:6:7:8", (long)now);
	if (rrd_create_r(path, 60, now - 60,
		(int)(sizeof(shape) / sizeof(*shape)),
		(const char **)shape) == -1 ||
	    rrd_update_r(path, NULL, 1, lines) == -1)
		log_fatal("%s", rrd_get_error());
}

static void
fetch_one(const char *path, time_t now)
{
	time_t from = now - 60, to = now;
	unsigned long step = 60, count;
	rrd_value_t *values;
	char **names;

	if (rrd_fetch_r(path, "AVERAGE", &from, &to, &step, &count, &names,
		&values) == -1)
		log_fatal("%s", rrd_get_error());
	for (unsigned long i = 0; i < count; i++)
		rrd_freemem(names[i]);
	rrd_freemem(names);
	rrd_freemem(values);
}

static void
fetch(const char *dir, size_t count)
{
	time_t now = time(NULL) / 60 * 60;
	char **paths = memory_new(count, sizeof(*paths));
	struct stopwatch watch;

	for (size_t i = 0; i < count; i++) {
		paths[i] = memory_print("%s/%zu.rrd", dir, i);
		make_small(paths[i], now);
		fetch_one(paths[i], now);
	}
	watch = start();
	for (size_t i = 0; i < count; i++)
		fetch_one(paths[i], now);
	stop(watch, "rrd_fetch", count);
	for (size_t i = 0; i < count; i++)
		free(paths[i]);
	free(paths);
}

static void
handshake(const char *pki, const char *boxes)
{
	printf("{\"what\":\"handshake\",\"count\":%d,\"cpu\":%.6f}\n",
	    HANDSHAKES, handshake_server(pki, boxes, HANDSHAKES));
}

static void
append(char **argv)
{
	struct append_about about = {.file = argv[0],
	    .length = strtoull(argv[1], NULL, 10),
	    .count = strtoull(argv[2], NULL, 10),
	    .pause = strtod(argv[3], NULL)};
	double grows = append_median(&about);

	about.again = true;
	printf("{\"what\":\"append\",\"grows\":%.9f,\"again\":%.9f}\n", grows,
	    append_median(&about));
}

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "json") == 0)
		decode();
	else if (strcmp(what, "update") == 0 && argc > 2)
		update(argv + 2, (size_t)argc - 2);
	else if (strcmp(what, "fetch") == 0 && argc == 4)
		fetch(argv[2], strtoull(argv[3], NULL, 10));
	else if (strcmp(what, "handshake") == 0 && argc == 4)
		handshake(argv[2], argv[3]);
	else if (strcmp(what, "append") == 0 && argc == 6)
		append(argv + 2);
	else
		log_fatal("usage: alone json|update FILE...|fetch DIR FILES|"
			  "handshake PKI BOXES|append FILE BYTES COUNT PAUSE");
	return (0);
}
