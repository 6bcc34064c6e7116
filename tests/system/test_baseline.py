"""A matrix beside what is usual at this hour of the day."""

import csv
import io
import json
import time
import urllib.error
import urllib.request

import pytest

from events import Stream
from net import Network, wait_for
from test_store import MS, TEST, Stage

HOUR, DAY = 3600, 86400
PATH = f"/api/v1/matrix/{TEST}?ref=base"


@pytest.fixture(name="stage", scope="module")
def a_stage(tmp_path_factory):
    """Days of 20 ms to lon at this hour, and of 90 ms at others; of par nothing
    is known from before."""
    with Network() as network:
        stage = Stage(network, tmp_path_factory.mktemp("b"))
        hour = int(time.time()) // HOUR * HOUR
        for day in range(1, 9):
            start = hour - day * DAY
            usual = 20 if day < 8 else 500  # that is too long ago
            stage.box.deliver(stage.collector, [
                stage.box.record(start + 60, [usual * MS] * 10),
                stage.box.record(start + HOUR + 60, [usual * MS] * 10),
                stage.box.record(start - HOUR, [90 * MS] * 10)])
        yield stage
        stage.collector.close()


def report(stage, rtt, dst="lon"):
    stage.box.deliver(stage.collector, [
        stage.box.record(time.time() - 1, [rtt] * 10, dst=dst)])


def cell(stage, place=1):
    answer = stage.collector.api(PATH)
    return {name: answer[name][place]
            for name in ("value", "base", "change", "step", "grade")}


@pytest.mark.parametrize("rtt, step", [
    (31 * MS, 5), (25 * MS, 4), (22 * MS, 3), (20 * MS, 2), (18 * MS, 1),
    (10 * MS, 0), (50 * MS, 6)])
def test_a_delay_is_judged_by_what_it_usually_is(stage, rtt, step):
    report(stage, rtt)
    wait_for("the value", lambda: cell(stage)["value"] == rtt / 1e9)
    found = wait_for("its baseline", lambda: cell(stage)["base"] and cell(stage))
    assert found["base"] == pytest.approx(0.020, rel=1 / 32)
    assert found["change"] == pytest.approx(rtt / 1e9 / found["base"] - 1)
    assert found["step"] == step


def test_what_was_never_measured_at_this_hour_has_no_step(stage):
    report(stage, 30 * MS, "par")
    wait_for("the value", lambda: cell(stage, 2)["value"] == 0.03)
    assert (cell(stage, 2)["base"], cell(stage, 2)["step"]) == (None, None)
    answer = wait_for("all of it", lambda: next(
        (a for a in [stage.collector.api(PATH)] if a["baseline"]["complete"]), None))
    assert (answer["ref"], answer["baseline"]["days"]) == ("base", 7)
    assert answer["baseline"]["known"] == 1
    assert answer["baseline"]["hour"] % HOUR == 0
    assert sum(answer["summary"]["steps"]) == answer["summary"]["states"]["ok"]


def test_small_differences_are_none(stage):
    """Under half a millisecond and within two standard deviations; under 1 ms a
    change is measured by 1 ms."""
    scale = stage.collector.api("/api/v1/scales")["baseline"]
    assert (scale["floor"], scale["least"], scale["sigmas"]) == (0.0005, 0.001, 2)
    assert len(scale["steps"]) == 7 == len(scale["edges"]) + 1


def greet(stage, **clock):
    """A hello of the box, with this of its clock."""
    box = stage.box
    box.node.run(["curl", "-sSf", "--cacert", box.state / "ca.pem", "--cert",
                  box.state / "box.pem", "--key", box.state / "box.key", "-H",
                  "Content-Type: application/json", "-d", json.dumps(
                      {"version": "0", "epoch": box.epoch, "clock": clock}),
                  f"{stage.collector.url(box.node)}/agent/v1/hello"])


def test_what_stamps_are_off_by_is_no_difference(stage):
    """A box finds itself out (calibration): it is busy, and stamps late."""
    report(stage, 31 * MS)
    wait_for("the value", lambda: cell(stage)["step"] == 5)
    greet(stage, source="none", host={"error": 0.012})
    wait_for("as usual", lambda: cell(stage)["step"] == 2)
    assert cell(stage)["change"] > 0.5  # the number is there all the same
    report(stage, 34 * MS)
    wait_for("more than that", lambda: cell(stage)["step"] == 5)
    greet(stage, source="none", host={"error": 0.00005})


def test_live_tells_of_it(stage):
    stream = Stream(stage.collector.web, f"/api/v1/live?test={TEST}&ref=base")
    stream.next("hello")
    report(stage, 40 * MS)
    event = stream.next("cells")
    assert event.data["base"] == [pytest.approx(0.020, rel=1 / 32)]
    assert event.data["step"] == [6 if event.data["change"][0] >= 1 else 5]
    assert len(event.data["summary"]["steps"]) == 7


def test_rows_have_it(stage):
    with urllib.request.urlopen(stage.collector.web + PATH.replace(
            TEST, f"{TEST}.csv")) as reply:
        rows = list(csv.DictReader(io.StringIO(reply.read().decode())))
    assert float(rows[0]["base"]) == pytest.approx(0.020, rel=1 / 32)
    assert rows[1]["base"] == rows[1]["change"] == ""


@pytest.mark.parametrize("more", ["&metric=loss", "&stat=p95", "&ref=x"])
def test_what_has_no_baseline_is_refused(stage, more):
    path = f"/api/v1/matrix/{TEST}?ref=x" if more == "&ref=x" else PATH + more
    with pytest.raises(urllib.error.HTTPError) as refused:
        stage.collector.api(path)
    assert refused.value.code == 400
