/* SPDX-License-Identifier: BSD-2-Clause */
/* A manifest that was accepted survives being written and read again, and its
 * defaults load. */
#include "common/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "common/member.h"
#include "tests/fuzz/target.h"

static void
try_options(const struct setting *table)
{
	for (; table->name != NULL; table++) {
		char *accepts = option_accepts(table);

		if (accepts[0] == '\0')
			abort();
		free(accepts);
	}
}

static void
try_manifest(const struct manifest *first)
{
	json_object *before = manifest_json(first), *after;
	struct manifest *second = manifest_parse(before, NULL);

	if (second == NULL)
		abort();
	after = manifest_json(second);
	if (!json_object_equal(before, after))
		abort();
	try_options(second->settings);
	json_object_put(before);
	json_object_put(after);
	manifest_free(second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_object *json = member_parse((const char *)data, size, NULL);
	struct manifest *manifest;

	if (json == NULL)
		return (0);
	manifest = manifest_parse(json, NULL);
	json_object_put(json);
	if (manifest != NULL)
		try_manifest(manifest);
	manifest_free(manifest);
	return (0);
}
