"""Does the bound of a delay hold the truth while chronyd keeps clocks that wander,
and when the receiver that kept one has lost its fix? Clocks that run off evenly are
in test_owd_bounds.py."""

import contextlib
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

import pytest

from chrony import SERVER, Chronyd, client
from clock import Clock
from gps import Gpsd, Receiver
from net import wait_for
from owd_lab import LOADS, TWO_LINKS, Inside, Truth, busy, inside, recorded, two_links

COUNT, RATE = 500, 200
TIGHT = 3
# and a server of the time, whom nobody measures
LINKS = TWO_LINKS.replace("links:", "  t: {kind: host}\nlinks:") + \
    "  time-a: {ends: [a, t], delay: 1ms}\n  time-b: {ends: [b, t], delay: 1ms}\n"


@pytest.fixture(name="lab", scope="module")
def made_lab(tmp_path_factory):
    with two_links(tmp_path_factory.mktemp("l"), LINKS, "kept") as lab:
        yield lab


def bounded(lab, node, clock, source):
    """Has a box there a bound of that source's?"""
    with inside(lab, node, "clock", "--json", environment=clock.environment(),
                stdout=subprocess.PIPE) as process:
        told = json.loads(process.stdout.read())
    return told["source"] == source and "error" in told


class Pair:
    """a measures with b, again and again: what was found, and what was true."""

    def __init__(self, lab, near, count=COUNT):
        self.lab, self.near, self.count = lab, near, count
        self.address = lab.node("b")["address"]
        self.bounds, self.errors, self.held = [], [], 0

    def probe(self, count=None):
        with inside(self.lab, "a", "probe", "owd", "--json", "--samples", "--count",
                    str(count or self.count), "--rate", f"{RATE}/s", "--timeout",
                    "1s", self.address, environment=self.near.environment(),
                    stdout=subprocess.PIPE) as probe:
            return [json.loads(line) for line in probe.stdout]

    def knows(self):
        """Is all bounded? A daemon that is new hears of a fix in its first second."""
        there, = [r for r in self.probe(20) if r["dst"] == self.address]
        return there["metrics"]["unbounded"] == 0

    def judge(self, record, rows):
        m = record["metrics"]
        assert m["unbounded"] == 0, record["clock"]
        truth = Truth(rows, "1" if record["src"] == self.address else "0")
        errors = [abs(e) for e in truth.errors(m["samples"]["packets"])]
        assert len(errors) > self.count // 3
        self.errors += errors
        self.bounds += [m["bound"]] * len(errors)
        self.held += sum(error <= m["bound"] for error in errors)

    def measure(self):
        """One run; the records of both ways."""
        found, rows = recorded(self.lab, self.probe)
        assert len(found) == 2
        for record in found:
            self.judge(record, rows)
        return found

    def assert_holds_and_is_tight(self, what):
        errors = sorted(self.errors)
        p95 = errors[len(errors) * 95 // 100]
        bound = statistics.median(self.bounds)
        print(f"{what}: bound {bound * 1e6:.1f} us, error p50 "
              f"{errors[len(errors) // 2] * 1e6:.1f} us, p95 {p95 * 1e6:.1f} us, "
              f"max {errors[-1] * 1e6:.1f} us, held {self.held} of "
              f"{len(errors)}, bound / p95 {bound / p95:.2f}")
        assert self.held >= 0.999 * len(errors)
        assert bound <= TIGHT * p95


@contextlib.contextmanager
def responding(lab, clock):
    with inside(lab, "b", "respond", "owd", "--allow", "10.127.0.0/16",
                environment=clock.environment(),
                stdout=subprocess.PIPE) as responder:
        assert responder.stdout.readline() == "owd: ready\n"
        yield


@contextlib.contextmanager
def wandering(node, kind, clock):
    process = node.popen(
        [sys.executable, pathlib.Path(__file__).with_name("wander.py"), kind,
         clock.path], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "ready\n"
        yield
    finally:
        process.kill()
        process.communicate()


@pytest.mark.skipif(not shutil.which("chronyd"), reason="there is no chronyd")
@pytest.mark.parametrize("load", LOADS)
def test_bound_holds_while_clocks_that_chronyd_keeps_wander(lab, load, tmp_path):
    """One chronyd is real and watches a clock drift about (-x); the other one is
    what a real one would be, for it slews the clock back (wander.py)."""
    near, far = Clock(tmp_path / "near", -0.004), Clock(tmp_path / "far", 0.008)
    server = lab.node("t")["address"]
    with contextlib.ExitStack() as stack:
        stack.enter_context(wandering(Inside(lab, "a"), "free", near))
        stack.enter_context(wandering(Inside(lab, "b"), "kept", far))
        for name, config, options in (
                ("t", SERVER, {}),
                ("a", client(server), {"environment": near.environment()})):
            stack.callback(Chronyd(Inside(lab, name), tmp_path / name, config,
                                   **options).close)
        for node, clock in (("a", near), ("b", far)):
            wait_for(f"chronyd at {node}", lambda: bounded(
                lab, node, clock, "chrony"), 60)
        stack.enter_context(responding(lab, far))
        pair = Pair(lab, near)
        wait_for("bounds at both ends", pair.knows, 60)
        with LOADS[load]():
            for _ in range(3):
                pair.measure()
    pair.assert_holds_and_is_tight(f"wandering, {load}")


AHEAD = 0.7  # seconds that the clock with the receiver is off, as that knows
DRIFT = 200  # ppm that it drifts back by once the fix is lost
FRESH = 6    # seconds after which no text of before that counts as new
FEW = 300    # packets of a run: some are due before the far end can know
LONG = 8     # seconds that it is watched for from then on


class Seen:
    """A run: the bound, and by how much b was ahead."""

    def __init__(self, pair):
        known = len(pair.errors)
        found = pair.measure()
        self.when = time.monotonic()
        self.bound = min(record["metrics"]["bound"] for record in found)
        self.ahead = statistics.median(pair.errors[known:])


def seen_after(pair, when):
    """The first run that ended later."""
    while (seen := Seen(pair)).when < when:
        continue
    return seen


@pytest.mark.skipif(not shutil.which("gpsd"), reason="there is no gpsd")
def test_bound_grows_as_fast_as_a_clock_that_lost_its_fix_drifts(lab, tmp_path):
    """Each in its turn idle and busy; text alone, for a pty has no pulse."""
    near, far = Clock(tmp_path / "near"), Clock(tmp_path / "far", AHEAD)
    near.synchronised(0.0001)
    far.unsynchronised()
    with contextlib.ExitStack() as stack:
        receiver = Receiver()
        stack.callback(receiver.close)
        stack.callback(Gpsd(receiver, Inside(lab, "b"),
                            environment=far.environment()).close)
        wait_for("a fix", lambda: bounded(lab, "b", far, "gps"), 60)
        stack.enter_context(responding(lab, far))
        pair = Pair(lab, near, FEW)
        wait_for("its word", pair.knows, 60)
        for load in LOADS.values():
            with load():
                Seen(pair)
        receiver.fix = False
        far.rate(-DRIFT)
        first = seen_after(pair, time.monotonic() + FRESH + FEW / RATE)
        with busy():
            last = seen_after(pair, first.when + LONG)
        drifted, grown = first.ahead - last.ahead, last.bound - first.bound
        assert drifted > 0.7 * LONG * DRIFT * 1e-6
        assert grown >= drifted
        receiver.fix = True
        far.rate(0)
        wait_for("a bound that has shrunk", lambda:
                 Seen(pair).bound < last.bound, 90)
    pair.assert_holds_and_is_tight("a fix that was lost")
    print(f"drifted by {drifted * 1e3:.1f} ms while the bound grew by "
          f"{grown * 1e3:.1f} ms")
