# SPDX-License-Identifier: BSD-2-Clause
"""What the machine itself makes of round trips: bare echo requests, one at a time,
from the kernel's transmit stamp to its receive stamp.

    ping_trips.py ADDRESS COUNT

Prints them in microseconds. How slow this program is does not matter to the
stamps.
"""

import select
import socket
import struct
import sys
import time

SOL_RAW, ICMP_FILTER, TIMESTAMPING = 255, 1, 37
# transmit and receive software stamps, without the packet
FLAGS = 1 << 1 | 1 << 3 | 1 << 4 | 1 << 11


def request(number):
    head = struct.pack(">BBHHH", 8, 0, 0, 0x5068, number)
    data = head + bytes(56)
    total = sum(struct.unpack(">32H", data))
    total = (total & 0xffff) + (total >> 16)
    total += total >> 16
    return head[:2] + struct.pack(">H", ~total & 0xffff) + data[4:]


def stamp(icmp, flags):
    """In nanoseconds, of the next message; None: it has none."""
    _, found, _, _ = icmp.recvmsg(512, 512, flags)
    for level, kind, data in found:
        if (level, kind) == (socket.SOL_SOCKET, TIMESTAMPING):
            seconds, rest = struct.unpack("qq", data[:16])
            return seconds * 10**9 + rest if seconds else None
    return None


def main():
    address, count = sys.argv[1], int(sys.argv[2])
    icmp = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    icmp.setsockopt(SOL_RAW, ICMP_FILTER, struct.pack("I", ~1 & 0xffffffff))
    icmp.setsockopt(socket.SOL_SOCKET, TIMESTAMPING, FLAGS)
    icmp.connect((address, 0))
    for number in range(count):
        icmp.send(request(number))
        if not select.select([icmp], [], [], 1)[0]:
            continue
        left, came = stamp(icmp, socket.MSG_ERRQUEUE), stamp(icmp, 0)
        if left and came:
            print((came - left) / 1e3)
        time.sleep(0.01)


main()
