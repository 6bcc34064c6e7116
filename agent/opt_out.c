/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/opt_out.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/memory.h"

#define BLANK " \t\r\n"
#define WIDTH 16 /* bytes; IPv4 lies in ::ffff:0:0/96 */
#define FOUR_AT 12

struct range {
	uint8_t first[WIDTH], last[WIDTH];
	unsigned line;
};

struct opt_out {
	char *path;
	nanoseconds looked; /* monotonic; 0: never */
	struct stat seen;   /* zeros: there was none */
	struct range *ranges;
	size_t count;
	struct error wrong; /* text: it cannot be read */
};

struct opt_out *
opt_out_new(char *path)
{
	struct opt_out *list = memory_new(1, sizeof(*list));

	list->path = path;
	return (list);
}

void
opt_out_free(struct opt_out *list)
{
	if (list == NULL)
		return;
	free(list->ranges);
	free(list->path);
	free(list);
}

/* Bits of the address in front of `bytes`. */
static int
widen(const union address *address, uint8_t bytes[static WIDTH])
{
	static const uint8_t four[FOUR_AT] = {[10] = 0xff, [11] = 0xff};

	if (address_family(address) == 6) {
		memcpy(bytes, &address->in6.sin6_addr, WIDTH);
		return (0);
	}
	memcpy(bytes, four, FOUR_AT);
	memcpy(bytes + FOUR_AT, &address->in.sin_addr, WIDTH - FOUR_AT);
	return (8 * FOUR_AT);
}

/* "198.51.100.7", "2001:db8:1::/48" */
static int
read_range(const char *text, struct range *range, struct error *err)
{
	char *copy = memory_text(text), *slash = strchr(copy, '/'), *end = NULL;
	union address address;
	long bits = 8 * WIDTH;
	bool good;

	if (slash != NULL)
		*slash++ = '\0';
	good = address_parse(copy, 0, &address);
	if (good) {
		int front = widen(&address, range->first);

		if (slash != NULL)
			bits = strtol(slash, &end, 10) + front;
		good = (slash == NULL ||
			   (*slash >= '0' && *slash <= '9' && *end == '\0')) &&
		       bits <= 8 * WIDTH;
	}
	free(copy);
	if (!good)
		return (error_set(err,
		    "\"%s\": expected an address or a prefix, such as "
		    "192.0.2.0/24",
		    text));
	for (long i = 0; i < WIDTH; i++) {
		long kept = bits - 8 * i;
		uint8_t mask = kept >= 8  ? 0xff
			       : kept > 0 ? (uint8_t)(0xff << (8 - kept))
					  : 0;

		range->first[i] &= mask;
		range->last[i] = range->first[i] | (uint8_t)~mask;
	}
	return (0);
}

static int
take_line(struct opt_out *list, char *line, unsigned number, struct error *err)
{
	struct range range = {.line = number};

	line[strcspn(line, "#")] = '\0';
	line += strspn(line, BLANK);
	line[strcspn(line, BLANK)] = '\0';
	if (line[0] == '\0')
		return (0);
	if (read_range(line, &range, err) == -1)
		return (error_place(err, "line %u", number));
	list->ranges =
	    memory_resize(list->ranges, list->count + 1, sizeof(*list->ranges));
	list->ranges[list->count++] = range;
	return (0);
}

static int
compare(const void *a, const void *b)
{
	return (memcmp(a, b, WIDTH)); /* first comes first */
}

/* Ranges that overlap become one, of the line that begins it. */
static void
settle(struct opt_out *list)
{
	size_t kept = 0;

	if (list->count == 0)
		return;
	qsort(list->ranges, list->count, sizeof(*list->ranges), compare);
	for (size_t i = 1; i < list->count; i++) {
		struct range *last = &list->ranges[kept];
		const struct range *next = &list->ranges[i];

		if (memcmp(next->first, last->last, WIDTH) > 0)
			list->ranges[++kept] = *next;
		else if (memcmp(next->last, last->last, WIDTH) > 0)
			memcpy(last->last, next->last, WIDTH);
	}
	list->count = kept + 1;
}

static int
read_all(struct opt_out *list, struct error *err)
{
	FILE *in = fopen(list->path, "re");
	char *line = NULL;
	size_t room = 0;
	int result = 0;

	if (in == NULL)
		return (errno == ENOENT
			    ? 0
			    : error_set(err, "%s", strerror(errno)));
	for (unsigned n = 1; result == 0 && getline(&line, &room, in) != -1;
	     n++)
		result = take_line(list, line, n, err);
	if (result == 0 && ferror(in) != 0)
		result = error_set(err, "%s", strerror(errno));
	free(line);
	fclose(in);
	return (result);
}

static bool
has_changed(struct opt_out *list)
{
	nanoseconds now = clock_monotonic();
	struct stat is = {0};
	bool changed;

	if (list->looked != 0 && now - list->looked < NS_PER_S)
		return (false);
	if (stat(list->path, &is) == -1)
		is = (struct stat){0};
	changed = list->looked == 0 || is.st_ino != list->seen.st_ino ||
		  is.st_size != list->seen.st_size ||
		  is.st_mtim.tv_sec != list->seen.st_mtim.tv_sec ||
		  is.st_mtim.tv_nsec != list->seen.st_mtim.tv_nsec;
	list->looked = now;
	list->seen = is;
	return (changed);
}

static void
look(struct opt_out *list)
{
	if (!has_changed(list))
		return;
	free(list->ranges);
	list->ranges = NULL;
	list->count = 0;
	list->wrong.text[0] = '\0';
	if (read_all(list, &list->wrong) == -1)
		error_place(&list->wrong, "%s", list->path);
	settle(list);
}

/* The last range that does not begin behind the address, if it holds it. */
static const struct range *
find(const struct opt_out *list, const uint8_t bytes[static WIDTH])
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(list->ranges[middle].first, bytes, WIDTH) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || memcmp(list->ranges[low - 1].last, bytes, WIDTH) < 0)
		return (NULL);
	return (&list->ranges[low - 1]);
}

bool
opt_out_allows(
    struct opt_out *list, const union address *address, struct error *err)
{
	const struct range *range;
	char text[ADDRESS_TEXT];
	uint8_t bytes[WIDTH];

	look(list);
	if (list->wrong.text[0] != '\0') {
		error_set(
		    err, "nothing is measured while %s", list->wrong.text);
		return (false);
	}
	widen(address, bytes);
	range = find(list, bytes);
	if (range == NULL)
		return (true);
	error_set(err, "%s does not want to be measured (%s, line %u)",
	    address_format(address, text), list->path, range->line);
	return (false);
}
