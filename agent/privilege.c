/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/privilege.h"

#include <stddef.h>
#include <sys/capability.h>

#include "common/error.h"

static const cap_value_t used[] = {CAP_NET_RAW, CAP_NET_BIND_SERVICE};

#define USED (sizeof(used) / sizeof(used[0]))

int
privilege_lower(bool *raw, struct error *err)
{
	cap_flag_value_t permitted = CAP_CLEAR;
	cap_t caps;
	int rc = 0;

	caps = cap_get_proc();
	if (caps == NULL)
		return (error_set(err, "cannot read my capabilities: %m"));
	cap_get_flag(caps, CAP_NET_RAW, CAP_PERMITTED, &permitted);
	*raw = permitted == CAP_SET;
	if (cap_clear_flag(caps, CAP_EFFECTIVE) < 0 || cap_set_proc(caps) < 0 ||
	    cap_reset_ambient() < 0)
		rc = error_set(err, "cannot lower my capabilities: %m");
	cap_free(caps);
	return (rc);
}

static int
set_used(cap_t caps, struct error *err)
{
	for (size_t i = 0; i < USED; i++) {
		cap_flag_value_t permitted;

		if (cap_get_flag(caps, used[i], CAP_PERMITTED, &permitted) ==
			-1 ||
		    cap_set_flag(caps, CAP_EFFECTIVE, 1, &used[i], permitted) ==
			-1)
			return (error_set(err, "capabilities: %m"));
	}
	if (cap_set_proc(caps) == -1)
		return (error_set(err, "raising capabilities: %m"));
	return (0);
}

int
privilege_raise(struct error *err)
{
	cap_t caps = cap_get_proc();
	int result;

	if (caps == NULL)
		return (error_set(err, "reading capabilities: %m"));
	result = set_used(caps, err);
	cap_free(caps);
	return (result);
}

/* As far as it is permitted now. */
static int
keep_binding(cap_t caps)
{
	const cap_value_t bind = CAP_NET_BIND_SERVICE;
	cap_flag_value_t permitted = CAP_CLEAR;
	cap_t now = cap_get_proc();
	int result = -1;

	if (now != NULL &&
	    cap_get_flag(now, bind, CAP_PERMITTED, &permitted) == 0)
		result = cap_set_flag(caps, CAP_PERMITTED, 1, &bind, permitted);
	cap_free(now);
	return (result);
}

int
privilege_drop(bool binds, struct error *err)
{
	cap_t caps = cap_init();
	int result = 0;

	if (caps == NULL || (binds && keep_binding(caps) == -1) ||
	    cap_set_proc(caps) == -1)
		result = error_set(err, "dropping capabilities: %m");
	cap_free(caps);
	return (result);
}

int
privilege_hand_on(struct error *err)
{
	cap_t caps = cap_get_proc();
	int result = 0;

	if (caps == NULL)
		return (error_set(err, "reading capabilities: %m"));
	for (size_t i = 0; i < USED; i++) {
		cap_flag_value_t permitted = CAP_CLEAR;

		cap_get_flag(caps, used[i], CAP_PERMITTED, &permitted);
		cap_set_flag(caps, CAP_INHERITABLE, 1, &used[i], permitted);
	}
	if (cap_set_proc(caps) == -1)
		result = error_set(err, "handing capabilities on: %m");
	for (size_t i = 0; i < USED && result == 0; i++) {
		cap_flag_value_t permitted = CAP_CLEAR;

		cap_get_flag(caps, used[i], CAP_PERMITTED, &permitted);
		if (permitted == CAP_SET &&
		    cap_set_ambient(used[i], CAP_SET) == -1)
			result = error_set(err, "handing capabilities on: %m");
	}
	cap_free(caps);
	return (result);
}
