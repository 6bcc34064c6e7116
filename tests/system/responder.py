"""Answers echo requests as told, on a TUN device: a path with known faults.

Run inside a namespace:  responder.py '{"10.99.0.2": {"do": "twice"}, ...}'

It makes tun0 with 10.99.0.1/16 and fd99::1/64 and says "ready". Rules by the
address that is asked:

  answer       at once (what has no rule is not answered at all)
  late         after "delay" seconds, but only the packets in "only"
  twice        two copies
  swap         pairs change places: 1, 0, 3, 2, ...
  damage       one byte of the payload changed; "at": which one; "sum": the
               checksum is made to fit again
  elsewhere    from the address "source"
  forged       right identifier and sequence, but not what was asked
  far          with "ttl" left
  show         at once, and a line of JSON about the request: its "source",
               "class" (TOS, traffic class) and "payload" in hex
  error        an ICMP error ("type", "code") by the router, "quote" bytes of
               the request in it
  flood        after a line on standard input: "count" answers that nobody
               asked for, then the answer; for the first packet only
"""

import fcntl
import heapq
import ipaddress
import json
import os
import select
import struct
import subprocess
import sys
import time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000
ROUTERS = {4: ipaddress.ip_address("10.99.0.254"),
           6: ipaddress.ip_address("fd99::fe")}
ICMP = {4: {"proto": 1, "request": 8, "reply": 0},
        6: {"proto": 58, "request": 128, "reply": 129}}


def open_tun():
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", b"tun0", IFF_TUN | IFF_NO_PI))
    for command in (["link", "set", "tun0", "mtu", "9000", "up"],
                    ["link", "set", "tun0", "txqueuelen", "10000"],
                    ["addr", "add", "10.99.0.1/16", "dev", "tun0"],
                    ["addr", "add", "fd99::1/64", "dev", "tun0", "nodad"]):
        subprocess.run(["ip", *command], check=True)
    return tun


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def icmp_sum(source, destination, icmp):
    """The ICMP message with its checksum filled in."""
    blank = icmp[:2] + b"\0\0" + icmp[4:]
    pseudo = b""
    if source.version == 6:
        pseudo = source.packed + destination.packed + \
            struct.pack(">IxxxB", len(icmp), 58)
    return blank[:2] + struct.pack(">H", checksum(pseudo + blank)) + blank[4:]


def wrap(source, destination, icmp, ttl=64):
    """The IP packet around an ICMP message."""
    if source.version == 6:
        return struct.pack(">IHBB", 6 << 28, len(icmp), 58, ttl) + \
            source.packed + destination.packed + icmp
    header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(icmp), 0, 0, ttl, 1, 0) + \
        source.packed + destination.packed
    return header[:10] + struct.pack(">H", checksum(header)) + header[12:] + icmp


class Request:
    def __init__(self, packet):
        self.packet = packet
        self.version = packet[0] >> 4
        at = (packet[0] & 15) * 4 if self.version == 4 else 40
        addresses = packet[12:20] if self.version == 4 else packet[8:40]
        half = len(addresses) // 2
        self.source = ipaddress.ip_address(addresses[:half])
        self.target = ipaddress.ip_address(addresses[half:])
        protocol = packet[9] if self.version == 4 else packet[6]
        self.icmp = packet[at:]
        self.is_echo = protocol == ICMP[self.version]["proto"] and \
            self.icmp[0] == ICMP[self.version]["request"]
        self.sequence = struct.unpack(">H", self.icmp[6:8])[0] if self.is_echo else None

    def traffic_class(self):
        return self.packet[1] if self.version == 4 else \
            struct.unpack(">H", self.packet[:2])[0] >> 4 & 0xff

    def reply(self, source=None, payload=None, ttl=64):
        source = source or self.target
        body = self.icmp[4:8] + (self.icmp[8:] if payload is None else payload)
        icmp = bytes([ICMP[self.version]["reply"], 0, 0, 0]) + body
        return wrap(source, self.source, icmp_sum(source, self.source, icmp), ttl)

    def error(self, kind, code, quote):
        router = ROUTERS[self.version]
        icmp = bytes([kind, code, 0, 0, 0, 0, 0, 0]) + self.packet[:quote]
        return wrap(router, self.source, icmp_sum(router, self.source, icmp))


class Responder:
    def __init__(self, rules):
        self.rules = rules
        self.tun = open_tun()
        self.later = []  # heap of (time, number, packet)
        self.held = {}   # by target: the request that waits for its partner
        self.number = 0

    def send(self, packet, delay=0.0):
        if delay == 0:
            os.write(self.tun, packet)
            return
        self.number += 1
        heapq.heappush(self.later, (time.monotonic() + delay, self.number, packet))

    def take(self, request):
        rule = self.rules.get(str(request.target))
        if request.is_echo and rule is not None:
            getattr(self, "do_" + rule["do"])(request, rule)

    def do_answer(self, request, rule):
        self.send(request.reply())

    def do_far(self, request, rule):
        self.send(request.reply(ttl=rule["ttl"]))

    def do_show(self, request, rule):
        print(json.dumps({"source": str(request.source), "class": request.traffic_class(),
                          "payload": request.icmp[8:].hex()}), flush=True)
        self.send(request.reply())

    def do_late(self, request, rule):
        only = rule.get("only")
        late = only is None or request.sequence in only
        self.send(request.reply(), rule["delay"] if late else 0)

    def do_twice(self, request, rule):
        self.send(request.reply())
        self.send(request.reply())

    def do_swap(self, request, rule):
        before = self.held.pop(request.target, None)
        if before is None:
            self.held[request.target] = request
        else:
            self.send(request.reply())
            self.send(before.reply())

    def do_damage(self, request, rule):
        payload = bytearray(request.icmp[8:])
        payload[rule["at"]] ^= 0x55
        packet = request.reply(payload=bytes(payload))
        if not rule.get("sum", True):
            at = len(packet) - len(payload) - 6
            packet = packet[:at] + b"\x12\x34" + packet[at + 2:]
        self.send(packet)

    def do_elsewhere(self, request, rule):
        self.send(request.reply(source=ipaddress.ip_address(rule["source"])))

    def do_forged(self, request, rule):
        self.send(request.reply(payload=bytes(len(request.icmp) - 8)))

    def do_error(self, request, rule):
        self.send(request.error(rule["type"], rule["code"], rule.get("quote", 500)))

    def do_flood(self, request, rule):
        if request.sequence == 0:
            print("holding", flush=True)
            sys.stdin.readline()
            junk = request.reply(payload=bytes(100))
            for _ in range(rule["count"]):
                self.send(junk)
        self.send(request.reply())
        if request.sequence == 0:
            print("flooded", flush=True)

    def serve(self):
        print("ready", flush=True)
        while True:
            wait = None
            if self.later:
                wait = max(0, self.later[0][0] - time.monotonic())
            if select.select([self.tun], [], [], wait)[0]:
                self.take(Request(os.read(self.tun, 65536)))
            while self.later and self.later[0][0] <= time.monotonic():
                self.send(heapq.heappop(self.later)[2])


if __name__ == "__main__":
    Responder(json.loads(sys.argv[1])).serve()
