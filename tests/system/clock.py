"""A wall clock that a test can set while daemons run (tests/clock/layout.h)."""

import mmap
import os
import pathlib
import struct
import time

from fleet import TOP

NS = 10 ** 9
MAGIC = 0x314b4c43
LAYOUT = struct.Struct("=4I2i4q6q")
SEQUENCE = struct.Struct("=I")
TIME_OK, TIME_ERROR, STA_UNSYNC, STA_PLL = 0, 5, 0x40, 0x1


def library():
    build = pathlib.Path(os.environ.get("PHAROS_BUILD", TOP / "build"))
    return build / "tests" / "clock" / ".libs" / "clock.so"


class Clock:
    """Starts as the host's. What is changed is seen at once by every process
    that was started with environment()."""

    def __init__(self, path, offset=0):
        pathlib.Path(path).write_bytes(bytes(LAYOUT.size))
        self.map(path)
        self.sequence = self.steps = self.told = self.state = self.status = 0
        self.max_error = self.est_error = self.frequency = self.slept = 0
        self.stretch = (0, round(offset * NS), 0)
        self.before = self.stretch
        self.write()

    @classmethod
    def at(cls, path):
        """The same clock in another process, which alone sets it from then on."""
        clock = cls.__new__(cls)
        clock.map(path)
        _, clock.sequence, clock.steps, clock.told, clock.state, clock.status, \
            clock.max_error, clock.est_error, clock.frequency, clock.slept, \
            *stretches = LAYOUT.unpack(clock.memory)
        clock.before, clock.stretch = tuple(stretches[:3]), tuple(stretches[3:])
        return clock

    def map(self, path):
        self.path = pathlib.Path(path)
        with open(self.path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), LAYOUT.size)

    def write(self):
        SEQUENCE.pack_into(self.memory, 4, self.sequence + 1)
        self.sequence += 2
        LAYOUT.pack_into(
            self.memory, 0, MAGIC, self.sequence - 1, self.steps, self.told,
            self.state, self.status, self.max_error, self.est_error,
            self.frequency, self.slept, *self.before, *self.stretch)
        SEQUENCE.pack_into(self.memory, 4, self.sequence)
        os.utime(self.path)

    def environment(self):
        asan = os.environ.get("ASAN_OPTIONS", "")
        return {"LD_PRELOAD": str(library()),
                "PHAROS_TEST_CLOCK": str(self.path),
                "ASAN_OPTIONS": f"{asan}:verify_asan_link_order=0".lstrip(":")}

    def offset(self, host):
        since, offset, rate = self.stretch
        return offset + (host - since) * rate // NS

    def now(self):
        """What it says, in nanoseconds."""
        host = time.time_ns()
        return host + self.offset(host)

    def change(self, step=0, rate=None):
        host = time.time_ns()
        self.before = self.stretch
        self.stretch = (host, self.offset(host) + round(step * NS),
                        self.stretch[2] if rate is None else rate)

    def step(self, seconds):
        """It is set, forward or back."""
        self.change(step=seconds)
        self.steps += 1
        self.write()

    def set(self, unix):
        """It is set to this time."""
        self.step(unix - self.now() / NS)

    def right(self):
        """It is set to what the host's says."""
        self.change()
        since, _, rate = self.stretch
        self.stretch = (since, 0, rate)
        self.steps += 1
        self.write()

    def suspend(self, seconds):
        """As after a suspend: only the monotonic clock stood still."""
        self.slept += round(seconds * NS)
        self.step(seconds)

    def rate(self, ppm):
        """From now on it is fast by so much; nobody is told."""
        self.change(rate=round(ppm * 1000))
        self.write()

    def shift(self, seconds):
        """It is off by so much more, and nobody notices: no step is seen."""
        self.change(step=seconds)
        self.write()

    def synchronised(self, error=0.001):
        """What ntp_adjtime says from now on; error in seconds."""
        self.told, self.state, self.status = 1, TIME_OK, STA_PLL
        self.max_error = self.est_error = round(error * 1e6)
        self.write()

    def unsynchronised(self):
        self.told, self.state, self.status = 1, TIME_ERROR, STA_UNSYNC
        self.max_error = self.est_error = 16000000
        self.write()
