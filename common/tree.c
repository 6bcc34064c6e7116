/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"

#define DIGITS_EXACT 15 /* a whole number of so many is a double */
#define POWER_EXACT 22  /* and so is ten to this power */
#define DIGITS_MOST 19  /* that 64 bits hold */
#define POWER_MOST 15   /* of a quotient of which 63 bits are there */

#define FRACTION 63
__extension__ typedef unsigned __int128 wide;

static const double powers[POWER_EXACT + 1] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5,
    1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22};

const struct tree_node *
tree_get(const struct tree_node *node, const char *name)
{
	const struct tree_node *found = NULL;

	if (node == NULL || node->kind != TREE_OBJECT)
		return (NULL);
	for (node = node->first; node != NULL; node = node->next)
		if (*node->name == *name && strcmp(node->name, name) == 0)
			found = node; /* the last one stands */
	return (found == NULL || found->kind == TREE_NULL ? NULL : found);
}

/* Most come in the order in which they are looked for, from `at` on; count: it is
 * none of them. */
static size_t
find_name(const char *name, const char *const *names, size_t count, size_t at)
{
	for (size_t i = 0; i < count; i++, at++) {
		if (at >= count)
			at = 0;
		if (*name == *names[at] && strcmp(name, names[at]) == 0)
			return (at);
	}
	return (count);
}

void
tree_pick(const struct tree_node *node, const char *const *names, size_t count,
    const struct tree_node **found)
{
	size_t next = 0;

	for (size_t i = 0; i < count; i++)
		found[i] = NULL;
	if (node == NULL || node->kind != TREE_OBJECT)
		return;
	for (node = node->first; node != NULL; node = node->next) {
		size_t at = find_name(node->name, names, count, next);

		if (at == count)
			continue;
		found[at] = node->kind == TREE_NULL ? NULL : node;
		next = at + 1;
	}
}

int64_t
tree_whole_of(const struct tree_node *node)
{
	return (strtoll(node->text, NULL, 10));
}

/* An instant with nanoseconds has 19 digits. The quotient has 63 bits or more,
 * the last of which also tells that there is a rest, and is rounded once. */
static double
divide(uint64_t digits, int power)
{
	wide divisor = (wide)powers[power];
	wide dividend = (wide)digits << FRACTION;
	wide quotient = dividend / divisor;

	if (dividend % divisor != 0)
		quotient |= 1;
	return (ldexp((double)quotient, -FRACTION));
}

/* Exact where one rounded operation on exact numbers suffices; what has more
 * digits, or an exponent, is strtod's. */
double
tree_number_of(const struct tree_node *node)
{
	const char *at = node->text, *end = at + node->length;
	bool negative = *at == '-', point = false;
	uint64_t digits = 0;
	int count = 0, behind = 0;

	for (at += negative; at < end && count <= DIGITS_MOST; at++) {
		if (*at == '.') {
			point = true;
			continue;
		}
		if (*at == 'e' || *at == 'E')
			break;
		/* the one too many may wrap around, even to nothing */
		digits = digits * 10 + (uint64_t)(*at - '0');
		count += count > 0 || digits > 0;
		behind += point;
	}
	if (at < end || count > DIGITS_MOST ||
	    behind > (count > DIGITS_EXACT ? POWER_MOST : POWER_EXACT))
		return (strtod(node->text, NULL));
	if (count > DIGITS_EXACT)
		return (negative ? -divide(digits, behind)
				 : divide(digits, behind));
	/* a whole number is no negative zero */
	if (digits == 0 && node->kind == TREE_WHOLE)
		return (0);
	return ((negative ? -(double)digits : (double)digits) / powers[behind]);
}

static int
unexpected(const struct tree_node *value, const char *name,
    const char *expected, struct error *err)
{
	return (error_set(err, "member \"%s\": %sexpected %s", name,
	    value == NULL ? "missing, " : "", expected));
}

int
tree_as_text(const struct tree_node *found, const char *name,
    const char **value, struct error *err)
{
	/* a NUL inside would cut it for whoever reads it as a C string */
	if (found == NULL || found->kind != TREE_TEXT ||
	    strlen(found->text) != found->length)
		return (unexpected(found, name, "text", err));
	*value = found->text;
	return (0);
}

int
tree_text(const struct tree_node *node, const char *name, const char **value,
    struct error *err)
{
	return (tree_as_text(tree_get(node, name), name, value, err));
}

int
tree_as_number(const struct tree_node *found, const char *name, double *value,
    struct error *err)
{
	if (found == NULL ||
	    (found->kind != TREE_WHOLE && found->kind != TREE_NUMBER))
		return (unexpected(found, name, "a number", err));
	*value = tree_number_of(found);
	return (0);
}

int
tree_number(const struct tree_node *node, const char *name, double *value,
    struct error *err)
{
	return (tree_as_number(tree_get(node, name), name, value, err));
}

int
tree_as_whole(const struct tree_node *found, const char *name, int64_t *value,
    struct error *err)
{
	if (found == NULL || found->kind != TREE_WHOLE)
		return (unexpected(found, name, "a whole number", err));
	*value = tree_whole_of(found);
	return (0);
}

int
tree_whole(const struct tree_node *node, const char *name, int64_t *value,
    struct error *err)
{
	return (tree_as_whole(tree_get(node, name), name, value, err));
}

int
tree_as_object(
    const struct tree_node *found, const char *name, struct error *err)
{
	if (found == NULL || found->kind != TREE_OBJECT)
		return (unexpected(found, name, "an object", err));
	return (0);
}

int
tree_object(const struct tree_node *node, const char *name,
    const struct tree_node **value, struct error *err)
{
	const struct tree_node *found = tree_get(node, name);

	if (tree_as_object(found, name, err) == -1)
		return (-1);
	*value = found;
	return (0);
}

int
tree_array(const struct tree_node *node, const char *name,
    const struct tree_node **value, struct error *err)
{
	const struct tree_node *found = tree_get(node, name);

	if (found == NULL || found->kind != TREE_ARRAY)
		return (unexpected(found, name, "an array", err));
	*value = found;
	return (0);
}

const char *
tree_text_or(
    const struct tree_node *node, const char *name, const char *fallback)
{
	tree_text(node, name, &fallback, NULL);
	return (fallback);
}

int64_t
tree_whole_or(const struct tree_node *node, const char *name, int64_t fallback)
{
	tree_whole(node, name, &fallback, NULL);
	return (fallback);
}
