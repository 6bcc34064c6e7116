"""A path that breaks control connections, and lets test packets through: each interval
has its record, in time, and both ends' words join at the collector."""

import os
import signal
import time

import pytest

from net import wait_for
from owd import add_up
from owd_cut import (
    RESET, breakable, cut, each, findings, has_joined, in_time, mend, severed)
from owd_sides import joined, lacking, told


@pytest.fixture(name="fleet", scope="module")
def made_fleet(tmp_path_factory):
    with breakable(tmp_path_factory.mktemp("n")) as fleet:
        yield fleet


def assert_pattern(total, lost):
    """Threes, of which the ends of intervals may have made two of some."""
    periods = sum(m["loss_periods"] for m in total)
    assert lost / 3 <= periods <= lost / 3 + len(total)
    assert max(m.get("loss_longest", 0) for m in total) == (3 if lost else 0)
    # but for the first of an interval, each is less than 99 behind another
    first = sum(m["lost"] > 0 for m in total)
    assert sum(m["loss_near"] for m in total) == lost - first


def test_intervals_go_on_without_the_connection(fleet):
    moment = cut(fleet, RESET)
    wait_for("connections that are gone",
             lambda: each(fleet, moment + 2, severed), 150, 1)
    gone = time.time()
    wait_for("eight intervals more, each in time", lambda: each(
        fleet, gone, lambda found: in_time(found) and len(found) >= 8), 90, 1)
    lost, mended = mend(fleet), time.time()
    fleet.wait_for(2, "flow", since=mended, timeout=90)
    for pair in fleet.pairs:
        found = [r for r in fleet.timeline("flow", *pair) if r["start"] > moment - 4]
        assert {r["outcome"] for r in found} == {"measured"}
        assert all(add_up(r)["received"] > 10 for r in found)
        without = [r for r in found if lacking(r)]
        assert len(without) >= 8
        assert any("861" in r["metrics"].get("error", "") for r in without)
        wait_for("what was sent of each",
                 lambda p=pair, w=without: has_joined(fleet, p, w), 90, 1)
        sides = told(fleet.records("flow", *pair))
        total = [joined(r, sides) or r["metrics"] for r in found]
        assert sum(m["lost"] for m in total) == (lost if pair[1] == "lon" else 0)
        assert sum(m["lost_locally"] for m in total) == 0
        assert_pattern(total, lost if pair[1] == "lon" else 0)
        for m in total:  # all that was due was sent once
            assert m["sent"] == m["received"] + m["lost"]


def test_sender_that_died_is_no_loss(fleet):
    """It takes the session over again when it is back."""
    moment = cut(fleet, RESET)
    wait_for("connections that are gone",
             lambda: each(fleet, moment + 2, severed), 150, 1)
    killed = time.time()
    os.kill(fleet.worker("nyc"), signal.SIGKILL)

    def quiet():
        return [r for r in findings(fleet.records("flow"), ("nyc", "lon"), killed)
                if r["metrics"].get("received", 0) == 0]
    wait_for("intervals in which nothing came", lambda: len(quiet()) >= 3, 90, 1)
    mend(fleet)
    fleet.wait_for(2, "flow", since=time.time(), timeout=90)
    sides = told(fleet.records("flow", "nyc", "lon"))
    for record in quiet():
        assert record["outcome"] == "no-answer"
        assert "sent" not in record["metrics"]
        assert joined(record, sides) is None
    assert fleet.timeline("flow", "nyc", "lon")[-1]["outcome"] == "measured"
