"""Answers that a client has already are not sent again."""

import email.utils
import time
import urllib.error
import urllib.request

import pytest

from net import wait_for
from test_store import Stage


def get(stage, path, **headers):
    request = urllib.request.Request(stage.collector.web + path, headers={
        name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.status, reply.headers, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def settle(stage):
    """The page of two looks that tell the same: nothing is under way."""
    def same():
        etags = [get(stage, path)[1]["ETag"] for path in PATHS]
        return etags == [get(stage, path)[1]["ETag"] for path in PATHS] and etags
    return dict(zip(PATHS, wait_for("answers that stand still", same)))


@pytest.fixture
def stage(network, folder):
    made = Stage(network, folder)
    yield made
    made.collector.close()


PATHS = ["/api/v1/fleet", "/api/v1/scales", "/api/v1/matrix/core",
         "/api/v1/matrix/core?window=1h&also=graded",
         "/api/v1/matrix/core?planes=none", "/api/v1/matrix/core.csv",
         "/api/v1/series/core/nyc/lon?from=1000&to=2000000000&points=100",
         "/api/v1/series/core/nyc/lon.tsv?from=1000&to=2000000000&points=100"]


def test_an_answer_is_sent_once_and_again_when_it_has_changed(stage):
    stage.box.deliver(stage.collector, [
        stage.box.record(time.time() - 3, [5_000_000] * 10)])
    wait_for("a value", lambda: any(
        stage.collector.api("/api/v1/matrix/core")["value"]))
    known = settle(stage)
    assert len(set(known.values())) == len(PATHS)
    for path, etag in known.items():
        assert etag.startswith('W/"')
        status, headers, body = get(stage, path, If_None_Match=etag)
        assert (status, body, headers["ETag"]) == (304, b"", etag), path
        told = email.utils.parsedate_to_datetime(headers["Date"]).timestamp()
        assert abs(told - time.time()) < 3
        assert get(stage, path, If_None_Match='W/"else"')[0] == 200
        some = f'"another", {etag}'
        assert get(stage, path, If_None_Match=some)[0] == 304
    stage.box.deliver(stage.collector, [  # par's changes the summary alone, too
        stage.box.record(time.time() - 1, [9_000_000] * 10),
        stage.box.record(time.time() - 1, [9_000_000] * 10, dst="par")])
    for path in PATHS[2:]:
        wait_for(f"news of {path}", lambda: get(
            stage, path, If_None_Match=known[path])[0] == 200)
    for path in PATHS[1:2]:
        assert get(stage, path, If_None_Match=known[path])[0] == 304


def test_what_a_box_says_changes_the_fleet(stage):
    known = get(stage, "/api/v1/fleet")[1]["ETag"]
    stage.box.say_hello(stage.collector)
    wait_for("news of the fleet", lambda: get(
        stage, "/api/v1/fleet", If_None_Match=known)[0] == 200)


def test_a_tile_is_known_by_its_own_cells(stage):
    paths = [f"/api/v1/matrix/core?tile={row},0,1" for row in (0, 1, 2)]
    known = [get(stage, path)[1]["ETag"] for path in paths]
    stage.box.deliver(stage.collector, [
        stage.box.record(time.time() - 1, [5_000_000] * 10, dst="lon")])
    wait_for("the value", lambda: any(
        stage.collector.api("/api/v1/matrix/core")["value"]))
    found = [get(stage, path, If_None_Match=etag)[0]
             for path, etag in zip(paths, known)]
    assert found == [304, 304, 304]  # of the first column nothing was measured


def test_the_format_is_part_of_it(stage):
    path = "/api/v1/matrix/core"
    _, headers, _ = get(stage, path)
    status, rows, _ = get(stage, path, Accept="text/csv",
                          If_None_Match=headers["ETag"])
    assert status == 200 and rows["ETag"] != headers["ETag"]
    assert rows["Vary"] == "Accept"


@pytest.mark.parametrize("path", PATHS[:3])
def test_the_head_says_it_too(stage, path):
    request = urllib.request.Request(stage.collector.web + path, method="HEAD")
    with urllib.request.urlopen(request, timeout=20) as reply:
        assert reply.headers["ETag"].startswith('W/"')
