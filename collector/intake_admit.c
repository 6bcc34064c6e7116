/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "collector/fleet.h"
#include "collector/intake.h"
#include "collector/pki.h"
#include "collector/registry.h"
#include "common/error.h"
#include "common/tls.h"

#define CURE                                                              \
	"give it one with \"pharos token new BOX\" on the collector and " \
	"\"pharos enroll\" on the box"

static int
explain(struct intake *intake, const char *box, struct error *err)
{
	nanoseconds removed = registry_removed(intake->registry, box);
	char when[40];

	if (removed == 0)
		return (error_set(err,
		    "%s: the certificate is not the one enrolled here", box));
	return (error_set(err, "%s: removed from the fleet at %s", box,
	    clock_format(removed, 0, when)));
}

/* All of it on every request: a resumed session has not been verified, and a
 * removed box must not stay on an open connection. */
static int
identify(struct intake *intake, X509 *certificate, char box[static NAME_TEXT],
    struct error *err)
{
	char fingerprint[65];

	if (certificate == NULL)
		return (error_set(err, "the request has no certificate"));
	if (tls_verify(certificate, pki_ca(intake->pki), err) == -1 ||
	    tls_box(certificate, box, err) == -1)
		return (-1);
	tls_fingerprint(certificate, fingerprint);
	if (!registry_is_member(intake->registry, box, fingerprint))
		return (explain(intake, box, err));
	return (0);
}

bool
intake_has_box(const struct intake *intake, const char *box)
{
	const struct fleet_end *end = fleet_end(intake->fleet, box);

	return (end != NULL && end->is_box);
}

void
intake_refuse(
    struct intake *intake, struct http_request *request, const char *why)
{
	intake->counts.strangers++;
	http_set_header(request, "Connection", "close");
	http_problem(request, 403, "Not a member", "%s; " CURE, why);
}

bool
intake_admit_member(struct intake *intake, struct http_request *request,
    char box[static NAME_TEXT])
{
	X509 *certificate = http_certificate(request);
	struct error err;
	int result = identify(intake, certificate, box, &err);

	X509_free(certificate);
	if (result == -1)
		intake_refuse(intake, request, err.text);
	return (result == 0 && intake_is_first(intake, request, box,
				   http_header(request, "Pharos-Epoch")));
}

bool
intake_admit(struct intake *intake, struct http_request *request,
    char box[static NAME_TEXT])
{
	if (!intake_admit_member(intake, request, box))
		return (false);
	if (intake_has_box(intake, box))
		return (true);
	http_problem(request, 403, "Not in the fleet",
	    "%s: the fleet file has no such box (any more); put it under "
	    "sites: and say \"pharos reload\" on the collector",
	    box);
	return (false);
}
