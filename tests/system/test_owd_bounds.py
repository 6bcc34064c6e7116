"""Does the bound of a delay hold the truth, and is it no wider than that takes?"""

import json
import subprocess

import pytest

from clock import Clock
from owd_lab import LOADS, TWO_LINKS, Truth, inside, recorded, two_links

COUNT, RATE = 1000, 400  # of a thousand one may be beyond its bound
SECONDS = 12  # that a clock runs on until all is measured


@pytest.fixture(name="lab", scope="module")
def made_lab(tmp_path_factory):
    with two_links(tmp_path_factory.mktemp("l"), TWO_LINKS, "bounds") as lab:
        yield lab


@pytest.fixture(name="load", params=LOADS)
def made_load(request):
    with LOADS[request.param]():
        yield request.param


def clock(folder, name, offset, ppm):
    """So far off and running off so fast, and knowing how far at most."""
    made = Clock(folder / name, offset)
    made.rate(ppm)
    made.synchronised(abs(offset) * 1.1 + abs(ppm) * 1e-6 * SECONDS)
    return made


def measure(lab, near, far):
    b = lab.node("b")["address"]
    with inside(lab, "b", "respond", "owd", "--allow", "10.127.0.0/16",
                environment=far.environment(), stdout=subprocess.PIPE) as responder:
        assert responder.stdout.readline() == "owd: ready\n"
        with inside(lab, "a", "probe", "owd", "--json", "--samples", "--count",
                    str(COUNT), "--rate", f"{RATE}/s", "--timeout", "1s", b,
                    environment=near.environment(), stdout=subprocess.PIPE) as probe:
            return [json.loads(line) for line in probe.stdout]


ALIKE = "both 300 ms ahead"
# offsets in seconds and rates in ppm, of the near and of the far clock
CLOCKS = {
    "0.1 ms, 0.1 ppm": (0.0001, 0.1, -0.0001, -0.1),
    "3 ms, 20 ppm": (0.003, 20, -0.001, -20),
    "300 ms, 200 ppm": (-0.15, 200, 0.15, -200),
    # as far as anybody knows they are 600 ms apart
    ALIKE: (0.3, 20, 0.3, 0.1),
}


@pytest.mark.parametrize("clocks", CLOCKS)
def test_bound_holds_the_truth_and_is_tight(lab, load, tmp_path, clocks):
    near_offset, near_ppm, far_offset, far_ppm = CLOCKS[clocks]
    near = clock(tmp_path, "near", near_offset, near_ppm)
    far = clock(tmp_path, "far", far_offset, far_ppm)
    found, rows = recorded(lab, lambda: measure(lab, near, far))
    b = lab.node("b")["address"]
    assert len(found) == 2
    for record in found:
        m = record["metrics"]
        truth = Truth(rows, "1" if record["src"] == b else "0")
        errors = sorted(map(abs, truth.errors(m["samples"]["packets"])))
        held = sum(error <= m["bound"] for error in errors)
        p95 = errors[len(errors) * 95 // 100]
        print(f"{clocks}, {load}: bound {m['bound'] * 1e6:.1f} us, error p50 "
              f"{errors[len(errors) // 2] * 1e6:.1f} us, p95 {p95 * 1e6:.1f} us, "
              f"max {errors[-1] * 1e6:.1f} us, held {held} of {len(errors)}")
        assert len(errors) > COUNT // 2 and m["unbounded"] == 0
        assert held >= 0.999 * len(errors)
        assert clocks == ALIKE or m["bound"] <= 3 * p95
        assert m["bound"] == pytest.approx(record["clock"]["error"])
