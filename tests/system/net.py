"""Networks on one machine: namespaces joined by a switch.

Nothing gets a name or a mount: each namespace lives as long as its holder
process, and that dies with us, so even kill -9 leaves nothing behind.
"""

import ctypes
import os
import signal
import subprocess
import time

PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL("libc.so.6", use_errno=True)


def die_with_parent():
    """For preexec_fn: the child is killed when we are gone."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def wait_for(what, condition, timeout=30, interval=0.05):
    """The condition's first true value; AssertionError naming what never came."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"{what}: not within {timeout} s"
        time.sleep(interval)


class Namespace:
    """A network namespace with its loopback up."""

    def __init__(self, label="node"):
        self.label = label
        self.addresses = {}
        self.holder = subprocess.Popen(
            ["unshare", "--net", "sleep", "infinity"], preexec_fn=die_with_parent)
        ours = os.readlink("/proc/self/ns/net")
        path = f"/proc/{self.holder.pid}/ns/net"
        wait_for("a new namespace", lambda: os.readlink(path) != ours and
                 open(f"/proc/{self.holder.pid}/comm").read() == "sleep\n")
        self.run(["ip", "link", "set", "lo", "up"])

    @property
    def pid(self):
        return self.holder.pid

    def command(self, argv):
        return ["nsenter", f"--net=/proc/{self.pid}/ns/net", "--", *map(str, argv)]

    def run(self, argv, check=True, **options):
        """Runs a command inside and returns it, with its output as text."""
        options.setdefault("capture_output", True)
        done = subprocess.run(self.command(argv), text=True, **options)
        assert not check or done.returncode == 0, \
            f"{argv}: exit {done.returncode}: {done.stderr}"
        return done

    def popen(self, argv, **options):
        options.setdefault("preexec_fn", die_with_parent)
        return subprocess.Popen(self.command(argv), **options)

    def address(self, family=4):
        return self.addresses[family]

    def close(self):
        self.holder.kill()
        self.holder.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Network:
    """Nodes on one switch: 10.77.0.N and fd77::N."""

    def __init__(self):
        self.nodes = {}
        self.switch = Namespace("switch")
        self.switch.run(["ip", "link", "add", "br0", "type", "bridge"])
        self.switch.run(["ip", "link", "set", "br0", "up"])

    def add(self, label, families=(4, 6)):
        """A new node with an address of each family."""
        node = Namespace(label)
        number = len(self.nodes) + 1
        self.nodes[label] = node
        port = f"port{number}"
        self.switch.run(["ip", "link", "add", port, "type", "veth", "peer",
                         "name", "eth0", "netns", node.pid])
        self.switch.run(["ip", "link", "set", port, "master", "br0", "up"])
        node.port = port
        node.run(["ip", "link", "set", "eth0", "up"])
        if 4 in families:
            node.addresses[4] = f"10.77.0.{number}"
            node.run(["ip", "addr", "add", f"10.77.0.{number}/24", "dev", "eth0"])
        if 6 in families:
            node.addresses[6] = f"fd77::{number:x}"
            node.run(["ip", "addr", "add", f"fd77::{number:x}/64", "dev", "eth0",
                      "nodad"])
        return node

    def cut(self, label):
        """Takes a node's link down, as a pulled cable would."""
        self.switch.run(["ip", "link", "set", self.nodes[label].port, "down"])

    def mend(self, label):
        self.switch.run(["ip", "link", "set", self.nodes[label].port, "up"])

    def close(self):
        for node in self.nodes.values():
            node.close()
        self.switch.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
