"""Small lines of a day, asked for several pairs at once."""

import time
import urllib.error

import pytest

from net import wait_for
from test_store import STEP, TEST, Stage

PATH = f"/api/v1/spark/{TEST}"


def test_lines_of_several_pairs_come_in_one_answer(network, folder):
    stage = Stage(network, folder)
    stage.box.deliver(stage.collector, [
        stage.box.record(stage.start + i * STEP, [5_000_000 + i * 1000] * 10)
        for i in range(50)])
    ask = f"{PATH}?metric=rtt&pairs=nyc:lon,lon:nyc,nyc:par"
    answer = wait_for("a line", lambda: next(
        (a for a in [stage.collector.api(ask)] if any(a["points"][0])), None))
    lon, *others = answer["points"]
    assert 40 <= len(lon) <= 48 and answer["stat"] == "p50"
    assert answer["step"] * len(lon) >= 86400
    assert all(0.005 <= v < 0.00505 for v in lon if v is not None)
    assert lon[0] is None  # a day ago nothing was measured
    assert others == [[None] * len(lon)] * 2
    for more, status in (
            ("metric=rtt", 400), ("metric=nothing&pairs=nyc:lon", 400),
            ("metric=rtt&pairs=nyc:nowhere", 404), ("metric=rtt&pairs=nyc", 404),
            ("metric=rtt&pairs=" + ",".join(["nyc:lon"] * 65), 400)):
        with pytest.raises(urllib.error.HTTPError) as refused:
            stage.collector.api(f"{PATH}?{more}")
        assert refused.value.code == status, more
    stage.collector.close()


def test_a_line_goes_on_to_the_last_finding(network, folder):
    """The history has a bin some time after its end; the line must not wait."""
    stage = Stage(network, folder)
    ask = f"{PATH}?metric=rtt&pairs=nyc:lon"

    def last():
        known = [v for v in stage.collector.api(ask)["points"][0] if v is not None]
        return known and known[-1]

    for rtt in (5_000_000, 9_000_000):
        stage.box.deliver(stage.collector, [
            stage.box.record(time.time() - 2, [rtt] * 10)])
        wait_for("a line that ends with it", lambda: last() and
                 0.005 <= last() <= 0.0093)
        assert stage.row("sent", 60) is None  # not in the history yet
    stage.collector.close()


def test_a_line_says_since_when_it_is_poor(network, folder):
    """Rows of the history and the last ones of bins, as matrices grade them."""
    stage = Stage(network, folder)
    worse = stage.start + 30 * STEP
    stage.box.deliver(stage.collector, [
        stage.box.record(stage.start + i * STEP,
                         [(5 if i < 30 else 150) * 1_000_000] * 10)
        for i in range(50)])
    ask = f"{PATH}?metric=rtt&pairs=nyc:lon,lon:nyc&since="

    def since(grade):
        return stage.collector.api(ask + grade)["since"]

    found, other = wait_for("a trouble", lambda: (
        lambda all: all if all[0] and all[0]["from"] == worse else None)(
            since("poor")))
    assert found == {"from": worse, "share": 1, "open": False} and other is None
    assert since("bad") == [None, None]
    assert since("excellent")[0] == {"from": stage.start, "share": 1,
                                     "open": True}
    for more in ("since=worse", "since=unanswered"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            stage.collector.api(f"{PATH}?metric=rtt&pairs=nyc:lon&{more}")
        assert refused.value.code == 400, more
    stage.collector.close()
