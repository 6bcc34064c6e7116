"""Clocks that are set while streams measure one-way delay: what cannot be relied on
says so, and nothing is lost by it."""

import pytest

from clock import NS, Clock
from net import Network, wait_for
from owd import OwdFleet, add_up

TESTS = """  flow: {mesh: all, probe: owd, schedule: {continuous: {report: 2s}},
         options: {rate: 20/s, timeout: 1500ms}}
calibration: none
"""
KNOWN = 0.0005  # how far each clock may be off, by its own word
BETWEEN = 0.02  # no packet takes that long between two namespaces


@pytest.fixture(name="fleet", scope="module")
def made_fleet(tmp_path_factory):
    """Each box has a clock of its own that is right, and known to be."""
    folder = tmp_path_factory.mktemp("n")
    with Network() as network:
        made = OwdFleet(network, folder, {"nyc": (4,), "lon": (4,)}, TESTS)
        made.clocks = {}
        for name, agent in made.agents.items():
            clock = made.clocks[name] = Clock(folder / f"{name}.clock")
            clock.synchronised(KNOWN)
            agent.environment = clock.environment()
        try:
            yield made.start()
        finally:
            made.close()


def assert_honest(record):
    """Whatever is off is within the bound, or nothing bounds it. Clocks that are
    further apart than the timeout look like loss, and then none is claimed."""
    m = add_up(record)
    assert m.get("lost", 0) == 0, record
    if "delay" not in m:
        return
    far = max(abs(m["delay"]["min"]), abs(m["delay"]["max"]))
    assert m["unbounded"] == m["delay"]["n"] or far <= m["bound"] + BETWEEN, record


def is_fine(record):
    m = record["metrics"]
    # of a moment's interval, at the start, no packet may have been due
    return m.get("unbounded") == 0 and m["bound"] < 0.01 and \
        0 < m["delay"]["min"] <= m["delay"]["max"] < BETWEEN


def fine(fleet, pair, since):
    return [r for r in fleet.measured("flow", *pair, since) if is_fine(r)]


def now(fleet):
    """At the box that is ahead."""
    return max(clock.now() for clock in fleet.clocks.values()) / NS


def wait_until_fine(fleet, since):
    for pair in fleet.pairs:
        wait_for("good intervals", lambda: len(fine(fleet, pair, since)) >= 2, 60)


def all_of(fleet, pair, since):
    return [r for r in fleet.records("flow", *pair) if r["start"] > since and
            r["outcome"] in ("measured", "no-answer")]


@pytest.mark.parametrize("by", [1, -1], ids=["forward", "back"])
@pytest.mark.parametrize("box", ["nyc", "lon"])
def test_a_clock_that_is_set_by_a_second_is_not_relied_on(fleet, box, by):
    begun = now(fleet)
    wait_until_fine(fleet, 0)  # or the test before has
    clock = fleet.clocks[box]
    clock.unsynchronised()  # as a kernel says when it is set
    clock.step(by)
    since = {name: clock.now() / NS for name, clock in fleet.clocks.items()}
    for pair in fleet.pairs:
        wait_for("intervals after it", lambda p=pair: all_of(
            fleet, p, since[p[1]] + 2), 60)
    clock.right()
    clock.synchronised(KNOWN)
    wait_until_fine(fleet, now(fleet) + 1)
    for pair in fleet.pairs:
        for record in all_of(fleet, pair, begun):
            assert_honest(record)


def test_a_suspended_box_claims_nothing_of_the_time_it_slept(fleet):
    begun = now(fleet)
    wait_until_fine(fleet, 0)  # or the test before has
    clock = fleet.clocks["lon"]
    clock.suspend(30)
    clock.right()
    # its kernel says what it said before: pharosd knows better
    wait_for("doubt", lambda: [r for r in all_of(fleet, ("nyc", "lon"), begun)
                               if r["metrics"].get("bound", 0) > 1], 60)
    clock.synchronised(KNOWN * 0.8)  # it has been looked at since
    wait_until_fine(fleet, fleet.clocks["nyc"].now() / NS + 1)
    for pair in fleet.pairs:
        for record in all_of(fleet, pair, begun):
            assert_honest(record)
