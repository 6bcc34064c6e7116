"""A path that breaks control connections, and lets test packets through: each interval
has its record, in time, and both ends' words join at the collector."""

import json
import os
import signal
import time
from collections import Counter

import pytest

from net import wait_for
from owd import add_up, owd_fleet
from owd_sides import joined, lacking, told

BOXES = {"nyc": (4,), "lon": (4,)}
STEP = 10  # seconds, of bins; an interval is of two
STREAM = """  flow: {mesh: all, probe: owd, schedule: {continuous: {report: 2s}},
         options: {rate: 20/s, timeout: 500ms}}
"""
# No control connection to or from here holds, nor can be made; of thirty test packets
# that come from the other box three are lost, one behind the other. A box measures its
# own clock over loopback: that is let through.
CUT = """flush ruleset
table inet t {
  counter lost {
  }
  chain in {
    type filter hook input priority 0;
    iifname lo accept
    tcp sport 861 HOW
    tcp dport 861 HOW
    udp dport 8760-9960 numgen inc mod 30 < 3 counter name "lost" drop
  }
  chain out {
    type filter hook output priority 0;
    oifname lo accept
    tcp sport 861 HOW
    tcp dport 861 HOW
  }
}"""
RESET = "reject with tcp reset"
LATE = 15  # seconds behind its end a record may come; one that waited has 25


@pytest.fixture(name="fleet", scope="module")
def made_fleet(tmp_path_factory):
    with owd_fleet(tmp_path_factory.mktemp("n"), BOXES, STREAM) as fleet:
        fleet.wait_for(2, "flow", timeout=90)
        yield fleet


def findings(records, pair, since):
    return [r for r in records if r["start"] >= since and
            (r["src"], r["dst"]) == pair and r["outcome"] != "stated"]


def dropped(node):
    listed = json.loads(node.run(["nft", "-j", "list counters"]).stdout)
    return next(item["counter"]["packets"] for item in listed["nftables"]
                if "counter" in item)


def cut(fleet, how):
    fleet.network.nodes["lon"].run(["nft", CUT.replace("HOW", how)])
    return time.time()


def mend(fleet):
    """How many packets of nyc's were lost meanwhile."""
    lon = fleet.network.nodes["lon"]
    lon.run(["nft", "flush chain inet t in; flush chain inet t out"])
    lost = dropped(lon)
    lon.run(["nft", "flush ruleset"])
    return lost


def each(fleet, since, is_so):
    """Is it so with what there is of each pair since then?"""
    records = fleet.records("flow")
    return all(is_so(findings(records, pair, since)) for pair in fleet.pairs)


def in_time(found):
    """The last interval has its record."""
    return bool(found) and time.time() - found[-1]["end"] < LATE


def severed(found):
    """No record has heard what was sent any more, and they come in time."""
    return in_time(found) and all(lacking(r) for r in found[-3:])


def has_joined(fleet, pair, wanted):
    sides = told(fleet.records("flow", *pair))
    return all(joined(record, sides) is not None for record in wanted)


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
    moment = int(time.time()) // STEP * STEP
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
