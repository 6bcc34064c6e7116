/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/batches.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/identity.h"
#include "common/memory.h"
#include "common/packing.h"
#include "common/summary.h"

#define PACKETS 10
#define SPACING (100 * NS_PER_MS)
#define RUN (PACKETS * SPACING)
#define MINUTE (60 * NS_PER_S)

struct run {
	size_t to;
	nanoseconds start;
};

static int
by_start(const void *a, const void *b)
{
	const struct run *x = a, *y = b;

	return ((x->start > y->start) - (x->start < y->start));
}

/* Round trip times of one run: a floor that the pair has, and a tail. */
static json_object *
distribution(size_t from, size_t to)
{
	int64_t samples[PACKETS], least = 5 + (int64_t)((from * 7 + to) % 150);
	struct summary summary = {0};
	json_object *json;

	for (size_t i = 0; i < PACKETS; i++) {
		double luck = drand48();

		samples[i] = least * NS_PER_MS + lrand48() % NS_PER_US +
			     (int64_t)(luck * luck * luck * 3 * NS_PER_MS);
	}
	summary_fill(&summary, samples, PACKETS);
	json = summary_json(&summary);
	summary_clear(&summary);
	return (json);
}

static void
write_record(FILE *out, const struct batches_about *about,
    const struct run *run, size_t sequence)
{
	json_object *rtt = distribution(about->box, run->to);
	nanoseconds end = run->start + RUN + lrand48() % SPACING;
	char src[NAME_TEXT], dst[NAME_TEXT];

	identity_name(about->box, src);
	identity_name(run->to, dst);
	fprintf(out,
	    "{\"v\":1,\"id\":\"%s/%s/%zu\",\"plan\":1,\"test\":\"%s\","
	    "\"probe\":\"%s\",\"src\":\"%s\",\"dst\":\"%s\",\"agent\":\"%s\","
	    "\"address\":\"10.0.%zu.%zu\",\"family\":4,\"start\":%.9f,"
	    "\"end\":%.9f,\"outcome\":\"measured\",\"lateness\":0.0000%03ld,"
	    "\"clock\":{\"src\":{\"source\":\"chrony\",\"error\":0.000%03ld},"
	    "\"stamps\":\"kernel/kernel\"},\"metrics\":{\"sent\":%d,"
	    "\"received\":%d,\"lost\":0,\"late\":0,\"lost_locally\":0,"
	    "\"duplicates\":0,\"reordered\":0,\"corrupted\":0,\"rtt\":%s}}\n",
	    src, about->epoch, sequence, about->test, about->probe, src, dst,
	    src, run->to / 250, run->to % 250 + 1, clock_seconds(run->start),
	    clock_seconds(end), lrand48() % 1000, lrand48() % 1000, PACKETS,
	    PACKETS,
	    json_object_to_json_string_ext(rtt, JSON_C_TO_STRING_PLAIN));
	json_object_put(rtt);
}

static size_t
pairs_of(const struct batches_about *about)
{
	return (about->pairs > 0 ? about->pairs : about->boxes - 1);
}

/* One minute's runs in the order of their starts, and so of their ends. */
static void
plan_minute(
    const struct batches_about *about, nanoseconds start, struct run *runs)
{
	size_t count = pairs_of(about);

	for (size_t i = 0; i < count; i++) {
		runs[i].to = (about->box + 1 + i) % about->boxes;
		runs[i].start =
		    start + (nanoseconds)(drand48() * (MINUTE - 2 * RUN));
	}
	qsort(runs, count, sizeof(*runs), by_start);
}

static void
pack(struct packed *into, char *text, size_t length, size_t records)
{
	into->data = packing_pack(text, length, &into->length);
	into->records = records;
	into->plain = length;
	free(text);
}

struct packed *
batches_make(const struct batches_about *about, size_t *count)
{
	size_t pairs = pairs_of(about), all = pairs * about->minutes, length;
	struct run *runs = memory_new(pairs, sizeof(*runs));
	struct packed *batches =
	    memory_new(all / about->batch + 1, sizeof(*batches));
	char *text = NULL;
	FILE *out = NULL;

	srand48((long)(about->box + about->sequence));
	*count = 0;
	for (size_t i = 0; i < all; i++) {
		if (i % pairs == 0)
			plan_minute(about,
			    about->start + (nanoseconds)(i / pairs) * MINUTE,
			    runs);
		if (i % about->batch == 0)
			out = open_memstream(&text, &length);
		write_record(out, about, &runs[i % pairs], about->sequence + i);
		if ((i + 1) % about->batch > 0 && i + 1 < all)
			continue;
		fclose(out);
		pack(&batches[(*count)++], text, length, i % about->batch + 1);
	}
	free(runs);
	return (batches);
}

void
batches_free(struct packed *batches, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(batches[i].data);
	free(batches);
}

char *
batches_text(const struct batches_about *about, size_t *length)
{
	size_t pairs = pairs_of(about);
	struct run *runs = memory_new(pairs, sizeof(*runs));
	char *text = NULL;
	FILE *out = open_memstream(&text, length);

	plan_minute(about, about->start, runs);
	for (size_t i = 0; i < pairs; i++)
		write_record(out, about, &runs[i], about->sequence + i);
	fclose(out);
	free(runs);
	return (text);
}
