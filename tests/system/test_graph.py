"""Pictures of a pair's history for mail and wiki."""

import concurrent.futures
import struct
import time
import urllib.error
import urllib.request
import zlib

import pytest

from net import wait_for
from test_store import STEP, Stage

ACCENT = (0x1f, 0x6f, 0x8f)   # the line
GREY = (0xec, 0xee, 0xee)     # nothing was measured
RED = (0xf2, 0xd9, 0xda)      # nothing was answered
BAD = (0x43, 0x08, 0x1f)      # a tick of a bad loss
DARK = (0x10, 0x16, 0x15)


def get(stage, path, **headers):
    request = urllib.request.Request(stage.collector.web + path, headers={
        name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.status, reply.headers, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def pixels(png):
    """Rows of RGB of a PNG as librrd writes them: 8 bits, not interlaced."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, data = 8, b""
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at:at + 8])
        body = png[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", body[:10])
        data += body if kind == b"IDAT" else b""
        at += size + 12
    wide = {2: 3, 6: 4}[colour]
    assert depth == 8
    raw, rows, above = zlib.decompress(data), [], bytes(width * wide)
    for y in range(height):
        kind, *line = raw[y * (width * wide + 1):(y + 1) * (width * wide + 1)]
        for i, value in enumerate(line):
            left = line[i - wide] if i >= wide else 0
            corner = above[i - wide] if i >= wide else 0
            guess = (0, left, above[i], (left + above[i]) // 2,
                     min((left, above[i], corner), key=lambda p: abs(
                         left + above[i] - corner - p)))[kind]
            line[i] = (value + guess) & 255
        rows.append([tuple(line[x * wide:x * wide + 3]) for x in range(width)])
        above = line
    return rows


def count(rows, colour):
    return sum(row.count(colour) for row in rows)


@pytest.fixture(name="drawn", scope="module")
def a_stage_with_a_history(tmp_path_factory):
    """Ten minutes: fine, lossy, unanswered, and a pause before the end."""
    from net import Network
    with Network() as network:
        stage = Stage(network, tmp_path_factory.mktemp("g"))
        stage.box.deliver(stage.collector, [
            stage.box.record(stage.start + i * STEP,
                             [5_000_000 + i * 1000] * (10 if i < 15 else
                                                       5 if i < 25 else 0))
            for i in range(35)])
        stage.pass_time()
        wait_for("the history", lambda: stage.row("sent", 34) is not None)
        stage.path = (f"/graph/core/nyc/lon.png?from={stage.start}"
                      f"&to={stage.start + 60 * STEP}")
        yield stage
        stage.collector.close()


def test_a_picture_shows_what_was_measured_and_what_was_not(drawn):
    status, headers, png = get(drawn, drawn.path + "&width=640&height=240")
    assert (status, headers["Content-Type"]) == (200, "image/png")
    rows = pixels(png)
    assert (len(rows[0]), len(rows)) == (640, 240)
    for what, colour, least in (("a line", ACCENT, 50), ("no answer", RED, 500),
                                ("nothing", GREY, 500), ("a bad loss", BAD, 20)):
        assert count(rows, colour) >= least, what
    dark = pixels(get(drawn, drawn.path + "&theme=dark")[2])
    assert (len(dark[0]), len(dark)) == (800, 280)
    assert count(dark, DARK) > 800 * 280 / 3 and count(dark, (255,) * 3) < 50


def test_the_words_of_a_picture_are_chinese_on_request(drawn):
    """The same picture, but for its legend."""
    english, chinese = (pixels(get(drawn, f"{drawn.path}&lang={lang}")[2])
                        for lang in ("en", "zh-CN"))
    assert english == pixels(get(drawn, drawn.path)[2])
    other = [y for y, row in enumerate(english) if row != chinese[y]]
    assert len(english) == len(chinese) and other
    # lines of words are all below the axis of time
    assert min(other) > len(english) * 0.7, other


@pytest.mark.parametrize("metric", ["loss", "sent"])
def test_each_kind_of_metric_has_a_picture(drawn, metric):
    status, _, png = get(drawn, f"{drawn.path}&metric={metric}")
    assert status == 200
    assert count(pixels(png), BAD if metric == "loss" else ACCENT) > 100


def test_a_picture_that_is_known_is_not_drawn_again(drawn):
    _, headers, _ = get(drawn, drawn.path)
    assert headers["Cache-Control"] == f"max-age={STEP}"
    etag = headers["ETag"]
    status, again, body = get(drawn, drawn.path, If_None_Match=etag)
    assert (status, body, again["ETag"]) == (304, b"", etag)
    assert get(drawn, drawn.path + "&theme=dark", If_None_Match=etag)[0] == 200
    old = int(time.time()) - 5 * 86400
    _, headers, _ = get(drawn, f"/graph/core/nyc/lon.png?from={old}"
                               f"&to={old + 3600}")
    assert headers["Cache-Control"] == "max-age=86400"


def test_others_do_not_wait_for_pictures(drawn):
    """Two are drawn at a time; each that is asked for comes."""
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = [pool.submit(get, drawn, f"{drawn.path}&width={400 + i}")
                   for i in range(16)]
        slowest, start = 0, time.monotonic()
        while not all(answer.done() for answer in answers):
            began = time.monotonic()
            drawn.collector.api("/api/v1/scales")
            slowest = max(slowest, time.monotonic() - began)
        whole = time.monotonic() - start
        sizes = [len(pixels(answer.result()[2])[0]) for answer in answers]
    assert sizes == [400 + i for i in range(16)]
    assert slowest < whole / 4
    wait_for("no drawer", lambda: len(drawn.collector.children()) == 4)


def test_a_bad_question_is_refused_with_the_reason(drawn):
    for path, status, words in (
            ("lon.gif", 404, "end with .png"), ("lon", 404, "end with .png"),
            ("nowhere.png", 404, "does not measure"),
            ("par.png?from=2h", 400, "from"), ("lon.png?width=20", 400, "pixels"),
            ("lon.png?height=many", 400, "pixels"),
            ("lon.png?theme=blue", 400, "light or dark"),
            ("lon.png?lang=zh", 400, "en or zh-CN"),
            ("lon.png?metric=error", 400, "no metric"),
            ("lon.png?from=now&to=-1h", 400, "not before")):
        found, headers, body = get(drawn, f"/graph/core/nyc/{path}")
        assert found == status and words in body.decode(), (path, body)
        assert headers["Content-Type"] == "application/problem+json"
    found, _, body = get(drawn, "/graph/core/lon/par.png")
    assert found == 404 and b"in the history yet" in body
