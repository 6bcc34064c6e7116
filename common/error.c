/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
error_set(struct error *err, const char *fmt, ...)
{
	va_list args;
	int saved = errno;

	if (err == NULL)
		return (-1);
	va_start(args, fmt);
	errno = saved; /* for %m */
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	errno = saved;
	return (-1);
}

int
error_place(struct error *err, const char *fmt, ...)
{
	struct error inner;
	va_list args;
	size_t used;

	if (err == NULL)
		return (-1);
	inner = *err;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	used = strlen(err->text);
	snprintf(
	    err->text + used, sizeof(err->text) - used, ": %s", inner.text);
	return (-1);
}
