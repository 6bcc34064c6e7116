"""A probe that only the agents know is scheduled, stored and shown: nothing
outside of it had to change."""

import pytest

from fleet import Agent, Collector, cells, pharos
from net import Network, wait_for
from plugin import build_trivial

BOXES = ("ams", "osl")
PING = """
sites:
  ams: {{address: {0}}}
  osl: {{address: {1}}}
meshes:
  all: {{members: [ams, osl]}}
tests:
  ping: {{mesh: all, probe: ping, schedule: {{uniform: 5s}}, options: {{count: 2}}}}
"""
TRIVIAL = """  wake: {mesh: all, probe: trivial, schedule: {poisson: 1s}, options: {count: 4}}
"""


@pytest.fixture(scope="module")
def collector(tmp_path_factory):
    folder = tmp_path_factory.mktemp("n")
    probes = build_trivial(folder / "trivial")
    with Network() as network:
        hub = network.add("hub")
        nodes = [network.add(name) for name in BOXES]
        text = PING.format(*(node.address() for node in nodes))
        made = Collector(hub, folder / "c", text).start()
        agents = [Agent(node, folder / node.label, node.label).enroll(made).start(
            PHAROS_PROBES=str(probes)) for node in nodes]
        try:
            yield made
        finally:
            for agent in agents:
                agent.stop()
            made.close()


def test_fleet_file_may_use_it_once_an_agent_has_told_of_it(collector):
    collector.fleet.write_text(collector.fleet.read_text() + TRIVIAL)

    def reload():
        return pharos("reload", "--config", collector.config, check=False)

    done = wait_for("a reload that takes the new test", lambda: (
        lambda tried: tried if tried.returncode == 0 else None)(reload()))
    assert "added test wake" in done.stdout
    tests = {t["test"]: t for t in collector.api("/api/v1/fleet")["tests"]}
    assert tests["wake"]["probe"] == "trivial"
    check = pharos("check", "--config", collector.config, collector.fleet)
    assert "OK, 2 sites, 2 tests" in check.stdout


def test_its_numbers_reach_matrix_and_history(collector):
    def measured():
        matrix = cells(collector.api("/api/v1/matrix/wake"))
        cell = matrix["ams", "osl"]
        return cell if cell["state"] == "ok" else None

    cell = wait_for("a value of the new test", measured, 60)
    assert cell["value"] > 0
    assert cell["grade"] in range(6)
    answer = collector.api("/api/v1/series/wake/ams/osl?metric=lateness,wakeups,worst"
        "&from=-1h&points=1000")
    columns = answer["metrics"]["lateness"]["columns"]
    assert {"min", "p50", "max"} <= columns.keys()
    assert any(v is not None for v in columns["p50"])
    wakeups = answer["metrics"]["wakeups"]["columns"]["sum"]
    assert sum(v or 0 for v in wakeups) % 4 == 0
    worst = answer["metrics"]["worst"]["columns"]
    assert any(v is not None for v in next(iter(worst.values())))


def test_its_grades_are_on_the_scales(collector):
    scales = collector.api("/api/v1/scales")
    assert scales["probes"]["trivial"]["lateness"]["edges"] == [
        0.0001, 0.0005, 0.001, 0.005, 0.02]


def test_command_line_prints_it(collector):
    text = pharos("matrix", "wake", "--config", collector.config, "--url",
                  collector.web).stdout
    assert "lateness p50" in text
    rows = pharos("matrix", "wake", "--metric", "wakeups", "--format", "csv",
                  "--url", collector.web).stdout.splitlines()
    assert rows[0].startswith("src,dst,value,state")
    assert any(row.startswith("ams,osl,4,ok") for row in rows)
