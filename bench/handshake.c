/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/handshake.h"

#include <openssl/ssl.h>
#include <stdlib.h>
#include <time.h>

#include "common/log.h"
#include "common/memory.h"

static double
spent(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return ((double)now.tv_sec + (double)now.tv_nsec / 1e9);
}

static char *
within(const char *folder, const char *name)
{
	return (memory_print("%s/%s", folder, name));
}

/* Takes the paths over. */
static SSL_CTX *
context(const SSL_METHOD *method, char *chain, char *key, char *ca)
{
	SSL_CTX *tls = SSL_CTX_new(method);

	if (SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_use_certificate_chain_file(tls, chain) != 1 ||
	    SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_load_verify_file(tls, ca) != 1)
		log_fatal("%s, %s, %s: not an identity", chain, key, ca);
	SSL_CTX_set_verify(
	    tls, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	free(chain);
	free(key);
	free(ca);
	return (tls);
}

/* One end goes on as far as what it has been sent lets it; true: it is done. */
static bool
go_on(SSL *ssl)
{
	int result = SSL_do_handshake(ssl);

	if (result != 1 && SSL_get_error(ssl, result) != SSL_ERROR_WANT_READ)
		log_fatal("a handshake has failed");
	return (result == 1);
}

static double
shake(SSL *client, SSL *server)
{
	double sum = 0;
	bool done;

	do {
		double before;

		go_on(client);
		before = spent();
		done = go_on(server);
		sum += spent() - before;
	} while (!done);
	return (sum);
}

static double
meet(SSL_CTX *clients, SSL_CTX *servers)
{
	SSL *client = SSL_new(clients), *server;
	double before = spent(), sum;
	BIO *near, *far;

	server = SSL_new(servers);
	sum = spent() - before;
	if (BIO_new_bio_pair(&near, 1 << 16, &far, 1 << 16) != 1)
		log_fatal("out of memory");
	SSL_set_bio(client, near, near);
	SSL_set_bio(server, far, far);
	SSL_set_connect_state(client);
	SSL_set_accept_state(server);
	sum += shake(client, server);
	SSL_free(client);
	before = spent();
	SSL_free(server);
	return (sum + spent() - before);
}

double
handshake_server(const char *pki, const char *boxes, size_t count)
{
	SSL_CTX *servers =
	    context(TLS_server_method(), within(pki, "collector.pem"),
		within(pki, "collector.key"), within(pki, "ca.pem"));
	SSL_CTX *clients =
	    context(TLS_client_method(), within(boxes, "b00000.pem"),
		within(boxes, "key.pem"), within(pki, "ca.pem"));
	double sum = 0;

	SSL_CTX_set_session_id_context(servers, (const unsigned char *)"b", 1);
	for (size_t i = 0; i < count; i++)
		sum += meet(clients, servers);
	SSL_CTX_free(clients);
	SSL_CTX_free(servers);
	return (sum);
}
