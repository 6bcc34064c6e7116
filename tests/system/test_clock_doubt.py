"""Boxes that boot with a wrong clock, and what they say of it."""

import calendar
import contextlib
import json
import pathlib
import re
import sqlite3
import time
import urllib.request

import pytest

from clock import NS, Clock
from fleet import Agent, Collector, pharos, program
from net import wait_for
from test_agent import (  # noqa: F401: a fixture
    answers, gone, lone_agent, query, records, runs, start)
from test_time import (  # noqa: F401: a fixture
    account, begun, live, made_clock, of, of_jobs, ran_since, uniform)

YEAR = 365 * 86400


def doubt(agent):
    return agent.status()["clock"].get("doubt")


def doubts(agent, reason):
    return wait_for(f"doubt: {reason}", lambda: reason in (doubt(agent) or ""))


def says(agent):
    """The clock as the agent read it when it last looked, in seconds."""
    told = re.search(r"the clock says (\S+?)Z", doubt(agent))[1]
    return calendar.timegm(time.strptime(told, "%Y-%m-%dT%H:%M:%S"))


def lived(agent):
    return query(agent, "SELECT * FROM life")


@pytest.mark.parametrize("wrong, reason", [
    (0, "1970-01-01"), (2 ** 31 - 86400, "2038-01-1")])
def test_boot_in_another_year_waits_and_says_so(agent, clock, wrong, reason):
    agent.config.write_text(
        agent.config.read_text() + "metrics: 127.0.0.1:9640\n")
    live(agent, of_jobs(uniform(), count=1))
    since = begun(agent, clock)
    ran_since(agent, clock)
    agent.kill()
    before = records(agent)
    life = lived(agent)
    clock.unsynchronised()
    clock.set(wrong)
    start(agent)
    doubts(agent, reason)
    assert "nothing keeps it right" in doubt(agent)
    shown = pharos("status", "--config", agent.config).stdout
    assert "nothing is measured: the clock says " + reason in shown
    assert "nothing is measured: the clock says " + reason in agent.log()
    health = agent.node.run(["curl", "-s", "http://127.0.0.1:9640/healthz"])
    assert '"failing"' in health.stdout and reason in health.stdout
    before += of(agent, "failed")
    seen = says(agent)  # three runs would have been due before the look at +2 s
    wait_for("another look", lambda: says(agent) - seen > 1.9)
    assert records(agent) == before and lived(agent) == life
    clock.right()
    ran_since(agent, clock)
    assert doubt(agent) is None
    gap, = of(agent, "gap")
    assert "was not running; then the clock says " + reason in gap["why"]
    assert clock.now() / NS > gap["end"] > gap["start"]
    account(agent, clock, since)


def test_clock_lost_while_running_ends_what_runs(agent, clock):
    clock.unsynchronised()
    live(agent, of_jobs(uniform(), {"kind": "periodic", "every": 1}, count=30,
                        spacing=0.1))
    since = begun(agent, clock)
    clock.set(1000)
    doubts(agent, "1970-01-01T00:16:40Z")
    assert not agent.status()["crew"][0]["runs"]
    clock.right()
    ran_since(agent, clock, 1)
    gap, = of(agent, "gap")
    assert gap["why"].startswith("the clock says 1970")
    for record in records(agent):
        assert record["start"] > since / NS - 10
        assert record["end"] < clock.now() / NS + 1
    account(agent, clock, since)


def test_believable_but_free_running_is_measured_and_marked(agent, clock):
    clock.unsynchronised()
    live(agent, of_jobs(uniform(), count=1))
    wait_for("records", lambda: of(agent, "measured"))
    assert of(agent, "measured")[0]["clock"]["src"] == {"source": "none"}
    clock.synchronised(0.002)
    assert doubt(agent) is None


def test_synchronised_clock_is_believed_whatever_it_says(agent, clock):
    clock.set(time.time() + 10 * YEAR)
    live(agent, of_jobs(uniform(), count=1))
    ran_since(agent, clock)
    assert doubt(agent) is None


FLEET = """
sites:
  lon: {{address: {0}}}
targets:
  here: {{address: 127.0.0.1}}
tests:
  self: {{from: [lon], to: [here], probe: ping, schedule: {{uniform: 1s}},
         options: {{count: 1}}}}
"""


@pytest.fixture(name="fleet")
def fleet_of_one(network, folder):
    hub, lon = network.add("hub"), network.add("lon")
    collector = Collector(hub, folder / "hub", FLEET.format(lon.address(4)))
    agent = Agent(lon, folder / "lon", "lon")
    clock, right = Clock(folder / "clock"), Clock(folder / "right")
    right.synchronised()
    agent.environment = clock.environment()
    collector.environment = right.environment()
    collector.start()
    agent.enroll(collector)
    yield collector, agent, clock
    agent.stop()
    collector.close()


def told(collector):
    box = collector.api("/api/v1/fleet")["sites"][0]["boxes"][0]
    return box.get("clock") or {}


def test_box_and_fleet_say_how_far_a_clock_is_off(fleet):
    collector, agent, clock = fleet
    clock.unsynchronised()
    clock.step(3600)
    agent.start()
    wait_for("its distance", lambda: answers(agent) and
             abs(agent.status()["clock"].get("ahead", 0) - 3600) < 1, 60)
    assert "the clock is 1 h ahead of the collector's" in agent.log()
    assert "1 h ahead of the collector's" in pharos(
        "status", "--config", agent.config).stdout
    wait_for("the fleet's word", lambda: abs(
        told(collector).get("ahead", 0) - 3600) < 1, 60)
    wait_for("runs all the same", lambda: of(agent, "measured") or
             agent.status()["uplink"]["delivered"])
    clock.right()
    wait_for("the fleet's word", lambda: abs(
        told(collector).get("ahead", 3600)) < 1, 60)
    assert "agrees with the collector's" in agent.log()


def slow_to_tell_its_manifests(folder):
    """Programs whose pharos-probe waits, once asked, until there is "go"."""
    made = pathlib.Path(folder, "libexec")
    made.mkdir()
    script = made / "pharos-probe"
    script.write_text(f"""#!/bin/sh
if [ "$1" = --manifests ]; then
	touch {made}/asked
	while [ ! -e {made}/go ]; do sleep 0.02; done
fi
exec {program("pharos-probe")} "$@"
""")
    script.chmod(0o755)
    return made


@pytest.mark.parametrize("wrong", [1000, 2 ** 31 - 10 ** 6])
def test_clock_lost_in_a_start_dates_nothing(agent, clock, tmp_path, wrong):
    """Between the look at the clock and the first plan."""
    live(agent, of_jobs(uniform(), count=1))
    since = begun(agent, clock)
    ran_since(agent, clock)
    agent.kill()
    programs = slow_to_tell_its_manifests(tmp_path)
    agent.start(PHAROS_LIBEXEC=str(programs))
    wait_for("the question", lambda: (programs / "asked").exists())
    clock.unsynchronised()
    clock.set(wrong)
    (programs / "go").touch()
    wait_for("its control socket", lambda: answers(agent) or gone(agent))
    wait_for("doubt", lambda: doubt(agent))
    clock.right()
    ran_since(agent, clock)
    for record in records(agent):
        assert since / NS - 10 < record["start"] <= record["end"] < \
            clock.now() / NS + 2, record
    account(agent, clock, since)


def fleet_records(collector, **query):
    asked = "&".join(f"{k}={v}" for k, v in query.items())
    with urllib.request.urlopen(
            f"{collector.web}/api/v1/records?from=0&to={time.time() + 9e6:.0f}"
            f"&{asked}") as reply:
        return [json.loads(line) for line in reply.read().splitlines()]


def refused(collector):
    with contextlib.closing(sqlite3.connect(
            f"file:{collector.state}/registry.db?mode=ro", uri=True)) as db:
        return db.execute("SELECT box, why FROM refused").fetchall()


@pytest.mark.parametrize("kept", [False, True])
def test_what_a_clock_of_days_to_come_dated_is_not_sent(fleet, network, kept):
    """It was out of touch, and nothing contradicted its clock."""
    collector, agent, clock = fleet
    agent.start()
    wait_for("its answers", lambda: answers(agent) or gone(agent))
    wait_for("delivery", lambda: agent.status()["uplink"]["delivered"] > 2, 60)
    agent.kill()
    network.cut("lon")
    clock.step(3 * 86400)
    if kept:
        clock.synchronised()
    else:
        clock.unsynchronised()
    agent.start()
    wait_for("its answers", lambda: answers(agent) or gone(agent))
    wait_for("findings of days to come", lambda: [
        r for r in of(agent, "measured") if r["start"] > time.time() + 86400])
    network.mend("lon")
    doubts(agent, "3 d ahead of the collector's")
    wait_for("the word at the collector", lambda: [
        r for r in fleet_records(collector, outcome="gap")
        if "records dropped: the clock that they are dated by was 3 d ahead"
        in r["why"]], 60)
    clock.right()
    count = agent.status()["uplink"]["delivered"]
    wait_for("runs", lambda: agent.status()["uplink"]["delivered"] > count + 2,
             60)
    assert refused(collector) == []
    gaps = fleet_records(collector, outcome="gap")
    assert all(r["start"] <= r["end"] < time.time() + 5 for r in gaps)


def test_sleep_takes_no_clock_away_from_the_collectors(fleet, network):
    """Of fourteen hours, which no clock may be ahead, and while it is out of touch."""
    collector, agent, clock = fleet
    clock.synchronised()
    agent.start()
    wait_for("its answers", lambda: answers(agent) or gone(agent))
    wait_for("the collector's time", lambda: "ahead" in agent.status()["clock"], 60)
    wait_for("delivery", lambda: agent.status()["uplink"]["delivered"] > 2, 60)
    network.cut("lon")
    clock.suspend(14 * 3600)
    woken = clock.now() / NS
    wait_for("runs at the time of now", lambda: [
        r for r in of(agent, "measured") if r["start"] > woken], 60)
    skipped, = [r for r in of(agent, "skipped") if r["test"] == "self"]
    assert skipped["missed"] == pytest.approx(14 * 3600, abs=20)
    assert not of(agent, "gap") and not of(agent, "failed")
    said = agent.status()["clock"]
    assert "doubt" not in said and abs(said["ahead"]) < 60
    assert "of the collector's" not in agent.log()


def test_collector_contradicts_and_confirms(fleet):
    collector, agent, clock = fleet
    clock.unsynchronised()
    clock.step(20 * 3600)
    agent.start()
    wait_for("its answers", lambda: answers(agent) or gone(agent))
    doubts(agent, "20 h ahead of the collector's")
    wait_for("the fleet's word", lambda: "20 h ahead" in
             told(collector).get("doubt", ""), 60)
    agent.kill()
    clock.right()
    # what the wrong clock wrote is ahead of it, but the collector agrees
    agent.start()
    wait_for("its answers", lambda: answers(agent) or gone(agent))
    wait_for("runs", lambda: agent.status()["uplink"]["delivered"] > 2, 60)
    assert doubt(agent) is None
