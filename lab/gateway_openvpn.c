/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "common/daemon.h"
#include "common/error.h"
#include "common/memory.h"
#include "lab/gateway.h"
#include "lab/keeper.h"
#include "lab/nodes.h"
#include "lab/tool.h"
#include "lab/topology.h"

#define FILE_MOST 65536
#define PORT 1194

/* One end's key and certificate, which it has signed itself; the other end knows
 * it by its fingerprint. */
struct identity {
	char *key, *certificate, *print;
};

static void
free_identity(struct identity *identity)
{
	free(identity->key);
	free(identity->certificate);
	free(identity->print);
}

static int
read_print(const char *path, char **print, struct error *err)
{
	const char *const argv[] = {"openssl", "x509", "-in", path, "-noout",
	    "-fingerprint", "-sha256", NULL};
	char *output = NULL, *equals;

	if (tool_run(
		&(const struct tool){
		    .argv = argv, .output = &output, .net = -1},
		err) == -1)
		return (-1);
	equals = strchr(output, '=');
	*print = memory_text(equals == NULL ? "" : equals + 1);
	(*print)[strcspn(*print, "\n")] = '\0';
	free(output);
	return (0);
}

static int
make_identity(const char *folder, const char *name, struct identity *identity,
    struct error *err)
{
	char *key = memory_print("%s/%s.key", folder, name);
	char *certificate = memory_print("%s/%s.pem", folder, name);
	char *subject = memory_print("/CN=%s", name);
	const char *const argv[] = {"openssl", "req", "-x509", "-newkey", "ec",
	    "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
	    "3650", "-subj", subject, "-keyout", key, "-out", certificate,
	    NULL};
	int status =
	    tool_run(&(const struct tool){.argv = argv, .net = -1}, err);

	if (status == 0)
		status = read_print(certificate, &identity->print, err);
	if (status == 0) {
		identity->key = daemon_read_file(key, FILE_MOST, NULL, err);
		identity->certificate =
		    daemon_read_file(certificate, FILE_MOST, NULL, err);
		status = identity->key == NULL || identity->certificate == NULL
			     ? -1
			     : 0;
	}
	free(subject);
	free(certificate);
	free(key);
	return (status);
}

static char *
server_text(const struct gateway_ingress *ingress, const struct identity *own,
    const struct identity *other)
{
	struct in_addr net = {ingress->inside.s_addr & htonl(0xffffff00)};
	char text[INET_ADDRSTRLEN], outside[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &net, text, sizeof(text));
	inet_ntop(AF_INET, &ingress->outside, outside, sizeof(outside));
	return (memory_print("dev vpn\ndev-type tun\nproto udp\nport %d\n"
			     "local %s\n"
			     "topology subnet\nserver %s 255.255.255.0\n"
			     "push \"route 10.64.0.0 255.192.0.0\"\n"
			     "dh none\ndisable-dco\nkeepalive 5 20\nverb 2\n"
			     "peer-fingerprint %s\n"
			     "<cert>\n%s</cert>\n<key>\n%s</key>\n",
	    PORT, outside, text, other->print, own->certificate, own->key));
}

static char *
client_text(const struct gateway_ingress *ingress, const struct identity *own,
    const struct identity *other)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &ingress->outside, text, sizeof(text));
	return (
	    memory_print("# Enters the lab: openvpn --config THIS-FILE\n"
			 "# For all traffic, not the lab's alone, add: "
			 "redirect-gateway def1\n"
			 "client\ndev tun\nproto udp\nremote %s %d\nnobind\n"
			 "disable-dco\nverb 2\npeer-fingerprint %s\n"
			 "<cert>\n%s</cert>\n<key>\n%s</key>\n",
		text, PORT, other->print, own->certificate, own->key));
}

static int
start(const struct gateway_ingress *ingress, const char *config,
    struct error *err)
{
	const struct gateway_about *about = ingress->about;
	const char *const argv[] = {"openvpn", "--config", config, NULL};

	return (duty_new(about->keeper,
		    &(const struct duty_about){.name = "openvpn",
			.node = about->topology->nodes[ingress->node].name,
			.argv = argv,
			.net = about->nodes->nets[ingress->node],
			.share = about->nodes->shares[ingress->node]},
		    err) == NULL
		    ? -1
		    : 0);
}

static int
write_both(const struct gateway_ingress *ingress, const char *folder,
    const struct identity *server, const struct identity *client,
    struct error *err)
{
	const char *name = ingress->about->topology->nodes[ingress->node].name;
	char *file = memory_print("ingress-%s.ovpn", name);
	char *ours = server_text(ingress, server, client);
	char *theirs = client_text(ingress, client, server);
	int status = gateway_write(folder, "server.conf", ours, err);

	if (status == 0)
		status =
		    gateway_write(ingress->about->folder, file, theirs, err);
	free(theirs);
	free(ours);
	free(file);
	return (status);
}

int
gateway_openvpn(const struct gateway_ingress *ingress, struct error *err)
{
	const char *name = ingress->about->topology->nodes[ingress->node].name;
	char *folder =
	    memory_print("%s/node-%s/ingress", ingress->about->folder, name);
	char *config = memory_print("%s/server.conf", folder);
	struct identity server = {NULL}, client = {NULL};
	int status = daemon_make_dir(folder, err);

	if (status == 0)
		status = make_identity(folder, "server", &server, err);
	if (status == 0)
		status = make_identity(folder, "client", &client, err);
	if (status == 0)
		status = write_both(ingress, folder, &server, &client, err);
	if (status == 0)
		status = start(ingress, config, err);
	free_identity(&server);
	free_identity(&client);
	free(config);
	free(folder);
	return (status);
}
