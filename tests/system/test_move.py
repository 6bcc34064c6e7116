"""Sites with several boxes, and a box that moves: histories are the boxes' own."""

import sqlite3
import time

import pytest

from fleet import Collector, cells, pharos
from net import wait_for
from test_store import MS, STEP, Box

BEFORE = """
sites:
  nyc:
    groups: [us]
    boxes:
      nyc-a: {address: 192.0.2.1}
      nyc-b: {address: 192.0.2.2}
  lon: {address: 192.0.2.3, groups: [eu]}
meshes:
  all: {members: ["@us", "@eu"]}
tests:
  core: {mesh: all, probe: ping, schedule: {uniform: 10s},
         options: {count: 10, spacing: 100ms}}
"""
# nyc-b stands in London now, where the box lon has become one of two
AFTER = """
sites:
  lon:
    groups: [eu]
    boxes:
      nyc-b: {address: 192.0.2.9}
      lon: {address: 192.0.2.3}
  nyc:
    groups: [us]
    boxes:
      nyc-a: {address: 192.0.2.1}
""" + BEFORE[BEFORE.index("meshes:"):]


class Stage:
    def __init__(self, network, folder):
        self.hub = network.add("hub", (4,))
        self.collector = Collector(self.hub, folder / "c", BEFORE).start()
        self.box = Box(network.add("b", (4,)), folder / "b", "nyc-b")
        self.box.enroll(self.collector)
        self.start = int(time.time()) // 3600 * 3600 - 30 * 3600

    def series(self, span, points=1500, src="nyc-b", dst="lon"):
        answer = self.collector.api(
            f"/api/v1/series/core/{src}/{dst}?metric=rtt,loss,sent"
            f"&from={span[0]}&to={span[1]}&points={points}")
        return {name: answer[name] for name in ("start", "step", "count",
                                                "consolidation", "metrics")}

    def spans(self):
        """Fine rows, hours, and what was never measured."""
        start = self.start
        return [self.series((start, start + 1200)),
                self.series((start - 86400, start + 86400), 48),
                self.series((start - 20 * 86400, start + 86400)),
                self.series((start, start + 1200), dst="nyc-a"),
                self.series((start, start + 1200), src="lon", dst="nyc-b")]

    def rows(self):
        """The pairs by number, and all that is kept of them for years."""
        db = sqlite3.connect(f"file:{self.collector.state}/bins.db?mode=ro", uri=True)
        with db:
            found = (db.execute("SELECT id, src, dst, family FROM pair"
                                " ORDER BY id").fetchall(),
                     db.execute("SELECT * FROM rollup ORDER BY id").fetchall())
        db.close()
        return found

    def files(self):
        return sorted(str(path.relative_to(self.collector.state))
                      for path in self.collector.state.rglob("*.rrd"))

    def shown(self):
        matrix = self.collector.api("/api/v1/matrix/core?metric=rtt&stat=max")
        return {pair: (cell["value"], cell["count"])
                for pair, cell in cells(matrix).items()}

    def deliver(self, *records):
        self.box.deliver(self.collector, records)


@pytest.fixture
def stage(network, folder):
    made = Stage(network, folder)
    yield made
    made.collector.close()


def test_box_that_moves_keeps_its_history(stage):
    box, start, now = stage.box, stage.start, time.time()
    stage.deliver(*[box.record(start + n * STEP, [(n + 1) * MS] * 10)
                    for n in range(100)],
                  *[box.record(start + n * STEP, [3 * MS] * 9, dst="nyc-a")
                    for n in range(100)])
    stage.deliver(box.record(now - 2, [8 * MS] * 10),
                  box.record(now - 1, [9 * MS] * 10, dst="nyc-a"))
    wait_for("hours of both pairs", lambda: len(stage.rows()[1]) >= 4)
    wait_for("files of both pairs", lambda: len(stage.files()) == 2)
    wait_for("the last ones in the matrix", lambda: [
        stage.shown()["nyc-b", there][0] for there in ("lon", "nyc-a")] ==
        pytest.approx([0.008, 0.009]))
    spans, rows, files = stage.spans(), stage.rows(), stage.files()
    shown = stage.shown()
    assert spans[0]["metrics"]["rtt"]["columns"]["max"][99] == pytest.approx(0.1)
    assert sum(v is not None for v in
               spans[2]["metrics"]["sent"]["columns"]["sum"]) == 1

    stage.collector.fleet.write_text(AFTER)
    pharos("reload", "--config", stage.collector.config)
    sites = stage.collector.api("/api/v1/fleet")["sites"]
    assert [(site["name"], [box["name"] for box in site["boxes"]])
            for site in sites] == [("lon", ["nyc-b", "lon"]), ("nyc", ["nyc-a"])]
    wait_for("the same numbers in the matrix", lambda: stage.shown() == shown)
    assert (stage.spans(), stage.rows(), stage.files()) == (spans, rows, files)

    # what comes now goes on where the history ended
    stage.deliver(box.record(start + 50 * STEP + 5, [250 * MS] * 10))
    wait_for("the late record in its row", lambda: stage.spans()[0]["metrics"]
             ["rtt"]["columns"]["max"][50] == pytest.approx(0.25))
    wait_for("the late record in its hour", lambda: stage.series(
        (start, start + 3600), 1)["metrics"]["rtt"]["columns"]["max"]
        == [pytest.approx(0.25)])
    assert stage.rows()[0] == rows[0]
    assert stage.files() == files

    stage.collector.stop()
    stage.collector.start()
    assert stage.series((start, start + 1200), dst="nyc-a") == spans[3]
    wait_for("the matrix again", lambda: stage.shown() == shown)
