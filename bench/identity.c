/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/pki.h"
#include "collector/pki_sign.h"
#include "collector/registry.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/hash.h"
#include "common/memory.h"
#include "common/tls.h"

void
identity_name(size_t number, char box[static NAME_TEXT])
{
	snprintf(box, NAME_TEXT, "b%05zu", number);
}

/* What enrolment leaves in the registry. */
static int
enter(struct registry *registry, const char *box, const char *pem,
    X509 *certificate, const char *key, struct error *err)
{
	uint8_t secret[HASH_SIZE];
	nanoseconds now = clock_wall();
	char fingerprint[65];
	struct registry_certificate entry = {.box = box,
	    .pem = pem,
	    .fingerprint = fingerprint,
	    .key = key,
	    .until = now + PKI_LIFE};

	hash_sha256(box, strlen(box), secret); /* no token was made */
	tls_fingerprint(certificate, fingerprint);
	return (registry_enrol(registry, secret, &entry, now, err));
}

struct making {
	struct pki *pki;
	struct registry *registry;
	EVP_PKEY *key;
	char key_fingerprint[65];
	const char *into;
};

static int
make_one(const struct making *making, size_t number, struct error *err)
{
	char box[NAME_TEXT], *file, *request, *pem, *path;
	X509 *certificate;
	int result = -1;

	identity_name(number, box);
	file = memory_print("%s.pem", box);
	path = memory_print("%s/%s", making->into, file);
	request = tls_request_pem(making->key, box, err);
	pem = pki_sign_box(making->pki, request, box, PKI_LIFE, err);
	if (pem != NULL && pki_write(making->into, file, pem, 0600, err) == 0 &&
	    (certificate = tls_read_certificate(path, err)) != NULL) {
		result = enter(making->registry, box, pem, certificate,
		    making->key_fingerprint, err);
		X509_free(certificate);
	}
	free(pem);
	free(request);
	free(path);
	free(file);
	return (result);
}

static int
open_making(struct making *making, const char *state, struct error *err)
{
	char *pki = memory_print("%s/pki", state);
	char *registry = memory_print("%s/registry.db", state);

	making->pki = pki_open(pki, err);
	if (making->pki != NULL)
		making->registry = registry_open(registry, false, err);
	if (making->registry != NULL)
		making->key = pki_keep_key(making->into, "key.pem", err);
	free(registry);
	free(pki);
	if (making->key == NULL)
		return (-1);
	return (pki_key_fingerprint(making->key, making->key_fingerprint, err));
}

int
identities_make(const char *state, const char *into, size_t from, size_t count,
    struct error *err)
{
	struct making making = {.into = into};
	int result = daemon_make_dir(into, err);

	if (result == 0)
		result = open_making(&making, state, err);
	for (size_t i = 0; i < count && result == 0; i++)
		result = make_one(&making, from + i, err);
	EVP_PKEY_free(making.key);
	registry_free(making.registry);
	pki_free(making.pki);
	return (result);
}

static SSL_CTX *
open_tls(const char *from, struct error *err)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
	char *ca = memory_print("%s/ca.pem", from);

	SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION);
	SSL_CTX_set_mode(
	    tls, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
	SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
	if (SSL_CTX_load_verify_locations(tls, ca, NULL) != 1) {
		error_set(err, "%s: no certificate of a CA", ca);
		SSL_CTX_free(tls);
		tls = NULL;
	}
	free(ca);
	return (tls);
}

static int
read_one(
    struct identity *one, const char *from, size_t number, struct error *err)
{
	char *path;

	identity_name(number, one->box);
	path = memory_print("%s/%s.pem", from, one->box);
	one->certificate = tls_read_certificate(path, err);
	free(path);
	return (one->certificate != NULL ? 0 : -1);
}

int
identities_read(struct identities *all, const char *from, size_t first,
    size_t count, struct error *err)
{
	char *key = memory_print("%s/key.pem", from);

	*all = (struct identities){0};
	all->list = memory_new(count, sizeof(*all->list));
	all->tls = open_tls(from, err);
	if (all->tls != NULL)
		all->key = tls_read_key(key, err);
	free(key);
	while (all->key != NULL && all->count < count) {
		if (read_one(&all->list[all->count], from, first + all->count,
			err) == -1)
			return (-1);
		all->count++;
	}
	return (all->key != NULL ? 0 : -1);
}

void
identities_clear(struct identities *all)
{
	for (size_t i = 0; i < all->count; i++)
		X509_free(all->list[i].certificate);
	free(all->list);
	EVP_PKEY_free(all->key);
	SSL_CTX_free(all->tls);
}
