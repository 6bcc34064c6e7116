"""A host outside enters a lab by VPN and reaches a server outside through NAT."""

import os
import signal
import subprocess

import pytest

from labs import Lab, left_behind
from net import Namespace, wait_for

TOPOLOGY = """
routing: %s
nodes:
  r1: {kind: router, ingress: %s}
  r2: {kind: router}
  r3: {kind: router, egress: yes}
links:
  r1-r2: {ends: [r1, r2], delay: 3ms}
  r2-r3: {ends: [r2, r3], delay: 4ms}
"""
CLIENT, HERE, SERVER = "192.0.2.2", "192.0.2.1", "198.51.100.2"
SERVE = """
import http.server, sys
class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        print(self.client_address[0], flush=True)
http.server.HTTPServer(("198.51.100.2", 8000), Handler).serve_forever()
"""


class Outside:
    """Client and server with a host between them, on which the lab is."""

    def __init__(self):
        self.here = Namespace("here")
        self.client = Namespace("client")
        self.server = Namespace("server")
        self.wire(self.client, "client", f"{HERE}/24", f"{CLIENT}/24")
        self.wire(self.server, "server", "198.51.100.1/24", f"{SERVER}/24")
        self.here.run(["sysctl", "-qw", "net.ipv4.ip_forward=1"])
        self.client.run(["ip", "route", "add", "100.64.0.0/10", "via", HERE])
        self.server.run(["ip", "route", "add", "100.64.0.0/10", "via",
                         "198.51.100.1"])

    def wire(self, far, name, near_address, far_address):
        self.here.run(["ip", "link", "add", name, "type", "veth", "peer", "name",
                       "eth0", "netns", far.pid])
        for node, port, address in [(self.here, name, near_address),
                                    (far, "eth0", far_address)]:
            node.run(["ip", "address", "add", address, "dev", port])
            node.run(["ip", "link", "set", port, "up"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for node in (self.client, self.server, self.here):
            node.close()


class InnerLab(Lab):
    """One that is started on that host."""

    def __init__(self, here, *argv):
        super().__init__(*argv)
        self.here = here

    def command(self, *argv, **options):
        return super().command(*argv, node=self.here, **options)


def enter_openvpn(lab, client):
    return [client.popen(
        ["openvpn", "--config", lab.run_folder / "ingress-r1.ovpn", "--dev",
         "tun0"], stdout=subprocess.DEVNULL)]


def enter_wireguard(lab, client):
    """As wg-quick would; it needs what the kernel here may lack."""
    lines = (lab.run_folder / "ingress-r1.conf").read_text().splitlines()
    address = next(line.split()[-1] for line in lines if "Address" in line)
    settings = "\n".join(line for line in lines if "Address" not in line)
    settings = settings.replace("= 10.64.0.0/10", "= 0.0.0.0/0")
    # the daemon's socket is named by the interface alone, for all namespaces
    name = f"pht{os.getpid()}"
    daemon = []
    if client.run(["ip", "link", "add", name, "type", "wireguard"],
                  check=False).returncode != 0:
        daemon = [client.popen(["wireguard-go", "-f", name],
                               stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)]
        wait_for("wireguard-go", lambda: os.path.exists(
            f"/run/wireguard/{name}.sock"))
    client.run(["wg", "setconf", name, "/dev/stdin"], input=settings)
    client.run(["ip", "address", "add", address, "dev", name])
    client.run(["ip", "link", "set", name, "up"])
    client.run(["ip", "route", "add", "10.64.0.0/10", "dev", name], check=False)
    return daemon


def device(client):
    routes = client.run(["ip", "route", "show", "10.64.0.0/10"]).stdout.split()
    return routes[routes.index("dev") + 1] if "dev" in routes else None


def come_back(lab, client):
    """The ingress is what it was when its process is another one."""
    os.kill(lab.process("wireguard-go"), signal.SIGKILL)
    wait_for("another process", lambda: [
        daemon["restarts"] for daemon in lab.node("r1")["daemons"]
        if daemon["name"] == "wireguard-go"] == [1])
    wait_for("the way through", lambda: client.run(
        ["curl", "-sS", "--max-time", "2", "-o", "/dev/null",
         f"http://{SERVER}:8000/file"], check=False).returncode == 0)


@pytest.mark.parametrize("routing, ingress, enter", [
    ("static", "openvpn", enter_openvpn),
    ("bird", "wireguard", enter_wireguard),
])
def test_http_goes_in_by_vpn_and_out_through_nat(folder, routing, ingress, enter):
    payload = os.urandom(300_000)
    (folder / "file").write_bytes(payload)
    with Outside() as outside:
        server = outside.server.popen(
            ["/usr/bin/python3", "-c", SERVE], cwd=folder,
            stdout=subprocess.PIPE, text=True)
        lab = InnerLab(outside.here, folder, TOPOLOGY % (routing, ingress), "vpn")
        daemons = []
        with lab:
            try:
                daemons = enter(lab, outside.client)
                tunnel = wait_for("the tunnel", lambda: device(outside.client))
                outside.client.run(["ip", "route", "add", SERVER, "dev", tunnel])
                got = outside.client.run(
                    ["curl", "-sS", "--max-time", "20", "--retry", "2",
                     "--retry-all-errors", "-w", "%{time_connect}", "-o",
                     folder / "got", f"http://{SERVER}:8000/file"])
                assert float(got.stdout) > 0.014  # both ways of both links
                assert (folder / "got").read_bytes() == payload
                source = server.stdout.readline().strip()
                assert source.startswith("100.")  # not the client's
                seen = lab.run("r3", "ip", "-4", "address", "show", "outside")
                assert source in seen.stdout
                if lab.process("wireguard-go") is not None:
                    come_back(lab, outside.client)
            finally:
                for daemon in [*daemons, server]:
                    daemon.terminate()
                    daemon.wait()
        # the kernel takes a namespace's devices away when it has the time
        wait_for("its device to go", lambda: "ph" not in outside.here.run(
            ["ip", "-br", "link"]).stdout)
    assert not left_behind(str(folder))
