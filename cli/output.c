/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/output.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int broken;

int
output_width(void)
{
	struct winsize size;

	if (isatty(STDOUT_FILENO) &&
	    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		return (size.ws_col);
	return (0);
}

const char *
output_plural(uint64_t count)
{
	return (count == 1 ? "" : "s");
}

int
output_fail(int status, const struct error *err)
{
	fprintf(stderr, "pharos: %s\n", err->text);
	return (status);
}

/* Why something was not written is not known any more. */
static int
find_cause(void)
{
	struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

	if (poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0)
		return (EPIPE); /* nobody reads it */
	return (EIO);
}

void
output_broken(int cause)
{
	broken = cause;
}

int
output_end(int status)
{
	if (broken == 0 && fflush(stdout) == EOF)
		broken = errno;
	else if (broken == 0 && ferror(stdout))
		broken = find_cause();
	if (broken == 0 || broken == EPIPE)
		return (status);
	fprintf(stderr, "pharos: standard output: %s\n", strerror(broken));
	return (3);
}
