"""A topology's nodes joined by veth pairs, with its routes and routing daemons.

Run as a program, in namespaces of its own (mounts, network, processes), it sets
one up, waits until every kernel sends packets over the cheapest ways, and prints
what it saw as JSON.
"""

import ctypes
import heapq
import json
import os
import pathlib
import select
import socket
import subprocess
import sys
import time

from net import wait_for

CLONE_NEWNET = 0x40000000
IP_RECVERR, IPV6_RECVERR = 11, 25
libc = ctypes.CDLL("libc.so.6", use_errno=True)
SYSCTLS = {
    "net/ipv4/conf/all/rp_filter": "0", "net/ipv4/conf/default/rp_filter": "0",
    "net/ipv4/icmp_ratelimit": "0", "net/ipv4/icmp_msgs_per_sec": "100000",
    "net/ipv4/icmp_msgs_burst": "100000", "net/ipv6/icmp/ratelimit": "0",
}
FORWARD = {"net/ipv4/ip_forward": "1", "net/ipv6/conf/all/forwarding": "1"}


def setns(pid):
    with open(f"/proc/{pid}/ns/net") as file:
        if libc.setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")


class Node:
    def __init__(self, about):
        self.about = about
        # a process that only holds the namespace
        self.holder = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "echo up; exec sleep infinity"],
            stdout=subprocess.PIPE)
        self.holder.stdout.readline()
        settings = dict(SYSCTLS)
        if not about["host"]:
            settings.update(FORWARD)
        for name, value in settings.items():
            self.run(["sh", "-c", f"echo {value} >/proc/sys/{name}"])

    def start(self, argv, **options):
        return subprocess.Popen(
            argv, preexec_fn=lambda: setns(self.holder.pid), **options)

    def run(self, argv, **options):
        options.setdefault("check", True)
        return subprocess.run(
            argv, preexec_fn=lambda: setns(self.holder.pid), text=True,
            capture_output=True, **options)

    def batch(self, lines):
        done = self.run(["ip", "-batch", "-"], input="\n".join(lines) + "\n",
                        check=False)
        assert done.returncode == 0, done.stderr


def bare(address):
    return address.split("/")[0]


class Routed:
    def __init__(self, outline, name, folder):
        self.folder = folder
        done = subprocess.run([outline, name, folder], check=True, text=True,
                              stdout=subprocess.PIPE)
        about = json.loads(done.stdout)
        self.links = about["links"]
        self.nodes = {name: Node(node) for name, node in about["nodes"].items()}
        for link in self.links.values():
            self.join(link)
        for name, node in self.nodes.items():
            node.batch(["link set lo up"] + [
                f"address add {address} dev lo nodad"
                for address in node.about["addresses"]])
            for _, end, _ in self.near(name):
                node.batch([f"link set {end['interface']} up"] + [
                    f"address add {address} dev {end['interface']} nodad"
                    for address in end["addresses"]])
        for name, node in self.nodes.items():
            routes = (folder / name / "routes").read_text()
            if routes:
                node.batch(routes.splitlines())
            for argv in node.about["daemons"]:
                log = open(folder / name / "log", "a")
                node.start(argv, stdout=log, stderr=log)

    def join(self, link):
        one, other = link["ends"]
        self.nodes[one["node"]].batch([
            f"link add name {one['interface']} type veth peer name "
            f"{other['interface']} netns "
            f"{self.nodes[other['node']].holder.pid}"])

    def near(self, name):
        """Each link of a node: the link, its end here, the one there."""
        for link in self.links.values():
            for here, there in (link["ends"], link["ends"][::-1]):
                if here["node"] == name:
                    yield link, here, there

    def first(self, source):
        """To each other node the interfaces that the cheapest ways begin with."""
        costs, ways, queue = {source: 0}, {source: set()}, [(0, source)]
        while queue:
            cost, name = heapq.heappop(queue)
            if cost > costs[name] or \
                    (name != source and self.nodes[name].about["host"]):
                continue
            for link, here, there in self.near(name):
                far, to = cost + link["cost"], there["node"]
                mine = ways[name] or {here["interface"]}
                if far < costs.get(to, float("inf")):
                    costs[to], ways[to] = far, set(mine)
                    heapq.heappush(queue, (far, to))
                elif far == costs[to]:
                    ways[to] |= mine
        del ways[source]
        return ways

    def routes(self, name):
        """Interfaces by destination, as the kernel has them."""
        found = {}
        for family in ("-4", "-6"):
            done = self.nodes[name].run(["ip", "-j", family, "route"])
            for route in json.loads(done.stdout or "[]"):
                hops = route.get("nexthops", [route])
                found.setdefault(route["dst"], set()).update(
                    hop["dev"] for hop in hops if "dev" in hop)
        return found

    def wrong(self):
        """The first that is not as it should be, or None."""
        for name in self.nodes:
            ways, routes = self.first(name), self.routes(name)
            for to, interfaces in ways.items():
                for address in self.nodes[to].about["addresses"]:
                    there = routes.get(bare(address)) or routes.get("default")
                    if there != interfaces:
                        return f"{name} to {to}, {address}: {there}, " \
                               f"expected {interfaces}"
        return None

    def converge(self, patience):
        began = time.monotonic()
        try:
            wait_for("convergence", lambda: self.wrong() is None, patience, 0.2)
        except AssertionError as late:
            raise AssertionError(f"{late}; {self.wrong()}") from None
        return time.monotonic() - began

    def ask(self, source, address, hops=64):
        """A packet to a port where nobody listens, and who answers it."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        six = family == socket.AF_INET6
        level = socket.IPPROTO_IPV6 if six else socket.IPPROTO_IP
        setns(self.nodes[source].holder.pid)
        try:
            asking = socket.socket(family, socket.SOCK_DGRAM)
        finally:
            setns("self")
        asking.setsockopt(level, IPV6_RECVERR if six else IP_RECVERR, 1)
        asking.setsockopt(level, socket.IPV6_UNICAST_HOPS if six
                          else socket.IP_TTL, hops)
        asking.connect((address, 33434))
        asking.send(b"?")
        return asking

    @staticmethod
    def answer(asking, patience=10):
        """The address it came from; None: it did not."""
        ready = select.poll()
        ready.register(asking, select.POLLERR)
        with asking:
            if not ready.poll(1000 * patience):
                return None
            _, about, _, _ = asking.recvmsg(64, 512, socket.MSG_ERRQUEUE)
        six = asking.family == socket.AF_INET6
        # behind struct sock_extended_err there is the sockaddr of who says so
        data = about[0][2][16:]
        return socket.inet_ntop(
            asking.family, data[8:24] if six else data[4:8])

    def silent(self):
        """Pairs, of all nodes and families, between which nothing goes."""
        asked = [(name, to, bare(address), self.ask(name, bare(address)))
                 for name in self.nodes for to, other in self.nodes.items()
                 for address in other.about["addresses"] if name != to]
        return [f"{name} to {to}, {address}" for name, to, address, asking
                in asked if self.answer(asking) is None]

    def trace(self, source, to, family=0):
        """Nodes on the way, by the addresses that answer."""
        owners = {bare(address): end["node"] for link in self.links.values()
                  for end in link["ends"] for address in end["addresses"]}
        owners.update({bare(address): name for name, node in self.nodes.items()
                       for address in node.about["addresses"]})
        address = bare(self.nodes[to].about["addresses"][family])
        way = []
        while to not in way and len(way) < len(self.nodes):
            asking = self.ask(source, address, len(way) + 1)
            way.append(owners.get(self.answer(asking)))
        return way


def main():
    outline, name, folder, *trace = sys.argv[1:]
    for place in "/run/frr", "/var/tmp/frr":
        pathlib.Path(place).mkdir(exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=1777", "none", place],
                       check=True)
    routed = Routed(outline, name, pathlib.Path(folder))
    found = {"converged": routed.converge(60), "silent": routed.silent()}
    if trace:
        found["ways"] = [routed.trace(*trace, family) for family in (0, 1)]
        found["first"] = sorted(routed.routes(trace[0]).get(
            bare(routed.nodes[trace[1]].about["addresses"][0]), []))
    print(json.dumps(found))
    sys.stdout.flush()
    os._exit(0)  # the kernel ends the rest with this process namespace


if __name__ == "__main__":
    main()
