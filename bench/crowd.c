/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/crowd.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <getopt.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/batches.h"
#include "common/error.h"
#include "common/log.h"

#define BOXES_PER_ADDRESS 2000

static const char usage[] =
    "usage: crowd enrol STATE --folder DIR --first N --boxes N\n"
    "       crowd records|send|hold --folder DIR [OPTION...]\n";

void
crowd_address(const struct crowd *crowd, size_t box, struct sockaddr_in *from)
{
	uint32_t host = INADDR_LOOPBACK + 1 +
			(uint32_t)((crowd->first + box) / BOXES_PER_ADDRESS);

	*from = (struct sockaddr_in){
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(host)};
}

static int
print_records(const struct crowd *crowd)
{
	struct batches_about about = {.test = crowd->test,
	    .probe = crowd->probe,
	    .boxes = crowd->mesh,
	    .box = crowd->first,
	    .pairs = crowd->pairs,
	    .start = crowd->start,
	    .sequence = crowd->sequence,
	    .epoch = crowd->epoch};
	size_t length;

	for (size_t i = 0; i < crowd->minutes; i++) {
		char *text = batches_text(&about, &length);

		fwrite(text, 1, length, stdout);
		free(text);
		about.start += 60 * NS_PER_S;
		about.sequence += crowd->mesh - 1;
	}
	return (0);
}

static size_t
whole(const char *text)
{
	return ((size_t)strtoull(text, NULL, 10));
}

enum kind { TEXT, WHOLE, SECONDS, START, PORT };

static const struct {
	const char *name;
	enum kind kind;
	size_t at; /* in struct crowd */
} options[] = {
    {"folder", TEXT, offsetof(struct crowd, folder)},
    {"test", TEXT, offsetof(struct crowd, test)},
    {"probe", TEXT, offsetof(struct crowd, probe)},
    {"epoch", TEXT, offsetof(struct crowd, epoch)},
    {"first", WHOLE, offsetof(struct crowd, first)},
    {"boxes", WHOLE, offsetof(struct crowd, boxes)},
    {"mesh", WHOLE, offsetof(struct crowd, mesh)},
    {"pairs", WHOLE, offsetof(struct crowd, pairs)},
    {"minutes", WHOLE, offsetof(struct crowd, minutes)},
    {"batch", WHOLE, offsetof(struct crowd, batch)},
    {"sequence", WHOLE, offsetof(struct crowd, sequence)},
    {"plans", WHOLE, offsetof(struct crowd, plans)},
    {"pause", SECONDS, offsetof(struct crowd, pause)},
    {"beat", SECONDS, offsetof(struct crowd, beat)},
    {"start", START, offsetof(struct crowd, start)},
    {"port", PORT, offsetof(struct crowd, to.sin_port)},
};

#define OPTIONS (sizeof(options) / sizeof(options[0]))

static void
take(struct crowd *crowd, enum kind kind, size_t offset, const char *text)
{
	void *at = (char *)crowd + offset;

	switch (kind) {
	case TEXT:
		*(const char **)at = text;
		break;
	case WHOLE:
		*(size_t *)at = whole(text);
		break;
	case SECONDS:
		*(double *)at = atof(text);
		break;
	case START:
		*(nanoseconds *)at = (nanoseconds)whole(text) * NS_PER_S;
		break;
	case PORT:
		*(in_port_t *)at = htons((in_port_t)whole(text));
		break;
	}
}

static void
read_options(struct crowd *crowd, int argc, char **argv)
{
	struct option longs[OPTIONS + 1] = {{NULL}};
	int found, i;

	for (size_t k = 0; k < OPTIONS; k++)
		longs[k] = (struct option){
		    options[k].name, required_argument, NULL, 0};
	while ((found = getopt_long(argc, argv, "", longs, &i)) == 0)
		take(crowd, options[i].kind, options[i].at, optarg);
	if (found != -1) {
		fputs(usage, stderr);
		exit(2);
	}
}

static int
meet(struct crowd *crowd, int (*act)(struct crowd *))
{
	struct error err;
	int result;

	if (identities_read(&crowd->identities, crowd->folder, crowd->first,
		crowd->boxes, &err) == -1)
		log_fatal("%s", err.text);
	crowd->base = event_base_new();
	result = act(crowd);
	event_base_free(crowd->base);
	identities_clear(&crowd->identities);
	return (result);
}

int
main(int argc, char **argv)
{
	struct crowd crowd = {.to = {.sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)},
	    .boxes = 1,
	    .minutes = 1,
	    .batch = 100,
	    .sequence = 1,
	    .epoch = "0123456789abcdef",
	    .beat = 15};
	const char *act = argc > 1 ? argv[1] : "";
	struct error err;

	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	read_options(&crowd, argc - 1, argv + 1);
	if (strcmp(act, "records") == 0)
		return (print_records(&crowd));
	if (strcmp(act, "send") == 0)
		return (meet(&crowd, crowd_send));
	if (strcmp(act, "hold") == 0)
		return (meet(&crowd, crowd_hold));
	if (strcmp(act, "enrol") != 0 || optind + 1 >= argc) {
		fputs(usage, stderr);
		return (2);
	}
	if (identities_make(argv[optind + 1], crowd.folder, crowd.first,
		crowd.boxes, &err) == -1)
		log_fatal("%s", err.text);
	return (0);
}
