"""The short form of the soak: a fleet under faults for some minutes."""

import pathlib
import subprocess
import sys

SOAK = pathlib.Path(__file__).resolve().parents[1] / "soak" / "soak.py"


def test_every_scheduled_run_is_accounted_for_whatever_dies():
    done = subprocess.run([sys.executable, SOAK, "--seconds", "150"],
                          capture_output=True, text=True, timeout=400)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
