"""Disks that are full, or that fail, while a daemon runs on them: what it could not
keep is not acknowledged, and named; and it goes on when they are mended."""

import contextlib
import json
import os
import re
import signal
import urllib.request

from client import Client
from disk import DiskAgent, DiskCollector, FailingAgent, FailingCollector
from fleet import Agent, program
from net import Namespace, wait_for
from test_agent import answers, make_certificate, plan, records

FLEET = """
sites:
  lon: {address: 192.0.2.1}
  nyc: {address: 192.0.2.2}
tests:
  t: {from: [lon], to: [nyc], probe: ping, schedule: {uniform: 10s}}
"""


def begin(agent):
    """It measures five times a second, for a collector that is not there."""
    agent.config.write_text("name: lon\ncollector: https://127.0.0.1:1\n"
                            f"state: {agent.kept}\n")
    make_certificate(agent.kept, "lon")
    (agent.kept / "plan.json").write_text(json.dumps(plan(every=0.2, count=1)))
    agent.start()
    wait_for("records", lambda: (agent.status() or {"spool": {"records": 0}})[
        "spool"]["records"] > 3)


def trouble(agent):
    """Its status, once that says what its spool suffers from."""
    status = wait_for("the reason", lambda: (
        lambda s: s if "error" in s["spool"] else None)(agent.status()))
    assert "spool.db" in status["spool"]["error"]
    return status


def measures_on(agent, status):
    count = status["spool"]["records"]
    wait_for("it to measure on", lambda: agent.status()["spool"]["records"]
             > count + 5)


def test_agent_measures_on_and_keeps_what_a_full_disk_does_not_take(folder):
    with Namespace() as node:
        agent = DiskAgent(node, folder, "lon")
        begin(agent)
        agent.fill()
        status = trouble(agent)
        page = agent.inside(program("pharos"), "status", "--config", agent.config)
        assert "not on disk: " in page.stdout
        disk = len(agent.on_disk())
        measures_on(agent, status)
        assert len(agent.on_disk()) == disk
        agent.empty()
        wait_for("the disk to take it", lambda: "error" not in
                 agent.status()["spool"])
        found = [r for r in agent.on_disk() if r["outcome"] != "gap"]
        assert len(found) > disk + 5
        sequences = [int(r["id"].split("/")[2]) for r in agent.on_disk()]
        assert sequences == list(range(sequences[0], sequences[0] + len(sequences)))
        assert {r["outcome"] for r in found} == {"measured"}
        due = sorted(int((r["start"] - r["lateness"]) / 0.2 + 1e-6) for r in found)
        assert due == list(range(due[0], due[0] + len(due)))
        assert agent.stop() == 0


@contextlib.contextmanager
def enrolled(kind, folder):
    """A collector on a disk of this kind, and a box of its."""
    with Namespace() as node:
        node.addresses[4] = "127.0.0.1"
        collector = kind(node, folder / "c", FLEET)
        collector.start()
        try:
            lon = Client(collector, folder, "lon")
            assert lon.enroll(collector.token("lon")).status == 200
            yield collector, lon
        finally:
            collector.close()


def test_collector_acknowledges_what_is_on_disk_and_recovers(folder):
    with enrolled(DiskCollector, folder) as (collector, lon):
        collector_goes_on(collector, lon)


def packets(collector):
    """Sent, of all records that reached the history."""
    answer = collector.api("/api/v1/series/t/lon/nyc?metric=sent&from=-15m"
                           "&points=10000")
    return sum(v or 0 for v in answer["metrics"]["sent"]["columns"]["sum"])


def part(collector, name):
    """The pid of a process of the collector, or None."""
    return next((pid for pid, words in collector.children().items()
                 if name in words), None)


def everything(collector):
    with urllib.request.urlopen(collector.web + "/api/v1/records") as reply:
        return [json.loads(line) for line in reply]


def ten(lon, n):
    """Its nth batch."""
    return [lon.record(i, test="t", dst="nyc", family=4)
            for i in range(10 * n + 1, 10 * n + 11)]


def collector_goes_on(collector, lon):
    """One batch before, one meanwhile, one behind."""
    assert lon.records(ten(lon, 0)).status == 200
    collector.fill()
    # there may be room for it yet, in what the journal has set aside
    answer = wait_for("it to take nothing", lambda: (
        lambda a: a if a.status == 503 else None)(lon.records(ten(lon, 1))))
    assert answer.headers["retry-after"] == "30"
    assert answer.detail
    assert lon.records(ten(lon, 1)).status == 503
    # one may have ended of the full disk, and the next not be there yet
    store = wait_for("a store", lambda: part(collector, "store"))
    os.kill(store, signal.SIGTERM)  # it cannot write what it has in memory
    wait_for("the store's end", lambda: part(collector, "store") != store)
    collector.empty()
    answer = wait_for("it to take records again", lambda: (
        lambda a: a if a.status == 200 else None)(lon.records(ten(lon, 1))))
    assert answer.json()["acked"].endswith("/20")
    assert lon.records(ten(lon, 2)).json()["acked"].endswith("/30")
    wait_for("all of it in the history", lambda: packets(collector) == 300)
    archived = [r["id"] for r in everything(collector)]
    assert sorted(archived, key=lambda name: int(name.split("/")[2])) == \
        [r["id"] for n in range(3) for r in ten(lon, n)]


def test_spool_that_is_full_drops_the_oldest_and_says_what_went(folder):
    """A collector that is away, and a spool of a megabyte: every run is on the
    disk, or counted in the one gap."""
    with Namespace() as node:
        agent = Agent(node, folder, "lon")
        agent.config.write_text(
            "name: lon\ncollector: https://127.0.0.1:1\nspool: {size: 1MB}\n"
            f"state: {folder}/state\nforbid: [ping]\n")
        make_certificate(agent.state, "lon")
        made = plan(every=0.1)
        targets = made["tests"][0]["targets"]
        made["tests"][0]["targets"] = [
            {**targets[0], "name": f"t{n}"} for n in range(100)]
        (agent.state / "plan.json").write_text(json.dumps(made))
        agent.start()
        wait_for("its control socket", lambda: answers(agent))
        wait_for("an overflow", lambda: agent.status()["spool"]["dropped"] > 500)
        depth = agent.status()["spool"]
        assert depth["bytes"] <= 1_000_000 + 400_000  # and what waits for the disk
        assert agent.stop() == 0
        found = records(agent)
        assert sum(len(json.dumps(r, separators=(",", ":"))) for r in found) < 1_000_000
        gap, rest = found[0], found[1:]
        assert gap["outcome"] == "gap" and "spool overflow" in gap["why"]
        assert {r["outcome"] for r in rest} <= {"skipped", "failed"}  # it was stopped
        sequences = [int(r["id"].split("/")[2]) for r in found]
        assert sequences == list(range(sequences[0], sequences[0] + len(found)))
        # the gap stands in the place of the last that went: all before are lost
        lost = int(re.search(r"(\d+) records", gap["why"]).group(1))
        assert lost == sequences[0]
        assert gap["start"] <= gap["end"] <= rest[0]["end"]


def test_a_disk_that_is_nearly_full_takes_nothing(folder):
    with enrolled(DiskCollector, folder) as (collector, lon):
        blocks, size = map(int, collector.inside(
            "stat", "-fc", "%a %S", collector.kept).stdout.split())
        collector.inside("dd", "if=/dev/zero", f"of={collector.kept}/filler",
                         "bs=1M", f"count={(blocks * size >> 20) - 1}")
        answer = wait_for("a refusal", lambda: (
            lambda a: a if a.status == 503 else None)(lon.records([lon.record(1)])))
        assert answer.headers["retry-after"] == "30"
        assert "5 %" in answer.detail
        collector.empty()
        wait_for("it to take records again", lambda: lon.records(
            [lon.record(2)]).status == 200)


# A disk that fails becomes read-only under the daemon's feet

def test_agent_on_a_disk_that_fails_says_so_and_names_what_it_could_not_keep(
        folder):
    with Namespace() as node:
        agent = FailingAgent(node, folder, "lon")
        begin(agent)
        disk = agent.on_disk()
        agent.fail()
        status = trouble(agent)
        measures_on(agent, status)
        assert agent.stop() == 0
        agent.start()
        wait_for("records of the next life", lambda: agent.status() and len([
            r for r in agent.on_disk() if r["outcome"] == "measured"]) >
            len(disk) + 10)
        found = agent.on_disk()
        assert agent.stop() == 0
        assert found[:len(disk)] == disk
        gap, = [r for r in found if r["outcome"] == "gap"]
        due = {int((r["start"] - r.get("lateness", 0)) / 0.2 + 1e-6)
               for r in found if r["outcome"] != "gap"}
        named = range(int(gap["start"] / 0.2), int(gap["end"] / 0.2) + 1)
        assert set(range(min(due), max(due))) <= due | set(named)
        assert len(named) > 5  # those in memory are among them


def test_collector_on_a_disk_that_fails_acknowledges_nothing(folder):
    with enrolled(FailingCollector, folder) as (collector, lon):
        collector_fails(collector, lon)


def collector_fails(collector, lon):
    assert lon.records(ten(lon, 0)).status == 200
    collector.fail()
    for _ in range(3):
        answer = lon.records(ten(lon, 1))
        assert answer.status == 503
        assert answer.detail
    collector.stop()
    collector.start()
    answer = wait_for("it to take records again", lambda: (
        lambda a: a if a.status == 200 else None)(lon.records(ten(lon, 1))))
    assert answer.json()["acked"].endswith("/20")
    wait_for("all of it in the history", lambda: packets(collector) == 200)
    assert len({r["id"] for r in everything(collector)}) == 20
    assert len(everything(collector)) == 20
