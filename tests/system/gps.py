"""A satellite receiver on a pty, and the gpsd that reads it."""

import os
import pty
import subprocess
import threading
import time
import tty

SATELLITES = (1, 3, 6, 9, 12, 17, 22, 25)


def sentence(body):
    check = 0
    for character in body.encode():
        check ^= character
    return f"${body}*{check:02X}\r\n"


class Receiver:
    """Says each second what time it is, in NMEA. fix: it has one; ahead: seconds
    that its time is wrong by, such as with a leap second that it has not
    heard of."""

    def __init__(self, fix=True, ahead=0):
        self.fix, self.ahead = fix, ahead
        self.master, slave = pty.openpty()
        tty.setraw(slave)
        self.slave = slave
        self.path = os.ttyname(slave)
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def sentences(self, second):
        now = time.gmtime(second + self.ahead)
        clock = time.strftime("%H%M%S.00", now)
        if not self.fix:
            yield f"GPGGA,{clock},,,,,0,00,,,M,,M,,"
            yield "GPGSA,A,1" + "," * 15
            yield f"GPRMC,{clock},V,,,,,,,{time.strftime('%d%m%y', now)},,"
            return
        yield f"GPGGA,{clock},5130.00,N,00007.50,W,1,08,1.0,30.0,M,47.0,M,,"
        used = ",".join(f"{s:02}" for s in SATELLITES)
        yield f"GPGSA,A,3,{used},,,,,1.8,1.0,1.5"
        for part in range(2):
            seen = "".join(f",{s:02},45,{30 * s % 360:03},42"
                           for s in SATELLITES[4 * part:4 * part + 4])
            yield f"GPGSV,2,{part + 1},08{seen}"
        yield (f"GPRMC,{clock},A,5130.00,N,00007.50,W,0.0,0.0,"
               f"{time.strftime('%d%m%y', now)},,,A")
        yield f"GPZDA,{clock},{time.strftime('%d,%m,%Y', now)},00,00"

    def run(self):
        while not self.ended.wait(1 - time.time() % 1):
            text = "".join(map(sentence, self.sentences(round(time.time()))))
            try:
                os.write(self.master, text.encode())
            except OSError:
                return

    def close(self):
        self.ended.set()
        self.thread.join()
        os.close(self.master)
        os.close(self.slave)


class Gpsd:
    """In a network of its own, for it has one port; and nobody shares its
    memory, by which a chronyd of the machine would take the time."""

    def __init__(self, receiver, node, **options):
        self.process = node.popen(
            ["unshare", "--ipc", "gpsd", "-N", "-n", receiver.path],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)

    def close(self):
        self.process.terminate()
        self.process.wait()
