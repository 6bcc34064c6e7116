/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The collector's own certificate.
 */
#include <stdlib.h>

#include "collector/pki.h"
#include "collector/pki_sign.h"
#include "common/error.h"
#include "common/memory.h"
#include "common/tls.h"

static int
write_chain(const struct pki *pki, const char *dir, const char *certificate,
    struct error *err)
{
	char *ca = tls_certificate_pem(pki->ca, err), *chain;
	int result;

	if (ca == NULL)
		return (-1);
	chain = memory_print("%s%s", certificate, ca);
	result = pki_write(dir, "collector.pem", chain, 0644, err);
	free(chain);
	free(ca);
	return (result);
}

int
pki_sign_collector(const struct pki *pki, const char *dir,
    const struct pki_leaf *about, struct error *err)
{
	EVP_PKEY *key = pki_keep_key(dir, "collector.key", err);
	char *pem;
	int result = -1;

	if (key == NULL)
		return (-1);
	pem = pki_sign(pki->ca, pki->key, key, about, err);
	if (pem != NULL)
		result = write_chain(pki, dir, pem, err);
	free(pem);
	EVP_PKEY_free(key);
	return (result);
}

/* Old, or it was to live longer than is wanted now, or is not good yet: made
 * while the clock was ahead. */
static bool
is_due(const struct tls_life *has, nanoseconds life, nanoseconds now)
{
	return (
	    now >= has->renew || now < has->from || has->until - now > life);
}

int
pki_renew_collector(const struct pki *pki, const char *dir, nanoseconds life,
    nanoseconds now, struct error *err)
{
	char *path = memory_print("%s/collector.pem", dir);
	X509 *old = tls_read_certificate(path, err);
	struct tls_life has;
	int result = -1;

	free(path);
	if (old != NULL)
		result = tls_life(old, &has, err);
	if (result == 0 && is_due(&has, life, now))
		result = pki_sign_collector(pki, dir,
			     &(const struct pki_leaf){"Pharos collector", NULL,
				 old, "serverAuth", life},
			     err) == -1
			     ? -1
			     : 1;
	X509_free(old);
	return (result);
}
