"""A stranger's OWAMP server, made from the text of the RFC alone (owping.py). Its
manners are those of perfSONAR's owampd:

- only packets from the very address and port that were asked for are seen, and one
  that cannot be aborts the session;
- what was sent, or was due, more than the timeout from now is not taken;
- losses are found two gaps behind the timeout, of at most a second, or when another
  packet comes; of what is not found before Stop-Sessions comes there is no record;
- what was sent less than the timeout before Stop-Sessions is thrown away, and a
  packet with a number that is not below the sender's next voids the session;
- who is through with all its sessions says Stop-Sessions first;
- a whole session is not given before it is over: that is said after half a minute,
  a part of it is given at any time;
- in open mode nobody has packets sent to another address than his own.
"""

import hashlib
import os
import select
import socket
import struct
import threading
import time

from cryptography.hazmat.primitives.ciphers import modes

from owping import (ERROR, OPEN, ZEROS, Chain, Schedule, aes, encrypt_blocks, ntp,
                    sign, unix)

COUNT = 2048
END_DELAY = 1  # of a sender, behind the timeout of his last packet
REJECTED, UNSUPPORTED = 1, 3
UNSTOPPED = 2  # "finished" of a session that runs, too
DSCP = 0x3F000000


class Served:
    """A session as it was asked for, and what became of it."""

    def __init__(self, plain, slots):
        (_, self.version, self.sends, self.receives, _, self.packets, _,
         self.peer_port, self.sender, self.receiver, self.sid, self.padding,
         self.start, self.timeout, self.type_p) = struct.unpack(
             ">BBBBIIHH16s16s16sIQQI8x", plain)
        if self.receives:
            self.peer_port = struct.unpack_from(">H", plain, 12)[0]
        self.plain = plain
        self.slots = [struct.unpack_from(">B7xQ", slots, at)
                      for at in range(0, len(slots), 16)]
        self.records, self.skips, self.next = [], [], 0
        self.found, self.whole = 0, False  # losses that were certain by then
        mean = sum(length for _, length in self.slots) / len(self.slots)
        self.doze = min(2 * int(mean), ntp(1) - ntp(0))

    def peer(self):
        address = self.sender if self.receives else self.receiver
        return socket.inet_ntop(
            *((socket.AF_INET, address[:4]) if self.version == 4
              else (socket.AF_INET6, address))), self.peer_port

    def know(self):
        """The name is known: so is when each packet is due."""
        schedule = Schedule(self.sid, self.start, self.slots)
        self.due = [schedule.next() for _ in range(self.packets)]

    def told(self):
        """Arrivals and losses, as their fate became known."""
        arrived = {record[0] for record in self.records}
        lost = [(n, ERROR, ERROR, due, 0, 255) for n, due in enumerate(self.due)
                if n not in arrived and due + self.timeout < self.found]
        return sorted(self.records + lost,
                      key=lambda one: one[4] or one[3] + self.timeout)

    def part(self, begin, end):
        """Of a session that runs: nothing behind the last that came."""
        end = min(end, max((one[0] for one in self.records), default=0))
        return [one for one in self.told() if begin <= one[0] <= end]

    def stop(self, came, following, skips):
        """What the sender says, which came then."""
        assert following <= self.packets, "more was sent than asked for"
        self.found = max(self.found, came - self.doze)
        assert all(one[0] < following for one in self.records), \
            "what came was not sent"
        self.records = [one for one in self.told() if one[0] < following and
                        one[3] <= came - self.timeout]
        self.next, self.skips, self.whole = following, skips, True


class Owampd:
    """offers: modes; 0 is for those that may not come in open mode, and have no key.
    lose: numbers of packets that the path loses; skip: that it is too late for, where
    it sends; clock: how far its own is ahead, seconds; verdict: on all requests."""

    def __init__(self, host="127.0.0.1", offers=7, secrets=None, lose=(), skip=(),
                 clock=0, verdict=0):
        self.family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.host, self.offers, self.secrets = host, offers, secrets or {}
        self.lose, self.skip, self.clock = set(lose), set(skip), clock
        self.verdict = verdict
        self.listener = socket.socket(self.family, socket.SOCK_STREAM)
        self.listener.bind((host, 0))
        self.listener.listen(8)
        self.port = self.listener.getsockname()[1]
        self.asked = []     # sessions, all that there were
        self.broken = []    # rules that a client broke
        threading.Thread(target=self.listen, daemon=True).start()

    def close(self):
        self.listener.close()

    def now(self):
        return ntp(time.time() + self.clock)

    def find(self, sid):
        return next((one for one in self.asked
                     if one.receives and one.sid == sid), None)

    def listen(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,),
                             daemon=True).start()

    def serve(self, connection):
        try:
            Connection(self, connection).serve()
        except (ConnectionError, EOFError):
            pass
        except AssertionError as rule:
            self.broken.append(str(rule))
        finally:
            connection.close()


class Connection:
    def __init__(self, server, connection):
        self.server, self.socket, self.sessions = server, connection, []
        self.stopping = threading.Event()

    def read(self, length):
        data = b""
        while len(data) < length:
            more = self.socket.recv(length - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def set_up(self):
        challenge, salt = os.urandom(16), os.urandom(16)
        self.socket.sendall(struct.pack(">12xI16s16sI12x", self.server.offers,
                                        challenge, salt, COUNT))
        if self.server.offers == 0:
            raise EOFError
        self.mode, name, token, iv = struct.unpack(">I80s64s16s", self.read(164))
        assert self.mode in (1, 2, 4), f"mode {self.mode:#x} is not one bit"
        assert self.mode & self.server.offers, "a mode that was not offered"
        self.keys = None
        if self.mode != OPEN:
            secret = self.server.secrets[name.rstrip(b"\0").decode()]
            key = hashlib.pbkdf2_hmac("sha1", secret, salt, COUNT, 16)
            plain = aes(key, modes.CBC(ZEROS)).decryptor().update(token)
            assert plain[:16] == challenge, "the token is another one's"
            self.keys = plain[16:32], plain[32:]
        else:
            assert name + token + iv == bytes(160), "open mode has only zeros"
        ours = os.urandom(16)
        self.out = Chain(self.keys, ours, True)
        self.inward = Chain(self.keys, iv, False)
        self.socket.sendall(bytes(16) + ours + self.out.seal(
            struct.pack(">Q8x", self.server.now())))

    def serve(self):
        self.set_up()
        while True:
            first = self.inward.open(self.read(16))
            if first[0] == 1:
                self.take_request(first)
            elif first[0] == 2:
                self.inward.check(self.read(16))
                self.socket.sendall(self.out.signed(bytes(16)))
                self.run()
            elif first[0] == 4:
                self.take_fetch(first)
            else:
                raise AssertionError(f"command {first[0]} out of its turn")

    def take_request(self, first):
        plain = first + self.inward.check(self.read(96))
        count = struct.unpack_from(">I", plain, 4)[0]
        session = Served(plain, self.inward.check(self.read(16 * count + 16)))
        assert session.sends + session.receives == 1
        session.asked = self.server.now()
        verdict = self.judge(session)
        if verdict != 0:
            self.socket.sendall(self.out.signed(struct.pack(">B31x", verdict)))
            return
        session.socket = socket.socket(self.server.family, socket.SOCK_DGRAM)
        session.socket.bind((self.server.host, 0))
        session.socket.settimeout(0.05)
        if session.receives:
            assert session.sid == ZEROS, "the receiver gives the name"
            session.sid = os.urandom(16)
        if self.keys:
            session.keys = (
                encrypt_blocks(session.sid, self.keys[0]),
                aes(session.sid, modes.CBC(ZEROS)).encryptor().update(
                    self.keys[1]))
        session.know()
        self.sessions.append(session)
        self.server.asked.append(session)
        port = session.socket.getsockname()[1]
        self.socket.sendall(self.out.signed(
            struct.pack(">BxH16s12x", 0, port, session.sid)))

    def judge(self, session):
        caller = self.socket.getpeername()[0]
        if session.sends and session.type_p & ~DSCP:
            return UNSUPPORTED
        if session.sends and self.mode == OPEN and session.peer()[0] != caller:
            return REJECTED
        return self.server.verdict

    # Test packets

    def pack(self, session, sequence):
        stamp = self.server.now()
        if self.mode == OPEN:
            return struct.pack(">IQH", sequence, stamp, ERROR)
        plain = struct.pack(">I12xQH6x", sequence, stamp, ERROR)
        if self.mode == 2:
            head = encrypt_blocks(session.keys[0], plain[:16]) + plain[16:]
            return head + sign(session.keys[1], plain[:16])
        return aes(session.keys[0], modes.CBC(ZEROS)).encryptor().update(
            plain) + sign(session.keys[1], plain)

    def unpack(self, session, data):
        if self.mode == OPEN:
            assert len(data) == 14 + session.padding
            return struct.unpack_from(">IQH", data)
        assert len(data) == 48 + session.padding
        if self.mode == 2:
            plain = aes(session.keys[0], modes.ECB()).decryptor().update(
                data[:16]) + data[16:32]
            covered = plain[:16]
        else:
            covered = plain = aes(
                session.keys[0], modes.CBC(ZEROS)).decryptor().update(data[:32])
        assert sign(session.keys[1], covered) == data[32:48]
        return struct.unpack_from(">I12xQH", plain)

    def wait_until(self, when):
        """False: it was told to stop before."""
        wait = unix(when) - time.time() - self.server.clock
        return not self.stopping.wait(max(0, wait))

    def send(self, session):
        for sequence, due in enumerate(session.due):
            if not self.wait_until(due):
                return
            session.next = sequence + 1
            if sequence in self.server.skip:
                session.skips.append((sequence, sequence))
            elif sequence not in self.server.lose:
                session.socket.sendto(
                    self.pack(session, sequence) + bytes(session.padding),
                    session.peer())
        self.wait_until(session.due[-1] + session.timeout +
                        END_DELAY * 2**32)

    def receive(self, session):
        last = session.due[-1] + session.timeout + session.doze
        while not self.stopping.is_set():
            try:
                data, source = session.socket.recvfrom(9000)
            except TimeoutError:
                session.found = max(session.found,
                                    self.server.now() - session.doze)
                if self.server.now() >= last:
                    return
                continue
            self.take_packet(session, data, source)

    def take_packet(self, session, data, source):
        now = self.server.now()
        if source[:2] != session.peer():
            return
        sequence, sent, error = self.unpack(session, data)
        assert error & 0xFF, "a multiplier of 0"
        assert sequence < session.packets, "a number that is too high"
        if sequence in self.server.lose:
            return
        session.found = max(session.found, now)
        if max(abs(sent - now), abs(sent - session.due[sequence]),
               now - session.due[sequence]) <= session.timeout:
            session.records.append((sequence, error, ERROR, sent, now, 255))

    def run(self):
        """Whoever is through first says so."""
        wrong = []

        def go(session):
            try:
                (self.send if session.sends else self.receive)(session)
            except AssertionError as rule:
                wrong.append(rule)

        threads = [threading.Thread(target=go, args=(one,), daemon=True)
                   for one in self.sessions]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads) and \
                not select.select([self.socket], [], [], 0.02)[0]:
            continue
        first = not any(thread.is_alive() for thread in threads)
        if first:
            self.say_stop()
        else:
            self.stopping.set()
            for thread in threads:
                thread.join()
        self.take_stop()
        if wrong:
            raise wrong[0]
        if not first:
            self.say_stop()
        self.sessions = []
        self.stopping.clear()

    def say_stop(self):
        sending = [one for one in self.sessions if one.sends]
        message = struct.pack(">BBxxI8x", 3, 0, len(sending))
        for one in sending:
            message += struct.pack(
                ">16sII", one.sid, one.next, len(one.skips))
            message += b"".join(struct.pack(">II", *skip) for skip in one.skips)
        self.socket.sendall(self.out.signed(
            message + bytes(-len(message) % 16)))

    def take_stop(self):
        first = self.inward.open(self.read(16))
        came = self.server.now()
        assert first[0] == 3, "only Stop-Sessions may be said now"
        assert first[1] == 0, f"the client says that it failed: {first[1]}"
        count = struct.unpack_from(">I", first, 4)[0]
        receiving = {one.sid: one for one in self.sessions if one.receives}
        assert count == len(receiving), "sessions are not accounted for"
        for _ in range(count):
            self.take_stopped(receiving, came)
        self.inward.check(self.read(16))

    def take_stopped(self, receiving, came):
        body = self.inward.open(self.read(16)) + self.inward.open(self.read(16))
        sid, following, skips = struct.unpack_from(">16sII", body)
        while len(body) < 24 + 8 * skips:
            body += self.inward.open(self.read(16))
        ranges = [struct.unpack_from(">II", body, 24 + 8 * i)
                  for i in range(skips)]
        assert not any(body[24 + 8 * skips:]), "padding of Stop-Sessions"
        assert all(a <= b for a, b in ranges), "a skip range is upside down"
        assert all(a[1] < b[0] for a, b in zip(ranges, ranges[1:])), \
            "skip ranges do not rise"
        receiving[sid].stop(came, following, ranges)

    def take_fetch(self, first):
        begin, end, sid = struct.unpack(
            ">B7xII16s", first + self.inward.check(self.read(32)))[1:]
        one = self.server.find(sid)
        if one is None or (not one.whole and (begin, end) == (0, 0xFFFFFFFF)):
            time.sleep(0 if one is None else 31)
            self.socket.sendall(self.out.signed(struct.pack(">B15x", REJECTED)))
            return
        records = one.records if one.whole else one.part(begin, end)
        out = self.out.signed(struct.pack(
            ">BBxxIII", 0, 1 if one.whole else UNSTOPPED, one.next,
            len(one.skips), len(records)))
        out += self.out.signed(one.plain[:48] + sid + one.plain[64:])
        out += self.out.signed(
            b"".join(struct.pack(">B7xQ", *slot) for slot in one.slots))
        skips = b"".join(struct.pack(">II", *skip) for skip in one.skips)
        out += self.out.signed(skips + bytes(-len(skips) % 16))
        body = b"".join(struct.pack(">IHHQQB", *record) for record in records)
        self.socket.sendall(out + self.out.signed(body + bytes(-len(body) % 16)))
