/* SPDX-License-Identifier: BSD-2-Clause */
/* What pharosd orders of a worker, made of a plan that a stranger may have sent.
 * What was read can be run; a refusal says what was expected. */
#include "agent/order.h"

#include <math.h>
#include <stdlib.h>

#include "common/member.h"
#include "tests/fuzz/target.h"

static void
try_order(const struct order *order)
{
	int family = address_family(&order->address);

	if (order->target == NULL || order->settings == NULL ||
	    order->report < 0 ||
	    (family != 0 && order->family != 0 && family != order->family))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_object *json = member_parse((const char *)data, size, NULL);
	struct error err = {""};
	struct order_memo memo = {0};
	struct order order;
	struct cost cost;

	if (order_read(&order, &probe, &memo, json, &err) == 0)
		try_order(&order);
	else if (err.text[0] == '\0')
		abort();
	order_clear(&order);
	order_forget(&memo);
	if (order_price(&probe, json, &cost, &err) == 0 &&
	    !(isfinite(cost.seconds) && cost.seconds >= 0))
		abort();
	json_object_put(json);
	return (0);
}
