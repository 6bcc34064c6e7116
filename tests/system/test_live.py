"""Live updates: what changes reaches all who watch, once."""

import time
import urllib.error
import urllib.request

import pytest

from events import Stream
from fleet import pharos
from net import Network, wait_for
from prometheus import parse, value
from test_store import TEST, Box, Stage

PATH = f"/api/v1/live?test={TEST}"
PLACES = {"lon": 1, "par": 2}  # of nyc's row; src and dst are nyc, lon, par


@pytest.fixture(name="stage", scope="module")
def a_stage(tmp_path_factory):
    with Network() as network:
        stage = Stage(network, tmp_path_factory.mktemp("l"))
        yield stage
        stage.collector.close()


@pytest.fixture(name="report")
def a_reporter(stage):
    """Reports runs that ended just now: report(dst, rtt in ns)."""
    def report(**rtts):
        stage.box.deliver(stage.collector, [
            stage.box.record(time.time() - 1, [rtt] * 10, dst=dst)
            for dst, rtt in rtts.items()])
    return report


def watch(stage, more="", last=None):
    """A stream, and the word it begins with."""
    stream = Stream(stage.collector.web, PATH + more, last)
    assert stream.status == 200
    assert stream.headers["content-type"] == "text/event-stream"
    return stream, stream.next("hello")


def values(event):
    return dict(zip(event.data["cells"], event.data["value"]))


def test_a_finding_of_a_silent_box_is_stale(stage, report):
    stream, _ = watch(stage)
    stage.box.deliver(stage.collector, [
        stage.box.record(time.time() - 1, [4_000_000] * 10)])
    event = stream.next("cells")
    states = stage.collector.api(f"/api/v1/matrix/{TEST}")["states"]
    assert states[event.data["state"][0]] == "stale"


def test_a_finding_that_grows_old_becomes_stale_by_itself(tmp_path):
    """Of boxes that report, without any news."""
    with Network() as network:
        stage = Stage(network, tmp_path)
        try:
            lon = Box(stage.box.node, tmp_path, "lon").enroll(stage.collector)
            for box in (stage.box, lon):
                box.say_hello(stage.collector)
            fleet = stage.collector.api("/api/v1/fleet")
            ends = time.time() - fleet["tests"][0]["stale_after"] + 5
            stream, _ = watch(stage)
            stage.box.deliver(stage.collector, [
                stage.box.record(ends - 1, [5_000_000] * 10)])
            states = stage.collector.api(f"/api/v1/matrix/{TEST}")["states"]
            told = []
            while not told or told[-1] != "stale":
                event = stream.next("cells")
                assert event.data["cells"] == [PLACES["lon"]]
                told.append(states[event.data["state"][0]])
            assert told in (["ok", "stale"], ["stale"])  # that on a slow machine
            assert set(event.data["silent"]) == {"par"}
            assert event.data["value"] == [0.005], "the last value stays"
            assert time.time() > ends + fleet["tests"][0]["stale_after"]
        finally:
            stage.collector.close()


def test_a_finding_reaches_all_who_watch_in_one_message(stage, report):
    streams = [watch(stage)[0] for _ in range(3)]
    report(lon=5_000_000)
    events = [stream.next("cells") for stream in streams]
    assert values(events[0]) == {PLACES["lon"]: 0.005}
    assert events[0].data["summary"]["states"]["stale"] == 1
    assert 0 <= events[0].data["age"][0] < 15
    assert events[0].data["grade"] == [0]
    assert len({event.text for event in events}) == 1
    assert len({event.id for event in events}) == 1


def test_only_what_changed_is_told(stage, report):
    stream, _ = watch(stage)
    report(lon=5_000_000, par=7_000_000)
    first = stream.next("cells")
    report(par=8_000_000)
    second = stream.next("cells")
    assert values(first) == {1: 0.005, 2: 0.007}
    assert values(second) == {2: 0.008}


def test_messages_are_a_second_apart(stage, report):
    stream, _ = watch(stage)
    times, rtt = [], 5_000_000
    while len(times) < 4:  # there is always something new to tell
        report(lon=rtt)
        rtt += 1_000_000
        while not stream.events.empty():
            times.append(stream.next("cells").data["generated"])
    assert all(b - a > 0.95 for a, b in zip(times, times[1:])), times


def test_who_comes_back_is_told_what_he_missed(stage, report):
    stream, _ = watch(stage)
    report(lon=5_000_000)
    seen = stream.next("cells")
    stream.close()
    report(lon=6_000_000)
    report(par=7_000_000)
    wait_for("both in the matrix", lambda: stage.collector.api(
        f"/api/v1/matrix/{TEST}")["value"][2] == 0.007)
    again, hello = watch(stage, last=seen.id)
    assert hello.data["resumed"] is True
    assert values(again.next("cells")) == {1: 0.006, 2: 0.007}


def test_an_id_of_another_life_is_told_as_such(stage, report):
    stream, hello = watch(stage)
    assert hello.data["resumed"] is False
    stream.close()
    for last in ("", "nonsense", hello.id[:-1] + "999", "0" * 16 + "-0",
                 hello.id + "x"):
        _, again = watch(stage, last=last)
        assert again.data["resumed"] is False, last
        assert again.id == hello.id
    _, again = watch(stage, f"&last={hello.id}")
    assert again.data["resumed"] is True


def test_one_pair_can_be_watched_alone(stage, report):
    alone, _ = watch(stage, "&src=nyc&dst=par")
    whole, _ = watch(stage)
    report(lon=5_000_000)
    assert PLACES["lon"] in values(whole.next("cells"))  # a look has passed
    report(par=7_000_000)
    # the first that it hears of; ticks may come
    assert values(alone.next("cells")) == {PLACES["par"]: 0.007}


def test_a_view_has_its_metric_and_companions(stage, report):
    stream, _ = watch(stage, "&metric=rtt&stat=p95&also=loss,sent")
    report(lon=5_000_000)
    event = stream.next("cells")
    also = event.data["also"]
    assert (also["loss"]["value"], also["loss"]["grade"]) == ([0], [0])
    assert also["sent"]["value"] == [10]


@pytest.mark.parametrize("more, status", [
    ("?test=nothing", 404), ("", 404), ("?test=core&metric=nonsense", 400),
    ("?test=core&src=nyc&dst=nowhere", 404), ("?tests=core,nothing", 404),
    ("?tests=core&most=-1", 400), ("?tests=" + ",".join(["core"] * 33), 400)])
def test_what_cannot_be_watched_is_refused_with_words(stage, more, status):
    with pytest.raises(urllib.error.HTTPError) as refused:
        stage.collector.api("/api/v1/live" + more)
    assert refused.value.code == status


def test_who_watches_is_counted_until_he_goes(stage):
    def count():
        with urllib.request.urlopen(stage.collector.web + "/metrics") as reply:
            return value(parse(reply.read().decode()), "pharos_live_clients")
    before = count()
    stream, _ = watch(stage)
    assert count() == before + 1
    stream.close()
    wait_for("the end of it", lambda: count() == before)


def test_a_summary_comes_without_planes(stage, report):
    whole = stage.collector.api(f"/api/v1/matrix/{TEST}")
    short = stage.collector.api(f"/api/v1/matrix/{TEST}?planes=none")
    assert short["summary"] == whole["summary"]
    assert set(whole) - set(short) == {
        "value", "grade", "state", "age", "count", "also"}


def test_a_new_fleet_sends_all_to_it(stage, report):
    stream, hello = watch(stage)
    stage.collector.fleet.write_text(
        stage.collector.fleet.read_text().replace("192.0.2.3", "192.0.2.33"))
    pharos("reload", "--config", stage.collector.config)
    assert stream.next("nothing") is None
    _, again = watch(stage, last=hello.id)
    assert again.data["resumed"] is False


def test_several_tests_are_watched_on_one_stream(stage, report):
    """One that is too large for its cells is told as a summary."""
    whole, hello = watch_several(stage, "also=graded")
    assert hello.data["resumed"] is False
    small, _ = watch_several(stage, "also=graded&most=8")
    report(lon=5_000_000)
    event, short = whole.next("cells"), small.next("summary")
    assert event.data["test"] == short.data["test"] == TEST
    assert values(event) == {PLACES["lon"]: 0.005}
    assert {"loss", "sent", "lost"} <= set(event.data["also"])
    assert short.data["summary"] == event.data["summary"]
    assert "cells" not in short.data


def watch_several(stage, more):
    stream = Stream(stage.collector.web, f"/api/v1/live?tests={TEST}&{more}")
    return stream, stream.next("hello")
