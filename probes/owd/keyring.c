/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/keyring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/error.h"
#include "common/hash.h"
#include "common/memory.h"
#include "probes/owamp/keys.h"
#include "probes/owamp/message.h"

#define BLANKS " \t\r\n"

struct keyring_row {
	char name[MESSAGE_KEY_ID + 1];
	char *secret;
	size_t length;
};

struct keyring {
	struct keyring_row *rows;
	size_t count;
	bool hexadecimal; /* are the file's secrets */
};

static bool
is_pfs(const char *path)
{
	const char *ending = strrchr(path, '.');

	return (ending != NULL && strcmp(ending, ".pfs") == 0);
}

/* In place: half as long. */
static int
decode(struct keyring_row *row, struct error *err)
{
	size_t length = row->length / 2;
	char *secret = memory_new(length + 1, 1);
	int result = hash_unhex(row->secret, secret, length);

	if (result == 0) {
		memcpy(row->secret, secret, length);
		keys_forget(row->secret + length, row->length - length);
		row->length = length;
	}
	keys_forget(secret, length);
	free(secret);
	return (result == 0 ? 0
			    : error_set(err,
				  "secret of \"%s\": expected pairs of "
				  "hexadecimal digits, as pfstore writes them "
				  "into a file .pfs",
				  row->name));
}

static int
add_row(struct keyring *keyring, const char *name, size_t length,
    const char *secret, struct error *err)
{
	struct keyring_row *row;
	size_t ignored;
	char text[MESSAGE_KEY_ID + 1] = "";

	if (length > MESSAGE_KEY_ID)
		return (error_set(err, "name of %zu bytes, expected at most %d",
		    length, MESSAGE_KEY_ID));
	memcpy(text, name, length);
	if (keyring_find(keyring, text, &ignored) != NULL)
		return (error_set(err, "\"%s\" is there twice", text));
	keyring->rows = memory_resize(
	    keyring->rows, keyring->count + 1, sizeof(*keyring->rows));
	row = &keyring->rows[keyring->count++];
	memcpy(row->name, text, sizeof(text));
	row->secret = memory_text(secret);
	row->length = strlen(secret);
	return (keyring->hexadecimal ? decode(row, err) : 0);
}

static int
read_line(struct keyring *keyring, char *line, struct error *err)
{
	char *name = line + strspn(line, BLANKS), *secret;
	size_t length = strcspn(name, BLANKS), end;

	if (name[0] == '#' || length == 0)
		return (0);
	secret = name + length;
	secret += strspn(secret, BLANKS);
	end = strlen(secret);
	while (end > 0 && strchr(BLANKS, secret[end - 1]) != NULL)
		secret[--end] = '\0';
	if (end == 0)
		return (error_set(err, "expected NAME SECRET"));
	return (add_row(keyring, name, length, secret, err));
}

static int
check_mode(FILE *file, struct error *err)
{
	struct stat st;

	if (fstat(fileno(file), &st) == -1)
		return (error_set(err, "%m"));
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) == 0)
		return (0);
	return (error_set(err,
	    "others than its owner may use it (mode %04o), expected 0600: "
	    "chmod 600 it",
	    (unsigned)(st.st_mode & 07777)));
}

static int
read_rows(struct keyring *keyring, FILE *file, struct error *err)
{
	char *line = NULL;
	size_t room = 0;
	unsigned number = 0;
	int result = check_mode(file, err);

	while (result == 0 && getline(&line, &room, file) != -1) {
		number++;
		result = read_line(keyring, line, err);
		if (result == -1)
			error_place(err, "line %u", number);
	}
	if (line != NULL)
		keys_forget(line, room);
	free(line);
	if (result == 0 && ferror(file))
		result = error_set(err, "%m");
	return (result);
}

struct keyring *
keyring_new(const char *path, struct error *err)
{
	struct keyring *keyring = memory_new(1, sizeof(*keyring));
	FILE *file;
	int result;

	if (path[0] == '\0')
		return (keyring);
	keyring->hexadecimal = is_pfs(path);
	file = fopen(path, "re");
	if (file != NULL) {
		result = read_rows(keyring, file, err);
		fclose(file);
	} else
		result = error_set(err, "%m");
	if (result == 0)
		return (keyring);
	error_place(err, "keys: %s", path);
	keyring_free(keyring);
	return (NULL);
}

void
keyring_free(struct keyring *keyring)
{
	if (keyring == NULL)
		return;
	for (size_t i = 0; i < keyring->count; i++) {
		struct keyring_row *row = &keyring->rows[i];

		keys_forget(row->secret, row->length);
		free(row->secret);
	}
	free(keyring->rows);
	free(keyring);
}

const void *
keyring_find(const struct keyring *keyring, const char *name, size_t *length)
{
	for (size_t i = 0; i < keyring->count; i++) {
		const struct keyring_row *row = &keyring->rows[i];

		if (strcmp(row->name, name) != 0)
			continue;
		*length = row->length;
		return (row->secret);
	}
	return (NULL);
}
