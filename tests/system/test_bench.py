"""The benchmarks run, and print their figures; how good those are is not tested."""

import pathlib
import subprocess
import sys

import pytest

BENCH = pathlib.Path(__file__).resolve().parents[2] / "bench"


@pytest.mark.parametrize("name, rows", [
    ("collector", ["end to end", "100 over one connection", "idle", "kill -9",
                   "record to matrix"]),
    ("agent", ["PSS", "dirty", "at rest", "lone record", "at once", "outage",
               "for clocks alone"]),
    ("matrix", ["over loopback"]),
    ("lab", ["20,000/s, median error", "14 links", "lost", "share of a core",
             "loss of 10 %", "rate of 10 Mbit/s", "up and converged", "down"]),
    ("owd", ["private memory each", "share of a core", "not stated",
             "from the far end: lost", "to the far end: lost", "p99 - min, ours",
             "foreign sender's stamp", "to the truth, p99"]),
])
def test_a_benchmark_prints_its_figures(name, rows):
    done = subprocess.run([sys.executable, BENCH / name, "--quick"],
                          capture_output=True, text=True, timeout=600)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    for row in rows:
        assert any(row in line and any(c.isdigit() for c in line)
                   for line in done.stdout.splitlines()), row
