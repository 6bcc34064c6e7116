/* SPDX-License-Identifier: BSD-2-Clause */
/* What a box says of itself comes back out of the registry, and its manifests
 * are such as a fleet can be checked against. */
#include <stdlib.h>
#include <string.h>

#include "collector/registry.h"
#include "common/catalog.h"
#include "common/error.h"
#include "common/manifest.h"
#include "common/member.h"
#include "common/memory.h"
#include "tests/fuzz/specimen.h"
#include "tests/fuzz/target.h"

#define NOW (INT64_C(1795300000) * NS_PER_S)

static struct registry *registry;

static void
close_registry(void)
{
	registry_free(registry);
}

static void
open_registry(void)
{
	static const struct registry_certificate certificate = {
	    .box = "lon",
	    .pem = "pem",
	    .fingerprint = "fingerprint",
	    .key = "key",
	    .until = NOW + NOW / 2,
	};
	char *path = memory_print("%s/registry.db", specimen_folder());
	static const uint8_t secret[32];

	registry = registry_open(path, false, NULL);
	if (registry == NULL ||
	    registry_add_token(
		registry, "lon", secret, NOW, NOW + NS_PER_S, NULL) == -1 ||
	    registry_enrol(registry, secret, &certificate, NOW, NULL) == -1)
		abort();
	free(path);
	atexit(close_registry);
}

static void
try_boxes(void)
{
	struct registry_box *boxes;
	int count = registry_boxes(registry, &boxes, NULL);

	if (count != 1 || strcmp(boxes[0].name, "lon") != 0 ||
	    boxes[0].heard != NOW || boxes[0].hello == NULL)
		abort();
	registry_boxes_free(boxes, count);
}

/* Each is one that a plan's options can be checked by. */
static void
try_catalog(void)
{
	struct catalog *catalog = catalog_new();

	if (registry_catalog(registry, catalog, NULL) == -1)
		abort();
	for (size_t i = 0; i < catalog_size(catalog); i++)
		if (manifest_check(catalog_at(catalog, i), NULL) == -1)
			abort();
	catalog_free(catalog);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_object *hello = member_parse((const char *)data, size, NULL);
	int news;

	if (registry == NULL)
		open_registry();
	if (json_object_is_type(hello, json_type_object)) {
		news = registry_heard(registry, "lon", hello, NOW, NULL);
		if (news == -1)
			abort();
		try_boxes();
		if (news == 1)
			try_catalog();
	}
	json_object_put(hello);
	return (0);
}
