"""A path that breaks control connections, and lets test packets through: what was lost
meanwhile is in the history."""

import time
from collections import Counter

import pytest

from net import wait_for
from owd_cut import breakable, cut, each, findings, has_joined, mend, severed
from owd_sides import joined, lacking, told

STEP = 10  # seconds, of bins; an interval is of two


@pytest.fixture(name="fleet")
def made_fleet(tmp_path):
    with breakable(tmp_path) as fleet:
        yield fleet


def this_bin():
    return int(time.time()) // STEP * STEP


def test_history_has_what_was_lost(fleet):
    """Nobody says that the connections are gone: it takes a minute to see that."""
    names = ("sent", "received", "lost", "loss_periods", "loss_near")

    def history():
        answer = fleet.collector.api(
            f"/api/v1/series/flow/nyc/lon?metric={','.join(names)},loss_longest"
            f"&from={moment}&to={end}&points=1000")
        assert answer["step"] == STEP
        return {name: [n or 0 for n in answer["metrics"][name]["columns"][stat]]
                for name, stat in [*((name, "sum") for name in names),
                                   ("loss_longest", "max")]}

    def found():
        return [r for r in findings(fleet.records("flow"), ("nyc", "lon"), moment)
                if r["start"] < end]

    begun = this_bin()  # which lacks what was before the fleet
    moment = wait_for("a bin from its start on",
                      lambda: this_bin() > begun and this_bin())
    cut(fleet, "drop")
    wait_for("connections that are gone",
             lambda: each(fleet, moment + 4, severed), 150, 1)
    lost, mended = mend(fleet), time.time()
    end = (int(mended) // STEP + 2) * STEP
    fleet.wait_for(1, "flow", since=end, timeout=90)
    wait_for("what was sent of each", lambda: has_joined(
        fleet, ("nyc", "lon"), [r for r in found() if lacking(r)]), 90, 1)
    sides, total = told(fleet.records("flow", "nyc", "lon")), Counter()
    for record in found():
        counts = joined(record, sides) or record["metrics"]
        total.update({name: counts[name] for name in names})
    assert total["lost"] == lost
    wait_for("all of it in bins", lambda: total == Counter(
        {name: sum(history()[name]) for name in names}), 60, 1)
    rows = history()
    for sent, received, gone in zip(*(rows[name] for name in names[:3])):
        assert sent == received + gone and sent > 100
    assert max(rows["loss_longest"]) == 3
