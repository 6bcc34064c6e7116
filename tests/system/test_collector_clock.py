"""A collector whose own clock is set: nothing is thrown away for it."""

import contextlib
import sqlite3
import time

import pytest

from clock import Clock
from fleet import Agent, Collector, cells, pharos
from net import wait_for

YEAR = 365 * 86400
PAIRS = [("ams", "osl"), ("osl", "ams")]
FLEET = """
sites:
  ams: {{address: {}}}
  osl: {{address: {}}}
meshes:
  both: {{members: [ams, osl]}}
tests:
  core: {{mesh: both, probe: ping, schedule: {{uniform: 1s}},
         options: {{count: 1}}}}
"""


@pytest.fixture(name="fleet")
def small_fleet(network, folder):
    hub = network.add("hub")
    nodes = [network.add(name) for name in ("ams", "osl")]
    collector = Collector(hub, folder / "hub",
                          FLEET.format(*(n.address(4) for n in nodes)))
    clock = Clock(folder / "clock")
    collector.environment = clock.environment()
    collector.start()
    agents = [Agent(node, folder / name, name).enroll(collector).start()
              for node, name in zip(nodes, ("ams", "osl"))]
    yield collector, clock, agents
    for agent in agents:
        agent.stop()
    collector.close()


def matrix(collector, window="last"):
    found = cells(collector.api(
        f"/api/v1/matrix/core?metric=rtt&window={window}"))
    return {pair: found[pair] for pair in PAIRS}


def fresh(collector):
    return all(c["state"] == "ok" and c["age"] < 10
               for c in matrix(collector).values())


def hour(collector):
    """How many findings the last hour rests on."""
    return sum(c["count"] or 0 for c in matrix(collector, "1h").values())


def bins(collector):
    path = collector.state / "bins.db"
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro",
                                            uri=True)) as db:
        return db.execute("SELECT count(*) FROM bin").fetchone()[0]


def measured(collector, since):
    answer = collector.api(f"/api/v1/series/core/ams/osl?metric=sent&points=1000"
                           f"&from={since:.0f}&to={time.time():.0f}")
    return sum(v or 0 for v in answer["metrics"]["sent"]["columns"]["sum"])


def states(collector):
    return {c["state"] for c in matrix(collector).values()}


def pass_time(seconds):
    """In which the store looks at what is old, and intake at its own."""
    until = time.time() + seconds
    wait_for("some looks", lambda: time.time() > until)


def test_ten_years_ahead_for_a_while_delete_nothing(fleet):
    collector, clock, _ = fleet
    began = time.time() - 10
    wait_for("both cells", lambda: fresh(collector) and hour(collector) > 8, 60)
    before, kept, sent = hour(collector), bins(collector), measured(
        collector, began)
    token = pharos("token", "new", "osl", "--config", collector.config)
    clock.step(10 * YEAR)
    wait_for("cells that are old", lambda: states(collector) == {"stale"})
    pass_time(5)
    assert bins(collector) >= kept
    collector.kill()  # what begins while it is wrong does not know better
    collector.start()
    wait_for("cells that are old", lambda: states(collector) == {"stale"})
    pass_time(4)
    assert bins(collector) >= kept
    clock.right()
    wait_for("the hour as it was", lambda: hour(collector) > before, 90)
    wait_for("fresh cells", lambda: fresh(collector), 90)
    assert bins(collector) >= kept
    assert measured(collector, began) >= sent
    listed = pharos("token", "list", "--config", collector.config).stdout
    assert token.stdout and "osl" in listed
    # what came in while it was wrong is complete, too
    wait_for("a history without holes", lambda: measured(
        collector, began) >= time.time() - began - 25, 60)


def test_box_that_was_ahead_is_shown_when_it_is_right_again(fleet):
    collector, _, agents = fleet
    agent = agents[0]
    agent.stop()
    clock = Clock(agent.folder / "clock", offset=3 * 3600)
    clock.synchronised()
    agent.environment = clock.environment()
    wait_for("the other's cell", lambda: cells(collector.api(
        "/api/v1/matrix/core"))["osl", "ams"]["state"] == "ok")
    agent.start()
    wait_for("its finding", lambda: matrix(collector)["ams", "osl"]["value"])
    clock.right()
    wait_for("its delivery", lambda: agent.status()["uplink"]["delivered"])
    count = agent.status()["uplink"]["delivered"]
    wait_for("more", lambda: agent.status()["uplink"]["delivered"] > count + 3)
    cell = matrix(collector)["ams", "osl"]
    assert cell["state"] == "ok" and 0 <= cell["age"] < 10
