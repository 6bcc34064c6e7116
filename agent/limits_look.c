/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "agent/limits.h"
#include "common/catalog.h"
#include "common/error.h"
#include "common/log.h"
#include "common/manifest.h"
#include "common/memory.h"
#include "common/name.h"

/* The one of those installed that was probably meant, or NULL. */
static const char *
nearest(const struct catalog *catalog, const char *probe)
{
	size_t count = catalog_size(catalog);
	const char **names = memory_new(count + 1, sizeof(*names)), *found;

	for (size_t i = 0; i < count; i++)
		names[i] = catalog_at(catalog, i)->name;
	found = name_nearest(names, probe);
	free(names);
	return (found);
}

static void
look(const struct catalog *catalog, const char *probe, const char *path)
{
	const char *meant;

	if (catalog_find(catalog, probe) != NULL)
		return;
	meant = nearest(catalog, probe);
	if (meant != NULL)
		log_warnx("%s: forbid: no probe %s is installed here; did you "
			  "mean %s?",
		    path, probe, meant);
	else
		log_warnx(
		    "%s: forbid: no probe %s is installed here", path, probe);
}

void
limits_look(const struct limits_rules *rules, const char *path)
{
	struct catalog *catalog;
	struct error err;

	if (rules->forbidden_count == 0)
		return;
	catalog = catalog_new();
	if (catalog_add_installed(catalog, &err) == -1)
		log_warnx("%s", err.text);
	else
		for (size_t i = 0; i < rules->forbidden_count; i++)
			look(catalog, rules->forbidden[i], path);
	catalog_free(catalog);
}
