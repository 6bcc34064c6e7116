# SPDX-License-Identifier: BSD-2-Clause
"""A worker with the owd plug-in, ordered about as pharosd does (agent/worker.h)."""

import json
import socket
import subprocess
import threading

from fleet import program
from net import wait_for


class Worker:
    """The one box `name` of a fleet, with another as its only peer."""

    def __init__(self, node, name):
        self.name = name
        self.records = []  # as they come, as text: reading them costs time
        self.admitted = 0
        self.heard = {}  # the last message of other kinds
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                ["bash", "-c", f'exec "$@" 3<&{theirs.fileno()}', "bash",
                 *node.command([program("pharos-probe")])],
                pass_fds=[theirs.fileno()])
        self.channel = ours
        threading.Thread(target=self.read, daemon=True).start()
        self.order("open", probe="owd")
        self.wait("manifest")

    @property
    def pid(self):
        return self.process.pid

    def order(self, kind, **members):
        self.channel.sendall(json.dumps({"m": kind, **members}).encode() + b"\n")

    def wait(self, kind):
        found = wait_for(kind, lambda: self.heard.get(kind))
        assert "why" not in found, found
        return found

    def read(self):
        for line in self.channel.makefile():
            if line.endswith('"m":"record"}\n'):
                self.records.append(line)
                continue
            message = json.loads(line)
            self.heard[message["m"]] = message
            if message["m"] == "admit":
                self.admitted += 1
                self.order("admitted", ask=message["ask"])

    def join(self, other, address, secret, **settings):
        """Both are of a fleet; it is the far end for the other one."""
        self.order("peers", box=self.name, peers=[
            {"box": other, "secret": secret, "addresses": [address]}])
        self.order("respond", settings=settings)
        self.wait("responds")

    def streams(self, count, other, address, report, **settings):
        """From the other one to here; each has a flow of its own."""
        for run in range(count):
            self.order("start", run=run + 1, target=other, address=address, family=4,
                       flow=f"{run:x}", report=report, settings=settings)

    def close(self):
        """An end without ceremony: nothing is said of what runs."""
        self.process.kill()
        self.process.wait()
        self.channel.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
