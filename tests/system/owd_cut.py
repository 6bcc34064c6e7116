"""A path that breaks control connections, and lets test packets through."""

import contextlib
import json
import time

from owd import owd_fleet
from owd_sides import joined, lacking, told

BOXES = {"nyc": (4,), "lon": (4,)}
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


@contextlib.contextmanager
def breakable(folder):
    """Two boxes that measure each other over such a path, which is whole yet."""
    with owd_fleet(folder, BOXES, STREAM) as fleet:
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
