"""A collector whose own clock is set: nothing is thrown away for it."""

import contextlib
import json
import sqlite3
import time
import urllib.error

import pytest

from clock import Clock
from fleet import Agent, Collector, cells, pharos
from net import wait_for
from test_agent import answers

DAY = 86400
YEAR = 365 * DAY
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
        "/api/v1/matrix/core"))["osl", "ams"]["state"] == "ok", 90)
    agent.start()
    wait_for("its finding", lambda: matrix(collector)["ams", "osl"]["value"])
    clock.right()
    wait_for("its delivery", lambda: agent.status()["uplink"]["delivered"])
    count = agent.status()["uplink"]["delivered"]
    wait_for("more", lambda: agent.status()["uplink"]["delivered"] > count + 3)
    cell = matrix(collector)["ams", "osl"]
    assert cell["state"] == "ok" and 0 <= cell["age"] < 10


@pytest.fixture(name="later")
def fleet_of_a_later_day(network, folder):
    """Ten days after its certificates were made, so that these are good with a
    clock that is behind, too."""
    hub = network.add("hub")
    nodes = [network.add(name) for name in ("ams", "osl")]
    collector = Collector(hub, folder / "hub",
                          FLEET.format(*(n.address(4) for n in nodes)))
    clock = Clock(folder / "clock")
    clock.unsynchronised()
    right = Clock(folder / "right", offset=10 * DAY)
    right.synchronised()
    collector.environment = clock.environment()
    agents = [Agent(node, folder / name, name)
              for node, name in zip(nodes, ("ams", "osl"))]
    collector.start()
    for agent in agents:
        agent.enroll(collector)
    collector.stop()
    clock.step(10 * DAY)
    collector.start()
    for agent in agents:
        agent.environment = right.environment()
        agent.start()
    yield collector, clock, agents
    for agent in agents:
        agent.stop()
    collector.close()


def ask_registry(collector, question):
    path = collector.state / "registry.db"
    with contextlib.closing(sqlite3.connect(path)) as db:
        found = db.execute(question).fetchone()
        db.commit()
        return found and found[0]


def reasons(collector):
    try:
        return collector.api("/healthz")["reasons"]
    except urllib.error.HTTPError as error:
        return json.loads(error.read())["reasons"]


def is_told(agent):
    """What the agent's log says of the collector's word."""
    return "HTTP 503: the collector's clock (" in agent.log()


def begin_again(agents):
    """They would wait for half a minute, as they were told."""
    for agent in agents:
        agent.kill()
        agent.start()
    for agent in agents:
        wait_for("its control socket", lambda a=agent: answers(a))


@pytest.mark.parametrize("remembers", [True, False])
def test_a_clock_that_is_behind_takes_nothing_until_it_is_right(later, remembers):
    collector, clock, agents = later
    wait_for("both cells", lambda: fresh(collector), 60)
    wait_for("the time on disk", lambda: ask_registry(
        collector, "SELECT wall FROM seen"))
    collector.kill()
    if not remembers:  # then its boxes tell it
        ask_registry(collector, "UPDATE seen SET wall = 0")
    clock.step(-2 * DAY)
    collector.start()
    wait_for("a red light", lambda: any(
        "no records are taken: the collector's clock (" in reason and
        "2 d behind" in reason for reason in reasons(collector)), 60)
    if not remembers:  # told before that their records are of a time to come
        begin_again(agents)
    for agent in agents:
        wait_for("a word to the agent", lambda a=agent: is_told(a), 60)
    waiting = [agent.status()["spool"]["records"] for agent in agents]
    for agent, count in zip(agents, waiting):
        wait_for("records that wait", lambda a=agent, n=count:
                 a.status()["spool"]["records"] > n, 60)
        assert "nothing is measured" not in agent.log()
    clock.step(2 * DAY)
    wait_for("a right clock", lambda: not any(
        "clock" in reason for reason in reasons(collector)))
    if not remembers:
        begin_again(agents)
    for agent in agents:
        wait_for("all of it there", lambda a=agent:
                 a.status()["spool"]["records"] < 5, 90)
    wait_for("both cells", lambda: fresh(collector), 60)
    assert ask_registry(collector, "SELECT sum(refused) FROM box") == 0
    assert "records are taken again" in collector.log()


@pytest.mark.parametrize("remembers", [True, False])
def test_a_clock_of_before_the_certificates_turns_nobody_away(fleet, remembers):
    """Its boxes are no strangers: it is told from their certificates."""
    collector, clock, agents = fleet
    clock.unsynchronised()
    wait_for("both cells", lambda: fresh(collector), 60)
    collector.kill()
    if not remembers:
        ask_registry(collector, "UPDATE seen SET wall = 0")
    clock.step(-20 * DAY)
    collector.start()
    wait_for("a red light", lambda: any(
        "no records are taken: the collector's clock (" in reason
        for reason in reasons(collector)), 60)
    for agent in agents:
        wait_for("a word to the agent", lambda a=agent: is_told(a), 60)
        assert "HTTP 403" not in agent.log()
    clock.step(20 * DAY)
    wait_for("a right clock", lambda: not any(
        "clock" in reason for reason in reasons(collector)), 60)
    wait_for("both cells", lambda: fresh(collector), 120)
    if not remembers:
        begin_again(agents)
        for agent in agents:
            wait_for("its delivery", lambda a=agent: a.status()["uplink"]["delivered"])
    for agent in agents:
        assert "HTTP 403" not in agent.log()
    assert ask_registry(collector, "SELECT sum(refused) FROM box") == 0


def test_a_clock_that_is_set_back_is_noticed_at_once(later):
    collector, clock, agents = later
    wait_for("both cells", lambda: fresh(collector), 60)
    clock.step(-2 * DAY)
    wait_for("a red light", lambda: any(
        "of 2 boxes" in reason for reason in reasons(collector)))
    for agent in agents:
        wait_for("a word to the agent", lambda a=agent: is_told(a), 60)
    assert ask_registry(collector, "SELECT sum(refused) FROM box") == 0
    clock.synchronised()  # whoever keeps it right is believed
    wait_for("no more doubt", lambda: not any(
        "clock" in reason for reason in reasons(collector)))
