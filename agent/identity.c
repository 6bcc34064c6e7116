/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/identity.h"

#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/settings.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/tls.h"

#define WAS_MOST 65536 /* bytes of names */

EVP_PKEY *
identity_key(const struct agent_settings *settings, struct error *err)
{
	char *path = agent_settings_path(settings, "box.key");
	EVP_PKEY *key = tls_read_key(path, err);

	free(path);
	return (key);
}

static X509 *
read_certificate(
    const struct agent_settings *settings, const char *file, struct error *err)
{
	char *path = agent_settings_path(settings, file);
	X509 *certificate = tls_read_certificate(path, err);

	if (certificate == NULL)
		error_set(err, "%s: no certificate; run pharos enroll", path);
	free(path);
	return (certificate);
}

X509 *
identity_certificate(const struct agent_settings *settings, struct error *err)
{
	return (read_certificate(settings, "box.pem", err));
}

X509 *
identity_ca(const struct agent_settings *settings, struct error *err)
{
	return (read_certificate(settings, "ca.pem", err));
}

/* One name a line; NULL when there are none. */
static char *
read_was(const struct agent_settings *settings)
{
	char *path = agent_settings_path(settings, "was");
	struct error err;
	char *text = daemon_read_file(path, WAS_MOST, NULL, &err);

	free(path);
	return (text);
}

static bool
has_line(char *text, const char *name)
{
	char *line, *rest = text;
	bool found = false;

	while (!found && (line = strsep(&rest, "\n")) != NULL)
		found = strcmp(line, name) == 0;
	return (found);
}

bool
identity_had(const struct agent_settings *settings, const char *name)
{
	char *text = read_was(settings);
	bool found = text != NULL && has_line(text, name);

	free(text);
	return (found);
}

int
identity_note(
    const struct agent_settings *settings, const char *name, struct error *err)
{
	char *before = read_was(settings), *after, *path;
	int result;

	after = memory_print("%s%s\n", before != NULL ? before : "", name);
	path = agent_settings_path(settings, "was");
	result = daemon_write_file(path, after, strlen(after), 0640, err);
	free(path);
	free(after);
	free(before);
	return (result);
}

int
identity_box(const struct agent_settings *settings, char box[static NAME_TEXT],
    struct error *err)
{
	X509 *certificate = identity_certificate(settings, err);
	int result;

	if (certificate == NULL)
		return (-1);
	result = tls_box(certificate, box, err);
	X509_free(certificate);
	if (result == -1)
		return (error_place(err, "%s/box.pem", settings->state));
	if (strcmp(settings->name, box) != 0 &&
	    !identity_had(settings, settings->name))
		return (error_set(err,
		    "%s/box.pem: a certificate for \"%s\", but agent.yaml "
		    "says \"%s\"",
		    settings->state, box, settings->name));
	return (0);
}

X509 *
identity_parse(json_object *reply, const char *member, struct error *err)
{
	const char *text;
	X509 *certificate;
	BIO *bio;

	if (member_text(reply, member, &text, err) == -1)
		return (NULL);
	bio = BIO_new_mem_buf(text, -1);
	certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	BIO_free(bio);
	if (certificate == NULL)
		error_set(err, "member \"%s\": no certificate in it", member);
	return (certificate);
}

int
identity_check(X509 *certificate, X509 *ca, EVP_PKEY *key,
    char box[static NAME_TEXT], struct error *err)
{
	if (tls_verify(certificate, ca, err) == -1)
		return (-1);
	if (X509_check_private_key(certificate, key) != 1)
		return (error_set(err, "a certificate for another key"));
	return (tls_box(certificate, box, err));
}

int
identity_write(const struct agent_settings *settings, const char *file,
    X509 *certificate, struct error *err)
{
	char *path = agent_settings_path(settings, file);
	char *pem = tls_certificate_pem(certificate, err);
	int result = -1;

	if (pem != NULL)
		result = daemon_write_file(path, pem, strlen(pem), 0644, err);
	free(pem);
	free(path);
	return (result);
}
