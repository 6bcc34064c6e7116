/* SPDX-License-Identifier: BSD-2-Clause */
/* Whatever the two files are: every packet has an outcome that fits what was seen
 * of it. The first byte says how much of the input is the first file. */
#include "lab/truth.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/target.h"

static int
make_file(const uint8_t *data, size_t size, char path[static 40])
{
	int fd = memfd_create("truth", MFD_CLOEXEC);

	if (fd == -1 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, 40, "/proc/self/fd/%d", fd);
	return (fd);
}

static void
check(const struct truth_packet *packet)
{
	if (packet->way > 1 || truth_outcome_name(packet->outcome) == NULL)
		abort();
	if (packet->entered == TRUTH_ABSENT && packet->outcome != TRUTH_STRAY)
		abort();
	if (packet->again != TRUTH_ABSENT && packet->left == TRUTH_ABSENT)
		abort();
	if (packet->kept > 0 && packet->head == NULL)
		abort();
}

static void
try(const char *seen, const char *judged)
{
	struct truth *truth = truth_read(seen, judged, NULL);
	const struct truth_packet *packets;
	size_t count;

	if (truth == NULL)
		return;
	packets = truth_packets(truth, &count);
	for (size_t i = 0; i < count; i++)
		check(&packets[i]);
	truth_free(truth);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char seen[40], judged[40];
	int first, second;
	size_t split;

	if (size < 1)
		return (0);
	split = 1 + (size - 1) * data[0] / 255;
	first = make_file(data + 1, split - 1, seen);
	second = make_file(data + split, size - split, judged);
	try(seen, NULL);
	try(seen, judged);
	close(first);
	close(second);
	return (0);
}
