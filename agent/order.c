/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/order.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/member.h"
#include "common/memory.h"

struct order_settings {
	unsigned users;
	max_align_t data[];
};

/* NULL is fine. */
static void
release(struct order_settings *settings)
{
	if (settings != NULL && --settings->users == 0)
		free(settings);
}

static void
use(struct order *order, struct order_settings *settings)
{
	settings->users++;
	order->shared = settings;
	order->settings = settings->data;
}

/* Planned times are wall-clock. Who gave the order may have read both clocks:
 * what has happened to that one since moves nothing. */
static void
read_time(struct order *order, json_object *json)
{
	double at = member_number_or(json, "at", 0);
	double monotonic = member_number_or(json, "monotonic", 0);

	order->at = clock_monotonic();
	order->timed = at > 0 && at < 9e9;
	if (!order->timed)
		return;
	order->planned = clock_of_seconds(at);
	if (monotonic > 0 && monotonic < 9e9)
		order->at = clock_of_seconds(monotonic);
	else
		order->at += order->planned - clock_wall();
}

static int
read_report(struct order *order, const struct probe_ops *ops, json_object *json,
    struct error *err)
{
	double report = member_number_or(json, "report", 0);

	if (report != 0 && !(report >= 0.001 && report < 9e9))
		return (error_set(err, "report %g: expected seconds", report));
	if (report != 0 && !ops->about->streams)
		return (error_set(
		    err, "the runs of %s come to an end", ops->about->name));
	order->report = clock_of_seconds(report);
	return (0);
}

static int
read_end(struct order *order, const struct manifest *about, json_object *json,
    struct error *err)
{
	int end;

	order->end = about->runs_at;
	if (member_get(json, "end") == NULL)
		return (0);
	if (member_choice(json, "end", manifest_ends, &end, err) == -1)
		return (-1);
	order->end = (enum manifest_end)end;
	if (order->end != about->runs_at && !about->either)
		return (error_set(err, "end: %s runs at the %s alone",
		    about->name, manifest_ends[about->runs_at]));
	return (0);
}

static int
read_family(struct order *order, json_object *json, struct error *err)
{
	int64_t family = member_whole_or(json, "family", 0);

	if (family != 0 && family != 4 && family != 6)
		return (error_set(
		    err, "family %lld: expected 4, 6 or 0", (long long)family));
	order->family = (int)family;
	return (0);
}

/* Given, written as the target's name, or to be found. */
static int
read_address(struct order *order, json_object *json, struct error *err)
{
	const char *given = member_text_or(json, "address", NULL);
	const char *text = given != NULL ? given : order->target;
	bool numeric = address_parse(text, 0, &order->address);
	int family = address_family(&order->address);

	if (given != NULL && !numeric)
		return (error_set(err,
		    "address \"%.80s\": expected an IPv4 or IPv6 address",
		    given));
	if (numeric && order->family != 0 && family != order->family)
		return (error_set(err,
		    "%s is an IPv%d address, but IPv%d is asked for", text,
		    family, order->family));
	if (!numeric)
		order->address = (union address){0};
	return (0);
}

static int
read_settings(struct order *order, const struct probe_ops *ops,
    json_object *json, struct error *err)
{
	struct order_settings *settings =
	    memory_new(1, sizeof(*settings) + ops->settings_size);

	use(order, settings);
	if (option_load(ops->about->settings, settings->data,
		member_get(json, "settings"), err) == -1)
		return (-1);
	return (ops->check != NULL ? ops->check(order->settings, err) : 0);
}

void
order_forget(struct order_memo *memo)
{
	free(memo->text);
	release(memo->settings);
	*memo = (struct order_memo){0};
}

/* Defaults are text that has to be parsed, each time. */
static int
recall_settings(struct order *order, const struct probe_ops *ops,
    struct order_memo *memo, json_object *json, struct error *err)
{
	const char *text = json_object_to_json_string_ext(
	    member_get(json, "settings"), JSON_C_TO_STRING_PLAIN);

	if (memo->text != NULL && strcmp(memo->text, text) == 0) {
		use(order, memo->settings);
		return (0);
	}
	if (read_settings(order, ops, json, err) == -1)
		return (-1);
	order_forget(memo);
	memo->text = memory_text(text);
	memo->settings = order->shared;
	memo->settings->users++;
	return (0);
}

int
order_read(struct order *order, const struct probe_ops *ops,
    struct order_memo *memo, json_object *json, struct error *err)
{
	const char *target;

	*order = (struct order){0};
	read_time(order, json);
	if (member_text(json, "target", &target, err) == -1)
		return (-1);
	order->target = memory_text(target);
	if (member_text_or(json, "test", NULL) != NULL)
		order->test = memory_text(member_text_or(json, "test", NULL));
	member_flag(json, "watched", &order->watched, NULL);
	order->flow = strtoull(member_text_or(json, "flow", "0"), NULL, 16);
	if (read_report(order, ops, json, err) == -1 ||
	    read_end(order, ops->about, json, err) == -1 ||
	    read_family(order, json, err) == -1 ||
	    recall_settings(order, ops, memo, json, err) == -1)
		return (-1);
	return (read_address(order, json, err));
}

int
order_price(const struct probe_ops *ops, json_object *json, struct cost *cost,
    struct error *err)
{
	struct order order = {0};
	int result = read_settings(&order, ops, json, err);

	*cost = (struct cost){0};
	if (result == 0)
		ops->cost(order.settings, cost);
	order_clear(&order);
	if (result == 0 && !(cost->packets >= 0 && isfinite(cost->packets) &&
			       cost->bits >= 0 && isfinite(cost->bits) &&
			       cost->seconds >= 0 && isfinite(cost->seconds)))
		return (
		    error_set(err, "bug of the probe: its cost is no number"));
	return (result);
}

void
order_clear(struct order *order)
{
	free(order->target);
	free(order->test);
	release(order->shared);
	*order = (struct order){0};
}
