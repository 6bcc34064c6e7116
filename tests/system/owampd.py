"""A stranger's OWAMP server for one control connection at a time, made from the
text of the RFC alone (owping.py). Its manners are those of perfSONAR's owampd:
a test packet that cannot be aborts the session, a client that does not account for
all that it sent is hung up on, and what was sent less than the timeout before
Stop-Sessions is thrown away.
"""

import hashlib
import os
import socket
import struct
import threading
import time

from cryptography.hazmat.primitives.ciphers import modes

from owping import (ERROR, OPEN, ZEROS, Chain, Schedule, aes, encrypt_blocks, ntp,
                    sign, unix)

COUNT = 2048


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


class Owampd:
    def __init__(self, host="127.0.0.1", offers=7, secrets=None, lose=(), skip=()):
        self.family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.host, self.offers, self.secrets = host, offers, secrets or {}
        self.lose, self.skip = set(lose), set(skip)  # numbers, where we send
        self.listener = socket.socket(self.family, socket.SOCK_STREAM)
        self.listener.bind((host, 0))
        self.listener.listen(8)
        self.port = self.listener.getsockname()[1]
        self.asked = []     # sessions, all that there were
        self.over = {}      # those to be fetched, by name
        self.broken = []    # rules that a client broke
        threading.Thread(target=self.listen, daemon=True).start()

    def close(self):
        self.listener.close()

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
            struct.pack(">Q8x", ntp(time.time()))))

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
        self.sessions.append(session)
        self.server.asked.append(session)
        port = session.socket.getsockname()[1]
        self.socket.sendall(self.out.signed(
            struct.pack(">BxH16s12x", 0, port, session.sid)))

    # Test packets

    def pack(self, session, sequence):
        stamp = ntp(time.time())
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

    def send(self, session):
        schedule = Schedule(session.sid, session.start, session.slots)
        port = session.peer_port
        for sequence in range(session.packets):
            due = unix(schedule.next())
            if self.stopping.wait(max(0, due - time.time())):
                return
            session.next = sequence + 1
            if sequence in self.server.skip:
                session.skips.append((sequence, sequence))
            elif sequence not in self.server.lose:
                session.socket.sendto(
                    self.pack(session, sequence) + bytes(session.padding),
                    (self.server.host, port))

    def receive(self, session):
        while not self.stopping.is_set():
            try:
                data = session.socket.recv(9000)
            except TimeoutError:
                continue
            now = ntp(time.time())
            sequence, sent, error = self.unpack(session, data)
            assert error & 0xFF, "a multiplier of 0"
            assert sequence < session.packets, "a number that is too high"
            session.records.append((sequence, error, ERROR, sent, now, 255))

    def run(self):
        threads = [threading.Thread(
            target=self.send if one.sends else self.receive, args=(one,),
            daemon=True) for one in self.sessions]
        for thread in threads:
            thread.start()
        self.take_stop()
        for thread in threads:
            thread.join()
        sending = [one for one in self.sessions if one.sends]
        message = struct.pack(">BBxxI8x", 3, 0, len(sending))
        for one in sending:
            message += struct.pack(
                ">16sII", one.sid, one.next, len(one.skips))
            message += b"".join(struct.pack(">II", *skip) for skip in one.skips)
        self.socket.sendall(self.out.signed(
            message + bytes(-len(message) % 16)))
        self.server.over.update({one.sid: one for one in self.sessions})
        self.sessions = []
        self.stopping.clear()

    def take_stop(self):
        first = self.inward.open(self.read(16))
        came = ntp(time.time())
        self.stopping.set()
        assert first[0] == 3, "only Stop-Sessions may be said now"
        count = struct.unpack_from(">I", first, 4)[0]
        receiving = {one.sid: one for one in self.sessions if one.receives}
        assert count == len(receiving), "sessions are not accounted for"
        body = b""
        for _ in range(count):
            while len(body) < 24:
                body += self.inward.open(self.read(16))
            sid, following, skips = struct.unpack_from(">16sII", body)
            while len(body) < 24 + 8 * skips:
                body += self.inward.open(self.read(16))
            one = receiving[sid]
            one.next, one.skips = following, [
                struct.unpack_from(">II", body, 24 + 8 * i) for i in range(skips)]
            body = body[24 + 8 * skips:]
            one.records = [record for record in one.records
                           if record[3] <= came - one.timeout]
        assert not any(body), "padding of Stop-Sessions"
        self.inward.check(self.read(16))

    def take_fetch(self, first):
        begin, end, sid = struct.unpack(
            ">B7xII16s", first + self.inward.check(self.read(32)))[1:]
        one = self.server.over[sid]
        arrived = {record[0] for record in one.records}
        schedule = Schedule(sid, one.start, one.slots)
        lost = [(n, ERROR, ERROR, due, 0, 255)
                for n, due in enumerate(schedule.next() for _ in range(one.next))
                if n not in arrived]
        records = one.records + lost  # skips are lost ones here, too
        out = self.out.signed(struct.pack(
            ">BBxxIII", 0, 1, one.next, len(one.skips), len(records)))
        out += self.out.signed(one.plain[:48] + sid + one.plain[64:])
        out += self.out.signed(
            b"".join(struct.pack(">B7xQ", *slot) for slot in one.slots))
        skips = b"".join(struct.pack(">II", *skip) for skip in one.skips)
        out += self.out.signed(skips + bytes(-len(skips) % 16))
        body = b"".join(struct.pack(">IHHQQB", *record) for record in records)
        self.socket.sendall(out + self.out.signed(body + bytes(-len(body) % 16)))
