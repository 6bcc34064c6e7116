/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/settings.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "agent/vouched.h"
#include "common/clock.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/listener.h"
#include "common/memory.h"
#include "common/option.h"
#include "common/place.h"
#include "common/unit.h"
#include "common/yaml.h"

static const char *const members[] = {"name", "collector", "state", "spool",
    "metrics", "limits", "forbid", "quiet", "clock", NULL};

static const struct setting spool_table[] = {
    {.name = "size",
	.type = OPTION_SIZE,
	.fallback = "256MB",
	.least = 1e6,
	.most = 1e12,
	.help = "how much the spool may hold before the oldest records go",
	.offset = offsetof(struct agent_settings, spool_size)},
    {.name = "age",
	.type = OPTION_DURATION,
	.fallback = "14d",
	.least = 60,
	.most = 366 * 86400,
	.help = "how long the spool keeps records that nobody fetched",
	.offset = offsetof(struct agent_settings, spool_age)},
    {.name = NULL},
};

/* text is where the member's text is to go; a required one has no fallback. */
static int
read_text(const struct yml *root, const char *key, const char *fallback,
    char *text, size_t room, const struct yml **node, struct error *err)
{
	*node = yml_get(root, key);
	if (yml_null(*node)) {
		if (fallback == NULL)
			return (yml_error(*node != NULL ? *node : root, err,
			    "member \"%s\" is missing", key));
		*node = root;
	} else {
		if (yml_expect(*node, YML_SCALAR, key, err) < 0)
			return (-1);
		fallback = (*node)->text;
	}
	if (strlen(fallback) >= room)
		return (yml_error(*node, err,
		    "%s: too long, expected at most %zu bytes", key, room - 1));
	memset(text, 0, room);
	memcpy(text, fallback, strlen(fallback));
	return (0);
}

static int
read_name(
    struct agent_settings *settings, const struct yml *root, struct error *err)
{
	const struct yml *node;

	if (read_text(root, "name", NULL, settings->name,
		sizeof(settings->name), &node, err) < 0)
		return (-1);
	if (!name_valid(settings->name))
		return (yml_error(node, err, "name: \"%.80s\", expected %s",
		    settings->name, name_rule));
	return (0);
}

static int
read_collector(
    struct agent_settings *settings, const struct yml *root, struct error *err)
{
	const struct yml *node;
	struct error why;

	if (read_text(root, "collector", NULL, settings->collector,
		sizeof(settings->collector), &node, err) < 0)
		return (-1);
	if (agent_settings_url(settings->collector, &why) < 0)
		return (yml_error(node, err, "collector: %s", why.text));
	return (0);
}

static int
read_state(
    struct agent_settings *settings, const struct yml *root, struct error *err)
{
	const struct yml *node;
	struct error why;
	char *fallback;
	int rc;

	fallback = place_state("agent");
	rc = read_text(root, "state", fallback, settings->state,
	    sizeof(settings->state), &node, err);
	free(fallback);
	if (rc == 0 && agent_settings_folder(settings->state, &why) < 0)
		rc = yml_error(node, err, "state: %s", why.text);
	return (rc);
}

/* Loopback, for there is no login. */
static int
read_metrics(
    struct agent_settings *settings, const struct yml *root, struct error *err)
{
	struct sockaddr_storage address;
	const struct yml *node;
	struct error why;

	if (read_text(root, "metrics", "", settings->metrics,
		sizeof(settings->metrics), &node, err) < 0)
		return (-1);
	if (settings->metrics[0] == '\0')
		return (0);
	if (listener_parse(settings->metrics, &address, &why) < 0)
		return (yml_error(node, err, "metrics: %s", why.text));
	if (!listener_is_loopback(&address))
		return (yml_error(node, err,
		    "metrics: %s is not a loopback address, expected one such "
		    "as 127.0.0.1:8642",
		    settings->metrics));
	return (0);
}

int
agent_settings_url(char *url, struct error *err)
{
	static const char scheme[] = "https://";
	size_t length = strlen(url);

	while (length > 0 && url[length - 1] == '/')
		url[--length] = '\0';
	if (strncmp(url, scheme, sizeof(scheme) - 1) != 0 ||
	    length < sizeof(scheme) ||
	    strpbrk(url + sizeof(scheme) - 1, "/?#@ \t") != NULL)
		return (error_set(err,
		    "\"%.80s\", expected a URL such as "
		    "https://collector.example:8641",
		    url));
	return (0);
}

int
agent_settings_folder(const char *path, struct error *err)
{
	struct sockaddr_un un;
	size_t most = sizeof(un.sun_path) - sizeof("/control");

	if (path[0] != '/')
		return (error_set(
		    err, "\"%.80s\", expected an absolute path", path));
	if (strlen(path) > most)
		return (error_set(err,
		    "too long, expected at most %zu bytes, for a socket's "
		    "name in it",
		    most));
	return (0);
}

int
agent_settings_read(
    struct agent_settings *settings, const char *path, struct error *err)
{
	struct yml *root;
	int rc = -1;

	memset(settings, 0, sizeof(*settings));
	root = yml_read(path, err);
	if (root == NULL)
		return (-1);
	if (yml_expect(root, YML_MAP, "agent.yaml", err) == 0 &&
	    yml_known(root, members, err) == 0 &&
	    read_name(settings, root, err) == 0 &&
	    read_collector(settings, root, err) == 0 &&
	    read_state(settings, root, err) == 0 &&
	    read_metrics(settings, root, err) == 0 &&
	    yml_load(yml_get(root, "spool"), spool_table, settings, err) == 0 &&
	    limits_read(&settings->limits, root, err) == 0 &&
	    vouched_read(&settings->vouched, root, err) == 0)
		rc = 0;
	yml_free(root);
	return (rc);
}

int
agent_settings_default(struct agent_settings *settings, struct error *err)
{
	char *state = place_state("agent");
	int rc;

	memset(settings, 0, sizeof(*settings));
	settings->vouched.error = -1;
	strncpy(settings->state, state, sizeof(settings->state) - 1);
	free(state);
	rc = agent_settings_folder(settings->state, err);
	if (rc == 0)
		rc = option_load(spool_table, settings, NULL, err);
	if (rc == 0)
		rc = limits_default(&settings->limits, err);
	return (rc);
}

/* In single quotes, which need nothing but themselves doubled. */
static char *
quoted(const char *text)
{
	char *out = memory_new(2 * strlen(text) + 3, 1), *o = out;

	*o++ = '\'';
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			*o++ = '\'';
		*o++ = *text;
	}
	*o++ = '\'';
	return (out);
}

int
agent_settings_write(
    const struct agent_settings *settings, const char *path, struct error *err)
{
	const bool served = settings->metrics[0] != '\0';
	char size[UNIT_TEXT], age[UNIT_TEXT], limits[LIMITS_TEXT];
	char *name, *collector, *state, *text;
	char *metrics = quoted(served ? settings->metrics : "127.0.0.1:8642");
	int rc;

	unit_write(UNIT_BYTES, (double)settings->spool_size, size);
	unit_write(UNIT_SECONDS, clock_seconds(settings->spool_age), age);
	name = quoted(settings->name);
	collector = quoted(settings->collector);
	state = quoted(settings->state);
	text = memory_print("# pharosd on this box; written by pharos enroll.\n"
			    "\n"
			    "# The box, as the fleet knows it.\n"
			    "name: %s\n"
			    "\n"
			    "# Whom it reports to.\n"
			    "collector: %s\n"
			    "\n"
			    "# Spool, plan, key and certificate.\n"
			    "state: %s\n"
			    "\n"
			    "# What may wait for the collector; beyond that "
			    "the oldest records go first.\n"
			    "spool: {size: %s, age: %s}\n"
			    "\n"
			    "# What measurements may use up here, all of them "
			    "together; what the fleet\n"
			    "# plans beyond that is not run. Also: forbid: "
			    "[PROBE, ...] and quiet hours.\n"
			    "%s"
			    "\n"
			    "# Where /metrics and /healthz are served.\n"
			    "%smetrics: %s\n",
	    name, collector, state, size, age,
	    limits_write(&settings->limits, limits), served ? "" : "# ",
	    metrics);
	rc = daemon_write_file(path, text, strlen(text), 0644, err);
	free(name);
	free(collector);
	free(state);
	free(metrics);
	free(text);
	return (rc);
}

char *
agent_settings_path(const struct agent_settings *settings, const char *file)
{
	return (memory_print("%s/%s", settings->state, file));
}
