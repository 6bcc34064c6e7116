"""The clock that other tests set: does it do what a kernel's does?"""

import json
import os
import subprocess
import sys

import pytest

from clock import NS, Clock
from net import wait_for

# Runs a line after each one that comes in, under the preloaded clock.
PROGRAM = r"""
import ctypes, errno, json, select, socket, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)

class Timex(ctypes.Structure):
    _fields_ = [("modes", ctypes.c_uint), ("offset", ctypes.c_long),
                ("freq", ctypes.c_long), ("maxerror", ctypes.c_long),
                ("esterror", ctypes.c_long), ("status", ctypes.c_int),
                ("rest", ctypes.c_char * 256)]

def times():
    return {"real": time.time_ns(), "seconds": libc.time(None),
            "mono": time.monotonic_ns(),
            "boot": time.clock_gettime_ns(time.CLOCK_BOOTTIME)}

def arm(fd, at, flags):
    when = struct.pack("=4q", 0, 0, at // 10**9, at % 10**9)
    assert libc.timerfd_settime(fd, flags, when, None) == 0

timer = libc.timerfd_create(0, 0o4000)
ABSTIME, CANCEL = 1, 2

def wait(seconds):
    if not select.select([timer], [], [], seconds)[0]:
        return "nothing"
    count = ctypes.create_string_buffer(8)
    if libc.read(timer, count, 8) == 8:
        return "rang"
    return errno.errorcode[ctypes.get_errno()]

receiver, sender = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    for _ in "ab")
receiver.bind(("127.0.0.1", 0))
receiver.setsockopt(socket.SOL_SOCKET, 35, 1)  # SO_TIMESTAMPNS

def send():
    return sender.sendto(b"x", receiver.getsockname())

def stamp():
    (level, kind, data), = receiver.recvmsg(16, 128)[1]
    seconds, ns = struct.unpack("=qq", data)
    return seconds * 10**9 + ns

def adjtime():
    timex = Timex()
    state = libc.ntp_adjtime(ctypes.byref(timex))
    return state, timex.status, timex.maxerror

for line in sys.stdin:
    print(json.dumps(eval(line)), flush=True)
"""


class Told:
    def __init__(self, clock):
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM], text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, env={**os.environ, **clock.environment()})

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@pytest.fixture
def clock(folder):
    return Clock(folder / "clock")


@pytest.fixture
def told(clock):
    told = Told(clock)
    yield told
    told.process.kill()
    told.process.wait()


def close(a, b, tolerance=0.5):
    return abs(a - b) < tolerance * NS


def test_wall_clock_steps_while_monotonic_goes_on(clock, told):
    start = told.ask("times()")
    assert close(start["real"], clock.now())
    for step in (3600, -7200, 10 * 365 * 86400):
        clock.step(step)
        now = told.ask("times()")
        assert close(now["real"], clock.now())
        assert close(now["seconds"] * NS, clock.now(), 1.5)
        assert close(now["mono"], start["mono"], 20)
    clock.right()
    assert close(told.ask("times()")["real"], start["real"], 20)
    before = told.ask("times()")
    clock.suspend(1000)
    slept = told.ask("times()")
    assert close(slept["boot"] - before["boot"], 1000 * NS, 20)
    assert close(slept["mono"], before["mono"], 20)


def later(told, first):
    now = told.ask("times()")
    passed = now["mono"] - first["mono"]
    return (now, passed) if passed > 0.2 * NS else None


def test_rate_runs_away_without_a_step(clock, told):
    clock.rate(10 ** 6)  # twice as fast
    first = told.ask("times()")
    second, passed = wait_for("a fifth of a second", lambda: later(told, first))
    assert abs(second["real"] - first["real"] - 2 * passed) < 0.1 * passed
    clock.rate(0)
    assert close(told.ask("times()")["real"], clock.now())


def test_timer_rings_by_the_set_clock_and_is_cancelled_by_a_step(clock, told):
    clock.step(100000)
    told.ask("arm(timer, time.time_ns() + 10**8, ABSTIME | CANCEL)")
    assert told.ask("wait(10)") == "rang"
    told.ask("arm(timer, time.time_ns() + 3600 * 10**9, ABSTIME | CANCEL)")
    assert told.ask("wait(0)") == "nothing"
    clock.step(-1)
    assert told.ask("wait(10)") == "ECANCELED"
    assert told.ask("wait(0)") == "nothing"
    clock.step(3602)  # past its time, too: first the one, then the other
    assert told.ask("wait(10)") == "ECANCELED"
    assert told.ask("wait(10)") == "rang"
    told.ask("arm(timer, time.time_ns() + 3600 * 10**9, ABSTIME)")
    clock.step(3601)  # nobody asked to be told, but it is due
    assert told.ask("wait(10)") == "rang"
    told.ask("arm(timer, time.time_ns() + 3600 * 10**9, ABSTIME)")
    clock.step(10)
    clock.unsynchronised()
    assert told.ask("wait(0.1)") in ("EAGAIN", "nothing")


def test_packet_has_the_stamp_of_when_it_came(clock, told):
    clock.step(-5000)
    came = clock.now()
    told.ask("send()")
    clock.step(9000)
    assert close(told.ask("stamp()"), came)
    told.ask("send()")
    assert close(told.ask("stamp()"), clock.now())


def test_kernel_says_what_the_test_wants(clock, told):
    clock.synchronised(0.25)
    assert told.ask("adjtime()") == [0, 1, 250000]
    clock.unsynchronised()
    state, status, _ = told.ask("adjtime()")
    assert (state, status) == (5, 0x40)
