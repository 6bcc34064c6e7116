/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/pki.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/pki_sign.h"
#include "common/address.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/memory.h"
#include "common/name.h"
#include "common/tls.h"

#define CA_LIFE ((20 * 365 + 5) * PKI_DAY)

int
pki_write(const char *dir, const char *file, const char *text, unsigned mode,
    struct error *err)
{
	char *path = memory_print("%s/%s", dir, file);
	int result = daemon_write_file(path, text, strlen(text), mode, err);

	free(path);
	return (result);
}

static bool
exists(const char *dir, const char *file)
{
	char *path = memory_print("%s/%s", dir, file);
	bool there = access(path, F_OK) == 0;

	free(path);
	return (there);
}

EVP_PKEY *
pki_keep_key(const char *dir, const char *file, struct error *err)
{
	EVP_PKEY *key;
	char *pem;

	if (exists(dir, file)) {
		char *path = memory_print("%s/%s", dir, file);

		key = tls_read_key(path, err);
		free(path);
		return (key);
	}
	key = tls_new_key(err);
	pem = key == NULL ? NULL : tls_key_pem(key, err);
	if (pem == NULL || pki_write(dir, file, pem, 0600, err) == -1) {
		EVP_PKEY_free(key);
		key = NULL;
	}
	free(pem);
	return (key);
}

static int
make_ca(const char *dir, struct error *err)
{
	const struct pki_leaf about = {
	    "Pharos fleet", NULL, NULL, NULL, CA_LIFE};
	EVP_PKEY *key;
	char *pem;
	int result = -1;

	if (exists(dir, "ca.pem"))
		return (0);
	if ((key = pki_keep_key(dir, "ca.key", err)) == NULL)
		return (-1);
	pem = pki_sign(NULL, key, key, &about, err);
	if (pem != NULL)
		result = pki_write(dir, "ca.pem", pem, 0644, err);
	free(pem);
	EVP_PKEY_free(key);
	return (result);
}

/* "DNS:a.example,IP:192.0.2.1"; free() it */
static char *
alternative_names(const char *const *names, size_t count, struct error *err)
{
	char *all = memory_text("");

	for (size_t i = 0; i < count; i++) {
		union address address;
		bool is_ip = address_parse(names[i], 0, &address);
		char *longer;

		if (!is_ip && !name_valid(names[i])) {
			free(all);
			return (error_set(err,
				    "--name %s: expected a host name in lower "
				    "case or an address without a port",
				    names[i]),
			    NULL);
		}
		longer = memory_print("%s%s%s:%s", all, i > 0 ? "," : "",
		    is_ip ? "IP" : "DNS", names[i]);
		free(all);
		all = longer;
	}
	return (all);
}

static int
init(const char *dir, const char *alternative, struct error *err)
{
	struct pki *pki;
	int result;

	if (daemon_make_dir(dir, err) == -1 || make_ca(dir, err) == -1 ||
	    (pki = pki_open(dir, err)) == NULL)
		return (-1);
	result = pki_sign_collector(pki, dir,
	    &(const struct pki_leaf){
		"Pharos collector", alternative, NULL, "serverAuth", PKI_LIFE},
	    err);
	pki_free(pki);
	return (result);
}

int
pki_init(
    const char *dir, const char *const *names, size_t count, struct error *err)
{
	char *alternative;
	int result;

	if (count == 0)
		return (error_set(err,
		    "no name: say with --name under which host name or "
		    "address agents reach this collector"));
	if ((alternative = alternative_names(names, count, err)) == NULL)
		return (-1);
	result = init(dir, alternative, err);
	free(alternative);
	return (result);
}

struct pki *
pki_open(const char *dir, struct error *err)
{
	struct pki *pki = memory_new(1, sizeof(*pki));
	char *ca = memory_print("%s/ca.pem", dir);
	char *key = memory_print("%s/ca.key", dir);
	bool good = (pki->ca = tls_read_certificate(ca, err)) != NULL &&
		    (pki->key = tls_read_key(key, err)) != NULL;

	if (good && X509_check_private_key(pki->ca, pki->key) != 1) {
		error_set(err, "%s: not the key of %s", key, ca);
		good = false;
	}
	free(key);
	free(ca);
	if (good)
		return (pki);
	ERR_clear_error();
	pki_free(pki);
	return (NULL);
}

void
pki_free(struct pki *pki)
{
	if (pki == NULL)
		return;
	X509_free(pki->ca);
	EVP_PKEY_free(pki->key);
	free(pki);
}

X509 *
pki_ca(const struct pki *pki)
{
	return (pki->ca);
}

char *
pki_sign_box(const struct pki *pki, const char *request_pem, const char *box,
    nanoseconds life, struct error *err)
{
	EVP_PKEY *key = pki_request_key(request_pem, err);
	char *alternative, *pem;

	if (key == NULL)
		return (NULL);
	alternative = memory_print("URI:pharos:box/%s", box);
	pem = pki_sign(pki->ca, pki->key, key,
	    &(const struct pki_leaf){
		box, alternative, NULL, "clientAuth,serverAuth", life},
	    err);
	free(alternative);
	EVP_PKEY_free(key);
	return (pem);
}
