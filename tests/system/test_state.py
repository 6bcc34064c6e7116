"""State folders that cannot be what a daemon needs: refused by name with the
reason and left as they are."""

import json

import pytest

from disk import mounted
from fleet import Collector, program
from net import Namespace
from test_agent import make_certificate, plan

NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


class Patient:
    """A daemon that is to be started with a spoilt state folder."""

    def __init__(self, kind, node, folder):
        self.kind, self.node = kind, node
        if kind == "agent":
            self.state = folder / "state"
            self.config = folder / "agent.yaml"
            self.config.write_text("name: lon\ncollector: https://127.0.0.1:1\n"
                                   f"state: {self.state}\n")
            make_certificate(self.state, "lon")
            (self.state / "plan.json").write_text(json.dumps(plan(count=1)))
            self.program = program("pharosd")
        else:
            node.addresses[4] = "127.0.0.1"
            made = Collector(node, folder, "sites: {}\n")
            self.state, self.config = made.state, made.config
            made.people.close()
            self.program = program("pharos-collectord")

    def refuses(self, *wrapper):
        """What it says when it does not start."""
        done = self.node.run([*wrapper, self.program, "-c", self.config],
                             check=False, timeout=30)
        assert done.returncode == 1, done.stderr
        assert "Sanitizer" not in done.stderr
        return done.stderr


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name != "lock"}


@pytest.fixture(name="patient", params=["agent", "collector"])
def made_patient(request, folder):
    folder.chmod(0o755)
    with Namespace() as node:
        yield Patient(request.param, node, folder)


@pytest.mark.parametrize("text, words", [
    ("pharos {kind} 99\n", ["format 99 is newer", "install the newer pharos"]),
    ("pharos {other} 1\n", ["is that of a pharos {other}, not of a pharos {kind}"]),
    ("fishes\n", ["not a format file", "right directory?"]),
    ("", ["not a format file"]),
])
def test_a_format_of_others_is_refused(patient, text, words):
    other = "agent" if patient.kind == "collector" else "collector"
    names = {"kind": patient.kind, "other": other}
    (patient.state / "format").write_text(text.format(**names))
    before = contents(patient.state)
    said = patient.refuses()
    assert f"{patient.state}/format: " in said
    for word in words:
        assert word.format(**names) in said
    assert contents(patient.state) == before


def test_a_file_is_no_folder(patient):
    kept = patient.state.rename(patient.state.parent / "kept")
    patient.state.write_text("a file\n")
    assert f"{patient.state}: not a directory" in patient.refuses()
    assert kept.exists()


@pytest.mark.parametrize("mode", [0o700, 0o755])
def test_somebody_elses_folder_is_refused(patient, mode):
    patient.state.chmod(mode)
    patient.config.chmod(0o644)
    before = contents(patient.state)
    said = patient.refuses(*NOBODY)
    assert f"{patient.state}/" in said
    assert "Permission denied" in said
    assert "must belong to" in said
    assert contents(patient.state) == before


def test_a_read_only_folder_is_refused(patient):
    said = patient.refuses(*mounted(
        patient.state, "size=1m", 'mount -o remount,ro "$0"'))
    assert f"{patient.state}/" in said
    assert "Read-only file system" in said


def test_a_full_folder_is_refused(patient):
    said = patient.refuses(*mounted(
        patient.state, "size=1m", 'cat /dev/zero >"$0/filler" 2>&- || true'))
    assert f"{patient.state}" in said
    assert "No space left on device" in said or "disk is full" in said
