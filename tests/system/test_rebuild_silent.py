"""Rebuilt: pairs that have been silent, or that nobody resolves, or whose clock ran
fast."""

import time

import pytest

from net import wait_for
from test_rebuild import DAY, HOUR, Stage
from test_store import MS, STEP

WEB = "www.example.org"
FLEET = f"""
sites:
  nyc: {{address: 192.0.2.1}}
  lon: {{address: 192.0.2.2}}
  par: {{address: 192.0.2.3}}
  old: {{address: 192.0.2.4}}
targets:
  {WEB}: {{}}
meshes:
  all: {{members: [nyc, lon, par]}}
tests:
  core: {{mesh: all, probe: ping, schedule: {{uniform: 10s}},
         options: {{count: 10, spacing: 100ms}}}}
  web: {{from: [nyc], to: [{WEB}], probe: ping, schedule: {{uniform: 10s}},
        options: {{count: 10, spacing: 100ms}}}}
  other: {{from: [nyc], to: [lon, old], probe: ping, schedule: {{uniform: 10s}},
          options: {{count: 10, spacing: 100ms}}}}
"""


@pytest.fixture(name="stage")
def made_stage(network, folder):
    made = Stage(network, folder, FLEET)
    yield made
    made.collector.close()


def weeks_ago(stage, first, **pair):
    """Thirty hours of a pair that has been silent since."""
    return [stage.box.record(first + n * HOUR, [(n + first // DAY % 5 + 1) * MS] * 9,
                             **pair) for n in range(30)]


def forget_old_bins(stage):
    """As the store does at its start, once they are in hours, days and files."""
    wait_for("the last record", lambda: stage.query(
        f"SELECT * FROM bin WHERE start = {(stage.now - 100) * 10**9}"))
    stage.restart()
    horizon = (stage.today - 2 * DAY) * 10**9
    wait_for("hours, days and files", lambda: stage.query(
        "SELECT min(rolled > newest AND flushed > newest) FROM pair"
        f" WHERE newest < {horizon}")[0][0])
    stage.restart()
    wait_for("old bins to go", lambda: stage.query(
        "SELECT start FROM bin") == [((stage.now - 100) * 10**9,)])


def shown(stage):
    """What there is of pairs that are silent."""
    api = stage.collector.api
    gone = api("/api/v1/departed")["pairs"]

    def series(pair, back):
        found = api(f"/api/v1/series/{pair}?metric=rtt,loss,sent&points=1500"
                    f"&from={stage.now - back * DAY}&to={stage.now - 10 * DAY}")
        found.pop("generated")
        return found
    return {
        "matrix": stage.matrix("last"), "names": stage.matrix("last", "web"),
        "hours": series("core/nyc/par", 30), "days": series("core/nyc/par", 300),
        "newer family": series(f"web/nyc/{WEB}", 300),
        "families": stage.query("SELECT test, dst, family FROM pair ORDER BY 1, 2, 3"),
        "rows": stage.query("SELECT dst, family, count(*) FROM pair JOIN rollup"
                            " ON rollup.id >> 26 = pair.id GROUP BY 1, 2 ORDER BY 1, 2"),
        "left": [(p["test"], p["dst"], p["family"], p["last"]) for p in gone]}


def test_pairs_silent_for_weeks_outlive_bins_that_cannot_be_read(stage):
    old = stage.today - 20 * DAY
    stage.deliver(
        weeks_ago(stage, old, dst="par") +
        weeks_ago(stage, old, dst="old", test="other") +
        weeks_ago(stage, old - 4 * DAY, dst=WEB, test="web") +
        weeks_ago(stage, old, dst=WEB, test="web", family=6) +
        [stage.box.record(stage.now - 100, [5 * MS] * 10)])
    forget_old_bins(stage)
    stage.collector.fleet.write_text(
        FLEET.replace("  old: {address: 192.0.2.4}\n", "").replace("lon, old]", "lon]"))
    stage.restart()
    wait_for("word of the pairs that have left", lambda: len(shown(stage)["left"]) == 2)
    before = shown(stage)
    assert before["matrix"]["nyc", "par"][2] == "stale"
    assert before["names"]["nyc", WEB][2] == "stale"
    assert before["rows"] == [("old", 4, 32), ("par", 4, 32), (WEB, 4, 32), (WEB, 6, 32)]
    stage.collector.stop()
    (stage.state / "bins.db").write_bytes(b"no database at all\n" * 1000)
    stage.rebuild("latest")
    stage.rebuild("rollup")
    stage.collector.start()
    wait_for("word of them", lambda: len(shown(stage)["left"]) == 2)
    after = shown(stage)
    for what, answer in before.items():
        assert after[what] == answer, what


def test_finding_of_a_clock_that_ran_fast_gives_way_to_the_next(stage):
    def last():
        return stage.matrix("last")["nyc", "lon"][0]
    now = int(time.time())
    stage.box.say_hello(stage.collector)
    stage.deliver([stage.box.record(now, [5 * MS] * 10, end=now + 6 * HOUR)])
    wait_for("its value", lambda: last() == pytest.approx(0.005))
    stage.collector.stop()
    stage.rebuild("latest")
    stage.collector.start()
    assert last() == pytest.approx(0.005)
    stage.deliver([stage.box.record(time.time(), [7 * MS] * 10, end=time.time() + 1)])
    wait_for("the next value", lambda: last() == pytest.approx(0.007))


def test_record_of_a_name_that_did_not_resolve_makes_no_pair(stage):
    """It is its pair's, also when it is the first of all that go by."""
    def unresolved(start):
        record = stage.box.record(start, [], dst=WEB, test="web", outcome="failed")
        del record["family"], record["metrics"]
        return record
    day = stage.today - DAY
    stage.deliver([stage.box.record(day + n * HOUR, [(n + 1) * MS] * 10, dst=WEB,
                                    test="web") for n in range(12)] +
                  [unresolved(day - 9 * HOUR), unresolved(day + HOUR + 30),
                   stage.box.record(stage.now - 100, [5 * MS] * 10)])

    def told():
        return (stage.query("SELECT test, dst, family FROM pair ORDER BY 1, 2, 3"),
                stage.query("SELECT pair, start, outcome, json_extract(bundle,"
                            " '$.outcomes') FROM bin ORDER BY pair, start"),
                stage.matrix("last", "web"))
    wait_for("the last record", lambda: len(told()[1]) == 15)
    before = told()
    stage.collector.stop()
    stage.query("DELETE FROM bin")
    for what in "latest", "rollup", "rrd":
        stage.rebuild(what)
    stage.collector.start()
    assert told() == before
