"""One-way delay and loss against the truth of an emulated network."""

import contextlib
import csv
import json
import signal
import subprocess

import pytest

from fleet import program
from labs import Lab
from net import die_with_parent, wait_for
from owd import add_up

# Test packets go over a link of their own, so that they alone are lost.
TWO_LINKS = """
nodes:
  a: {kind: host}
  b: {kind: host}
links:
  data: {delay: 5ms, cost: 100,
         ends: [{node: a, interface: data}, {node: b, interface: data}]}
  control: {delay: 1ms, cost: 1,
            ends: [{node: a, interface: control}, {node: b, interface: control}]}
"""
CLEAN = {"delay": "5ms", "jitter": 0, "reorder": "no", "loss": 0, "bad_loss": 1,
         "to_bad": 0, "to_good": 1, "duplicate": 0}
COUNT, RATE = 500, 400


@pytest.fixture(name="lab", scope="module")
def made_lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("l")
    with Lab(folder, TWO_LINKS, "owd") as lab:
        for here, there in (("a", "b"), ("b", "a")):
            prepare(lab, lab.node(here), lab.node(there))
        with inside(lab, "b", "respond", "owd", "--allow", "10.127.0.0/16",
                    stdout=subprocess.PIPE) as far:
            assert far.stdout.readline() == "owd: ready\n"
            yield lab


def prepare(lab, here, there):
    """UDP takes the other link, and asks nobody where that leads."""
    ends = {end["node"]: end for link in lab.status()["links"]
            if link["name"] == "data" for end in link["ends"]}
    name, far = here["name"], ends[there["name"]]["address"]
    mac = json.loads(lab.run(there["name"], "ip", "-j", "link", "show", "data")
                     .stdout)[0]["address"]
    for words in ("rule add ipproto udp lookup 7",
                  f"route add {there['address']} via {far} dev data table 7",
                  f"neigh replace {far} lladdr {mac} dev data nud permanent"):
        lab.run(name, "ip", *words.split())


@contextlib.contextmanager
def inside(lab, node, *words, **options):
    process = subprocess.Popen(
        [program("pharos"), "lab", "exec", "--lab", lab.name, node,
         program("pharos"), *words], env=lab.environment, text=True,
        preexec_fn=die_with_parent, **options)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def recorded(lab, measure):
    """What measure() gives, and each test packet on the link meanwhile."""
    (lab.run_folder / "verdicts-data").unlink(missing_ok=True)
    recorder = subprocess.Popen(
        [program("pharos"), "lab", "truth", "--link", "data"], text=True,
        env=lab.environment, stdout=subprocess.PIPE, preexec_fn=die_with_parent)
    wait_for("the recorder", lambda: lab.process("pharos-truth") and
             (lab.run_folder / "verdicts-data").exists())
    found = measure()
    recorder.send_signal(signal.SIGINT)
    rows = [row for row in csv.DictReader(recorder.stdout)
            if row["protocol"] == "udp"]
    assert recorder.wait(30) == 0
    return found, rows


class Truth:
    """Of the packets one way: what was lost, came twice, came behind others."""

    def __init__(self, rows, way):
        rows = [row for row in rows if row["way"] == way]
        assert not [r for r in rows if r["outcome"] in ("unknown", "stray")]
        self.packets = {number(row): row for row in rows}
        assert len(self.packets) == len(rows)
        self.came = {n: arrival(row) for n, row in self.packets.items()
                     if row["left"]}
        self.lost = len(self.packets) - len(self.came)
        self.twice = sum(r["outcome"] == "duplicate" for r in rows)

    def reordered(self):
        """RFC 4737: behind one with a higher number."""
        highest, count = -1, 0
        for n in sorted(self.came, key=self.came.get):
            count += n < highest
            highest = max(highest, n)
        return count

    def periods(self):
        """Runs of lost packets (RFC 3357)."""
        runs, before = [], False
        for n in sorted(self.packets):
            gone = n not in self.came
            if gone and before:
                runs[-1] += 1
            elif gone:
                runs.append(1)
            before = gone
        return runs

    def errors(self, samples):
        """Of each delay that was found, in seconds."""
        found = {}
        for n, _, *rest in samples:
            if rest and n not in found:
                found[n] = rest[0]
        return [found[n] - (self.came[n] - nanoseconds(self.packets[n]["entered"]))
                / 1e9 for n in found]


def number(row):
    return int(row["payload"][:8], 16)


def nanoseconds(text):
    seconds, _, fraction = text.partition(".")
    return int(seconds) * 10 ** 9 + int(fraction)


def arrival(row):
    times = [nanoseconds(row[name]) for name in ("left", "again") if row[name]]
    return min(times)


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
