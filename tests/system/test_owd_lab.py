"""One-way delay and loss against the truth of an emulated network."""

import json
import subprocess
import sys

import pytest

from fleet import TOP, program
from net import wait_for
from owd import add_up
from owd_lab import TWO_LINKS, Truth, inside, number, recorded, two_links

sys.path.insert(0, str(TOP / "bench"))
from owd_worker import Worker  # noqa: E402  pylint: disable=wrong-import-position

CLEAN = {"delay": "5ms", "jitter": 0, "reorder": "no", "loss": 0, "bad_loss": 1,
         "to_bad": 0, "to_good": 1, "duplicate": 0}
COUNT, RATE = 500, 400


@pytest.fixture(name="lab", scope="module")
def made_lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("l")
    with two_links(folder, TWO_LINKS, "owd") as lab:
        with inside(lab, "b", "respond", "owd", "--allow", "10.127.0.0/16",
                    stdout=subprocess.PIPE) as far:
            assert far.stdout.readline() == "owd: ready\n"
            yield lab


def agree(record, truth):
    m = add_up(record)
    runs = truth.periods()
    assert record["outcome"] == ("measured" if truth.came else "no-answer")
    assert m["sent"] == len(truth.packets) == COUNT - m["skipped"]
    assert m["received"] == len(truth.came)
    assert m["lost"] == truth.lost and m["lost_locally"] == 0
    assert m["duplicates"] == m["replicated"] == truth.twice
    assert m["reordered"] == truth.reordered()
    assert m["loss_periods"] == len(runs)
    assert m.get("loss_longest", 0) == max(runs, default=0)
    assert m["stray"] == m["malformed"] == m["late"] == 0


def report_errors(record, truth):
    errors = sorted(map(abs, truth.errors(record["metrics"]["samples"]["packets"])))
    if errors:
        p99 = errors[len(errors) * 99 // 100]
        print(f"{record['src']} > {record['dst']}: delay error p50 "
              f"{errors[len(errors) // 2] * 1e6:.1f} us, p99 {p99 * 1e6:.1f} us, "
              f"max {errors[-1] * 1e6:.1f} us, n {len(errors)}")
        assert p99 < 0.001


PATHS = {
    "clean": {},
    "1 % lost": {"loss": "1%"},
    "10 % lost": {"loss": "10%"},
    "35 % lost": {"loss": "35%"},
    "50 % lost": {"loss": "50%"},
    "all lost": {"loss": "100%"},
    "bursts": {"to_bad": "5%", "to_good": "20%"},
    "swapped and copied": {"jitter": "4ms", "reorder": "yes", "duplicate": "10%",
                           "loss": "2%"},
}


@pytest.mark.parametrize("path", PATHS)
def test_every_count_is_the_truth(lab, path):
    words = {**CLEAN, **PATHS[path]}
    lab.command("set", "data", *(f"{key}={value}" for key, value in words.items()))
    b = lab.node("b")["address"]
    found, rows = recorded(lab, lambda: [json.loads(line) for line in lab.run(
        "a", program("pharos"), "probe", "owd", "--json", "--samples", "--count",
        str(COUNT), "--rate", f"{RATE}/s", "--timeout", "500ms", b,
        check=False).stdout.splitlines()])
    assert len(found) == 2
    for record in found:
        truth = Truth(rows, "1" if record["src"] == b else "0")
        agree(record, truth)
        report_errors(record, truth)
        assert record["end"] - record["start"] < COUNT / RATE * 1.5 + 6


class Inside:
    """A node of the lab, as a worker wants one."""

    def __init__(self, lab, node):
        self.words = ["env", f"PHAROS_LAB={lab.environment['PHAROS_LAB']}",
                      program("pharos"), "lab", "exec", "--lab", lab.name, node]

    def command(self, argv):
        return [*self.words, *argv]


EVERY, AFTER = 2, 25 + 0.5 + 2  # seconds: RUN_PATIENCE, the timeout, a slow host


def streamed(lab, percent, count):
    """Records of a stream from b to a, of which the last ones came while the control
    connection lost so many packets each way."""
    def lose(percent):
        lab.command("set", "control", f"loss={percent}%")
    with Worker(Inside(lab, "a"), "a") as worker:
        worker.streams(1, "b", lab.node("b")["address"], EVERY, rate=50,
                       distribution="fixed", timeout=0.5)
        wait_for("a whole interval", lambda: len(worker.records) >= 2, 60)
        lose(percent)
        try:
            clean = len(worker.records)
            wait_for("intervals", lambda: len(worker.records) >= clean + count,
                     (count + 1) * EVERY + AFTER)
        finally:
            lose(0)
        return [json.loads(line) for line in list(worker.records)], clean


def claims_nothing_false(record, truth):
    """Whether it says what was lost, too."""
    m = add_up(record)
    assert record["outcome"] == "measured"
    assert m["received"] == len(truth.came)
    assert m["duplicates"] == truth.twice
    assert m["stray"] == m["malformed"] == 0
    if "sent" not in m:
        return False
    assert m["sent"] == len(truth.packets)
    assert m["lost"] == truth.lost and m["late"] == m["lost_locally"] == 0
    return True


@pytest.mark.parametrize("percent", [35, 50])
def test_statements_may_be_lost_as_much_as_what_they_are_about(lab, percent):
    """What is sent at even times is known by its numbers: a hundred an interval,
    wherever it began."""
    words = {**CLEAN, "loss": f"{percent}%"}
    lab.command("set", "data", *(f"{key}={value}" for key, value in words.items()))
    (records, clean), rows = recorded(lab, lambda: streamed(lab, percent, 6))
    rows = [row for row in rows if row["way"] == "1"]
    begun = next(i for i, r in enumerate(records) if r.get("metrics", {}).get("sent"))
    m = records[begun]["metrics"]
    first, stated = m["sent"] + m["skipped"], 0
    for i, record in enumerate(records[begun + 1:], begun + 1):
        assert record["end"] - record["start"] == EVERY
        part = [row for row in rows if first <= number(row) < first + 50 * EVERY]
        stated += claims_nothing_false(record, Truth(part, "1")) and i >= clean
        first += 50 * EVERY
    print(f"{percent} %: {stated} of {len(records) - clean} intervals stated")
    assert stated > 0
