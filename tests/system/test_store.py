"""Records from a client of our own: what the collector makes of them."""

import json
import math
import os
import random
import signal
import subprocess
import time

import pytest

from fleet import Agent, Collector, cells, pharos
from net import wait_for

STEP = 10
TEST = "core"
FLEET = """
sites:
  nyc: {address: 192.0.2.1}
  lon: {address: 192.0.2.2}
  par: {address: 192.0.2.3}
meshes:
  all: {members: [nyc, lon, par]}
tests:
  core: {mesh: all, probe: ping, schedule: {uniform: 10s},
         options: {count: 10, spacing: 100ms}}
"""


class Box(Agent):
    """An enrolled box without pharosd: it reports whatever a test makes up."""

    def __init__(self, node, folder, name):
        super().__init__(node, folder, name)
        self.epoch = f"{random.getrandbits(64):016x}"
        self.sequence = 0

    def record(self, start, rtts, dst="lon", sent=10, **more):
        """A run of `sent` packets; rtts are the round-trip times in ns."""
        self.sequence += 1
        metrics = {"sent": sent, "received": len(rtts), "lost": sent - len(rtts),
                   "late": 0, "lost_locally": 0, "duplicates": 0,
                   "reordered": 0, "corrupted": 0}
        if rtts:
            metrics["rtt"] = distribution(sorted(rtts))
        return {"v": 1, "id": f"{self.name}/{self.epoch}/{self.sequence}",
                "plan": 1, "test": TEST, "probe": "ping", "src": self.name,
                "dst": dst, "agent": self.name, "family": 4, "start": start,
                "end": start + 1, "outcome": "measured" if rtts else "no-answer",
                "metrics": metrics} | more

    def say_hello(self, collector, **members):
        """As a box does every quarter of a minute; then it is not silent."""
        done = self.node.run(
            ["curl", "-sS", "--cacert", self.state / "ca.pem", "--cert",
             self.state / "box.pem", "--key", self.state / "box.key", "--data-binary",
             json.dumps({"version": "0.1.0", "epoch": self.epoch, "addresses": [],
                         **members}),
             collector.url(self.node) + "/agent/v1/hello"])
        assert "now" in json.loads(done.stdout), done.stdout

    def deliver(self, collector, records):
        """One batch over mutual TLS, which must be taken whole."""
        lines = "".join(json.dumps(r) + "\n" for r in records)
        batch = self.folder / "batch.zst"
        subprocess.run(["zstd", "-qf", "-o", batch], input=lines.encode(), check=True)
        done = self.node.run([
            "curl", "-sS", "--cacert", self.state / "ca.pem",
            "--cert", self.state / "box.pem", "--key", self.state / "box.key",
            "-H", "Content-Type: application/x-ndjson",
            "-H", "Content-Encoding: zstd", "--data-binary", f"@{batch}",
            collector.url(self.node) + "/agent/v1/records"])
        answer = json.loads(done.stdout)
        assert answer.get("acked") == f"{self.epoch}/{self.sequence}", answer
        assert answer.get("refused", 0) == 0


def bucket(v):
    if v < 64:
        return v
    e = v.bit_length() - 6
    return 32 * e + (v >> e)


def distribution(ns):
    """A distribution as a probe's host would write it, of sorted samples."""
    n = len(ns)
    base = ns[0] >> 20 << 20
    counts = {}
    for value in ns:
        counts[bucket(value - base)] = counts.get(bucket(value - base), 0) + 1
    mean = sum(ns) / n
    figures = {"min": ns[0], "max": ns[-1], "mean": mean, "base": base,
               "median": (ns[(n - 1) // 2] + ns[n // 2]) / 2}
    if n > 1:
        figures["sd"] = math.sqrt(sum((v - mean) ** 2 for v in ns) / (n - 1))
    for name, q in (("p5", .05), ("p25", .25), ("p50", .5), ("p75", .75),
                    ("p95", .95), ("p99", .99)):
        if n * min(q, 1 - q) >= 1:
            figures[name] = ns[math.ceil(q * n) - 1]
    return {"n": n, **{k: v / 1e9 for k, v in figures.items()},
            "bins": sorted(counts.items())}


class Stage:
    """A collector inside the network, and a box there that talks to it."""

    def __init__(self, network, folder):
        hub, node = network.add("hub", (4,)), network.add("nyc", (4,))
        self.collector = Collector(hub, folder / "c", FLEET).start()
        self.box = Box(node, folder / "nyc", "nyc").enroll(self.collector)
        self.start = int(time.time()) // STEP * STEP - 60 * STEP

    def file(self, dst="lon"):
        return self.collector.state / "rrd" / TEST / "4" / "nyc" / f"{dst}.rrd"

    def row(self, source, n, cf="AVERAGE", dst="lon"):
        """What rrdtool says of the n-th bin; None: unknown or no file yet."""
        end = self.start + (n + 1) * STEP
        done = subprocess.run(
            ["rrdtool", "fetch", self.file(dst), cf, "-r", str(STEP), "-s",
             str(end - STEP), "-e", str(end - STEP)],
            capture_output=True, text=True)
        if done.returncode != 0:
            return None
        names, rows = done.stdout.split("\n\n")
        time_text, values = rows.splitlines()[0].split(":")
        assert int(time_text) == end
        value = float(values.split()[names.split().index(source)])
        return None if math.isnan(value) else value

    def pass_time(self):
        """Something of now: what is older than that is complete."""
        self.box.deliver(self.collector, [
            self.box.record(time.time() - 1, [1000000], dst="par")])

    def store(self):
        """The store's pid."""
        for pid, words in self.collector.children().items():
            if "store" in words:
                return pid
        return None

    def column(self, metric, name):
        answer = self.collector.api(
            f"/api/v1/series/{TEST}/nyc/lon?metric={metric}&from={self.start}"
            f"&to={self.start + 60 * STEP}&points=1000")
        assert answer["step"] == STEP
        assert answer["start"] == self.start
        return answer["metrics"][metric]["columns"][name]


@pytest.fixture
def stage(network, folder):
    made = Stage(network, folder)
    yield made
    made.collector.close()


MS = 1_000_000


def test_records_become_rows_and_series(stage):
    box, start = stage.box, stage.start
    box.deliver(stage.collector, [
        box.record(start + 1, [k * MS for k in range(1, 11)]),
        box.record(start + 9.9, [30 * MS] * 5),
        box.record(start + 2 * STEP, []),
        box.record(start + 3 * STEP, [7 * MS] * 10),
        box.record(start + 3 * STEP + 1, [], outcome="failed", metrics={}),
    ])
    stage.pass_time()
    wait_for("the history", lambda: stage.row("sent", 3) == 10)
    assert stage.row("sent", 0) == 20
    assert stage.row("lost", 0) == 5
    assert stage.row("rtt_min", 0) == pytest.approx(0.001)
    assert stage.row("rtt_max", 0) == pytest.approx(0.030)
    # the eighth of fifteen, by the bins of a histogram
    assert stage.row("rtt_p50", 0) == pytest.approx(0.008, rel=1 / 32)
    assert stage.row("sent", 1) is None
    assert stage.row("lost", 2) == 10
    assert stage.row("rtt_p50", 2) is None
    assert stage.row("lost", 3) == 0
    loss = stage.column("loss", "ratio")
    assert loss[:5] == [0.25, None, 1, 0, None]
    least = stage.column("rtt", "min")
    assert [v and round(v, 6) for v in least[:4]] == [0.001, None, None, 0.007]


def test_late_record_changes_its_row_and_no_other(stage):
    box, start = stage.box, stage.start
    box.deliver(stage.collector,
                [box.record(start + n * STEP, [n * MS + MS]) for n in range(5)])
    stage.pass_time()
    wait_for("the history", lambda: stage.row("sent", 4) == 10)
    box.deliver(stage.collector, [box.record(start + 2 * STEP + 5, [20 * MS])])
    wait_for("the late record in its row", lambda: stage.row("sent", 2) == 20)
    assert stage.row("rtt_max", 2) == pytest.approx(0.020)
    for n in (0, 1, 3, 4):
        assert stage.row("sent", n) == 10
        assert stage.row("rtt_max", n) == pytest.approx((n + 1) / 1000)


def test_killed_store_counts_every_record_once(stage):
    box, start = stage.box, stage.start
    lost = [0] * 40
    killed = set()
    for batch in range(20):
        records = []
        for k in range(200):
            n = (batch * 200 + k) % 40
            got = random.randint(0, 10)
            lost[n] += 10 - got
            records.append(box.record(start + n * STEP + k / 25, [5 * MS] * got))
        box.deliver(stage.collector, records)
        if batch % 5 == 1:
            pid = wait_for("a store to kill", stage.store)
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)
    assert len(killed) >= 3
    stage.pass_time()
    wait_for("all in the history", lambda: stage.row("sent", 39) == 1000, 60)
    assert [stage.row("sent", n) for n in range(40)] == [1000] * 40
    assert [stage.row("lost", n) for n in range(40)] == lost
    assert stage.column("lost", "sum")[:40] == lost


def test_windows_hold_what_is_recent(stage):
    box, now = stage.box, time.time()
    box.deliver(stage.collector, [
        box.record(now - 1200, [90 * MS] * 10),
        box.record(now - 100, [40 * MS] * 10),
        box.record(now - 50, [20 * MS] * 10)])

    def shown(window):
        return cells(stage.collector.api(
            f"/api/v1/matrix/{TEST}?metric=rtt&stat=max&window={window}"
        ))["nyc", "lon"]["value"]

    wait_for("the last", lambda: shown("last") == pytest.approx(0.020))
    wait_for("five minutes", lambda: shown("5m") == pytest.approx(0.040))
    wait_for("an hour", lambda: shown("1h") == pytest.approx(0.090))


NAMED = """
  names: {from: [nyc], to: [targets], probe: ping, schedule: {uniform: 10s}}
"""


def test_a_name_is_shown_in_the_family_it_was_measured_in_last(stage):
    collector, name = stage.collector, "www.example.org"
    collector.fleet.write_text(FLEET.rstrip().replace(
        "meshes:", f"targets:\n  {name}: {{}}\nmeshes:") + NAMED)
    pharos("reload", "--config", collector.config)
    for n, family in enumerate([6, 4, 6]):
        stage.box.deliver(collector, [stage.box.record(
            stage.start + 10 * n * STEP, [MS] * 9, dst=name, test="names", family=family)])
        wait_for("its family", lambda f=family: collector.api(
            f"/api/v1/series/names/nyc/{name}?metric=sent&from=-1h")["family"] == f)
