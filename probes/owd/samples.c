/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/samples.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/memory.h"
#include "probes/owamp/ntp.h"

#define LINE 256
#define BYTES (SAMPLES_MOST * 60) /* of all; the record has other things, too */

void
samples_clear(struct samples *samples)
{
	free(samples->json);
	*samples = (struct samples){0};
}

static int
write_sample(const struct message_record *r, char text[static LINE])
{
	int n = snprintf(text, LINE, "[%" PRIu32 ",%.9f", r->sequence,
	    clock_seconds(ntp_wall(r->sent)));

	if (r->received != 0)
		n += snprintf(text + n, (size_t)(LINE - n), ",%.9f",
		    clock_seconds(ntp_between(r->sent, r->received)));
	if (r->received != 0 && r->ttl != MESSAGE_TTL_UNKNOWN)
		n += snprintf(
		    text + n, (size_t)(LINE - n), ",%u", (unsigned)r->ttl);
	return (n + snprintf(text + n, (size_t)(LINE - n), "]"));
}

static void
append(struct samples *samples, const char *text)
{
	while (samples->room - samples->length < LINE) {
		samples->room = 2 * samples->room + LINE;
		samples->json = memory_resize(samples->json, samples->room, 1);
	}
	samples->length += (size_t)snprintf(samples->json + samples->length,
	    samples->room - samples->length, "%s", text);
}

bool
samples_add(struct samples *samples, const struct message_record *record)
{
	char line[LINE];

	if (samples->cut || samples->count == SAMPLES_MOST ||
	    samples->length + (size_t)write_sample(record, line) > BYTES) {
		samples->cut = true;
		return (false);
	}
	append(samples, samples->count++ == 0 ? "{\"packets\":[" : ",");
	append(samples, line);
	return (true);
}

void
samples_give(struct samples *samples, struct probe_run *run)
{
	if (samples->count == 0)
		append(samples, "{\"packets\":[");
	append(samples, samples->cut ? "],\"cut\":true}" : "]}");
	run->worker->host->detail(run, "samples", samples->json);
	samples_clear(samples);
}
