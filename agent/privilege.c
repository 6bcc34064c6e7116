/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/privilege.h"

#include <stddef.h>
#include <sys/capability.h>

#include "common/error.h"

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
