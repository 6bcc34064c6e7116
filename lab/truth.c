/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/truth.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/daemon.h"
#include "common/error.h"
#include "common/memory.h"
#include "lab/truth_file.h"
#include "lab/truth_parts.h"

#define MOST ((size_t)1 << 32) /* bytes of a file */

void
truth_free(struct truth *truth)
{
	if (truth == NULL)
		return;
	free(truth->bytes);
	free(truth->packets);
	free(truth->keys);
	free(truth->bits);
	free(truth->exits);
	free(truth->verdicts);
	free(truth);
}

void
truth_add(struct truth *truth, const struct truth_packet *packet)
{
	if (truth->count == truth->room) {
		truth->room = truth->room > 0 ? truth->room * 2 : 1024;
		truth->packets = memory_resize(
		    truth->packets, truth->room, sizeof(*truth->packets));
	}
	truth->packets[truth->count++] = *packet;
}

static void
add_exit(struct truth *truth, const struct truth_record *record)
{
	if (truth->exit_count == truth->exit_room) {
		truth->exit_room =
		    truth->exit_room > 0 ? truth->exit_room * 2 : 1024;
		truth->exits = memory_resize(
		    truth->exits, truth->exit_room, sizeof(*truth->exits));
	}
	truth->exits[truth->exit_count++] =
	    (struct truth_exit){.stamp = record->stamp,
		.hash = record->value,
		.length = record->length,
		.way = !record->end};
}

static void
take(
    struct truth *truth, const struct truth_record *record, const uint8_t *head)
{
	if (record->kind == TRUTH_ENTERED)
		truth_add(
		    truth, &(struct truth_packet){.entered = record->stamp,
			       .left = TRUTH_ABSENT,
			       .again = TRUTH_ABSENT,
			       .hash = record->value,
			       .length = record->length,
			       .way = record->end,
			       .kept = (uint8_t)record->kept,
			       .head = head});
	else if (record->kind == TRUTH_LEFT)
		add_exit(truth, record);
	else if (record->kind == TRUTH_DROPS)
		truth->drops[record->end] = record->value;
}

static int
check(const char *path, const char *magic, const uint8_t *bytes, size_t length,
    struct error *err)
{
	if (length >= 8 && memcmp(bytes, magic, 8) == 0)
		return (0);
	return (
	    error_set(err, "%s: does not begin with \"%.8s\"", path, magic));
}

int
truth_load(struct truth *truth, const char *path, struct error *err)
{
	size_t length, at = 8, size;
	struct truth_record record;

	truth->bytes = (uint8_t *)daemon_read_file(path, MOST, &length, err);
	if (truth->bytes == NULL ||
	    check(path, TRUTH_MAGIC, truth->bytes, length, err) == -1)
		return (-1);
	while (length - at >= sizeof(record)) {
		memcpy(&record, truth->bytes + at, sizeof(record));
		size = sizeof(record) + TRUTH_PADDED(record.kept);
		if (record.kept > TRUTH_KEPT || record.end > 1 ||
		    record.stamp < 0)
			return (error_set(
			    err, "%s: no record at byte %zu", path, at));
		if (size > length - at)
			break;
		take(truth, &record, truth->bytes + at + sizeof(record));
		at += size;
	}
	return (0);
}

int
truth_load_verdicts(struct truth *truth, const char *path, struct error *err)
{
	size_t length;
	char *bytes = daemon_read_file(path, MOST, &length, err);

	if (bytes == NULL)
		return (-1);
	if (check(path, VERDICT_MAGIC, (uint8_t *)bytes, length, err) == -1) {
		free(bytes);
		return (-1);
	}
	truth->verdict_count = (length - 8) / sizeof(struct verdict);
	truth->verdicts =
	    memory_new(truth->verdict_count + 1, sizeof(struct verdict));
	memcpy(truth->verdicts, bytes + 8,
	    truth->verdict_count * sizeof(struct verdict));
	free(bytes);
	return (0);
}

struct truth *
truth_read(const char *path, const char *verdicts, struct error *err)
{
	struct truth *truth = memory_new(1, sizeof(*truth));

	if (truth_load(truth, path, err) == -1 ||
	    (verdicts != NULL &&
		truth_load_verdicts(truth, verdicts, err) == -1)) {
		truth_free(truth);
		return (NULL);
	}
	truth_join(truth);
	return (truth);
}

const struct truth_packet *
truth_packets(const struct truth *truth, size_t *count)
{
	*count = truth->count;
	return (truth->packets);
}

uint64_t
truth_drops(const struct truth *truth, unsigned end)
{
	return (truth->drops[end]);
}
