"""A stranger's OWAMP (RFC 4656), made from the text of the RFC alone.

It shares nothing with ours, so both ends agreeing means that the wire is right.
Its manners are those of perfSONAR's owping: bits of Modes that it does not know
are passed over, nothing but Stop-Sessions is said while sessions run, and results
are fetched over another connection, and only taken as its reader takes them.
"""

import hashlib
import hmac
import os
import socket
import struct
import time

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

OPEN, AUTHENTICATED, ENCRYPTED = 1, 2, 4
EPOCH = 2208988800  # of NTP, before 1970
ERROR = 0x8001 | 20 << 8  # synchronised, 2**-12 s
ZEROS = bytes(16)
SO_RCVBUFFORCE = 33
# ln 2 / k! and so on, RFC 4656 section 5, in 32 bits
Q = [0, 0xB17217F8, 0xEEF193F7, 0xFD271862, 0xFF9D6DD0, 0xFFF4CFD0, 0xFFFEE819,
     0xFFFFE7FF, 0xFFFFFE2B, 0xFFFFFFE0, 0xFFFFFFFE, 0xFFFFFFFF]


def ntp(seconds):
    return int((seconds + EPOCH) * 2**32)


def unix(stamp):
    return stamp / 2**32 - EPOCH


def duration(seconds):
    return int(seconds * 2**32)


def aes(key, mode):
    return Cipher(algorithms.AES(key), mode)


def encrypt_blocks(key, data):
    return aes(key, modes.ECB()).encryptor().update(data)


def sign(key, data):
    return hmac.new(key, data, hashlib.sha1).digest()[:16]


class Schedule:
    """When packets are due: the slots again and again, each before its packet."""

    def __init__(self, sid, start, slots):
        self.sid, self.due, self.slots = sid, start, slots
        self.counter = self.number = 0

    def uniform(self):
        block = self.counter - self.counter % 4
        word = encrypt_blocks(self.sid, block.to_bytes(16, "big"))
        at = self.counter % 4 * 4
        self.counter += 1
        return int.from_bytes(word[at:at + 4], "big")

    def exponential(self):
        """Algorithm S of Knuth, in fixed point of 32.32 bits."""
        u = self.uniform()
        j = 0
        while u & 0x80000000:
            u = u << 1 & 0xFFFFFFFF
            j += 1
        u = u << 1 & 0xFFFFFFFF
        if u < Q[1]:
            return j * Q[1] + u
        k = 2
        while u >= Q[k]:
            k += 1
        least = min(self.uniform() for _ in range(k))
        return j * Q[1] + (least * Q[1] >> 32)

    def next(self):
        kind, length = self.slots[self.number % len(self.slots)]
        self.number += 1
        self.due += length if kind == 1 else self.exponential() * length >> 32
        return self.due


class Chain:
    """One direction of a control connection: CBC, and a digest of what passed."""

    def __init__(self, keys, iv, sends):
        self.keys, self.passed = keys, b""
        if keys:
            both = aes(keys[0], modes.CBC(iv))
            self.cipher = both.encryptor() if sends else both.decryptor()

    def seal(self, data):
        self.passed += data
        return self.cipher.update(data) if self.keys else data

    def open(self, data):
        plain = self.cipher.update(data) if self.keys else data
        self.passed += plain
        return plain

    def digest(self):
        digest = sign(self.keys[1], self.passed) if self.keys else ZEROS
        self.passed = b""
        return digest

    def signed(self, data):
        """What to send, with its digest behind it."""
        out = self.seal(data)
        digest = self.digest()
        return out + (self.cipher.update(digest) if self.keys else digest)

    def check(self, data):
        plain = self.open(data[:-16])
        digest = self.digest()
        said = self.cipher.update(data[-16:]) if self.keys else digest
        assert said == digest, "a digest is wrong"
        return plain


def read_records(records, skips, schedule, timeout, first, last):
    """As perfSONAR's reader does, who goes on from packet to packet: what is before a
    loss, or was due more than the timeout before an arrival, is settled for good."""
    begin, lost, seen = first, set(), set()
    due = [schedule.next()
           for _ in range(max((one["sequence"] for one in records), default=-1) + 1)]
    for one in records:
        number, received = one["sequence"], one["received"]
        assert one["sent_error"] & 0xFF and one["received_error"] & 0xFF
        assert first <= number < last, "a number that was not asked for"
        while begin < len(due) and (
                due[begin] < received - timeout if received else begin < number):
            begin += 1
        assert number >= begin, "a packet comes that is settled"
        assert number not in lost, "a lost packet comes, or is lost again"
        if not received:
            assert number not in seen, "a packet is lost that came"
        elif not any(a <= number <= b for a, b in skips):
            seen.add(number)
        if not received:
            lost.add(number)


class Refused(Exception):
    """By the server; what it said."""


class Control:
    """A control connection that has been set up."""

    def __init__(self, host, port, mode=OPEN, key_id="", secret=b"", force=False):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(20)
        self.socket.connect((host, port))
        self.host, self.family, self.mode = host, family, mode
        self.greeting = self.read(64)
        self.offered, self.challenge, self.salt, self.count = struct.unpack(
            ">12xI16s16sI12x", self.greeting)
        assert force or self.offered & mode, f"{self.offered:#x} are offered"
        self.keys = (os.urandom(16), os.urandom(32)) if mode != OPEN else None
        self.set_up(key_id, secret)

    def read(self, length):
        data = b""
        while len(data) < length:
            more = self.socket.recv(length - len(data))
            if not more:
                raise Refused(f"closed after {len(data)} of {length} bytes")
            data += more
        return data

    def set_up(self, key_id, secret):
        token, iv = bytes(64), bytes(16)
        if self.keys:
            key = hashlib.pbkdf2_hmac("sha1", secret, self.salt, self.count, 16)
            token = aes(key, modes.CBC(ZEROS)).encryptor().update(
                self.challenge + self.keys[0] + self.keys[1])
            iv = os.urandom(16)
        self.socket.sendall(struct.pack(
            ">I80s64s16s", self.mode, key_id.encode(), token, iv))
        answer = self.read(48)
        if answer[15] != 0:
            raise Refused(f"accept {answer[15]}")
        self.out = Chain(self.keys, iv, True)
        self.inward = Chain(self.keys, answer[16:32], False)
        self.inward.open(answer[32:])  # counts in the next digest

    def answer(self, length):
        return self.inward.check(self.read(length))

    def close(self):
        self.socket.close()

    def request(self, session):
        plain = session.encode()
        message = self.out.signed(plain)
        message += self.out.signed(session.encode_slots())
        self.socket.sendall(message)
        accept, port, sid = struct.unpack(">BxH16s12x", self.answer(48))
        if accept != 0:
            raise Refused(f"accept {accept}")
        if not session.server_sends:
            session.sid = sid
        session.accepted(port, self)
        return session

    def start(self):
        self.socket.sendall(self.out.signed(b"\x02" + bytes(15)))
        accept = self.answer(32)[0]
        if accept != 0:
            raise Refused(f"accept {accept}")

    def stop(self, sent=()):
        """sent: (sid, next, [(first, last), ...]) of what we were sending."""
        message = struct.pack(">BBxxI8x", 3, 0, len(sent))
        for sid, following, skips in sent:
            message += struct.pack(">16sII", sid, following, len(skips))
            message += b"".join(struct.pack(">II", *skip) for skip in skips)
        message += bytes(-len(message) % 16)
        self.socket.sendall(self.out.signed(message))

    def stopped(self):
        """What the server's Stop-Sessions says: accept, and {sid: (next, skips)}."""
        plain = self.inward.open(self.read(16))
        command, accept, count = struct.unpack(">BBxxI8x", plain)
        assert command == 3
        body, sessions, at = b"", {}, 0

        def more(upto):
            nonlocal body
            while len(body) < upto:
                body += self.inward.open(self.read(16))

        for _ in range(count):
            more(at + 24)
            sid, following, skips = struct.unpack_from(">16sII", body, at)
            more(at + 24 + 8 * skips)
            sessions[sid] = (following, [
                struct.unpack_from(">II", body, at + 24 + 8 * i)
                for i in range(skips)])
            at += 24 + 8 * skips
        self.inward.check(self.read(16))
        return accept, sessions

    def fetch(self, sid, begin=0, end=0xFFFFFFFF):
        """{"finished", "next", "skips", "records"} of a session that is over."""
        self.socket.sendall(self.out.signed(
            struct.pack(">B7xII16s", 4, begin, end, sid)))
        accept, finished, following, skips, records = struct.unpack(
            ">BBxxIII", self.answer(32))
        if accept != 0:
            raise Refused(f"accept {accept}")
        plain = self.answer(112)
        slots, packets = struct.unpack_from(">II", plain, 4)
        start, timeout = struct.unpack_from(">QQ", plain, 68)
        assert plain[48:64] == sid
        body = self.answer(16 * slots + 16)
        schedule = Schedule(sid, start, [struct.unpack_from(">B7xQ", body, 16 * i)
                                         for i in range(slots)])
        body = self.answer(8 * skips + -8 * skips % 16 + 16)
        ranges = [struct.unpack_from(">II", body, 8 * i) for i in range(skips)]
        body = self.answer(25 * records + -25 * records % 16 + 16)
        names = "sequence", "sent_error", "received_error", "sent", "received", "ttl"
        found = [dict(zip(names, struct.unpack_from(">IHHQQB", body, 25 * i)))
                 for i in range(records)]
        read_records(found, ranges, schedule, timeout, begin, min(end + 1, packets))
        return {"finished": finished, "next": following, "skips": ranges,
                "records": found}


class Session:
    """A session that is asked for, and then its test packets."""

    def __init__(self, server_sends, packets=50, slots=((0, 0.01),), timeout=2.0,
                 start=0.4, padding=0, type_p=0):
        self.server_sends, self.packets = server_sends, packets
        self.slots = [(kind, duration(length)) for kind, length in slots]
        self.timeout, self.start = timeout, ntp(time.time() + start)
        self.padding, self.type_p, self.socket = padding, type_p, None
        self.sid = ZEROS
        self.received = []

    def bind(self, control, host=None):
        """host: where the packets are to be, if not where the server is."""
        self.host = host or control.host
        self.socket = socket.socket(control.family, socket.SOCK_DGRAM)
        self.socket.settimeout(5)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 22)
        local = control.socket.getsockname()[0]
        self.socket.bind((local, 0))
        if control.family == socket.AF_INET:
            self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 255)
        else:
            self.socket.setsockopt(
                socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 255)
        self.ours = socket.inet_pton(control.family, local)
        self.theirs = socket.inet_pton(control.family, self.host)
        self.version = 4 if control.family == socket.AF_INET else 6
        if self.server_sends:  # the receiver gives it its name
            self.sid = self.ours[-4:] + struct.pack(
                ">Q", ntp(time.time())) + os.urandom(4)
        return self

    def encode(self):
        port = self.socket.getsockname()[1]
        sender, receiver = (self.theirs, self.ours) if self.server_sends \
            else (self.ours, self.theirs)
        ports = (0, port) if self.server_sends else (port, 0)
        return struct.pack(
            ">BBBBIIHH16s16s16sIQQI8x", 1, self.version, self.server_sends,
            not self.server_sends, len(self.slots), self.packets, *ports, sender,
            receiver, self.sid, self.padding, self.start, duration(self.timeout),
            self.type_p)

    def encode_slots(self):
        return b"".join(struct.pack(">B7xQ", *slot) for slot in self.slots)

    def accepted(self, port, control):
        self.peer, self.mode, self.keys = (self.host, port), control.mode, None
        self.socket.connect(self.peer)
        if control.keys:
            self.keys = (
                encrypt_blocks(self.sid, control.keys[0]),
                aes(self.sid, modes.CBC(ZEROS)).encryptor().update(
                    control.keys[1]))

    def due(self):
        """When each packet is due, NTP."""
        schedule = Schedule(self.sid, self.start, self.slots)
        return [schedule.next() for _ in range(self.packets)]

    def pack(self, sequence, stamp=None, error=ERROR):
        stamp = ntp(time.time()) if stamp is None else stamp
        if self.mode == OPEN:
            head = struct.pack(">IQH", sequence, stamp, error)
            return head + os.urandom(self.padding)
        first = struct.pack(">I12x", sequence)
        second = struct.pack(">QH6x", stamp, error)
        if self.mode == AUTHENTICATED:
            digest = sign(self.keys[1], first)
            head = encrypt_blocks(self.keys[0], first) + second
        else:
            digest = sign(self.keys[1], first + second)
            head = aes(self.keys[0], modes.CBC(ZEROS)).encryptor().update(
                first + second)
        return head + digest + os.urandom(self.padding)

    def unpack(self, data):
        """sequence, stamp, error estimate; the digest is right."""
        if self.mode == OPEN:
            assert len(data) == 14 + self.padding
            return struct.unpack_from(">IQH", data)
        assert len(data) == 48 + self.padding
        if self.mode == AUTHENTICATED:
            plain = aes(self.keys[0], modes.ECB()).decryptor().update(data[:16])
            covered, second = plain, data[16:32]
        else:
            plain = aes(self.keys[0], modes.CBC(ZEROS)).decryptor().update(
                data[:32])
            covered, second = plain, plain[16:]
        assert sign(self.keys[1], covered) == data[32:48], "a packet is forged"
        return struct.unpack_from(">I", plain) + struct.unpack_from(">QH", second)

    def receive(self, count):
        """So many packets: (sequence, stamp, error)."""
        for _ in range(count):
            self.received.append(self.unpack(self.socket.recv(9000)))
        return self.received

    def drain(self):
        """All that have come."""
        self.socket.setblocking(False)
        try:
            while True:
                self.receive(1)
        except BlockingIOError:
            return self.received

    def send_all(self, leave_out=(), twice=()):
        """Each packet at its time; {sequence: stamp} of those sent."""
        sent = {}
        for sequence, due in enumerate(self.due()):
            time.sleep(max(0, unix(due) - time.time()))
            if sequence in leave_out:
                continue
            sent[sequence] = stamp = ntp(time.time())
            data = self.pack(sequence, stamp)
            for _ in range(2 if sequence in twice else 1):
                self.socket.send(data)
        return sent
