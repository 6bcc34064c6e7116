/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/fleet.h"
#include "collector/intake.h"
#include "collector/pki.h"
#include "collector/registry.h"
#include "collector/renames.h"
#include "common/error.h"
#include "common/tls.h"

static int
explain(struct intake *intake, struct intake_member *member, struct error *err)
{
	const char *box = member->said;
	nanoseconds removed = registry_removed(intake->registry, box);
	char when[40];

	snprintf(member->box, sizeof(member->box), "%s", box);
	if (removed == 0)
		return (error_set(err,
		    "%s: the certificate is not the one enrolled here", box));
	return (error_set(err, "%s: removed from the fleet at %s", box,
	    clock_format(removed, 0, when)));
}

/* By the name that the certificate has, or the one that the box has since. */
static int
find(struct intake *intake, X509 *certificate, struct intake_member *member,
    struct error *err)
{
	char fingerprint[65];

	if (tls_identify(certificate, member->said, fingerprint, err) == -1)
		return (-1);
	if (!registry_find(
		intake->registry, fingerprint, member->box, member->mark))
		return (explain(intake, member, err));
	member->renamed = strcmp(member->said, member->box) != 0;
	if (member->renamed &&
	    !renames_had(&intake->fleet->renames, member->box, member->said))
		return (error_set(err, "%s: the certificate is of %s",
		    member->said, member->box));
	return (0);
}

/* All of it on every request: a resumed session has not been verified, and a
 * removed box must not stay on an open connection. */
static int
identify(struct intake *intake, X509 *certificate, struct intake_member *member,
    struct error *err)
{
	if (certificate == NULL)
		return (error_set(err, "the request has no certificate"));
	if (tls_verify(certificate, pki_ca(intake->pki), err) == -1)
		return (-1);
	return (find(intake, certificate, member, err));
}

/* A member whose certificate's time has not come, by our clock. */
static bool
is_early(struct intake *intake, X509 *certificate, struct intake_member *member,
    struct error *why)
{
	nanoseconds from;
	struct error err;

	return (certificate != NULL &&
		tls_not_yet(certificate, pki_ca(intake->pki), &from) &&
		find(intake, certificate, member, &err) == 0 &&
		intake_is_before(intake, member->box, from, why));
}

bool
intake_has_box(const struct intake *intake, const char *box)
{
	const struct fleet_end *end = fleet_end(intake->fleet, box);

	return (end != NULL && end->is_box);
}

void
intake_refuse(struct intake *intake, struct http_request *request,
    const char *box, const char *why)
{
	intake->counts.strangers++;
	http_set_header(request, "Connection", "close");
	http_problem(request, 403, "Not a member",
	    "%s; make a token with \"pharos token new %s\" on the collector "
	    "and say \"pharos enroll\" with it on the box",
	    why, box[0] != '\0' ? box : "BOX");
}

bool
intake_admit_member(struct intake *intake, struct http_request *request,
    struct intake_member *member)
{
	X509 *certificate = http_certificate(request);
	struct error err;
	int result;

	member->box[0] = '\0';
	result = identify(intake, certificate, member, &err);
	if (result == -1 && is_early(intake, certificate, member, &err))
		intake_reply_later(intake, request, err.text);
	else if (result == -1)
		intake_refuse(intake, request, member->box, err.text);
	X509_free(certificate);
	return (result == 0 && intake_is_first(intake, request, member->box,
				   http_header(request, "Pharos-Epoch")));
}

bool
intake_admit(struct intake *intake, struct http_request *request,
    struct intake_member *member)
{
	if (!intake_admit_member(intake, request, member))
		return (false);
	if (intake_has_box(intake, member->box))
		return (true);
	http_problem(request, 403, "Not in the fleet",
	    "%s: the fleet file has no such box (any more); put it under "
	    "sites: and say \"pharos reload\" on the collector",
	    member->box);
	return (false);
}
