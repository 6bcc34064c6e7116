/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/registered.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "tests/unit/folder.h"

const uint8_t registered_secret[32] = "thirty-two bytes of great secret";
const uint8_t registered_other[32] = "another thirty-two byte secret..";

struct registry *
registered_open(void **state, bool read_only)
{
	char *path = folder_path(state, "registry.db");
	struct error err;
	struct registry *registry = registry_open(path, read_only, &err);

	free(path);
	if (registry == NULL)
		fail_msg("%s", err.text);
	return (registry);
}

struct registry *
registered_token(void **state)
{
	struct registry *registry = registered_open(state, false);
	struct error err;

	assert_int_equal(registry_add_token(registry, "lon", registered_secret,
			     NOW, NOW + DAY, &err),
	    0);
	return (registry);
}

void
registered_enrol(
    struct registry *registry, const char *key, const char *fingerprint)
{
	struct error err;

	assert_int_equal(registry_enrol(registry, registered_secret,
			     &(const struct registry_certificate){"lon", "PEM",
				 fingerprint, key, NOW + 90 * DAY},
			     NOW, &err),
	    0);
}

void
registered_renew(
    struct registry *registry, const char *fingerprint, nanoseconds now)
{
	struct error err;

	assert_int_equal(registry_renew(registry,
			     &(const struct registry_certificate){"lon", "PEM",
				 fingerprint, "key1", now + 90 * DAY},
			     now, &err),
	    0);
}

void
registered_refusal(struct registry *registry, const uint8_t token[static 32],
    const char *key, nanoseconds now, const char *why)
{
	char box[NAME_TEXT], *certificate;
	struct error err;

	assert_int_equal(registry_use_token(registry, token, key, now, box,
			     &certificate, &err),
	    -1);
	assert_null(certificate);
	if (strstr(err.text, why) == NULL)
		fail_msg("'%s' does not say '%s'", err.text, why);
}

struct registry_box
registered_box(struct registry *registry)
{
	struct registry_box *boxes, box;
	struct error err;

	assert_int_equal(registry_boxes(registry, &boxes, &err), 1);
	box = boxes[0];
	json_object_get(box.hello);
	registry_boxes_free(boxes, 1);
	return (box);
}
