"""A path that lets test packets through and no control connection: what was lost is
known when the sender has told the collector what it sent."""

import json
import os
import signal
import sqlite3
import subprocess
import time
from collections import Counter

import pytest

from fleet import program
from net import wait_for
from owd import add_up, owd_fleet

BOXES = {"nyc": (4,), "lon": (4,)}
STEP, RUNS_STEP = 10, 30  # seconds, of bins; an interval is of two
STREAM = """  flow: {mesh: all, probe: owd, schedule: {continuous: {report: 2s}},
         options: {rate: 20/s, timeout: 500ms}}
  runs: {mesh: all, probe: owd, schedule: {uniform: 20s},
         options: {rate: 20/s, count: 100, timeout: 500ms}}
"""
COUNTS = ("sent", "received", "lost", "lost_locally", "skipped")
# of five packets to a box one is lost, and what its peers state
DEAF = "udp dport 8760-9960 numgen inc mod 5 == 0 drop; add rule inet t in " \
       "tcp sport 861 drop"


@pytest.fixture(name="fleet", scope="module")
def made_fleet(tmp_path_factory):
    with owd_fleet(tmp_path_factory.mktemp("s"), BOXES, STREAM) as fleet:
        fleet.wait_for(2, "flow", timeout=90)
        yield fleet


def rule(node, action):
    node.run(["nft", "flush ruleset; add table inet t;"
              "add chain inet t in {type filter hook input priority 0;};"
              f"add rule inet t in {action}"])


def hear(node):
    node.run(["nft", "flush ruleset"])


def sides(fleet, moment, test="flow"):
    """What lon lacks, and nyc tells, of intervals from then on, by their keys."""
    lacks, told = {}, {}
    for record in fleet.records(test, "nyc", "lon"):
        for side in record.get("metrics", {}).get("open", []):
            if record["start"] < moment:
                continue
            if record["outcome"] == "stated":
                assert record["agent"] == "nyc" and "received" not in record["metrics"]
                assert side["is"] not in told
                told[side["is"]] = record
            else:
                assert record["agent"] == "lon"
                assert "sent" not in add_up(record)
                lacks[tuple(side["needs"])] = record
    return lacks, told


def expected(fleet, moment, test="flow", step=STEP):
    """The counts of each bin, by the records."""
    bins, (lacks, told) = {}, sides(fleet, 0, test)
    for record in fleet.records(test, "nyc", "lon"):
        if record["start"] < moment or record["outcome"] not in (
                "measured", "no-answer"):
            continue
        found = bins.setdefault(record["start"] // step * step, Counter())
        found.update({name: record["metrics"].get(name, 0) for name in COUNTS})
    for keys, record in lacks.items():
        if record["start"] < moment or not all(key in told for key in keys):
            continue
        own, = record["metrics"]["open"]
        parts = [own["add"]] + [told[key]["metrics"]["open"][0]["add"] for key in keys]
        total = Counter()
        for part in parts:
            total.update(part)
        assert total["lost_locally"] == 0, total
        total["lost"] = total["sent"] - own["received"]
        bins[record["start"] // step * step].update(total)
    return {start: [found[name] for name in COUNTS] for start, found in bins.items()}


def shown(fleet, starts, test="flow", step=STEP):
    """The counts of the same bins, by the history."""
    first, last = min(starts), max(starts) + step
    answer = fleet.collector.api(
        f"/api/v1/series/{test}/nyc/lon?metric={','.join(COUNTS)}&from={first}"
        f"&to={last}&points=1000")
    assert answer["step"] == step
    columns = [answer["metrics"][name]["columns"]["sum"] for name in COUNTS]
    return {answer["start"] + i * step: [value or 0 for value in row]
            for i, row in enumerate(zip(*columns))
            if answer["start"] + i * step in starts}


def agree(fleet, moment):
    """Bins that are over are what the records say."""
    moment += STEP - moment % STEP
    wait_for("bins as the records have them",
             lambda: (found := expected(fleet, moment)) and
             shown(fleet, found.keys()) == found, 40, 1)
    return expected(fleet, moment)


def test_what_the_sender_tells_the_collector_closes_the_sum(fleet):
    """The connection stands still for as long as it takes to close records without
    it, and goes on. The stream has not noticed."""
    lon, moment = fleet.network.nodes["lon"], time.time()
    rule(lon, DEAF)
    wait_for("intervals that lack what was sent",
             lambda: len(sides(fleet, moment)[0]) >= 4, 60, 0.5)
    hear(lon)
    mended = time.time()
    fleet.wait_for(2, "flow", [("nyc", "lon")], since=mended, timeout=90)
    lacks, told = sides(fleet, moment)
    assert lacks and all(len(keys) == 1 and keys[0] in told for keys in lacks)
    for (key,), record in lacks.items():
        assert record["outcome"] == "measured"
        assert (record["start"], record["end"]) == (
            told[key]["start"], told[key]["end"])
        sent = told[key]["metrics"]["open"][0]["add"]
        lost = sent["sent"] - record["metrics"]["received"]
        assert sent["sent"] > 10 and 0.1 < lost / sent["sent"] < 0.3
    found = fleet.timeline("flow", "nyc", "lon")
    assert {r["outcome"] for r in found if r["start"] > moment} == {"measured"}
    bins = agree(fleet, moment)
    whole = [counts for start, counts in bins.items() if start + STEP < mended]
    assert whole
    for sent, received, lost, locally, _ in whole:
        assert sent == received + lost + locally and lost > 0


def test_run_that_was_under_way_is_completed_too(fleet):
    lon, moment = fleet.network.nodes["lon"], time.time()
    wait_for("a run beside the stream", lambda: lon.run(
        ["ss", "-Htn", "state", "established", "dport", "=", ":861", "dst",
         fleet.network.nodes["nyc"].address()]).stdout.count("\n") == 2, 60)
    rule(lon, DEAF)
    wait_for("both sides of it", lambda: [
        keys for found in [sides(fleet, moment - 20, "runs")]
        for keys in found[0] if keys[0] in found[1]], 60, 0.5)
    hear(lon)
    lacks, told = sides(fleet, moment - 20, "runs")
    (key,), record = next((keys, r) for keys, r in lacks.items() if keys[0] in told)
    assert key.endswith("/0") and abs(record["start"] - told[key]["start"]) < 0.1
    start = record["start"] // RUNS_STEP * RUNS_STEP
    wait_for("its bin", lambda: shown(fleet, {start}, "runs", RUNS_STEP) == {
        start: expected(fleet, start, "runs", RUNS_STEP)[start]}, 40, 1)
    sent, received, lost, locally, skipped = expected(
        fleet, start, "runs", RUNS_STEP)[start]
    assert (sent + skipped) % 100 == 0 and sent == received + lost + locally and lost > 0
    fleet.wait_for(2, "flow", [("nyc", "lon")], since=time.time(), timeout=90)


def test_sender_that_died_states_nothing(fleet):
    """And no loss is claimed, though packets did not come any more."""
    lon, moment = fleet.network.nodes["lon"], time.time()
    rule(lon, "tcp sport 861 drop")
    wait_for("two intervals", lambda: time.time() > moment + 4)
    killed = time.time()
    os.kill(fleet.worker("nyc"), signal.SIGKILL)
    wait_for("intervals that lack what was sent",
             lambda: len(sides(fleet, moment)[0]) >= 3, 60, 0.5)
    hear(lon)
    fleet.wait_for(2, "flow", [("nyc", "lon")], since=time.time(), timeout=90)
    lacks, told = sides(fleet, killed - 2)
    assert lacks and not any(key in told for keys in lacks for key in keys)
    bins = agree(fleet, moment)
    assert sum(counts[2] for counts in bins.values()) == 0


def dump(fleet):
    db = sqlite3.connect(fleet.collector.state / "bins.db")
    rows = db.execute("SELECT start, finding, bundle FROM bin JOIN pair ON"
                      " pair.id = bin.pair WHERE src = 'nyc' ORDER BY start").fetchall()
    db.close()
    found = {}
    for start, finding, bundle in rows:
        metrics = json.loads(bundle)["metrics"]
        found[start] = [finding, [metrics.get(name) for name in COUNTS],
                        sorted(map(str, metrics.get("open", [])))]
    return found


def rebuild(fleet, what):
    done = subprocess.run([program("pharos-collectord"), "rebuild", what, "-c",
                           str(fleet.collector.config)], capture_output=True, text=True)
    assert done.returncode == 0 and "Sanitizer" not in done.stderr, done.stderr


def loss(fleet):
    return fleet.matrix("flow", metric="loss")["nyc", "lon"]["value"]


def test_last_finding_is_what_became_known_of_it(fleet):
    """And so it is when matrices and bins are made again from the archive."""
    moment = time.time()
    rule(fleet.network.nodes["lon"], DEAF)
    wait_for("loss in the cell", lambda: sides(fleet, moment)[0] and
             (loss(fleet) or 0) > 0.05, 60, 0.5)
    for agent in fleet.agents.values():
        agent.kill()
    fleet.collector.stop()
    rebuild(fleet, "rollup")  # takes what is still in the journal
    before = dump(fleet)
    assert any(waiting for _, _, waiting in before.values())
    fleet.collector.start()
    known = loss(fleet)
    fleet.collector.stop()
    rebuild(fleet, "latest")
    assert dump(fleet) == before
    fleet.collector.start()
    assert loss(fleet) == known > 0.05
