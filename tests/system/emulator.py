# SPDX-License-Identifier: BSD-2-Clause
"""The link emulator between TAP interfaces in namespaces, driven directly, and
frames on them with the kernel's stamps."""

import array
import ctypes
import errno
import fcntl
import os
import pathlib
import socket
import struct
import subprocess

from net import Namespace, die_with_parent, libc

BUILD = pathlib.Path(os.environ.get("PHAROS_BUILD", "build")).resolve()
TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 2, 0x1000
CLONE_NEWNET = 0x40000000
SO_TIMESTAMPNS, SO_RCVBUFFORCE = 35, 33
PACKET_OUTGOING = 4
ETH_P_ALL = 3
KIND = 0x88B5  # an EtherType for experiments
MEGABYTES = 64


def inside(node, call):
    """What call returns, made in a node's network."""
    ours = os.open("/proc/self/ns/net", os.O_RDONLY)
    theirs = os.open(f"/proc/{node.pid}/ns/net", os.O_RDONLY)
    try:
        assert libc.setns(theirs, CLONE_NEWNET) == 0, ctypes.get_errno()
        return call()
    finally:
        assert libc.setns(ours, CLONE_NEWNET) == 0
        os.close(ours)
        os.close(theirs)


def open_tap(name):
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", name.encode(),
                                            IFF_TAP | IFF_NO_PI))
    return tap


def make_tap(node, name):
    """A TAP interface in a node, up; its descriptor."""
    node.run(["sysctl", "-q", "net.ipv6.conf.default.disable_ipv6=1"])
    tap = inside(node, lambda: open_tap(name))
    node.run(["ip", "link", "set", name, "up", "txqueuelen", "10000"])
    return tap


class Port:
    """Frames of ours that leave and arrive at an interface: (stamp, frame)."""

    def __init__(self, node, interface):
        self.socket = inside(node, lambda: socket.socket(
            socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE,
                               MEGABYTES << 20)
        self.socket.bind((interface, ETH_P_ALL))
        self.socket.setblocking(False)
        # a socket does not see what it sends itself
        self.sender = inside(node, lambda: socket.socket(
            socket.AF_PACKET, socket.SOCK_RAW, 0))
        self.sender.bind((interface, 0))
        self.sent, self.received = [], []

    def send(self, number, length=100):
        self.sender.send(frame(number, length))

    def close(self):
        self.socket.close()
        self.sender.close()

    def collect(self):
        """Takes in what has come; itself."""
        while True:
            try:
                data, control, _, source = self.socket.recvmsg(10000, 128)
            except BlockingIOError:
                return self
            except OSError as error:
                if error.errno != errno.ENETDOWN:  # told once
                    raise
                continue
            if struct.unpack_from("!H", data, 12)[0] != KIND:
                continue
            seconds, fraction = struct.unpack("qq", control[0][2][:16])
            into = self.sent if source[2] == PACKET_OUTGOING else self.received
            into.append((seconds * 10 ** 9 + fraction, data))


def frame(number, length=100):
    head = struct.pack("!6s6sHI", b"\xff" * 6, b"\x02\0\0\0\0\1", KIND, number)
    return head.ljust(length, b"\0")


def number_of(data):
    return struct.unpack_from("!I", data, 14)[0]


class Emulator:
    """A process of it, and the socket it is told on."""

    def __init__(self, *options, wrap=()):
        self.socket, theirs = socket.socketpair(socket.AF_UNIX,
                                                socket.SOCK_SEQPACKET)
        program = [str(BUILD / "pharos-emulator"), *map(str, options)]

        def prepare():
            die_with_parent()
            os.dup2(theirs.fileno(), 3, inheritable=True)

        self.process = subprocess.Popen([*wrap, *program], close_fds=False,
                                        preexec_fn=prepare)
        theirs.close()

    def tell(self, line, *descriptors):
        """The answer to a command."""
        control = []
        if descriptors:
            control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                        array.array("i", descriptors))]
        self.socket.sendmsg([line.encode() if isinstance(line, str) else line],
                            control)
        return self.socket.recv(2000).decode()

    def do(self, line, *descriptors):
        """The text of an answer that must be ok."""
        answer = self.tell(line, *descriptors)
        assert answer == "ok" or answer.startswith("ok "), f"{line}: {answer}"
        return answer[3:]

    def stats(self, name, way=0):
        return {key: int(value) for key, value in
                (word.split("=") for word in self.do(f"stats {name} {way}").split())}

    def close(self):
        self.socket.close()
        return self.process.wait(10)


class Link:
    """Two nodes, a TAP in each, and the emulator's link "x" between them."""

    def __init__(self, emulator, name="x"):
        self.name, self.emulator = name, emulator
        self.nodes = [Namespace("near"), Namespace("far")]
        self.taps = [make_tap(node, "t0") for node in self.nodes]
        emulator.do(f"link {name}", *self.taps)
        self.ports = [Port(node, "t0") for node in self.nodes]

    def set(self, way=0, **values):
        words = " ".join(f"{key}={value}" for key, value in values.items())
        self.emulator.do(f"set {self.name} {way} {words}")

    def stats(self, way=0):
        return self.emulator.stats(self.name, way)

    def close(self):
        for tap in self.taps:
            os.close(tap)
        for port in self.ports:
            port.close()
        for node in self.nodes:
            node.close()
