"""One-way delay between boxes of a fleet, all the time and in runs."""

import pytest

from net import Network, wait_for
from owd import OwdFleet, add_up

BOXES = {"nyc": (4, 6), "lon": (4, 6), "tok": (4,)}
REPORT = 2
STREAM = """  flow: {mesh: all, probe: owd, schedule: {continuous: {report: 2s}},
         options: {rate: 20/s, timeout: 500ms}}
"""
RUNS = """  runs: {mesh: all, probe: owd, schedule: {uniform: 10s},
         options: {count: 50, rate: 100/s, timeout: 300ms}}
"""


@pytest.fixture(name="fleet", scope="module")
def made_fleet(tmp_path_factory):
    with Network() as network:
        made = OwdFleet(network, tmp_path_factory.mktemp("o"), BOXES, STREAM + RUNS)
        try:
            yield made.start()
        finally:
            made.close()


def whole(records):
    """From where the first interval begins that has its whole length."""
    first = next(i for i, r in enumerate(records) if r["end"] % REPORT == 0)
    assert first <= 1  # a slow host's worker may have begun late
    return records[first + 1:]


def test_every_pair_is_measured_from_its_destination(fleet):
    fleet.wait_for(4, "flow", timeout=90)
    for src, dst in fleet.pairs:
        found = fleet.timeline("flow", src, dst)
        for record in whole(found):
            assert record["end"] - record["start"] == REPORT
            assert record["start"] % REPORT == 0
        record = fleet.measured("flow", src, dst)[-1]
        m = add_up(record)
        assert record["agent"] == dst
        assert record["clock"]["stamps"] == "kernel/kernel"
        assert m["unstamped"] == m["lost"] == m["lost_locally"] == 0
        assert m["sent"] == m["received"] == m["delay"]["n"]
        assert 0 < m["delay"]["min"] <= m["delay"]["p50"] < 0.05
        assert m["hops"] == 0
        assert record["family"] == (4 if "tok" in (src, dst) else 6)
        assert {"src", "dst"} <= record["clock"].keys()


def test_runs_are_measured_beside_streams(fleet):
    fleet.wait_for(1, "runs", timeout=90)
    for src, dst in fleet.pairs:
        m = add_up(fleet.measured("runs", src, dst)[0])
        assert (m["sent"], m["received"], m["lost"]) == (50, 50, 0)


def test_matrix_and_series_show_delay_and_loss(fleet):
    wait_for("every cell", lambda: {
        cell["state"] for pair, cell in fleet.matrix("flow").items()
        if pair[0] != pair[1]} == {"ok"}, 60)
    delay = fleet.matrix("flow", metric="delay", stat="p50")
    loss = fleet.matrix("flow", metric="loss")
    for pair in fleet.pairs:
        assert 0 < delay[pair]["value"] < 0.05
        assert loss[pair]["value"] == 0

    def bins():
        answer = fleet.collector.api("/api/v1/series/flow/nyc/lon?metric=sent"
                                     "&from=-10m&points=1000")
        column = answer["metrics"]["sent"]["columns"]["sum"]
        return [value for value in column if value is not None]

    wait_for("the history", lambda: len(bins()) >= 2, 60)
