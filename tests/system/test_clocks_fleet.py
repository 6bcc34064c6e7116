"""The court of clocks over a fleet that measures (court.py): who lies is named, and
nobody else is."""

import contextlib
import time

import pytest

from court import AWAY, LIAR, LIE, TOPOLOGY, CourtFleet
from events import Stream
from fleet import cells, pharos
from labs import Lab
from net import wait_for

CROOKED = "box6"
WRONG = 0.005        # seconds
REPORT = 5
WHOLE = 12 * REPORT  # as two minutes are to reports of one, and as much again
LONGER = 5           # ms, one way of a route


@pytest.fixture(name="fleet", scope="module")
def made_fleet(tmp_path_factory):
    folder = tmp_path_factory.mktemp("c")
    with contextlib.ExitStack() as stack:
        lab = stack.enter_context(Lab(folder, TOPOLOGY, "court"))
        made = CourtFleet(lab, folder, REPORT)
        stack.callback(made.close)
        yield made.start()


def test_boxes_that_nobody_keeps_right_are_relative(fleet):
    wait_for("relative", lambda: fleet.all_are("relative"), 120, 0.5)
    for box in fleet.boxes().values():
        assert box["evidence"].startswith("nobody here says how right its clock is")
        assert abs(box["offset"]) < 0.001
    assert not fleet.named


def test_boxes_that_are_right_are_fine(fleet):
    fleet.synchronise()
    wait_for("fine", lambda: fleet.all_are("fine"), 120, 0.5)
    assert not fleet.named


def states(fleet):
    return {pair: cell["state"] for pair, cell in cells(
        fleet.collector.api("/api/v1/matrix/flow?metric=delay")).items()}


def is_marked(fleet):
    return all(state == ("self" if src == dst else
                         "clock" if LIAR in (src, dst) else "ok")
               for (src, dst), state in states(fleet).items())


def wait_until_watchers_are_told(stream, fleet):
    """Of each cell that is marked, by an event."""
    answer = fleet.collector.api("/api/v1/matrix/flow?metric=delay")
    pairs = [(s, d) for s in answer["src"] for d in answer["dst"]]
    left = {i for i, pair in enumerate(pairs)
            if LIAR in pair and pair != (LIAR, LIAR)}
    while left:
        data = stream.next("cells").data
        left -= {i for i, state in zip(data["cells"], data["state"])
                 if answer["states"][state] == "clock"}


def test_box_that_lies_is_named_and_nobody_else(fleet):
    stream = Stream(fleet.collector.web, "/api/v1/live?test=flow&metric=delay")
    stream.next("hello")
    began = time.time()
    fleet.clocks[LIAR].shift(WRONG)
    wait_for("the verdict", lambda: fleet.verdicts()[LIAR] == "wrong", WHOLE, 0.25)
    print(f"named after {time.time() - began:.1f} s, reports of {REPORT} s")
    # the court may have sat before all had reported
    box = wait_for("all of it", lambda: next(
        (box for box in [fleet.boxes()[LIAR]]
         if box["agree"] == 7 and abs(box["offset"] - WRONG) < 0.0005), None), 60, 0.5)
    assert began - REPORT < box["since"] < time.time()
    assert box["says"]["error"] < 1.1 * LIE
    assert box["against"] == 0
    wait_for("marked cells", lambda: is_marked(fleet), 60, 0.5)
    wait_until_watchers_are_told(stream, fleet)
    shown = pharos("clock", "--fleet", "--url", fleet.collector.web).stdout
    assert [line for line in shown.splitlines() if " wrong " in line] == \
        [line for line in shown.splitlines() if line.startswith(LIAR)]
    assert f"clock of {LIAR} is wrong:" in fleet.collector.log()
    assert fleet.named == {LIAR}


def test_mended_clock_is_cleared_and_a_longer_route_is_none(fleet):
    since = fleet.boxes()[LIAR]["since"]
    fleet.clocks[LIAR].shift(-WRONG)
    fleet.lab.command("set", f"{CROOKED}-r", f"back.delay={AWAY[CROOKED] + LONGER}ms",
                      "--lab", fleet.lab.name)
    wait_for("the end of it", lambda: fleet.verdicts()[LIAR] == "fine", 120, 0.25)
    box = fleet.boxes()[LIAR]
    over, = box["before"]
    assert "since" not in box
    assert over["verdict"] == "wrong" and over["since"] == since
    assert since <= over["until"] <= time.time()
    assert abs(over["offset"] - WRONG) < 0.0005
    shown = pharos("clock", "--fleet", "--url", fleet.collector.web).stdout
    assert f"\n{LIAR} was wrong, " in shown
    assert f"clock of {LIAR} is not named any more" in fleet.collector.log()
    wait_for("doubt", lambda: fleet.verdicts()[CROOKED] == "cannot-tell", 120, 0.5)
    box = fleet.boxes()[CROOKED]
    assert "so would routes that are longer by" in box["evidence"]
    assert fleet.named == {LIAR}
