/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/prefixes.h"

#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/memory.h"

#define SEPARATORS ", \t"

struct prefix {
	union address address;
	unsigned bits;
};

struct prefixes {
	size_t count;
	struct prefix list[];
};

static const uint8_t *
address_bytes(const union address *address, unsigned *bits)
{
	bool four = address_family(address) == 4;

	*bits = four ? 32 : 128;
	return (four ? (const uint8_t *)&address->in.sin_addr
		     : (const uint8_t *)&address->in6.sin6_addr);
}

static int
parse_bits(const char *text, unsigned most, unsigned *bits)
{
	char *end;
	unsigned long value;

	if (text == NULL) {
		*bits = most;
		return (0);
	}
	if (text[0] < '0' || text[0] > '9')
		return (-1);
	value = strtoul(text, &end, 10);
	*bits = (unsigned)value;
	return (*end == '\0' && value <= most ? 0 : -1);
}

static int
parse_one(char *word, struct prefix *prefix, struct error *err)
{
	char *slash = strchr(word, '/');
	unsigned most;

	if (slash != NULL)
		*slash = '\0';
	if (!address_parse(word, 0, &prefix->address))
		return (error_set(err,
		    "prefix \"%s\": expected an Internet "
		    "address, or one and a length",
		    word));
	if (address_family(&prefix->address) == 6 &&
	    IN6_IS_ADDR_V4MAPPED(&prefix->address.in6.sin6_addr))
		return (error_set(err,
		    "prefix \"%s\": nobody comes from there, expected it as "
		    "IPv4",
		    word));
	address_bytes(&prefix->address, &most);
	if (parse_bits(slash != NULL ? slash + 1 : NULL, most, &prefix->bits) ==
	    0)
		return (0);
	return (
	    error_set(err, "prefix \"%s/%s\": expected a length from 0 to %u",
		word, slash + 1, most));
}

struct prefixes *
prefixes_new(const char *text, struct error *err)
{
	struct prefixes *prefixes = memory_new(1,
	    sizeof(*prefixes) + (strlen(text) / 2 + 1) * sizeof(struct prefix));
	char *copy = memory_text(text), *rest = copy, *word;
	int result = 0;

	while (
	    result == 0 && (word = strtok_r(rest, SEPARATORS, &rest)) != NULL)
		result =
		    parse_one(word, &prefixes->list[prefixes->count++], err);
	free(copy);
	if (result == 0)
		return (prefixes);
	prefixes_free(prefixes);
	return (NULL);
}

void
prefixes_free(struct prefixes *prefixes)
{
	free(prefixes);
}

static bool
covers(const struct prefix *prefix, const union address *address)
{
	unsigned all, bits = prefix->bits;
	const uint8_t *a = address_bytes(&prefix->address, &all);
	const uint8_t *b = address_bytes(address, &all);

	if (prefix->address.sa.sa_family != address->sa.sa_family ||
	    memcmp(a, b, bits / 8) != 0)
		return (false);
	return (bits % 8 == 0 ||
		(a[bits / 8] ^ b[bits / 8]) >> (8 - bits % 8) == 0);
}

bool
prefixes_have(const struct prefixes *prefixes, const union address *address)
{
	for (size_t i = 0; i < prefixes->count; i++)
		if (covers(&prefixes->list[i], address))
			return (true);
	return (false);
}
