"""What a box's own stamps are off by: measured all the time, by the box itself."""

import pytest

from net import wait_for
from owd import add_up, owd_fleet

TESTS = """  flow: {mesh: all, probe: owd, schedule: {continuous: {report: 2s}},
         options: {rate: 20/s, timeout: 500ms}}
"""


@pytest.fixture(name="fleet", scope="module")
def made_fleet(tmp_path_factory):
    with owd_fleet(tmp_path_factory.mktemp("o"), {"nyc": (4, 6), "lon": (4,)},
                   TESTS) as fleet:
        yield fleet


def test_boxes_measure_themselves_without_being_asked(fleet):
    def found(box):
        return [r for r in fleet.records("calibration", box, "localhost")
                if r["outcome"] == "measured"]

    for box in fleet.boxes:
        wait_for("a calibration of " + box, lambda: found(box), 150)
        record = found(box)[0]
        m = add_up(record)
        assert record["agent"] == box
        assert record["clock"]["stamps"] == "kernel/kernel"
        assert 0 < m["delay"]["p50"] < 0.005
        assert m["lost"] == 0
    status = fleet.agents["nyc"].status()["clock"]["host"]
    assert status["packets"] > 0
