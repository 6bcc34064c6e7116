"""What is kept of a pair, a box or a test that has left the fleet file."""

import contextlib
import sqlite3
import time
import urllib.error

import pytest

from fleet import Agent, Collector, cells, pharos
from net import wait_for

FLEET = """
sites:
{sites}
meshes:
  all: {{members: [{names}]}}
tests:
  core: {{mesh: all, probe: ping, schedule: {{uniform: 1s}}, options: {{count: 1}}}}
{tests}
"""
OTHER = """
  other: {mesh: all, probe: ping, schedule: {uniform: 1s}, options: {count: 1}}
"""
BOXES = ["ams", "lon", "osl"]


def fleet_text(nodes, names, tests=""):
    return FLEET.format(
        sites="\n".join(f"  {n}: {{address: {nodes[n].address(4)}}}" for n in names),
        names=", ".join(names), tests=tests)


@pytest.fixture(name="stage")
def small_fleet(network, folder):
    hub = network.add("hub")
    nodes = {name: network.add(name) for name in BOXES}
    collector = Collector(hub, folder / "hub",
                          fleet_text(nodes, BOXES, OTHER)).start()
    agents = [Agent(nodes[name], folder / name, name).enroll(collector).start()
              for name in BOXES]
    yield collector, nodes
    for agent in agents:
        agent.stop()
    collector.close()


def change(collector, text):
    collector.fleet.write_text(text)
    pharos("reload", "--config", collector.config)


def packets(collector, test, src, dst, since):
    answer = collector.api(f"/api/v1/series/{test}/{src}/{dst}?metric=received"
                           f"&from={since:.0f}&to=now&points=10000")
    return sum(v or 0 for v in answer["metrics"]["received"]["columns"]["sum"])


def left(collector, where):
    with contextlib.closing(sqlite3.connect(
            f"file:{collector.state}/bins.db?mode=ro", uri=True)) as db:
        return [gone > 0 for gone, in db.execute(
            f"SELECT gone FROM pair WHERE {where}")]


def unknown(collector, path):
    with pytest.raises(urllib.error.HTTPError) as error:
        collector.api(path)
    return error.value.code == 404


def test_it_can_be_looked_at_and_goes_on_when_it_is_back(stage):
    collector, nodes = stage
    since = time.time() - 5
    for test in ("core", "other"):
        wait_for(f"packets of {test}", lambda t=test: packets(
            collector, t, "lon", "osl", since) > 5, 60)
    change(collector, fleet_text(nodes, ["ams", "lon"]))
    wait_for("word of it", lambda: left(
        collector, "'osl' IN (src, dst) OR test = 'other'") and all(left(
            collector, "'osl' IN (src, dst) OR test = 'other'")))
    assert not any(left(collector, "test = 'core' AND 'osl' NOT IN (src, dst)"))
    wait_for("a matrix without it", lambda: collector.api(
        "/api/v1/matrix/core")["src"] == ["ams", "lon"])
    pairs = collector.api("/api/v1/departed")["pairs"]
    assert {(p["test"], p["src"], p["dst"]) for p in pairs} == {
        (test, a, b) for test in ("core", "other") for a in BOXES for b in BOXES
        if a != b and (test == "other" or "osl" in (a, b))}
    for pair in pairs:
        assert (pair["probe"], pair["step"]) == ("ping", 10)
        assert since - 60 < pair["last"] <= pair["since"] < time.time()
        assert round(pair["until"] - pair["since"]) == 365 * 86400
    with open(collector.config, "a", encoding="utf-8") as config:
        config.write("departed: 100d\n")
    pharos("reload", "--config", collector.config)
    wait_for("another end", lambda: {
        round(pair["until"] - pair["since"]) for pair in collector.api(
            "/api/v1/departed")["pairs"]} == {100 * 86400})
    before = {}
    for test in ("core", "other"):
        before[test] = packets(collector, test, "lon", "osl", since)
        assert before[test] > 5
        table = pharos("series", test, "lon", "osl", "--url", collector.web,
                       "--from", "-1h", "--format", "csv").stdout
        assert len(table.splitlines()) > 2
    assert unknown(collector, "/api/v1/series/core/osl/par")
    assert unknown(collector, "/api/v1/series/another/lon/osl")
    assert unknown(collector, "/api/v1/matrix/other")
    change(collector, fleet_text(nodes, BOXES, OTHER))
    wait_for("its cell", lambda: cells(collector.api("/api/v1/matrix/core")).get(
        ("lon", "osl"), {}).get("state") == "ok", 60)
    wait_for("word that all are there", lambda: not any(left(collector, "1")))
    assert collector.api("/api/v1/departed")["pairs"] == []
    wait_for("what it had and more", lambda: packets(
        collector, "other", "lon", "osl", since) > before["other"] + 2, 60)
