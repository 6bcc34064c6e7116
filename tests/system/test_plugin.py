"""A second probe, built out of tree: nothing else had to change for it."""

import json
import os
import subprocess

import pytest

from fleet import program
from plugin import build_trivial


@pytest.fixture(scope="module")
def probes(tmp_path_factory):
    return build_trivial(tmp_path_factory.mktemp("trivial"))


def probe(probes, *argv):
    return subprocess.run([program("pharos"), "probe", *argv], text=True,
                          capture_output=True,
                          env=os.environ | {"PHAROS_PROBES": str(probes)})


def test_it_is_listed(probes):
    lines = probe(probes, "--list").stdout.splitlines()
    assert "trivial       how late the timers of this host fire" in lines
    assert any(line.startswith("ping ") for line in lines)


def test_its_help_comes_from_its_tables(probes):
    text = probe(probes, "trivial", "--help").stdout
    assert "--count" in text
    assert "a whole number from 1 to 1000; default 10" in text
    assert "how long after its time a timer fired [s]" in text


def test_it_measures(probes):
    done = probe(probes, "trivial", "--json", "--count", "4", "127.0.0.1")
    record = json.loads(done.stdout)
    assert done.returncode == 0
    assert record["probe"] == "trivial"
    assert record["metrics"]["wakeups"] == 4
    assert record["metrics"]["lateness"]["n"] == 4
    assert record["metrics"]["worst"] == record["metrics"]["lateness"]["max"]


def test_its_lines_for_people_do_not_know_it_either(probes):
    done = probe(probes, "trivial", "--count", "2", "127.0.0.1")
    assert done.stdout.startswith("127.0.0.1: wakeups 2, lateness min/p50/p95/max ")


def test_one_that_does_not_load_keeps_no_other_from_it(probes, tmp_path):
    for file in probes.iterdir():
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / "broken.so").write_bytes(b"no ELF at all")
    done = probe(tmp_path, "--list")
    assert "trivial" in done.stdout and "ping" in done.stdout
    assert "broken" not in done.stdout
    assert "probe broken: " in done.stderr
