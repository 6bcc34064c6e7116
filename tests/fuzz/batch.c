/* SPDX-License-Identifier: BSD-2-Clause */
/* The body of POST /agent/v1/records. What was taken is known the second time;
 * each line counts once. */
#include "collector/batch.h"

#include <stdlib.h>
#include <string.h>

#include "collector/checker.h"
#include "collector/intake.h"
#include "collector/journal.h"
#include "collector/registry.h"
#include "collector/renames.h"
#include "common/error.h"
#include "common/memory.h"
#include "common/packing.h"
#include "tests/fuzz/specimen.h"
#include "tests/fuzz/target.h"

#define NOW (INT64_C(1795300100) * NS_PER_S)
#define FILE_SIZE (INT64_C(256) * 1024 * 1024)

static struct journal *journal;
static struct registry *registry;
static struct checker *checker;

static void
open_books(void)
{
	char *path = memory_print("%s/registry.db", specimen_folder());

	journal = journal_open(specimen_folder(), FILE_SIZE, NULL);
	registry = registry_open(path, false, NULL);
	checker = checker_new();
	if (journal == NULL || registry == NULL)
		abort();
	free(path);
}

static void
close_books(void)
{
	checker_free(checker);
	journal_free(journal);
	registry_free(registry);
}

/* Never more than so much, whatever the few bytes of a bomb say. */
static char *
unpack(const uint8_t *data, size_t size, size_t *length)
{
	static const uint8_t magic[] = {0x28, 0xb5, 0x2f, 0xfd};
	int too_large;
	char *text;

	if (size >= sizeof(magic) && memcmp(data, magic, sizeof(magic)) == 0)
		return (packing_unpack(
		    data, size, INTAKE_BODY_MOST, length, &too_large, NULL));
	text = memory_new(size + 1, 1);
	memcpy(text, data, size);
	*length = size;
	return (text);
}

static size_t
lines(const char *text, size_t length)
{
	size_t count = 1;

	for (size_t i = 0; i < length; i++)
		count += text[i] == '\n';
	return (count);
}

static enum batch_verdict
take(const char *text, size_t length, struct batch *batch)
{
	static const struct renames renames;
	const struct batch_sender sender = {"lon", "lon", &renames};
	char *copy = memory_new(length + 1, 1);
	enum batch_verdict verdict;
	struct error err = {""};

	memcpy(copy, text, length);
	verdict = batch_take(journal, registry, checker, &sender, copy, length,
	    NOW, batch, &err);
	if (verdict == BATCH_BROKEN ||
	    (verdict == BATCH_BAD && strstr(err.text, "expected") == NULL) ||
	    (size_t)batch->taken + batch->again + batch->refused >
		lines(text, length))
		abort();
	free(copy);
	return (verdict);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct batch first, second;
	size_t length = 0;
	char *text;

	if (journal == NULL) {
		open_books();
		atexit(close_books);
	}
	if ((text = unpack(data, size, &length)) == NULL)
		return (0);
	if (length > INTAKE_BODY_MOST && size <= INTAKE_BODY_MOST)
		abort();
	if (take(text, length, &first) == BATCH_TAKEN &&
	    (take(text, length, &second) != BATCH_TAKEN || second.taken != 0 ||
		second.last != first.last))
		abort();
	journal_roll_back(journal);
	free(text);
	return (0);
}
