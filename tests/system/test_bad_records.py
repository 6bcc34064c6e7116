"""Records that are no good: kept aside with the reason, and the others of their
batch arrive."""

import contextlib
import json
import sqlite3
import time

import pytest

from client import pack
from intake import (  # noqa: F401: fixtures
    BOXES, accepted, acked, box_that_enrolled, running_collector, status_of,
    unused_names)

DAY = 86400


def refusals(box):
    """What of this box was kept aside, and why."""
    path = box.collector.state / "registry.db"
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        return db.execute("SELECT why, line FROM refused WHERE box = ?",
                          (box.name,)).fetchall()


def line(box, old="", new="", **members):
    return json.dumps(box.record(2, **members)).replace(old, new, 1)


BAD = {
    "malformed": (lambda box: line(box, ": ", " "), "JSON: "),
    "truncated": (lambda box: line(box)[:-20], "JSON: "),
    "empty object": (lambda box: "{}", "member \"id\": missing, expected"),
    "number": (lambda box: "7", "member \"id\": missing, expected"),
    "over 1 MiB": (lambda box: line(box, padding="x" * (1 << 20)),
                   "bytes, expected at most 1048576"),
    "deep": (lambda box: line(box, "\"v\"", "\"x\": " + "[" * 1000 + "]" * 1000
                              + ", \"v\""), "JSON: "),
    "NaN": (lambda box: line(box, "\"lost\": 0", "\"lost\": NaN"), "JSON: "),
    "infinite": (lambda box: line(box, "\"lost\": 0", "\"lost\": 1e999"),
                 "JSON: a number is not finite, expected"),
    "of another agent": (lambda box: line(box, id=f"{BOXES[0]}/{box.epoch}/2"),
                         "record for another agent"),
    "agent of another": (lambda box: line(box, agent=BOXES[0]),
                         "record for another agent"),
    "between others": (lambda box: line(box, src="a", dst="b"),
                       "expected the src or the dst"),
    "from the future": (lambda box: line(box, start=time.time() + 2 * DAY,
                                         end=time.time() + 2 * DAY),
                        "member \"start\": "),
    "of 1970": (lambda box: line(box, start=12, end=13),
                "member \"start\": 12.000, expected Unix seconds from"),
    "backwards": (lambda box: line(box, end=time.time() - 9),
                  "member \"end\": "),
    "counts that do not add up": (
        lambda box: line(box, "\"received\": 10", "\"received\": 11"),
        "expected sent to be the sum"),
    "negative": (lambda box: line(box, "\"lost\": 0", "\"lost\": -1"),
                 "-1, expected a count from 0"),
    "a path": (lambda box: line(box, test="../../etc"), "expected"),
    "outcome": (lambda box: line(box, outcome="wonderful"),
                "\"wonderful\", expected measured"),
    "another epoch": (lambda box: line(box, id=f"{box.name}/{'f' * 16}/2"),
                      "expected one epoch"),
    "out of order": (lambda box: line(box, id=f"{box.name}/{box.epoch}/1"),
                     "expected a rising order"),
}


@pytest.mark.parametrize("name", BAD)
def test_it_is_kept_aside_and_the_others_arrive(box, name):
    make, reason = BAD[name]
    bad = make(box)
    answer = box.records([box.record(1), bad, box.record(3)])
    assert answer.status == 200
    assert answer.json() == {"acked": acked(box, 3), "refused": 1}
    assert accepted(box) == [1, 3]
    why, kept = refusals(box)[0]
    assert reason in why
    assert "expected" in why or "JSON: " in why or "another agent" in why
    assert bad.encode().startswith(kept[:60000])
    # sent again as an agent would: known by now, and counted once
    assert box.records([box.record(1), bad, box.record(3)]).status == 200
    assert accepted(box) == [1, 3]
    assert len(refusals(box)) == 1


def test_bytes_that_are_no_utf_8(box):
    bad = line(box, "ping", "pi\0ng").encode().replace(b"\0", b"\xff\xfe")
    text = b"\n".join([json.dumps(box.record(1)).encode(), bad,
                       json.dumps(box.record(3)).encode()])
    answer = box.send(pack(text))
    assert answer.json() == {"acked": acked(box, 3), "refused": 1}
    assert accepted(box) == [1, 3]
    assert "no UTF-8" in refusals(box)[0][0]


def test_of_a_test_and_a_probe_that_nobody_knows(box):
    """Agent and fleet file may be of different days: it is taken, and shown when
    the fleet knows it."""
    answer = box.records([box.record(1, test="nobody-knows", probe="zzz")])
    assert answer.json() == {"acked": acked(box, 1)}


def test_refused_ones_show_in_status(box):
    box.records([box.record(1), "{", box.record(3)])
    assert status_of(box.collector, box.name)["refused"] == 1
