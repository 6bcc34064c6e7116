/* SPDX-License-Identifier: BSD-2-Clause */
/* A certificate in DER. None is of a CA whose key nobody has; the box that one
 * names is a name that may become a path. */
#include <stdlib.h>
#include <string.h>

#include "collector/pki.h"
#include "common/error.h"
#include "common/memory.h"
#include "common/tls.h"
#include "tests/fuzz/specimen.h"
#include "tests/fuzz/target.h"

static X509 *ca;

static void
close_ca(void)
{
	X509_free(ca);
}

static void
open_ca(void)
{
	static const char *const names[] = {"localhost"};
	struct pki *pki;

	if (pki_init(specimen_folder(), names, 1, NULL) == -1 ||
	    (pki = pki_open(specimen_folder(), NULL)) == NULL)
		abort();
	ca = pki_ca(pki);
	X509_up_ref(ca);
	pki_free(pki);
	atexit(close_ca);
}

static void
try_certificate(X509 *certificate)
{
	char box[NAME_TEXT] = "", text[65];
	struct error err = {""};
	struct tls_life life;

	if (tls_verify(certificate, ca, &err) == 0 || err.text[0] == '\0')
		abort();
	if (tls_box(certificate, box, &err) == 0 && !name_valid(box))
		abort();
	tls_fingerprint(certificate, text);
	if (strlen(text) != 64)
		abort();
	tls_life(certificate, &life, &err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	X509 *certificate = d2i_X509(NULL, &data, (long)size);

	if (ca == NULL)
		open_ca();
	if (certificate != NULL)
		try_certificate(certificate);
	X509_free(certificate);
	return (0);
}
