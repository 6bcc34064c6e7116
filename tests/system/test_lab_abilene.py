"""The published experiment: a link of Abilene fails, OSPF finds another way."""

import concurrent.futures
import csv
import os
import pathlib
import subprocess
import tempfile
import xml.etree.ElementTree

import pytest

from fleet import program
from labs import left_behind


class Run:
    """One experiment that has ended, in a folder of its own."""

    def __init__(self, folder, *options):
        self.folder = folder
        self.done = subprocess.run(
            [program("pharos"), "lab", "run", "abilene", *options],
            env={**os.environ, "PHAROS_LAB": str(folder / "run")},
            cwd=folder, capture_output=True, text=True)
        self.left = left_behind(str(folder / "run"))

    @property
    def text(self):
        return self.done.stdout + self.done.stderr


@pytest.fixture(name="runs", scope="module")
def both_at_once():
    """Where the link fails, and where it holds: a minute for both, not for each."""
    with tempfile.TemporaryDirectory(prefix="pharos-") as name, \
            concurrent.futures.ThreadPoolExecutor() as pool:
        fails, holds = pathlib.Path(name, "fails"), pathlib.Path(name, "holds")
        fails.mkdir()
        (holds / "abilene").mkdir(parents=True)  # not the topology
        started = {"fails": pool.submit(Run, fails, "--output", "out"),
                   "holds": pool.submit(Run, holds, "--without-events")}
        yield {word: future.result() for word, future in started.items()}


def phases(text):
    """The table's rows by the phase's name."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("phase"))
    return {line.split()[0]: line for line in lines[start + 1:] if line}


def test_abilene_goes_through_its_phases(runs):
    run = runs["fails"]
    assert run.done.returncode == 0, run.text
    found = list(phases(run.done.stdout))[:5]
    assert found == ["primary", "outage", "transient", "backup", "restored"]
    with open(run.folder / "out" / "abilene.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 500
    xml.etree.ElementTree.parse(run.folder / "out" / "abilene.svg")
    assert not run.left


def test_without_the_failure_the_phases_do_not_come(runs):
    run = runs["holds"]
    assert run.done.returncode == 1, run.text
    assert "not what the file expects" in run.done.stdout
    assert {path.name for path in run.folder.glob("abilene.*")} == {
        "abilene.csv", "abilene.svg"}
    assert not run.left
