/* SPDX-License-Identifier: BSD-2-Clause */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/unit.h"
#include "probes/owamp/ntp.h"
#include "probes/owd/owd.h"

static int
parse_slot(char *text, struct slot *slot, struct error *err)
{
	char *colon = strchr(text, ':');
	double seconds;

	if (colon != NULL)
		*colon = '\0';
	if (strcmp(text, "exp") == 0)
		slot->kind = SLOT_EXPONENTIAL;
	else if (strcmp(text, "fixed") == 0)
		slot->kind = SLOT_FIXED;
	else
		colon = NULL;
	if (colon == NULL)
		return (error_set(err,
		    "option slots: \"%s\": expected exp:TIME or fixed:TIME, "
		    "by commas",
		    text));
	if (unit_parse(UNIT_SECONDS, colon + 1, &seconds, err) == -1)
		return (error_place(err, "option slots"));
	if (seconds < 1e-6 || seconds > 86400)
		return (error_set(
		    err, "option slots: %s: expected 1us to 1d", colon + 1));
	slot->length = (uint64_t)llround(seconds * (double)NTP_S);
	return (0);
}

static int
parse_slots(const char *text, struct slot slots[OWD_SLOTS], uint32_t *count,
    struct error *err)
{
	char copy[sizeof(((struct owd_settings *)NULL)->slots)], *rest = copy;
	const char *word;

	strcpy(copy, text);
	*count = 0;
	while ((word = strsep(&rest, ",")) != NULL) {
		if (*count == OWD_SLOTS)
			return (error_set(err,
			    "option slots: expected at most %d", OWD_SLOTS));
		if (parse_slot((char *)word, &slots[(*count)++], err) == -1)
			return (-1);
	}
	return (0);
}

int
wish_slots(const struct owd_settings *s, struct slot slots[OWD_SLOTS],
    uint32_t *count, struct error *err)
{
	if (s->slots[0] != '\0')
		return (parse_slots(s->slots, slots, count, err));
	*count = 1;
	slots[0].kind =
	    s->distribution == OWD_POISSON ? SLOT_EXPONENTIAL : SLOT_FIXED;
	slots[0].length = (uint64_t)llround((double)NTP_S / s->rate);
	return (0);
}

double
wish_mean(const struct slot *slots, uint32_t count)
{
	double sum = 0;

	for (uint32_t i = 0; i < count; i++)
		sum += (double)slots[i].length / (double)NTP_S;
	return (sum / count);
}

int
wish_modes(const struct owd_settings *s, uint32_t *modes, struct error *err)
{
	char copy[sizeof(s->modes)], *rest = copy;
	const char *word;

	strcpy(copy, s->modes);
	*modes = 0;
	while (s->modes[0] != '\0' && (word = strsep(&rest, ",")) != NULL) {
		if (strcmp(word, "open") == 0)
			*modes |= MODE_OPEN;
		else if (strcmp(word, "authenticated") == 0 ||
			 strcmp(word, "auth") == 0)
			*modes |= MODE_AUTHENTICATED;
		else if (strcmp(word, "encrypted") == 0)
			*modes |= MODE_ENCRYPTED;
		else
			return (error_set(err,
			    "option modes: \"%s\": expected open, auth, "
			    "encrypted, by commas",
			    word));
	}
	return (0);
}

static bool
parse_port(const char *text, char **end, uint16_t *port)
{
	unsigned long value = strtoul(text, end, 10);

	*port = (uint16_t)value;
	return (*text >= '0' && *text <= '9' && value > 0 && value < 65536);
}

int
wish_ports(const struct owd_settings *s, uint16_t *least, uint16_t *most,
    struct error *err)
{
	char *end;

	*least = *most = 0;
	if (s->test_ports[0] == '\0')
		return (0);
	if (!parse_port(s->test_ports, &end, least) || *end != '-' ||
	    !parse_port(end + 1, &end, most) || *end != '\0' || *most < *least)
		return (error_set(err,
		    "option test-ports: \"%s\": expected two ports, as "
		    "8760-9960",
		    s->test_ports));
	return (0);
}

bool
wish_fetch(const struct owd_settings *s, uint8_t sid[static KEYS_SID])
{
	return (
	    s->fetch[0] != '\0' && hash_unhex(s->fetch, sid, KEYS_SID) == 0);
}
