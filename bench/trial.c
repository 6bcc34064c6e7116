/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trial - one trial of emulated links, its result as JSON.
 *
 *   trial [--links N] [--pace N] [--seconds S] [--length BYTES] [--early NS]
 *       [--netem | --plain] [--busy] [NAME=VALUE...]
 *
 * NAME=VALUE as in a topology: delay=10ms loss=10%
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/log.h"
#include "common/member.h"
#include "lab/trial.h"

static void
read_way(char **words, struct way *way)
{
	json_object *values = json_object_new_object(), *value;
	struct error err;

	for (; *words != NULL; words++) {
		char *text = strchr(*words, '=');
		const struct setting *setting;

		if (text == NULL)
			log_fatal("%s: expected NAME=VALUE", *words);
		*text++ = '\0';
		if ((setting = option_find(way_options, *words)) == NULL)
			log_fatal("%s: there is no such option", *words);
		if ((value = option_json(setting, text, &err)) == NULL)
			log_fatal("%s: %s", *words, err.text);
		json_object_object_add(values, *words, value);
	}
	if (option_load(way_options, way, values, &err) == -1)
		log_fatal("%s", err.text);
	json_object_put(values);
}

static const struct option options[] = {{"links", required_argument, NULL, 'l'},
    {"pace", required_argument, NULL, 'p'},
    {"seconds", required_argument, NULL, 's'},
    {"length", required_argument, NULL, 'b'},
    {"early", required_argument, NULL, 'e'}, {"netem", no_argument, NULL, 'n'},
    {"plain", no_argument, NULL, 'v'}, {"busy", no_argument, NULL, 'c'},
    {NULL}};

static void
read_options(int argc, char **argv, struct trial *trial)
{
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		double value = optarg != NULL ? strtod(optarg, NULL) : 0;

		if (c == 'l')
			trial->links = (size_t)value;
		else if (c == 'p')
			trial->pace = value;
		else if (c == 's')
			trial->lasts = value;
		else if (c == 'b')
			trial->length = (size_t)value;
		else if (c == 'e')
			trial->early = (long)value;
		else if (c == 'n')
			trial->kind = TRIAL_NETEM;
		else if (c == 'v')
			trial->kind = TRIAL_PLAIN;
		else if (c == 'c')
			trial->busy = true;
		else
			exit(2);
	}
}

static void
print(const struct trial_result *result)
{
	json_object *o = json_object_new_object();

	member_add_whole(o, "sent", (int64_t)result->sent);
	member_add_whole(o, "arrived", (int64_t)result->arrived);
	member_add_whole(o, "unseen", (int64_t)result->unseen);
	member_add_whole(o, "dropped", (int64_t)result->dropped);
	member_add_duration(o, "least", result->least);
	member_add_duration(o, "p50", result->p50);
	member_add_duration(o, "p99", result->p99);
	member_add_duration(o, "most", result->most);
	member_add_number(o, "rate", result->rate);
	member_add_number(o, "share", result->share);
	json_object_object_add(
	    o, "realtime", json_object_new_boolean(result->realtime));
	printf(
	    "%s\n", json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
}

int
main(int argc, char **argv)
{
	struct trial trial = {
	    .links = 1, .pace = 1000, .lasts = 1, .length = 100};
	struct trial_result result;
	struct error err;

	log_open("trial", false);
	read_options(argc, argv, &trial);
	read_way(argv + optind, &trial.way);
	if (trial_run(&trial, &result, &err) == -1)
		log_fatal("%s", err.text);
	print(&result);
	return (0);
}
