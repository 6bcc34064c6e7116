/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/pairs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/registry.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/hash.h"
#include "common/memory.h"

struct pairs {
	uint8_t key[HASH_SIZE];
	struct registry_tie *members; /* by name */
	size_t count;
};

static int
make_key(struct pairs *pairs, const char *path, struct error *err)
{
	char text[2 * sizeof(pairs->key) + 2];

	hash_random(pairs->key, sizeof(pairs->key));
	hash_hex(pairs->key, sizeof(pairs->key), text);
	strcat(text, "\n");
	return (daemon_write_file(path, text, strlen(text), 0600, err));
}

static int
read_key(struct pairs *pairs, const char *path, struct error *err)
{
	char *text;
	int result;

	if (access(path, F_OK) == -1 && errno == ENOENT)
		return (make_key(pairs, path, err));
	text = daemon_read_file(path, 256, NULL, err);
	if (text == NULL)
		return (-1);
	text[strcspn(text, "\n")] = '\0';
	result = hash_unhex(text, pairs->key, sizeof(pairs->key));
	free(text);
	return (result == 0 ? 0
			    : error_set(err,
				  "%s: expected 64 hexadecimal digits; without "
				  "the file a new key is made, and all boxes "
				  "get new secrets",
				  path));
}

struct pairs *
pairs_open(const char *path, struct error *err)
{
	struct pairs *pairs = memory_new(1, sizeof(*pairs));

	if (read_key(pairs, path, err) == 0)
		return (pairs);
	pairs_free(pairs);
	return (NULL);
}

void
pairs_free(struct pairs *pairs)
{
	if (pairs == NULL)
		return;
	explicit_bzero(pairs->key, sizeof(pairs->key));
	free(pairs->members);
	free(pairs);
}

static int
by_name(const void *a, const void *b)
{
	const struct registry_tie *x = a, *y = b;

	return (strcmp(x->name, y->name));
}

int
pairs_look(struct pairs *pairs, struct registry *registry, struct error *err)
{
	struct registry_tie *members;
	int count = registry_ties(registry, &members, err);

	if (count == -1)
		return (-1);
	if (count > 0)
		qsort(members, (size_t)count, sizeof(*members), by_name);
	free(pairs->members);
	pairs->members = members;
	pairs->count = (size_t)count;
	return (0);
}

static const struct registry_tie *
find(const struct pairs *pairs, const char *name)
{
	struct registry_tie key;

	if (pairs->count == 0)
		return (NULL);
	snprintf(key.name, sizeof(key.name), "%s", name);
	return (
	    bsearch(&key, pairs->members, pairs->count, sizeof(key), by_name));
}

bool
pairs_secret(void *arg, const char *a, const char *b,
    uint8_t secret[static PAIRS_SECRET])
{
	const struct pairs *pairs = arg;
	const struct registry_tie *x = find(pairs, a), *y = find(pairs, b), *z;
	char *text;

	if (x == NULL || y == NULL)
		return (false);
	if (strcmp(x->mark, y->mark) > 0) {
		z = x;
		x = y;
		y = z;
	}
	/* no name holds a slash */
	text = memory_print("%s/%lld/%s/%lld", x->mark, (long long)x->enrolled,
	    y->mark, (long long)y->enrolled);
	hash_hmac(pairs->key, sizeof(pairs->key), text, strlen(text), secret);
	free(text);
	return (true);
}
