/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "agent/limits.h"
#include "common/error.h"
#include "common/metric.h"
#include "common/option.h"
#include "common/unit.h"
#include "common/yaml.h"

static const struct setting limits_table[] = {
    {.name = "bandwidth",
	.type = OPTION_BITRATE,
	.fallback = "100Mbit/s",
	.least = 1e3,
	.most = 1e12,
	.help = "how much all measurements together may send",
	.offset = offsetof(struct limits_rules, bandwidth)},
    {.name = "packets",
	.type = OPTION_RATE,
	.fallback = "10000/s",
	.least = 1,
	.most = 1e9,
	.help = "how many packets all measurements together may send",
	.offset = offsetof(struct limits_rules, packets)},
    {.name = "runs",
	.type = OPTION_COUNT,
	.fallback = "5000",
	.least = 1,
	.most = 1e6,
	.help = "how many runs may be open at once",
	.offset = offsetof(struct limits_rules, runs)},
    {.name = NULL},
};

int
limits_default(struct limits_rules *rules, struct error *err)
{
	memset(rules, 0, sizeof(*rules));
	return (option_load(limits_table, rules, NULL, err));
}

static int
read_forbid(
    struct limits_rules *rules, const struct yml *node, struct error *err)
{
	if (yml_null(node))
		return (0);
	if (yml_expect(node, YML_LIST, "a list of probes", err) == -1)
		return (-1);
	if (node->count > LIMITS_FORBIDDEN)
		return (yml_error(node, err,
		    "forbid: %zu probes, expected at most %d", node->count,
		    LIMITS_FORBIDDEN));
	for (size_t i = 0; i < node->count; i++) {
		const struct yml *item = node->items[i];

		if (yml_expect(item, YML_SCALAR, "a probe's name", err) == -1)
			return (-1);
		if (!metric_name_valid(item->text))
			return (yml_error(item, err,
			    "forbid: \"%.80s\", expected a probe's name, "
			    "[a-z][a-z0-9_]{0,12}",
			    item->text));
		snprintf(rules->forbidden[i], LIMITS_PROBE, "%s", item->text);
	}
	rules->forbidden_count = node->count;
	return (0);
}

/* One of quiet's members; all of them must be there. */
static const struct yml *
quiet_text(const struct yml *quiet, const char *key, struct error *err)
{
	const struct yml *node = yml_get(quiet, key);

	if (yml_null(node))
		return (yml_error(node != NULL ? node : quiet, err,
			    "quiet: member \"%s\" is missing, expected such as "
			    "{from: 22:00, to: 06:00, zone: Europe/Berlin}",
			    key),
		    NULL);
	return (yml_expect(node, YML_SCALAR, key, err) == 0 ? node : NULL);
}

static int
read_minutes(
    const struct yml *quiet, const char *key, int *minutes, struct error *err)
{
	const struct yml *node = quiet_text(quiet, key, err);
	struct error why;

	if (node == NULL)
		return (-1);
	if (quiet_minutes(node->text, minutes, &why) == -1)
		return (yml_error(node, err, "%s: %s", key, why.text));
	return (0);
}

static int
read_zone(struct quiet *quiet, const struct yml *map, struct error *err)
{
	const struct yml *node = quiet_text(map, "zone", err);
	struct error why;

	if (node == NULL)
		return (-1);
	if (quiet_zone(node->text, &why) == -1)
		return (yml_error(node, err, "zone: %s", why.text));
	snprintf(quiet->zone, sizeof(quiet->zone), "%s", node->text);
	return (0);
}

static int
read_quiet(struct quiet *quiet, const struct yml *node, struct error *err)
{
	static const char *const keys[] = {"from", "to", "zone", NULL};

	if (yml_null(node))
		return (0);
	if (yml_expect(node, YML_MAP, "quiet hours", err) == -1 ||
	    yml_known(node, keys, err) == -1 ||
	    read_minutes(node, "from", &quiet->from, err) == -1 ||
	    read_minutes(node, "to", &quiet->to, err) == -1 ||
	    read_zone(quiet, node, err) == -1)
		return (-1);
	if (quiet->from == quiet->to)
		return (yml_error(node, err,
		    "quiet: from and to are the same, expected two times; to "
		    "measure nothing stop pharosd"));
	quiet->given = true;
	return (0);
}

int
limits_read(
    struct limits_rules *rules, const struct yml *root, struct error *err)
{
	memset(rules, 0, sizeof(*rules));
	if (yml_load(yml_get(root, "limits"), limits_table, rules, err) == -1 ||
	    read_forbid(rules, yml_get(root, "forbid"), err) == -1)
		return (-1);
	return (read_quiet(&rules->quiet, yml_get(root, "quiet"), err));
}

char *
limits_forbidden(
    const struct limits_rules *rules, char text[static LIMITS_TEXT])
{
	size_t used = 0;

	snprintf(text, LIMITS_TEXT, "none");
	for (size_t i = 0; i < rules->forbidden_count; i++)
		used += (size_t)snprintf(text + used, LIMITS_TEXT - used,
		    "%s%s", i > 0 ? ", " : "", rules->forbidden[i]);
	return (text);
}

/* "forbid" and "quiet", or nothing. */
static size_t
write_rest(const struct limits_rules *rules, char *text, size_t room)
{
	const struct quiet *quiet = &rules->quiet;
	char names[LIMITS_TEXT];
	size_t used = 0;

	if (rules->forbidden_count > 0)
		used += (size_t)snprintf(text, room, "forbid: [%s]\n",
		    limits_forbidden(rules, names));
	if (quiet->given)
		used += (size_t)snprintf(text + used, room - used,
		    "quiet: {from: \"%02d:%02d\", to: \"%02d:%02d\", "
		    "zone: %s}\n",
		    quiet->from / 60, quiet->from % 60, quiet->to / 60,
		    quiet->to % 60, quiet->zone);
	return (used);
}

char *
limits_write(const struct limits_rules *rules, char text[static LIMITS_TEXT])
{
	char bandwidth[UNIT_TEXT], packets[UNIT_TEXT];
	size_t used = (size_t)snprintf(text, LIMITS_TEXT,
	    "limits: {bandwidth: %s, packets: %s, runs: %lld}\n",
	    unit_write(UNIT_BITRATE, rules->bandwidth, bandwidth),
	    unit_write(UNIT_RATE, rules->packets, packets),
	    (long long)rules->runs);

	write_rest(rules, text + used, LIMITS_TEXT - used);
	return (text);
}
