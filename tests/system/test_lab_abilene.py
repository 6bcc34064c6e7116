"""The published experiment: a link of Abilene fails, OSPF finds another way."""

import csv
import os
import subprocess
import xml.etree.ElementTree

from fleet import program
from labs import left_behind


def run(folder, *options):
    return subprocess.run(
        [program("pharos"), "lab", "run", "abilene", *map(str, options)],
        env={**os.environ, "PHAROS_LAB": str(folder / "run")},
        cwd=folder, capture_output=True, text=True)


def phases(text):
    """The table's rows by the phase's name."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("phase"))
    return {line.split()[0]: line for line in lines[start + 1:] if line}


def test_abilene_goes_through_its_phases(folder):
    done = run(folder, "--output", folder / "out")
    assert done.returncode == 0, done.stdout + done.stderr
    found = list(phases(done.stdout))[:5]
    assert found == ["primary", "outage", "transient", "backup", "restored"]
    with open(folder / "out" / "abilene.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 500
    xml.etree.ElementTree.parse(folder / "out" / "abilene.svg")
    assert not left_behind(str(folder / "run"))


def test_without_the_failure_the_phases_do_not_come(folder):
    (folder / "abilene").mkdir()  # not the topology
    done = run(folder, "--without-events")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "not what the file expects" in done.stdout
    assert {path.name for path in folder.glob("abilene.*")} == {
        "abilene.csv", "abilene.svg"}
    assert not left_behind(str(folder / "run"))
