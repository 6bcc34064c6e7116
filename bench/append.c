/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/append.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/memory.h"

static double
append(int fd, const char *data, size_t length)
{
	nanoseconds start = clock_monotonic();

	if (write(fd, data, length) != (ssize_t)length || fdatasync(fd) != 0)
		log_fatal("write");
	return (clock_seconds(clock_monotonic() - start));
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return ((x > y) - (x < y));
}

static void
fill(int fd, const char *data, const struct append_about *about)
{
	for (size_t i = 0; i < about->count; i++)
		append(fd, data, about->length);
	if (lseek(fd, 0, SEEK_SET) != 0)
		log_fatal("lseek");
}

double
append_median(const struct append_about *about)
{
	int fd = open(about->file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	double *took = memory_new(about->count, sizeof(*took)), median;
	char *data = memory_new(about->length, 1);

	if (fd == -1)
		log_fatal("%s", about->file);
	if (about->again)
		fill(fd, data, about);
	for (size_t i = 0; i < about->count; i++) {
		usleep((useconds_t)(1e6 * about->pause));
		took[i] = append(fd, data, about->length);
	}
	qsort(took, about->count, sizeof(*took), by_size);
	median = took[about->count / 2];
	close(fd);
	unlink(about->file);
	free(data);
	free(took);
	return (median);
}
