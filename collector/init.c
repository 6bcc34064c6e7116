/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/collector.h"
#include "collector/pki.h"
#include "collector/settings.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/hash.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/place.h"

static const char settings_text[] =
    "# The collector. Relative paths are relative to this file's folder.\n"
    "fleet: fleet.yaml          # sites, meshes and tests\n"
    "state: %s\n"
    "people: 127.0.0.1:8640     # pages and API; loopback only, there is no\n"
    "                           # login yet\n"
    "agents: 8641               # where boxes connect, all addresses\n";

static const char fleet_text[] =
    "# The fleet: who measures whom, what and when. \"pharos check FILE\" says\n"
    "# what is wrong with it; \"pharos reload\" makes the collector read it.\n"
    "#\n"
    "# A site has one box of its own name unless it lists several under boxes.\n"
    "# Give a box its certificate with \"pharos token new NAME\" here and\n"
    "# \"pharos enroll\" there.\n"
    "sites:\n"
    "#  nyc: {address: 198.51.100.1, label: {en: New York}, groups: [us]}\n"
    "#  lon: {address: [198.51.100.7, \"2001:db8::7\"], groups: [eu]}\n"
    "\n"
    "# Measured, but running no agent.\n"
    "targets:\n"
    "#  www.example.org: {groups: [eu]}\n"
    "\n"
    "# A full mesh of its members; @GROUP stands for all of a group.\n"
    "meshes:\n"
    "#  core: {members: [\"@us\", lon]}\n"
    "\n"
    "# Durations and rates need their units.\n"
    "tests:\n"
    "#  core-ping:\n"
    "#    mesh: core\n"
    "#    probe: ping\n"
    "#    schedule: {uniform: 60s}\n"
    "#    options: {count: 10, spacing: 100ms}\n";

/* What is there stays as it is. */
static int
write_new(const char *path, const char *text, unsigned mode, struct error *err)
{
	if (access(path, F_OK) == 0) {
		log_info("%s: kept as it is", path);
		return (0);
	}
	if (daemon_write_file(path, text, strlen(text), mode, err) == -1)
		return (-1);
	log_info("%s: written", path);
	return (0);
}

static int
write_text(const char *dir, const char *file, const char *text, unsigned mode,
    struct error *err)
{
	char *path = memory_print("%s/%s", dir, file);
	int result = write_new(path, text, mode, err);

	free(path);
	return (result);
}

static int
write_key(const char *state, struct error *err)
{
	uint8_t key[32];
	char text[2 * sizeof(key) + 2];

	hash_random(key, sizeof(key));
	hash_hex(key, sizeof(key), text);
	strcat(text, "\n");
	return (write_text(state, "fleet.key", text, 0600, err));
}

/* The system's own configuration keeps its state where states are kept. */
static bool
is_system(const char *dir)
{
	char *config = place_config("");
	size_t length = strlen(config) - 1;
	bool same = strncmp(dir, config, length) == 0 &&
		    (dir[length] == '\0' || strcmp(dir + length, "/") == 0);

	free(config);
	return (same);
}

static int
write_state(const char *state, const char *const *names, size_t count,
    struct error *err)
{
	char *pki = memory_print("%s/pki", state);
	int result = pki_init(pki, names, count, err);

	if (result == 0)
		log_info("%s: certificates written", pki);
	free(pki);
	return (result == -1 ? -1 : write_key(state, err));
}

int
collector_init(
    const char *dir, const char *const *names, size_t count, struct error *err)
{
	bool system = is_system(dir);
	char *state =
	    system ? place_state("collector") : memory_print("%s/state", dir);
	char *settings = memory_print(settings_text, system ? state : "state");
	int result = daemon_make_dir(dir, err);

	if (result == 0)
		result = write_state(state, names, count, err);
	if (result == 0)
		result = write_text(dir, "collector.yaml", settings, 0644, err);
	if (result == 0)
		result = write_text(dir, "fleet.yaml", fleet_text, 0644, err);
	free(settings);
	free(state);
	return (result);
}

int
collector_check_state(
    const struct collector_settings *settings, struct error *err)
{
	static const char *const files[] = {"fleet.key", "pki/ca.pem",
	    "pki/ca.key", "pki/collector.pem", "pki/collector.key"};
	int result = 0;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char *path = collector_settings_path(settings, files[i]);

		/* who may not look is told so by who reads it */
		if (access(path, F_OK) == -1 && errno == ENOENT && result == 0)
			result = error_set(err,
			    "%s: %m; run pharos-collectord init if the fleet is "
			    "new, else get it from a backup",
			    path);
		free(path);
	}
	return (result);
}

/* -1: a word that does not belong here */
static int
take_word(struct collector_init_about *about, const char *word, bool *named)
{
	if (strcmp(word, "--name") == 0)
		*named = true;
	else if (strncmp(word, "--name=", 7) == 0)
		about->names[about->count++] = word + 7;
	else if (word[0] == '-')
		return (-1);
	else if (*named)
		about->names[about->count++] = word;
	else if (about->dir == NULL)
		about->dir = word;
	else
		return (-1);
	return (0);
}

int
collector_init_arguments(
    struct collector_init_about *about, int argc, char **argv)
{
	bool named = false;
	int result = 0;

	about->dir = NULL;
	about->count = 0;
	about->names = memory_new((size_t)argc, sizeof(*about->names));
	for (int i = 1; i < argc && result == 0; i++)
		result = take_word(about, argv[i], &named);
	if (result == 0 && about->dir != NULL)
		return (0);
	free(about->names);
	return (-1);
}
