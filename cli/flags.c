/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/flags.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/catalog.h"
#include "common/error.h"
#include "common/manifest.h"
#include "common/memory.h"
#include "common/name.h"

#define OTHERS_MOST 16

struct option *
flags_new(const struct setting *settings, const struct option *others)
{
	struct option *flags;
	size_t n = 0, m = 0;

	while (settings[n].name != NULL)
		n++;
	while (others[m].name != NULL)
		m++;
	flags = memory_new(n + m + 1, sizeof(*flags));
	for (size_t i = 0; i < n; i++)
		flags[i] = (struct option){settings[i].name,
		    settings[i].type == OPTION_FLAG ? optional_argument
						    : required_argument,
		    NULL, FLAGS_FIRST + (int)i};
	memcpy(flags + n, others, m * sizeof(*flags));
	return (flags);
}

void
flags_say_unknown(const struct option *flags, const char *given)
{
	const char *names[SETTINGS_MOST + OTHERS_MOST] = {NULL}, *nearest;
	char *name = memory_text(given + strspn(given, "-")), *all;

	name[strcspn(name, "=")] = '\0';
	for (size_t i = 0; flags[i].name != NULL; i++)
		names[i] = flags[i].name;
	nearest = name_nearest(names, name);
	all = name_join(names);
	if (nearest != NULL)
		fprintf(stderr,
		    "pharos: there is no option --%s, did you mean --%s?\n",
		    name, nearest);
	else
		fprintf(stderr,
		    "pharos: there is no option --%s, expected one of: %s\n",
		    name, all);
	free(all);
	free(name);
}

/* A flag alone says yes; what it is may stand behind it, too. */
static const char *
flag_text(int argc, char **argv)
{
	if (optarg != NULL)
		return (optarg);
	if (optind < argc && (strcmp(argv[optind], "yes") == 0 ||
				 strcmp(argv[optind], "no") == 0))
		return (argv[optind++]);
	return ("yes");
}

int
flags_take(struct json_object *values, const struct setting *settings,
    int value, int argc, char **argv, struct error *err)
{
	const struct setting *setting = &settings[value - FLAGS_FIRST];
	const char *text =
	    setting->type == OPTION_FLAG ? flag_text(argc, argv) : optarg;
	json_object *json = option_json(setting, text, err);

	if (json == NULL)
		return (error_place(err, "--%s", setting->name));
	json_object_object_add(values, setting->name, json);
	return (0);
}

int
flags_say_no_probe(const struct catalog *catalog, const char *name)
{
	size_t count = 0, all_count = catalog_size(catalog);
	const char **names = memory_new(all_count + 1, sizeof(*names));
	char *all;

	for (size_t i = 0; i < all_count; i++)
		if (!catalog_at(catalog, i)->of_host)
			names[count++] = catalog_at(catalog, i)->name;
	all = name_join(names);
	fprintf(stderr,
	    "pharos: there is no probe \"%s\" here, expected one of: %s\n",
	    name, all);
	free(all);
	free(names);
	return (2);
}
