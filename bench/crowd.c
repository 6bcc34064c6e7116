/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/crowd.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <getopt.h>
#include <signal.h>
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

static void
read_options(struct crowd *crowd, int argc, char **argv)
{
	static const struct option options[] = {
	    {"folder", required_argument, NULL, 'd'},
	    {"port", required_argument, NULL, 'p'},
	    {"test", required_argument, NULL, 't'},
	    {"probe", required_argument, NULL, 'r'},
	    {"first", required_argument, NULL, 'f'},
	    {"boxes", required_argument, NULL, 'b'},
	    {"mesh", required_argument, NULL, 'm'},
	    {"pairs", required_argument, NULL, 'n'},
	    {"start", required_argument, NULL, 's'},
	    {"minutes", required_argument, NULL, 'M'},
	    {"batch", required_argument, NULL, 'B'},
	    {"sequence", required_argument, NULL, 'q'},
	    {"epoch", required_argument, NULL, 'e'},
	    {"pause", required_argument, NULL, 'w'},
	    {"plans", required_argument, NULL, 'P'},
	    {"beat", required_argument, NULL, 'h'},
	    {NULL},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'd':
			crowd->folder = optarg;
			break;
		case 'p':
			crowd->to.sin_port = htons((in_port_t)whole(optarg));
			break;
		case 't':
			crowd->test = optarg;
			break;
		case 'r':
			crowd->probe = optarg;
			break;
		case 'f':
			crowd->first = whole(optarg);
			break;
		case 'b':
			crowd->boxes = whole(optarg);
			break;
		case 'm':
			crowd->mesh = whole(optarg);
			break;
		case 'n':
			crowd->pairs = whole(optarg);
			break;
		case 's':
			crowd->start = (nanoseconds)whole(optarg) * NS_PER_S;
			break;
		case 'M':
			crowd->minutes = whole(optarg);
			break;
		case 'B':
			crowd->batch = whole(optarg);
			break;
		case 'q':
			crowd->sequence = whole(optarg);
			break;
		case 'e':
			crowd->epoch = optarg;
			break;
		case 'w':
			crowd->pause = atof(optarg);
			break;
		case 'P':
			crowd->plans = whole(optarg);
			break;
		case 'h':
			crowd->beat = atof(optarg);
			break;
		default:
			fputs(usage, stderr);
			exit(2);
		}
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
