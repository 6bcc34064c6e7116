"""CSV and TSV of the API: the same numbers as its JSON."""

import csv
import io
import time
import urllib.error
import urllib.request

import pytest

from net import Network, wait_for
from test_store import STEP, TEST, Stage

MATRIX = f"/api/v1/matrix/{TEST}"
SERIES = f"/api/v1/series/{TEST}/nyc/lon"


@pytest.fixture(name="stage", scope="module")
def a_stage(tmp_path_factory):
    with Network() as network:
        stage = Stage(network, tmp_path_factory.mktemp("t"))
        stage.box.deliver(stage.collector, [
            stage.box.record(time.time() - 2 * STEP, [7_000_000] * 9),
            stage.box.record(time.time() - 2, [5_000_000] * 10),
            stage.box.record(time.time() - 1, [], dst="par")])
        wait_for("both cells", lambda: stage.collector.api(MATRIX)["count"][1:3]
                 == [1, 1])
        yield stage
        stage.collector.close()


def fetch(stage, path, accept=None):
    request = urllib.request.Request(stage.collector.web + path, headers={
        "Accept": accept} if accept else {})
    with urllib.request.urlopen(request, timeout=20) as reply:
        return reply.headers, reply.read().decode()


def parse(text, separator):
    return list(csv.DictReader(io.StringIO(text), delimiter=separator))


def number(cell):
    return None if cell == "" else float(cell)


@pytest.mark.parametrize("path, accept, kind", [
    (".csv", None, "text/csv"), (".tsv", None, "text/tab-separated-values"),
    ("", "text/csv", "text/csv"), ("", "text/csv;q=0.5, text/tab-separated-values",
                                   "text/tab-separated-values"),
    (".json", "text/csv", "application/json"), ("", None, "application/json"),
    ("", "text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
    ("", "application/json, text/csv;q=0.9", "application/json")])
@pytest.mark.parametrize("base", [MATRIX, SERIES])
def test_the_end_of_the_name_or_accept_says_the_format(stage, base, path, accept,
                                                       kind):
    headers, _ = fetch(stage, base + path, accept)
    assert headers["Content-Type"].split(";")[0] == kind
    assert headers["Vary"] == "Accept"


@pytest.mark.parametrize("end, separator", [(".csv", ","), (".tsv", "\t")])
def test_a_matrix_has_a_row_of_each_pair(stage, end, separator):
    query = "?metric=rtt&stat=p50&also=loss,sent"
    json = stage.collector.api(MATRIX + query)
    _, text = fetch(stage, MATRIX + end + query)
    rows = parse(text, separator)
    assert text.endswith("\r\n" if separator == "," else "\n")
    assert list(rows[0]) == ["src", "dst", "rtt_p50", "loss", "sent", "grade",
                             "state", "measured", "count"]
    assert len(rows) == 6
    for row in rows:
        i = json["src"].index(row["src"]) * 3 + json["dst"].index(row["dst"])
        assert number(row["rtt_p50"]) == json["value"][i]
        assert number(row["loss"]) == json["also"]["loss"]["value"][i]
        assert row["state"] == json["states"][json["state"][i]]
        assert number(row["count"]) == json["count"][i]
    lon, par = rows[0], rows[1]  # their boxes have never said a word
    assert (lon["grade"], lon["state"]) == ("excellent", "stale")
    assert (par["rtt_p50"], par["grade"], par["state"]) == ("", "", "stale")
    assert abs(float(lon["measured"]) - time.time()) < 120
    assert rows[2]["measured"] == ""  # lon measures nothing


@pytest.mark.parametrize("end, separator", [(".csv", ","), (".tsv", "\t")])
def test_a_series_has_a_line_of_each_row(stage, end, separator):
    now = int(time.time())
    query = f"?from={now - 600}&to={now}&metric=rtt,loss,sent"
    json = stage.collector.api(SERIES + query)
    _, text = fetch(stage, SERIES + end + query)
    rows = parse(text, separator)
    assert len(rows) == json["count"]
    columns = {"loss": json["metrics"]["loss"]["columns"]["ratio"],
               "sent": json["metrics"]["sent"]["columns"]["sum"]}
    for name, values in json["metrics"]["rtt"]["columns"].items():
        columns[f"rtt_{name}"] = values
    assert set(rows[0]) == {"start", *columns}
    for i, row in enumerate(rows):
        assert float(row["start"]) == json["start"] + i * json["step"]
        for name, values in columns.items():
            assert number(row[name]) == pytest.approx(values[i]), name
    assert any(values[-1] is not None or values[-2] is not None
               for values in columns.values())


def test_planes_and_tiles_are_parts_of_the_whole(stage):
    whole = stage.collector.api(MATRIX)
    short = stage.collector.api(MATRIX + "?planes=grade,state")
    assert {"value", "age", "count", "also"}.isdisjoint(short)
    assert (short["grade"], short["state"]) == (whole["grade"], whole["state"])
    tile = stage.collector.api(MATRIX + "?tile=0,1,2&planes=value,count")
    assert tile["tile"] == {"row": 0, "column": 1, "rows": 2, "columns": 2}
    assert tile["value"] == [whole["value"][i] for i in (1, 2, 4, 5)]
    assert "src" not in tile and "grade" not in tile
    last = stage.collector.api(MATRIX + "?tile=2,2,64")
    assert last["tile"] == {"row": 2, "column": 2, "rows": 1, "columns": 1}
    for query in ("planes=nothing", "tile=3,0,64", "tile=0,0,0", "tile=a",
                  "tile=-1,0,1", "tile=0,0,64,1"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            stage.collector.api(f"{MATRIX}?{query}")
        assert refused.value.code == 400, query
