/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/fault.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define STRANGER "answers of another address"

static struct fault
make(int family, const uint8_t *who, const struct icmp_message *message)
{
	struct fault fault = {
	    .family = (uint8_t)family,
	    .length = family == 6 ? 16 : 4,
	    .type = FAULT_STRANGER,
	};

	memcpy(fault.who, who, fault.length);
	if (message == NULL)
		return (fault);
	fault.type = (int16_t)message->type;
	fault.code = (int16_t)message->code;
	fault.mtu = message->mtu;
	return (fault);
}

static bool
same(const struct fault *a, const struct fault *b)
{
	return (a->family == b->family && a->type == b->type &&
		a->code == b->code && a->mtu == b->mtu &&
		memcmp(a->who, b->who, sizeof(a->who)) == 0);
}

void
fault_add(struct fault_list *list, int family, const uint8_t *who,
    const struct icmp_message *message)
{
	struct fault fault = make(family, who, message);
	uint32_t i = 0;

	while (i < list->used && !same(&list->faults[i], &fault))
		i++;
	if (i == FAULTS) {
		list->others++;
		return;
	}
	if (i == list->used)
		list->faults[list->used++] = fault;
	list->faults[i].count++;
	list->last = i;
}

static char *
describe(const struct fault *fault, char text[static ICMP_TEXT])
{
	const struct icmp_message message = {
	    .type = fault->type, .code = fault->code, .mtu = fault->mtu};

	if (fault->type == FAULT_STRANGER) {
		snprintf(text, ICMP_TEXT, STRANGER);
		return (text);
	}
	return (icmp_describe(fault->family, &message, text));
}

static const char *
who(const struct fault *fault, char text[static INET6_ADDRSTRLEN])
{
	return (inet_ntop(fault->family == 6 ? AF_INET6 : AF_INET, fault->who,
	    text, INET6_ADDRSTRLEN));
}

char *
fault_text(const struct fault_list *list, char text[static FAULT_TEXT])
{
	const struct fault *last = &list->faults[list->last];
	char what[ICMP_TEXT], from[INET6_ADDRSTRLEN];

	if (list->used == 0)
		return (NULL);
	snprintf(text, FAULT_TEXT, "%s from %s", describe(last, what),
	    who(last, from));
	return (text);
}

char *
fault_all_text(const struct fault_list *list, char text[static FAULT_TEXT])
{
	uint64_t more = list->others;
	size_t length;

	if (fault_text(list, text) == NULL)
		return (NULL);
	for (uint32_t i = 0; i < list->used; i++)
		if (i != list->last)
			more += list->faults[i].count;
	length = strlen(text);
	if (more > 0)
		snprintf(text + length, FAULT_TEXT - length,
		    ", and %" PRIu64 " of other kinds", more);
	return (text);
}

static void __attribute__((format(printf, 2, 3)))
append(char text[static FAULT_JSON], const char *fmt, ...)
{
	size_t used = strlen(text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text + used, FAULT_JSON - used, fmt, ap);
	va_end(ap);
}

static void
append_fault(char text[static FAULT_JSON], const struct fault *fault)
{
	char what[ICMP_TEXT], from[INET6_ADDRSTRLEN];

	append(text, "{\"from\":\"%s\",", who(fault, from));
	if (fault->type != FAULT_STRANGER)
		append(
		    text, "\"type\":%d,\"code\":%d,", fault->type, fault->code);
	append(text, "\"what\":\"%s\",", describe(fault, what));
	if (fault->mtu != 0)
		append(text, "\"mtu\":%u,", fault->mtu);
	append(text, "\"n\":%u}", fault->count);
}

char *
fault_json(const struct fault_list *list, char text[static FAULT_JSON])
{
	const char *gap = "";

	strcpy(text, "[");
	for (uint32_t i = 0; i < list->used; i++) {
		append(text, "%s", gap);
		append_fault(text, &list->faults[i]);
		gap = ",";
	}
	if (list->others > 0)
		append(text, ",{\"n\":%u}", list->others);
	append(text, "]");
	return (text);
}
