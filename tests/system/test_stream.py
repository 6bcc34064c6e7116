"""Streams: all the time is in exactly one record each, whatever happens."""

import json
import math
import os
import signal
import time

import pytest

from clock import NS, Clock
from fleet import Agent, Collector, pharos
from net import wait_for
from plugin import build
from test_agent import (  # noqa: F401: a fixture
    answers, gone, lone_agent, plan, records, runs)
from test_limits import configure, reload

REPORT = 1
RATE = 50


@pytest.fixture(name="probes", scope="module")
def built_probes(tmp_path_factory):
    return build(tmp_path_factory.mktemp("p") / "stream", "stream")


def continuous(report=REPORT, **options):
    made = plan(rate=RATE, **options)
    made["tests"][0] |= {"probe": "stream",
                         "schedule": {"kind": "continuous", "report": report}}
    return made


def begin(agent, probes, **options):
    """By the plan given, or the one it has."""
    if options:
        (agent.state / "plan.json").write_text(json.dumps(continuous(**options)))
    agent.start(PHAROS_PROBES=str(probes))
    wait_for("its control socket", lambda: answers(agent) or gone(agent))


def measured(agent):
    return [r for r in runs(agent) if r["outcome"] == "measured"]


def more(agent, number=2):
    """As many intervals from here on."""
    count = len(measured(agent))
    return wait_for("measured intervals", lambda: (
        lambda found: found[count:] if len(found) >= count + number else None)(
            measured(agent)), 60)


def without_holes(found):
    """Each begins where the one before ended, but for a restart's moment."""
    for a, b in zip(found, found[1:]):
        assert abs(b["start"] - a["end"]) < 0.02, (a, b)
    for record in found[1:-1]:
        if record["outcome"] == "measured" and record["end"] % REPORT:
            assert record["end"] - record["start"] < REPORT


def worker(agent):
    return agent.status()["crew"][0]["pid"]


def test_intervals_are_aligned_and_nothing_is_lost_between(agent, probes):
    begin(agent, probes, wait=0.2)
    found = more(agent, 5)
    without_holes(runs(agent))
    for record in found[1:]:
        assert record["start"] % REPORT == record["end"] % REPORT == 0
        assert record["end"] - record["start"] == REPORT
    # with both cores busy one may tick an interval later, and none is left out
    ticks = sum(record["metrics"]["ticks"] for record in found[1:])
    assert abs(ticks - RATE * REPORT * len(found[1:])) <= RATE / 2, found


def test_a_killed_worker_costs_what_is_named_and_starts_again(agent, probes):
    begin(agent, probes, wait=0)
    more(agent)
    os.kill(worker(agent), signal.SIGKILL)
    more(agent)
    found = runs(agent)
    without_holes(found)
    assert len([r for r in found if "signal 9" in r.get("why", "")]) == 1


def test_a_stopped_worker_says_what_it_missed(agent, probes):
    begin(agent, probes, wait=0)
    more(agent)
    pid = worker(agent)
    os.kill(pid, signal.SIGSTOP)
    until = time.time() + 5 * REPORT
    wait_for("intervals to pass", lambda: time.time() > until)
    os.kill(pid, signal.SIGCONT)
    more(agent)
    found = runs(agent)
    without_holes(found)
    skipped = [r for r in found if r["outcome"] == "skipped"]
    assert len(skipped) == 1 and skipped[0]["missed"] >= 3
    assert "its time had passed" in skipped[0]["why"]


def test_a_killed_daemon_leaves_a_failed_record_and_a_gap(agent, probes):
    begin(agent, probes, wait=0)
    more(agent)
    agent.kill()
    begin(agent, probes)
    more(agent)
    without_holes(sorted(records(agent), key=lambda r: r["start"]))
    assert len([r for r in runs(agent) if r.get("why") ==
                "pharosd was stopped while it ran"]) == 1
    assert len(records(agent)) == len(runs(agent)) + 1


def test_a_stopped_daemon_says_what_was_open(agent, probes):
    begin(agent, probes, wait=0)
    more(agent)
    assert agent.stop() == 0
    found = runs(agent)
    without_holes(found)
    assert found[-1]["outcome"] == "failed"
    assert "pharosd was stopped" in found[-1]["why"]


def test_a_limit_ends_a_stream_and_lets_it_run_again(agent, probes):
    begin(agent, probes, wait=0)
    more(agent)
    reload(agent, "forbid: [stream]")
    wait_for("skipped intervals", lambda: [
        r["outcome"] for r in runs(agent)].count("skipped") >= 2)
    reload(agent)
    more(agent)
    found = runs(agent)
    without_holes(found)
    skipped = [r for r in found if r["outcome"] == "skipped"]
    assert {r["why"] for r in skipped} == {
        "limit: stream is forbidden on this box"}
    for record in skipped:
        assert record["missed"] == \
            math.ceil(record["end"]) - math.floor(record["start"])
    assert agent.status()["limited"][0]["count"] >= 2


def test_what_streams_use_is_limited_together(agent, probes):
    configure(agent, "limits: {bandwidth: 1Mbit/s}")
    begin(agent, probes, wait=0, load=2000000)
    record = wait_for("a skipped interval", lambda: runs(agent))[0]
    assert record["outcome"] == "skipped"
    assert record["why"].startswith("limit: bandwidth: at most 1 Mbit/s")
    reload(agent)
    more(agent)
    without_holes(runs(agent))


FLEET = """clock: none
sites:
  nyc: {{address: {0}}}
targets:
  192.0.2.1:
tests:
  flow: {{from: [nyc], to: [targets], probe: stream,
         schedule: {{continuous: {{report: 2s}}}}, options: {{rate: 20/s}}}}
"""
OTHER = """  other: {from: [nyc], to: [targets], probe: ping, schedule: {uniform: 1h}}
"""


@pytest.fixture(name="fleet")
def made_fleet(network, folder, probes, monkeypatch):
    """A collector that knows the probe, and one box."""
    monkeypatch.setenv("PHAROS_PROBES", str(probes))
    hub, node = network.add("hub", (4,)), network.add("nyc", (4,))
    collector = Collector(hub, folder / "c", FLEET.format(node.address())).start()
    agent = Agent(node, folder / "nyc", "nyc").enroll(collector).start()
    yield collector, agent
    agent.stop()
    collector.close()


def ticks(collector):
    answer = collector.api("/api/v1/series/flow/nyc/192.0.2.1?metric=ticks"
                           "&from=-10m&points=1000")
    assert answer["step"] == 10
    return [v for v in answer["metrics"]["ticks"]["columns"]["sum"]
            if v is not None]


def flow(agent):
    """Its last records; a slow host's worker may have begun late."""
    return [r for r in agent.status()["last"] if r["test"] == "flow" and
            "did not begin in time" not in r.get("why", "")]


def test_a_stream_reaches_the_history_bin_by_bin(fleet):
    collector, agent = fleet
    collector.fleet.write_text(collector.fleet.read_text() + OTHER)

    bins = wait_for("a whole bin and its neighbours",
                    lambda: (lambda b: b if len(b) >= 3 else None)(
                        ticks(collector)), 60)
    assert all(abs(count - 200) <= 4 for count in bins[1:-1])
    # an unrelated change of the plan leaves it running
    pharos("reload", "--config", collector.config)
    wait_for("the new plan", lambda: agent.status()["plan"]["tests"] == 2)
    wait_for("intervals of the new plan", lambda: [
        r for r in agent.status()["last"]
        if r["plan"] == agent.status()["plan"]["revision"]])
    last = flow(agent)
    assert {r["outcome"] for r in last} == {"measured"}
    assert all(r["start"] % 2 == 0 for r in last[1:])
    # without the test it ends, with what it has so far
    text = collector.fleet.read_text()
    collector.fleet.write_text(
        text[:text.index("  flow:")] + OTHER)
    pharos("reload", "--config", collector.config)
    wait_for("its end", lambda: agent.status()["crew"][0]["runs"] == 0)
    last = flow(agent)
    assert last[-1]["outcome"] == "measured"
    assert last[-1]["end"] % 2 != 0


def change(collector, agent, old, new):
    """The fleet file; returns what the agent's plan is then."""
    before = agent.status()["plan"]["revision"]
    text = collector.fleet.read_text()
    assert old in text
    collector.fleet.write_text(text.replace(old, new))
    pharos("reload", "--config", collector.config)
    return wait_for("the new plan", lambda: (
        lambda now: now if now != before else None)(
            agent.status()["plan"]["revision"]))


def test_other_options_while_the_clock_is_waited_for_repeat_nothing(fleet, tmp_path):
    collector, agent = fleet
    agent.stop()
    clock = Clock(tmp_path / "clock", offset=20)
    clock.synchronised()
    agent.environment = clock.environment()
    start = clock.now() / NS
    agent.start()
    wait_for("its control socket", lambda: answers(agent) or gone(agent))
    wait_for("an interval", lambda: [
        r for r in flow(agent) if r["outcome"] == "measured" and r["start"] > start])
    clock.step(-20)
    wait_for("the stream to wait", lambda: agent.status()["crew"][0]["runs"] == 0)
    recorded = max(r["end"] for r in flow(agent))
    assert recorded > clock.now() / NS + 5
    plan_now = change(collector, agent, "rate: 20/s", "rate: 40/s")
    first = wait_for("an interval of the new plan", lambda: [
        r for r in flow(agent)
        if r["outcome"] == "measured" and r["plan"] == plan_now], 60)[0]
    # a slow host may begin late, but within that interval
    assert recorded <= first["start"] < first["end"] < recorded + 4
