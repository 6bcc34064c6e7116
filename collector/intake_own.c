/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The collector's own certificate: renewed in time, and presented as soon as it
 * is another one, whoever wrote it. Connections that are open go on.
 */
#include <stdlib.h>
#include <string.h>

#include "collector/intake.h"
#include "collector/pki.h"
#include "collector/settings.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/log.h"
#include "common/tls.h"

static int
fingerprint(const char *path, char text[static 65], struct error *err)
{
	X509 *certificate = tls_read_certificate(path, err);

	if (certificate == NULL)
		return (-1);
	tls_fingerprint(certificate, text);
	X509_free(certificate);
	return (0);
}

/* What is presented now is what the file holds now. */
static int
present(struct intake *intake, const char *chain, const char *key,
    struct error *err)
{
	char now[65];

	if (fingerprint(chain, now, err) == -1)
		return (-1);
	if (strcmp(now, intake->own) == 0)
		return (0);
	if (intake->tls != NULL &&
	    tls_server_reload(intake->tls, chain, key, err) == -1)
		return (-1);
	if (intake->own[0] != '\0')
		log_info("the collector's certificate is a new one");
	memcpy(intake->own, now, sizeof(intake->own));
	return (0);
}

static int
look(struct intake *intake, struct error *err)
{
	const struct collector_settings *settings = intake->settings;
	char *dir = collector_settings_path(settings, "pki");
	char *chain = collector_settings_path(settings, "pki/collector.pem");
	char *key = collector_settings_path(settings, "pki/collector.key");
	int result = pki_renew_collector(
	    intake->pki, dir, settings->certificate_life, clock_wall(), err);

	if (result != -1)
		result = present(intake, chain, key, err);
	free(key);
	free(chain);
	free(dir);
	return (result);
}

void
intake_look_at_own(struct intake *intake)
{
	struct error err = {""};

	if (look(intake, &err) == 0)
		intake->own_failed = false;
	else if (!intake->own_failed) {
		intake->own_failed = true;
		log_warnx("the collector's certificate: %s", err.text);
	}
}
