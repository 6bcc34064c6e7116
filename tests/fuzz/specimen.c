/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/fuzz/specimen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/catalog.h"
#include "common/member.h"
#include "tests/unit/folder.h"

#define OPTION(name, type, usual, least, most)                              \
	"{\"name\":\"" name "\",\"type\":\"" type "\",\"default\":\"" usual \
	"\",\"least\":" least ",\"most\":" most ",\"help\":\"h\"}"

static const char probe[] =
    "{\"name\":\"fuzz\",\"version\":1,\"summary\":\"s\",\"streams\":true,"
    "\"runs_at\":\"src\",\"lasts\":\"count*wait+2\",\"options\":[" OPTION(
	"count", "count", "10", "1", "100") "," OPTION("wait", "duration", "1s",
	"0",
	"60") "," OPTION("size", "size", "64", "0", "65507") "," OPTION("rate",
	"rate", "2/s", "0.1", "1000") "," OPTION("speed", "bitrate", "1Mbit/s",
	"1", "1e9") "," OPTION("share", "number", "0.5", "0",
	"1") ","
	     "{\"name\":\"deep\",\"type\":\"flag\",\"default\":\"no\",\"help\":\"h\"},"
	     "{\"name\":\"form\",\"type\":\"choice\",\"default\":\"even\","
	     "\"choices\":[\"even\",\"odd\"],\"help\":\"h\"},"
	     "{\"name\":\"note\",\"type\":\"text\",\"default\":\"\",\"least\":0,\"most\":16,"
	     "\"help\":\"h\"}],\"metrics\":["
	     "{\"name\":\"sent\",\"kind\":\"count\",\"unit\":\"1\",\"better\":\"more\","
	     "\"help\":\"h\"},"
	     "{\"name\":\"lost\",\"kind\":\"count\",\"unit\":\"1\",\"better\":\"less\","
	     "\"help\":\"h\"},"
	     "{\"name\":\"loss\",\"kind\":\"ratio\",\"unit\":\"ratio\",\"better\":"
	     "\"less\",\"part\":\"lost\",\"whole\":\"sent\",\"help\":\"h\"},"
	     "{\"name\":\"rtt\",\"kind\":\"distribution\",\"unit\":\"s\",\"better\":"
	     "\"less\",\"edges\":[0.01,0.02,0.05,0.1,0.2],\"help\":\"h\"}]}";

struct catalog *
specimen_catalog(void)
{
	json_object *json = member_parse(probe, strlen(probe), NULL);
	struct catalog *catalog = catalog_new();
	struct error err = {""};

	if (json == NULL || catalog_add(catalog, json, &err) == -1) {
		fprintf(stderr, "specimen: %s\n", err.text);
		abort();
	}
	json_object_put(json);
	return (catalog);
}

static void *folder;
static pid_t owner;

static void
remove_folder(void)
{
	if (getpid() == owner)
		folder_remove(&folder);
}

const char *
specimen_folder(void)
{
	if (folder != NULL)
		return (folder);
	if (folder_make(&folder) != 0)
		abort();
	owner = getpid();
	atexit(remove_folder);
	return (folder);
}

const char *
specimen_file(const void *data, size_t length)
{
	static char path[40];
	static int fd = -1;

	if (fd == -1)
		fd = memfd_create("specimen", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd == -1 || ftruncate(fd, 0) != 0 ||
	    pwrite(fd, data, length, 0) != (ssize_t)length)
		abort();
	return (path);
}

void
specimen_place(const char *message, const char *place)
{
	if (strncmp(message, place, strlen(place)) == 0 &&
	    strlen(message) > strlen(place))
		return;
	fprintf(stderr, "without its place: %s\n", message);
	abort();
}
