"""A clock that wanders as one does that chronyd keeps right, in a process of its own:

    wander.py free FILE        nobody keeps it; it drifts about
    wander.py kept FILE        disciplined, and that answers at 127.0.0.1:323
    wander.py says FILE BOUND  left alone, and what answers claims so many seconds

FILE is a clock of clock.py that is there. chronyd cannot keep such a clock, so
"kept" does what it does (a line through the last measurements of a server that is
4 ms away and back, most of that one way; the frequency is corrected by its slope,
the offset slewed back) and says of it what chronyd says: no more than it can know.
"""

import math
import random
import select
import socket
import struct
import sys
import time

from clock import NS, Clock

TICK = 0.1            # seconds between changes of the rate
WANDER = 0.5          # ppm: of the frequency, in a second
PULL = 0.02           # of its distance from where it began, in a second
POLL = 1.0            # seconds between measurements of the server
SAMPLES = 8
DELAY = 0.004         # to the server and back
ONE_WAY = 0.8         # of it is spent on the way there
JITTER = 0.00005
SERVER = 10e-6        # seconds that the server itself may be off
CLOCK_ERROR = 1.0     # ppm: chronyd's maxclockerror
SLEW = 500.0          # ppm at most
ANSWER = struct.Struct(">BB2xHHH6xI8xI16sH2xHHIII9I")


def chrony_float(x):
    """7 bits of a signed exponent, 25 of a signed coefficient."""
    if x == 0:
        return 0
    mantissa, exponent = math.frexp(abs(x))
    coefficient = round(mantissa * 2 ** 23)
    coefficient *= 1 if x > 0 else -1
    return (exponent + 2 & 0x7f) << 25 | coefficient & 0x1ffffff


class Oscillator:
    """Its frequency is a random walk that stays about where it began."""

    def __init__(self, clock, ppm, seed):
        self.clock, self.base, self.ppm = clock, ppm, ppm
        self.chance = random.Random(seed)
        self.correction = 0.0  # ppm, of whoever keeps it

    def tick(self):
        self.ppm += self.chance.gauss(0, WANDER * TICK ** 0.5) - \
            (self.ppm - self.base) * PULL * TICK
        self.clock.rate(self.ppm + self.correction)


class Discipline:
    def __init__(self, oscillator):
        self.oscillator, self.clock = oscillator, oscillator.clock
        self.samples = []      # of the clock as it would be uncorrected
        self.corrected = 0.0   # seconds, all that was corrected
        self.slewing = 0.0     # seconds that are to be slewed yet
        self.frequency = 0.0   # ppm, that is corrected
        self.looked = self.polled = time.monotonic()
        self.skew, self.scatter, self.updated = 100.0, JITTER, 0

    def follow(self):
        """What has been corrected since the last tick."""
        now = time.monotonic()
        passed, self.looked = now - self.looked, now
        self.corrected += passed * self.oscillator.correction * 1e-6
        self.slewing += passed * (self.oscillator.correction +
                                  self.frequency) * 1e-6

    def measure(self):
        """Half of what one way is longer is taken for an offset."""
        jitter = self.oscillator.chance.uniform(-JITTER, JITTER)
        truth = self.clock.offset(time.time_ns()) / NS
        found = truth - DELAY * (ONE_WAY - 0.5) + jitter
        self.samples.append((time.monotonic(), found - self.corrected))
        del self.samples[:-SAMPLES]

    def line(self):
        """Offset now and slope of the uncorrected clock, and what is beside it."""
        now, count = time.monotonic(), len(self.samples)
        middle = sum(t for t, _ in self.samples) / count
        mean = sum(y for _, y in self.samples) / count
        width = sum((t - middle) ** 2 for t, _ in self.samples)
        slope = sum((t - middle) * (y - mean) for t, y in self.samples) / width
        left = sum((y - mean - slope * (t - middle)) ** 2 for t, y in self.samples)
        self.scatter = (left / max(count - 2, 1)) ** 0.5
        self.skew = 1e6 * 2 * self.scatter / width ** 0.5 + WANDER * POLL
        return mean + slope * (now - middle), slope

    def poll(self):
        self.polled = time.monotonic()
        self.measure()
        if len(self.samples) < 3:
            return
        offset, slope = self.line()
        self.frequency = slope * 1e6
        self.slewing = offset + self.corrected
        self.updated = self.clock.now()

    def tick(self):
        self.follow()
        if time.monotonic() - self.polled >= POLL:
            self.poll()
        slew = max(-SLEW, min(SLEW, self.slewing * 1e6 / POLL))
        self.oscillator.correction = -self.frequency - slew
        self.oscillator.tick()

    def answer(self, question):
        self.follow()
        age = time.monotonic() - self.polled
        dispersion = SERVER + self.scatter + \
            1e-6 * age * (self.skew + CLOCK_ERROR)
        return answer_of(question, self.updated, (
            -self.slewing, 0, 0, self.frequency, 0, self.skew, DELAY, dispersion,
            POLL))


class Claim:
    """It is always as right as it says that it is, to itself."""

    def __init__(self, clock, bound):
        self.clock, self.bound = clock, float(bound)

    def tick(self):
        pass

    def answer(self, question):
        return answer_of(question, self.clock.now(), (
            0, 0, 0, 0, 0, 0, self.bound, self.bound / 2, POLL))


def answer_of(question, updated, numbers):
    """numbers: from the correction to the interval; updated: 0: it never was."""
    high, low = divmod(updated // NS, 1 << 32)
    return ANSWER.pack(
        6, 2, 33, 5, 0, struct.unpack_from(">I", question, 8)[0], 0x0a000001,
        socket.inet_aton("10.0.0.1") + bytes(12), 1, 2, 0 if updated else 3, high,
        low, updated % NS, *map(chrony_float, numbers))


KEEPERS = {
    "free": lambda clock: Oscillator(clock, 40, 7),
    "kept": lambda clock: Discipline(Oscillator(clock, -25, 8)),
    "says": Claim,
}


def main(kind, path, *words):
    keeper = KEEPERS[kind](Clock.at(path), *words)
    door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if kind != "free":
        door.bind(("127.0.0.1", 323))
    print("ready", flush=True)
    due = time.monotonic()
    while True:
        due += TICK
        keeper.tick()
        while (left := due - time.monotonic()) > 0:
            if select.select([door], [], [], left)[0]:
                question, sender = door.recvfrom(512)
                door.sendto(keeper.answer(question), sender)


if __name__ == "__main__":
    main(*sys.argv[1:])
