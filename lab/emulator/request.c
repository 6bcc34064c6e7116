/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/emulator/request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lab/emulator/command.h"
#include "lab/emulator/course.h"

#define HOUR (3600.0 * 1e9)

enum kind { WHOLE, FLAG, RATIO };

struct request_key {
	const char *name;
	enum kind kind;
	size_t offset;
	double least, most;
};

#define KEY(field) #field, .offset = offsetof(struct way, field)

static const struct request_key keys[] = {
    {KEY(delay), .kind = WHOLE, .most = HOUR},
    {KEY(jitter), .kind = WHOLE, .most = HOUR},
    {KEY(reorder), .kind = FLAG, .most = 1},
    {KEY(loss), .kind = RATIO, .most = 1},
    {KEY(bad_loss), .kind = RATIO, .most = 1},
    {KEY(to_bad), .kind = RATIO, .most = 1},
    {KEY(to_good), .kind = RATIO, .most = 1},
    {KEY(duplicate), .kind = RATIO, .most = 1},
    {KEY(corrupt), .kind = RATIO, .most = 1},
    {KEY(rate), .kind = RATIO, .most = 1e12},
    {KEY(queue), .kind = WHOLE, .least = 1, .most = COURSE_QUEUE},
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

/* What follows a verb: a name, a way or a carrier, a seed, changes. */
static const struct verb {
	const char *name;
	enum request_verb verb;
	bool named, numbered;
} verbs[] = {
    {"link", REQUEST_LINK, true, false},
    {"set", REQUEST_SET, true, true},
    {"fail", REQUEST_FAIL, true, false},
    {"carrier", REQUEST_CARRIER, true, true},
    {"restore", REQUEST_RESTORE, true, false},
    {"seed", REQUEST_SEED, false, false},
    {"verdicts", REQUEST_VERDICTS, true, false},
    {"stats", REQUEST_STATS, true, true},
    {"hello", REQUEST_HELLO, true, true},
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static bool
is_digit(char c)
{
	return (c >= '0' && c <= '9');
}

static const struct verb *
find_verb(const char *name)
{
	for (size_t i = 0; name != NULL && i < VERBS; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return (&verbs[i]);
	return (NULL);
}

static const struct request_key *
find_key(const char *name)
{
	for (size_t i = 0; i < KEYS; i++)
		if (strcmp(keys[i].name, name) == 0)
			return (&keys[i]);
	return (NULL);
}

static bool
read_name(struct request *request, const char *word)
{
	if (word == NULL || strlen(word) > REQUEST_NAME)
		return (false);
	for (const char *c = word; *c != '\0'; c++)
		if (*c < '!' || *c > '~')
			return (false);
	strcpy(request->name, word);
	return (true);
}

static bool
read_number(struct request *request, const char *word)
{
	if (word == NULL || (word[0] != '0' && word[0] != '1') ||
	    word[1] != '\0')
		return (false);
	request->number = (unsigned)(word[0] - '0');
	return (true);
}

static bool
read_seed(struct request *request, const char *word)
{
	char *end;

	if (word == NULL || !is_digit(word[0]))
		return (false);
	errno = 0;
	request->seed = strtoull(word, &end, 10);
	return (errno == 0 && *end == '\0');
}

/* Decimal only: strtod alone would take nan, inf and 0x1p3 as well. */
static bool
read_value(struct request_change *change, const char *text)
{
	char *end;
	double value;

	if (!is_digit(text[0]) || strpbrk(text, "xX") != NULL)
		return (false);
	errno = 0;
	if (change->key->kind == RATIO) {
		value = change->value.ratio = strtod(text, &end);
	} else {
		change->value.whole = strtoll(text, &end, 10);
		value = (double)change->value.whole;
	}
	return (errno == 0 && *end == '\0' && value >= change->key->least &&
		value <= change->key->most);
}

static const char *
read_change(struct request *request, char *word)
{
	struct request_change *change = &request->changes[request->count];
	char *value = strchr(word, '=');

	if (value == NULL || request->count == REQUEST_CHANGES)
		return ("expected at most 16 times NAME=VALUE");
	*value++ = '\0';
	if ((change->key = find_key(word)) == NULL)
		return ("set: there is no such name");
	if (!read_value(change, value))
		return ("set: a value is not a number in its range");
	request->count++;
	return (NULL);
}

static const char *
read_rest(struct request *request, const struct verb *verb, char **rest)
{
	const char *trouble;
	char *word;

	if (verb->named && !read_name(request, strtok_r(NULL, " ", rest)))
		return ("expected the name of a link");
	if (verb->numbered && !read_number(request, strtok_r(NULL, " ", rest)))
		return ("expected 0 or 1 behind the name");
	if (verb->verb == REQUEST_SEED &&
	    !read_seed(request, strtok_r(NULL, " ", rest)))
		return ("expected a seed from 0 to 2^64 - 1");
	while ((word = strtok_r(NULL, " ", rest)) != NULL) {
		if (verb->verb != REQUEST_SET)
			return ("too many words");
		if ((trouble = read_change(request, word)) != NULL)
			return (trouble);
	}
	return (NULL);
}

const char *
request_parse(struct request *request, const char *line, size_t length)
{
	char text[EMULATOR_LINE + 1], *rest = NULL;
	const struct verb *verb;

	*request = (struct request){0};
	if (length > EMULATOR_LINE || memchr(line, '\0', length) != NULL)
		return ("too long, or with a NUL in it");
	memcpy(text, line, length);
	text[length] = '\0';
	if (length > 0 && text[length - 1] == '\n')
		text[length - 1] = '\0';
	if ((verb = find_verb(strtok_r(text, " ", &rest))) == NULL)
		return ("there is no such command");
	request->verb = verb->verb;
	return (read_rest(request, verb, &rest));
}

void
request_apply(const struct request *request, struct way *way)
{
	for (size_t i = 0; i < request->count; i++) {
		const struct request_change *change = &request->changes[i];
		void *field = (char *)way + change->key->offset;

		switch (change->key->kind) {
		case WHOLE:
			*(int64_t *)field = change->value.whole;
			break;
		case FLAG:
			*(bool *)field = change->value.whole != 0;
			break;
		case RATIO:
			*(double *)field = change->value.ratio;
			break;
		}
	}
}
