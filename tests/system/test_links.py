"""Links are what was asked for, by every kind of link that this kernel has."""

import json
import os
import pathlib
import subprocess

import pytest

BUILD = pathlib.Path(os.environ.get("PHAROS_BUILD", "build")).resolve()
MS = 1e-3
LATE = 500 * MS  # a machine under load; how good it is, bench/lab measures


def trial(kind, *words):
    return subprocess.run([BUILD / "bench" / "trial", *kind, *map(str, words)],
                          capture_output=True, text=True)


def kinds():
    """The emulator always; netem where the kernel has it."""
    netem = trial(["--netem"], "--seconds", 0.05)
    if netem.returncode == 0:
        return [[], ["--netem"]]
    # it says what is missing
    assert "tc: " in netem.stderr or "not installed" in netem.stderr, netem.stderr
    return [[]]


@pytest.fixture(params=kinds(), ids=lambda kind: "".join(kind) or "emulator")
def link(request):
    kind = request.param

    def run(*words):
        done = trial(kind, *words)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert found["unseen"] == 0
        return found

    return run


def test_a_delay_is_kept(link):
    found = link("--pace", 500, "--seconds", 1, "delay=20ms")
    assert found["arrived"] == found["sent"] == 500
    assert -MS < found["least"] <= found["p50"] < LATE


def test_a_tenth_is_lost(link):
    found = link("--pace", 5000, "--seconds", 1, "loss=10%")
    # five standard deviations
    assert abs(found["arrived"] / found["sent"] - 0.9) < 5 * (0.09 / 5000) ** 0.5


def test_bursts_lose_what_is_computed(link):
    found = link("--pace", 5000, "--seconds", 2, "bad_loss=100%", "to_bad=2%",
                 "to_good=50%")
    # 0.02 / 0.52 of 10,000, in bursts of 2
    assert abs(1 - found["arrived"] / found["sent"] - 0.02 / 0.52) < 0.02


def test_a_rate_is_kept_and_its_queue_stands(link):
    found = link("--pace", 500, "--length", 1000, "--seconds", 2, "rate=1Mbit/s",
                 "queue=20")
    assert abs(found["rate"] / 1e6 - 1) < 0.02
    assert found["arrived"] < found["sent"]
    # twenty frames of 8 ms
    assert 140 * MS < found["p50"] < 160 * MS + LATE


def test_jitter_is_around_the_delay(link):
    found = link("--pace", 1000, "--seconds", 1, "delay=50ms", "jitter=20ms",
                 "reorder=yes")
    assert -21 * MS < found["least"] < -15 * MS
    assert 15 * MS < found["most"] < 20 * MS + LATE
