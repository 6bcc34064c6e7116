/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/error.h"
#include "common/memory.h"
#include "common/spawn.h"
#include "lab/space.h"

#define MORE_FOLDERS "/usr/local/sbin:/usr/sbin:/sbin:/usr/lib/frr"
#define OUTPUT_MOST (64 * 1024)

static const struct {
	const char *program, *package;
} packages[] = {
    {"bird", "bird2"},
    {"birdc", "bird2"},
    {"ip", "iproute2"},
    {"nft", "nftables"},
    {"openvpn", "openvpn"},
    {"ospfd", "frr"},
    {"pimd", "frr"},
    {"tc", "iproute2"},
    {"wg", "wireguard-tools"},
    {"wireguard-go", "wireguard-go"},
    {"zebra", "frr"},
};

static const char *
package_of(const char *program)
{
	for (size_t i = 0; i < sizeof(packages) / sizeof(*packages); i++)
		if (strcmp(packages[i].program, program) == 0)
			return (packages[i].package);
	return (program);
}

static char *
search(const char *folders, const char *name)
{
	while (folders != NULL && *folders != '\0') {
		int length = (int)strcspn(folders, ":");
		char *path = memory_print("%.*s/%s", length, folders, name);

		if (access(path, X_OK) == 0)
			return (path);
		free(path);
		folders += length + (folders[length] == ':');
	}
	return (NULL);
}

char *
tool_find(const char *name, struct error *err)
{
	char *path = strchr(name, '/') != NULL ? memory_text(name)
					       : search(getenv("PATH"), name);

	if (path == NULL)
		path = search(MORE_FOLDERS, name);
	if (path == NULL)
		error_set(err, "%s is not installed; Debian: apt install %s",
		    name, package_of(name));
	return (path);
}

struct streams {
	int in, out, fault, net;
};

static void
prepare(void *arg)
{
	const struct streams *streams = arg;

	if (streams->net != -1 && space_enter(streams->net, NULL) == -1)
		_exit(126);
	dup2(streams->in, STDIN_FILENO);
	dup2(streams->out, STDOUT_FILENO);
	dup2(streams->fault, STDERR_FILENO);
}

static int
open_memory(const char *text)
{
	int fd = memfd_create("pharos-lab", MFD_CLOEXEC);
	size_t length = text == NULL ? 0 : strlen(text);

	if (fd != -1 && length > 0 &&
	    (write(fd, text, length) != (ssize_t)length ||
		lseek(fd, 0, SEEK_SET) != 0)) {
		close(fd);
		fd = -1;
	}
	return (fd);
}

static char *
read_memory(int fd)
{
	char *text = memory_new(OUTPUT_MOST + 1, 1);
	ssize_t length = pread(fd, text, OUTPUT_MOST, 0);

	text[length < 0 ? 0 : length] = '\0';
	return (text);
}

/* The first lines say why, on one line. */
static int
fail(const struct tool *tool, int status, int fault, struct error *err)
{
	char *text = read_memory(fault), *end = text + strlen(text);

	while (end > text && end[-1] == '\n')
		*--end = '\0';
	for (char *c = text; *c != '\0'; c++)
		if (*c == '\n')
			*c = ' ';
	if (WIFSIGNALED(status))
		error_set(err, "%s: killed by signal %d", tool->argv[0],
		    WTERMSIG(status));
	else
		error_set(err, "%s: exit status %d: %.400s", tool->argv[0],
		    WEXITSTATUS(status), text);
	free(text);
	return (-1);
}

static int
run(const struct tool *tool, char *path, struct streams *streams,
    struct error *err)
{
	size_t count = 0;
	int status = -1;
	char **argv;
	pid_t pid;

	while (tool->argv[count] != NULL)
		count++;
	argv = memory_new(count + 1, sizeof(*argv));
	memcpy(argv, tool->argv, count * sizeof(*argv));
	argv[0] = path;
	pid = spawn_program(&(const struct spawn){
	    .argv = argv, .keep_as = 3, .prepare = prepare, .arg = streams});
	free(argv);
	if (pid == -1)
		return (error_set(err, "%s: %m", path));
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	return (status == 0 ? 0 : fail(tool, status, streams->fault, err));
}

static void
close_streams(const struct streams *streams)
{
	if (streams->in != -1)
		close(streams->in);
	if (streams->out != -1)
		close(streams->out);
	if (streams->fault != -1)
		close(streams->fault);
}

int
tool_run(const struct tool *tool, struct error *err)
{
	struct streams streams = {open_memory(tool->input), open_memory(NULL),
	    open_memory(NULL), tool->net};
	char *path = tool_find(tool->argv[0], err);
	int status = -1;

	if (streams.in == -1 || streams.out == -1 || streams.fault == -1)
		error_set(err, "memory for %s: %m", tool->argv[0]);
	else if (path != NULL)
		status = run(tool, path, &streams, err);
	if (tool->output != NULL)
		*tool->output = status == 0 ? read_memory(streams.out) : NULL;
	close_streams(&streams);
	free(path);
	return (status);
}
