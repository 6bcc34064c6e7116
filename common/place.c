/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/place.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/memory.h"

/* Is this program one of the build tree's, rather than an installed one? */
static bool
in_build_tree(void)
{
	char real[PATH_MAX], build[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", real, sizeof(real) - 1);
	size_t root;

	if (length == -1 || realpath(PHAROS_BUILDDIR, build) == NULL)
		return (false);
	real[length] = '\0';
	root = strlen(build);
	return (strncmp(real, build, root) == 0 && real[root] == '/');
}

static char *
choose(const char *variable, const char *built, const char *installed)
{
	/* NULL when the process gained privileges (AT_SECURE) */
	const char *named = secure_getenv(variable);

	if (named != NULL && named[0] != '\0')
		return (memory_text(named));
	return (memory_text(in_build_tree() ? built : installed));
}

char *
place_libexec(const char *program)
{
	char *folder =
	    choose("PHAROS_LIBEXEC", PHAROS_BUILDDIR, PHAROS_LIBEXECDIR);
	char *path = memory_print("%s/%s", folder, program);

	free(folder);
	return (path);
}

char *
place_program(const char *program)
{
	char *path;

	if (in_build_tree())
		return (memory_print("%s/%s", PHAROS_BUILDDIR, program));
	path = memory_print("%s/%s", PHAROS_BINDIR, program);
	if (access(path, X_OK) == 0)
		return (path);
	free(path);
	return (memory_print("%s/%s", PHAROS_SBINDIR, program));
}

char *
place_probes(void)
{
	return (
	    choose("PHAROS_PROBES", PHAROS_BUILDDIR "/.libs", PHAROS_PROBEDIR));
}

char *
place_web(void)
{
	return (choose("PHAROS_WEB", PHAROS_SRCDIR "/web", PHAROS_WEBDIR));
}

char *
place_lab(void)
{
	return (choose("PHAROS_LAB_FILES", PHAROS_SRCDIR "/lab/topologies",
	    PHAROS_LABDIR));
}

char *
place_config(const char *file)
{
	return (memory_print("%s/%s", PHAROS_SYSCONFDIR, file));
}

char *
place_state(const char *kind)
{
	return (memory_print("%s/%s", PHAROS_STATEDIR, kind));
}

char *
place_opt_out(void)
{
	return (choose("PHAROS_OPT_OUT", PHAROS_SYSCONFDIR "/opt-out",
	    PHAROS_SYSCONFDIR "/opt-out"));
}
