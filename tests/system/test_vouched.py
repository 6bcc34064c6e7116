"""A clock that the operator of a box vouches for, in agent.yaml."""

import json
import signal

import pytest

from clock import Clock
from fleet import Agent, Collector, pharos
from net import wait_for

REASON = "namespaces of one host share a clock"
FLEET = """
sites:
  lon: {{address: {0}}}
  osl: {{address: {1}}}
meshes:
  all: {{members: [lon, osl]}}
tests:
  flow: {{mesh: all, probe: owd, schedule: {{continuous: {{report: 2s}}}},
         options: {{rate: 20/s}}}}
  ping: {{mesh: all, probe: ping, schedule: {{uniform: 1s}}, options: {{count: 1}}}}
"""


class Stage:
    """Two boxes on one clock that nothing keeps right, and a collector."""

    def __init__(self, network, folder):
        hub, lon, osl = (network.add(name) for name in ("hub", "lon", "osl"))
        self.clock = Clock(folder / "clock")
        self.clock.unsynchronised()
        self.collector = Collector(hub, folder / "hub", FLEET.format(
            lon.address(), osl.address())).start()
        self.agents = [Agent(node, folder / node.label, node.label).enroll(
            self.collector) for node in (lon, osl)]
        for agent in self.agents:
            agent.start(**self.clock.environment())
        for agent in self.agents:  # a signal before would end it
            wait_for(f"{agent.name} there", lambda a=agent: pharos(
                "status", "--config", a.config, check=False).returncode == 0)

    def vouch(self, within):
        for agent in self.agents:
            with agent.config.open("a") as file:
                file.write(f"clock: {{vouched: {within}, because: {REASON}}}\n")
            self.reload(agent)

    @staticmethod
    def reload(agent):
        agent.process.send_signal(signal.SIGHUP)

    @staticmethod
    def said(agent):
        """What `pharos clock` says of an agent's."""
        return pharos("clock", "--config", agent.config, check=False).stdout

    def records(self, test, newer_than=0):
        text = pharos("records", test, "lon", "osl", "--format", "ndjson", "--url",
                      self.collector.web, check=False).stdout
        return [it for it in map(json.loads, text.splitlines())
                if it["start"] > newer_than and it["outcome"] == "measured"]

    def bound(self):
        """Of the one-way delay from lon to osl; None: it has none, "": no delay."""
        answer = self.collector.api("/api/v1/matrix/flow?metric=delay")
        return "" if answer["value"][1] is None else answer["bound"][1]

    def says(self):
        clocks = self.collector.api("/api/v1/clocks")["boxes"]
        return {box["name"]: box["says"] for box in clocks}

    def close(self):
        for agent in self.agents:
            agent.stop()
        self.collector.close()


@pytest.fixture(name="stage")
def two_boxes(network, folder):
    stage = Stage(network, folder)
    yield stage
    stage.close()


def test_its_word_is_the_bound_until_the_clock_is_set(stage):
    lon = stage.agents[0]
    wait_for("a delay of clocks that nobody keeps",
             lambda: stage.bound() is None, 60)
    assert "source     none" in stage.said(lon)
    stage.vouch("50us")
    wait_for("the word", lambda: "vouched for by the operator: " + REASON in
             stage.said(lon))
    said = stage.said(lon)
    assert "error      at most 50 us\n" in said
    assert "not measured" in said and "wrong" not in said
    assert "disciplined by" not in pharos("status", "--config", lon.config).stdout
    assert f"the operator vouches for this clock, within 50 us: {REASON}" in lon.log()
    # both words, and what the stamps may be off besides
    wait_for("its delay with a bound", lambda: isinstance(
        stage.bound(), float) and 0.0001 < stage.bound() < 0.01, 60)
    ping = wait_for("records of it", lambda: [
        it for it in stage.records("ping")
        if it["clock"]["src"]["source"] == "operator"], 60)[-1]
    assert ping["clock"]["src"]["because"] == REASON
    flow = wait_for("a record of both", lambda: [
        it for it in stage.records("flow")
        if it["clock"]["dst"]["source"] == "operator" and "error" in it["clock"]],
        60)[-1]
    assert 0.0001 < flow["clock"]["error"] < 0.01
    wait_for("word at the collector", lambda: all(
        says and says.get("source") == "operator" for says in stage.says().values()))
    assert stage.says()["lon"]["reference"] == REASON
    fleet = pharos("clock", "--fleet", "--url", stage.collector.web).stdout
    assert fleet.count("vouched for by the operator, 50") == 2
    stage.clock.step(0.004)  # less than other sources' steps are told from
    for agent in stage.agents:
        wait_for("the end of it", lambda a=agent: "this clock was set by +4" in
                 stage.said(a))
        assert "error      unknown" in stage.said(agent)
        assert "which ends what the operator vouched for" in agent.log()
    now = stage.clock.now() / 1e9
    after = wait_for("a record after it", lambda: stage.records("flow", now), 60)[0]
    assert "error" not in after["clock"]
    wait_for("a delay without a bound", lambda: stage.bound() is None, 60)
    for agent in stage.agents:
        stage.reload(agent)
        wait_for("the word given anew", lambda a=agent: "error      at most 50 us" in
                 stage.said(a))


def test_a_sleep_of_the_host_ends_it(stage):
    lon = stage.agents[0]
    stage.vouch("0s")
    wait_for("the word", lambda: "error      at most 0 s" in stage.said(lon))
    stage.clock.suspend(30)
    wait_for("its end", lambda: "this host slept" in stage.said(lon))
    assert "error      unknown" in stage.said(lon)


def test_without_a_daemon_it_is_looked_at_with_the_word(stage):
    lon = stage.agents[0]
    stage.vouch("50us")
    lon.stop()
    done = pharos("clock", "--config", lon.config, check=False)
    assert "vouched for by the operator: " + REASON in done.stdout or \
        "source     chrony" in done.stdout or "source     kernel" in done.stdout
    assert done.returncode == 0
