"""A matrix as it was at a moment that is over."""

import time
import urllib.error

import pytest

from net import Network, wait_for
from test_store import MS, STEP, TEST, Stage

PATH = f"/api/v1/matrix/{TEST}"
DAY = 86400


@pytest.fixture(name="stage", scope="module")
def a_stage(tmp_path_factory):
    """A minute of runs to lon, one a step, ever slower; then one that nobody
    answered; par answers once. And an hour of days ago."""
    with Network() as network:
        stage = Stage(network, tmp_path_factory.mktemp("p"))
        box, start = stage.box, stage.start
        old = start // 3600 * 3600 - 3 * DAY
        box.deliver(stage.collector, [
            *(box.record(start + i * STEP + 1, [(10 + i) * MS] * 10)
              for i in range(6)),
            box.record(start + 6 * STEP + 1, []),
            box.record(start + 1, [50 * MS] * 10, dst="par"),
            box.record(old + 60, [70 * MS] * 10),
            box.record(old + 120, [], dst="par"),
            box.record(time.time() - 1, [99 * MS] * 10)])
        wait_for("all of it", lambda: past(stage, start + 7 * STEP)["state"][1] == 3)
        yield stage
        stage.collector.close()


def past(stage, at, more=""):
    return stage.collector.api(f"{PATH}?at={at}{more}")


def state(answer, place):
    return answer["states"][answer["state"][place]]


def test_the_last_run_before_then_is_the_last(stage):
    for i in range(6):
        answer = past(stage, stage.start + (i + 1) * STEP)
        assert answer["value"][1] == pytest.approx((10 + i) / 1000), i
        assert (state(answer, 1), answer["count"][1]) == ("ok", 1)
        assert answer["age"][1] == pytest.approx(STEP - 2, abs=0.2)
        assert answer["at"] == stage.start + (i + 1) * STEP
        assert answer["source"] == f"bins of {STEP} s"
        assert answer["silent"] == []
    assert answer["summary"]["states"]["ok"] == 1  # par's is stale by then


def test_what_was_not_answered_then_was_unreachable(stage):
    answer = past(stage, stage.start + 7 * STEP)
    assert (state(answer, 1), answer["value"][1]) == ("unreachable", None)


def test_what_was_too_old_then_was_stale_then_nothing(stage):
    fleet = stage.collector.api("/api/v1/fleet")
    stale = int(fleet["tests"][0]["stale_after"])
    answer = past(stage, stage.start + stale + STEP + 5)
    assert (state(answer, 2), answer["value"][2]) == ("stale", 0.05)
    answer = past(stage, stage.start + 400)
    assert (state(answer, 2), answer["value"][2]) == ("no-data", None)
    assert state(answer, 0) == "self"


def test_a_window_merges_what_was_in_it(stage):
    answer = past(stage, stage.start + 6 * STEP, "&window=5m&stat=max&also=sent")
    assert answer["value"][1] == pytest.approx(0.015)
    assert answer["count"][1] == 6
    assert answer["also"]["sent"]["value"][1] == 60


def test_nothing_of_later_is_in_it(stage):
    answer = past(stage, stage.start - 2 * STEP)
    assert [answer["value"][i] for i in (1, 2)] == [None, None]
    assert past(stage, stage.start + STEP)["value"][1] == pytest.approx(0.01)


def test_days_ago_the_hour_is_known(stage):
    old = stage.start // 3600 * 3600 - 3 * DAY
    answer = wait_for("the hour", lambda: next((a for a in [
        past(stage, old + 3600)] if a["value"][1]), None))
    assert answer["value"][1] == pytest.approx(0.07, rel=1 / 32)
    assert answer["source"] == f"hours of bins of {STEP} s"
    assert state(answer, 2) == "unreachable"


@pytest.mark.parametrize("query", ["at=x", "at=9999999999", "at=-1h&ref=base"])
def test_what_is_no_moment_is_refused(stage, query):
    with pytest.raises(urllib.error.HTTPError) as refused:
        stage.collector.api(f"{PATH}?{query}")
    assert refused.value.code == 400
