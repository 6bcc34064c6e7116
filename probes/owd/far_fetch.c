/* SPDX-License-Identifier: BSD-2-Clause */
/* A session's packets are sent to who fetches them, as fast as he reads. */
#include <event2/buffer.h>
#include <stdlib.h>

#include "common/memory.h"
#include "probes/owamp/ntp.h"
#include "probes/owd/far_parts.h"

#define RECORDS 256 /* before a look at how much waits */

struct far_fetch {
	struct shelf_item *item; /* held */
	struct trace_reader *reader;
};

void
far_fetch_free(struct far_fetch *fetch)
{
	if (fetch == NULL)
		return;
	trace_read_free(fetch->reader);
	shelf_release(fetch->item);
	free(fetch);
}

static void
finish(struct far_line *line)
{
	outlet_end(server_outlet(line->server));
	far_fetch_free(line->fetch);
	line->fetch = NULL;
	server_fetched(line->server);
}

/* False: that was all. */
static bool
send_records(struct far_line *line)
{
	struct message_record record;

	for (unsigned i = 0; i < RECORDS; i++) {
		if (!trace_read_next(line->fetch->reader, &record))
			return (false);
		outlet_record(server_outlet(line->server), &record);
	}
	return (true);
}

void
far_fetch_more(struct far_line *line)
{
	struct evbuffer *output = bufferevent_get_output(line->stream);

	while (!line->closed && line->fetch != NULL &&
	       evbuffer_get_length(output) < FAR_BACKLOG) {
		if (!send_records(line))
			finish(line);
		far_line_flush(line);
	}
}

static void
begin(struct far_line *line, struct shelf_item *item)
{
	const struct message_fetch *wanted =
	    &server_message(line->server)->fetch;
	struct outlet *outlet = server_outlet(line->server);
	struct message_fetched fetched = {.finished = (uint8_t)item->end};
	struct message_stopped stopped = trace_stopped(item->trace);
	const struct trace_span span = {.begin = wanted->begin,
	    .end = wanted->end,
	    .until = item->end == SHELF_RUNS
			 ? ntp_of_wall(line->far->host->wall())
			 : item->when,
	    .strict = !server_states(line->server),
	    .estimate = far_estimate(line->far)};

	shelf_hold(item);
	line->fetch = memory_new(1, sizeof(*line->fetch));
	line->fetch->item = item;
	line->fetch->reader = trace_read(item->trace, &span);
	fetched.next = stopped.next;
	fetched.skips = stopped.skip_count;
	fetched.records = trace_read_count(line->fetch->reader);
	outlet_fetched(outlet, &fetched);
	outlet_request(outlet, &item->request);
	outlet_skips(outlet, stopped.skips, stopped.skip_count);
}

void
far_fetch(struct far_line *line)
{
	const struct message_fetch *wanted =
	    &server_message(line->server)->fetch;
	struct shelf_item *item = shelf_find(line->far->shelf, wanted->sid);

	if (item == NULL ||
	    (item->keyed && server_mode(line->server) == MODE_OPEN)) {
		outlet_fetched(server_outlet(line->server),
		    &(struct message_fetched){.accept = ACCEPT_REJECTED});
		server_fetched(line->server);
		return;
	}
	begin(line, item);
	far_fetch_more(line);
}
