/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/daemon.h"
#include "common/error.h"
#include "common/memory.h"

static int
write_all(int fd, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, data, length);

		if (n < 0 && errno != EINTR)
			return (-1);
		if (n > 0) {
			data += n;
			length -= (size_t)n;
		}
	}
	return (0);
}

static int
open_dir_of(const char *path)
{
	char *dir = memory_text(path);
	char *slash = strrchr(dir, '/');
	int fd;

	if (slash != NULL)
		slash[slash == dir ? 1 : 0] = '\0';
	fd =
	    open(slash != NULL ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(dir);
	return (fd);
}

static int
sync_dir_of(const char *path)
{
	int fd = open_dir_of(path), result;

	if (fd < 0)
		return (-1);
	result = fsync(fd);
	close(fd);
	return (result);
}

/* What root writes for a daemon of another user is that user's, as the folder
 * is; where root may give nothing away, as in a container, it stays root's. */
static int
give_to_owner(int fd, const char *path)
{
	struct stat st;
	int dir, result;

	if (geteuid() != 0)
		return (0);
	dir = open_dir_of(path);
	if (dir < 0)
		return (-1);
	result = fstat(dir, &st);
	close(dir);
	if (result != 0 || st.st_uid == 0)
		return (result);
	if (fchown(fd, st.st_uid, st.st_gid) != 0 && errno != EPERM &&
	    errno != EINVAL)
		return (-1);
	return (0);
}

static int
write_beside(
    int fd, const char *path, const void *data, size_t length, unsigned mode)
{
	/* the umask is not asked: a key must not be wider, nor a page closer */
	if (give_to_owner(fd, path) != 0 || fchmod(fd, (mode_t)mode) != 0 ||
	    write_all(fd, data, length) != 0 || fsync(fd) != 0)
		return (-1);
	return (0);
}

int
daemon_write_file(const char *path, const void *data, size_t length,
    unsigned mode, struct error *err)
{
	char *beside = memory_print("%s.XXXXXX", path);
	int fd = mkostemp(beside, O_CLOEXEC), result = -1;

	if (fd >= 0) {
		result = write_beside(fd, path, data, length, mode);
		if (close(fd) != 0)
			result = -1;
		if (result == 0)
			result = rename(beside, path);
		if (result != 0) {
			error_set(err, "%s: %m", path);
			unlink(beside);
			free(beside);
			return (-1);
		}
		result = sync_dir_of(path);
	}
	if (result != 0)
		error_set(err, "%s: %m", path);
	free(beside);
	return (result);
}

static char *
read_all(int fd, size_t most, size_t *length)
{
	size_t room = 4096, used = 0;
	char *text = memory_new(room + 1, 1);
	ssize_t n;

	while ((n = read(fd, text + used, room - used)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		used += n > 0 ? (size_t)n : 0;
		if (n < 0 || used > most) {
			errno = n < 0 ? errno : EFBIG;
			free(text);
			return (NULL);
		}
		if (used == room)
			text = memory_resize(text, (room *= 2) + 1, 1);
	}
	text[used] = '\0';
	*length = used;
	return (text);
}

char *
daemon_read_file(
    const char *path, size_t most, size_t *length, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = NULL;
	size_t unused;

	if (fd >= 0) {
		text = read_all(fd, most, length != NULL ? length : &unused);
		if (text == NULL && errno == EFBIG)
			error_set(err, "%s: over %zu bytes", path, most);
		else if (text == NULL)
			error_set(err, "%s: %m", path);
		close(fd);
		return (text);
	}
	return (error_set(err, "%s: %m", path), NULL);
}

int
daemon_make_dir(const char *path, struct error *err)
{
	char *copy = memory_text(path);
	struct stat st;
	int result = 0;

	for (char *end = copy + 1; result == 0; end++) {
		char saved = *end;

		if (saved != '/' && saved != '\0')
			continue;
		*end = '\0';
		if (mkdir(copy, 0750) != 0 && errno != EEXIST)
			result = error_set(err, "%s: %m", copy);
		*end = saved;
		if (saved == '\0')
			break;
	}
	if (result == 0 && (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)))
		result = error_set(err, "%s: not a directory", path);
	free(copy);
	return (result);
}
