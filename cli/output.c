/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/output.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

int
output_width(void)
{
	struct winsize size;

	if (isatty(STDOUT_FILENO) &&
	    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		return (size.ws_col);
	return (0);
}

int
output_fail(int status, const struct error *err)
{
	fprintf(stderr, "pharos: %s\n", err->text);
	return (status);
}
