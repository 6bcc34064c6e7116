/* SPDX-License-Identifier: BSD-2-Clause */
/* What member_parse accepts, it also accepts once it is written again. */
#include "common/member.h"

#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/target.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err;
	json_object *first, *second;
	const char *text;

	first = member_parse((const char *)data, size, &err);
	if (first == NULL) {
		if (memchr(err.text, '\0', sizeof(err.text)) == NULL)
			abort();
		return (0);
	}
	text = json_object_to_json_string_ext(first, JSON_C_TO_STRING_PLAIN);
	second = member_parse(text, strlen(text), NULL);
	if (second == NULL || !json_object_equal(first, second))
		abort();
	json_object_put(second);
	json_object_put(first);
	return (0);
}
