"""Every record there is: the archive, the API and pharos records."""

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request

import pytest

from fleet import pharos, program
from net import wait_for
from test_store import Stage

DAY = 86400


@pytest.fixture
def stage(network, folder):
    stage = Stage(network, folder)
    yield stage
    stage.collector.close()


def fetch(stage, query=""):
    with urllib.request.urlopen(
            f"{stage.collector.web}/api/v1/records?{query}", timeout=20) as reply:
        return reply.read().decode()


def found(stage, query=""):
    return [json.loads(line) for line in fetch(stage, query).splitlines()]


def command(stage, *argv, **options):
    return pharos("records", *argv, "--url", stage.collector.web, **options)


def fill(stage, count):
    records = [stage.box.record(stage.start + n, [20000000 + n * 1000] * 9,
                                dst="lon" if n % 2 == 0 else "par")
               for n in range(count)]
    stage.box.deliver(stage.collector, records)
    return json.loads(json.dumps(records))


def gap(stage):
    box = stage.box
    box.sequence += 1
    return {"v": 1, "id": f"{box.name}/{box.epoch}/{box.sequence}",
            "agent": "nyc", "start": stage.start - 9, "end": stage.start - 1,
            "outcome": "gap", "why": "pharosd was stopped"}


def accepted(stage):
    """The last number of the journal."""
    newest = max((stage.collector.state / "journal").glob("*.db"))
    with sqlite3.connect(f"file:{newest}?mode=ro", uri=True) as db:
        return db.execute("SELECT max(number) FROM entry").fetchone()[0]


def restart_store(stage):
    """Ends it in good order, so that the archive has everything."""
    pid = stage.store()
    wait_for("all in the bins", lambda:
             sinks(stage)["bins"]["number"] == accepted(stage))
    os.kill(pid, signal.SIGTERM)
    wait_for("another store", lambda: stage.store() not in (None, pid))


def test_records_are_seen_at_once_and_the_same_when_archived(stage):
    sent = fill(stage, 40)
    lost = gap(stage)
    stage.box.deliver(stage.collector, [lost])
    expected = [lost] + sent[0::2] + sent[1::2]
    assert found(stage) == expected  # out of the journal
    assert found(stage, "outcome=gap&src=nyc") == [lost]
    span = f"from={stage.start + 10}&to={stage.start + 20}"
    assert sorted(r["start"] for r in found(stage, span)) == \
        [stage.start + n for n in range(10, 20)]
    assert not list((stage.collector.state / "archive").glob("*.db"))
    restart_store(stage)
    wait_for("the archive",
             lambda: list((stage.collector.state / "archive").glob("*.db")))
    assert found(stage) == expected
    late = fill(stage, 4)  # some here, some there
    for query, n in (("test=core&src=nyc&dst=lon", 0), ("test=core&dst=par", 1)):
        in_order = sorted(sent[n::2] + late[n::2],
                          key=lambda r: (r["start"], json.dumps(r)))
        assert found(stage, query) == in_order
        assert found(stage, query + "&limit=3") == in_order[:3]
    assert sorted(r["start"] for r in found(stage, span)) == \
        [stage.start + n for n in range(10, 20)]
    assert found(stage, "agent=lon") == []
    assert found(stage, "outcome=gap&src=nyc") == [lost]
    assert found(stage, "outcome=gap&src=lon") == []
    assert len(found(stage, "agent=nyc")) == 45


def test_bad_questions_are_refused_with_the_reason(stage):
    for query, text in (("limit=0", "expected a whole number from 1"),
                        ("limit=ten", "expected a whole number from 1"),
                        ("format=xml", "expected one of: ndjson, csv, tsv"),
                        ("from=yesterday", "from:"),
                        ("from=20&to=10", "not before"),
                        ("outcome=failed", "expected gap"),
                        ("outcome=gap&test=core", "and no test"),
                        ("test=No%20Such", "test:")):
        with pytest.raises(urllib.error.HTTPError) as refused:
            fetch(stage, query)
        assert refused.value.code == 400
        problem = json.load(refused.value)
        assert refused.value.headers["Content-Type"] == "application/problem+json"
        assert text in problem["detail"], problem
    assert fetch(stage, "test=nosuch") == ""
    with pytest.raises(urllib.error.HTTPError) as refused:
        fetch(stage, "from=2026-11-21T10:00Z&to=2026-11-21T09:00Z")
    assert json.load(refused.value)["detail"] == (
        '"from" (2026-11-21T10:00:00Z) is not before "to" (2026-11-21T09:00:00Z), '
        'expected an earlier time')
    done = command(stage, "core", "nyc", "lon", "--limit", "0", check=False)
    assert done.returncode == 2 and "whole number from 1" in done.stderr


def test_no_record_and_no_such_pair_are_told_apart(stage):
    fill(stage, 2)
    for form in ("text", "ndjson", "csv", "tsv"):
        none = command(stage, "core", "nyc", "lon", "--from", "2020-01-01",
                       "--to", "2020-01-02", "--format", form)
        assert none.stderr == "pharos: there are no such records\n"
        assert len(none.stdout.splitlines()) == (form in ("csv", "tsv"))
        some = command(stage, "core", "nyc", "lon", "--format", form)
        assert some.stderr == "" and "nyc" in some.stdout
    for pair, words in ((("corre", "nyc", "lon"), 'the fleet has no test "corre"'),
                        (("core", "nycc", "lon"), 'not measure from "nycc" to "lon"'),
                        (("core", "nyc", "paris"), 'not measure from "nyc" to "paris"')):
        done = command(stage, *pair, check=False)
        assert done.returncode == 3 and done.stdout == ""
        assert words in done.stderr


def test_an_agent_that_never_was_is_told_from_one_without_records(stage):
    fill(stage, 2)
    assert "no such records" in command(stage, "--agent", "lon").stderr
    for name in ("nobody", "www.example"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            fetch(stage, f"agent={name}&format=csv")
        assert refused.value.code == 404
        done = command(stage, "--agent", name, check=False)
        assert done.returncode != 0 and done.stdout == ""
        assert f'agent: there is no box "{name}"; ' in done.stderr
    # one that has left the fleet is known as long as its records are
    stage.collector.fleet.write_text(stage.collector.fleet.read_text().replace(
        "nyc", "rio"))
    pharos("reload", "--config", stage.collector.config)
    wait_for("another fleet", lambda: any(
        site["name"] == "rio" for site in
        stage.collector.api("/api/v1/fleet")["sites"]))
    assert len(found(stage, "agent=nyc")) == 2


@pytest.mark.parametrize("path, name", [
    ("/api/v1/records", "format"), ("/api/v1/live", "tests"),
    ("/api/v1/matrix/core", "stat"), ("/api/v1/matrix/core.csv", "tile"),
    ("/api/v1/series/core/nyc/lon", "points"),
    ("/api/v1/skew/core/nyc/lon", "from"), ("/api/v1/spark/core", "pairs"),
    ("/graph/core/nyc/lon.png", "theme")])
def test_what_a_query_may_not_ask_is_refused(stage, path, name):
    """Rather than answering another question than the one that was asked."""
    with pytest.raises(urllib.error.HTTPError) as refused:
        stage.collector.api(f"{path}?metrik=loss&to=now")
    assert refused.value.code == 400
    said, expected = json.load(refused.value)["detail"].split(", expected one of: ")
    assert said == f'{path}: unknown parameter "metrik"'
    assert name in expected.split(", ")


def test_a_span_is_a_day_before_its_end_unless_said(stage):
    old = stage.box.record(stage.start - 3 * DAY, [20000000] * 9)
    stage.box.deliver(stage.collector, [old, *(
        stage.box.record(stage.start + n, [20000000] * 9) for n in range(3))])
    end = str(int(stage.start - 2 * DAY - 3600))
    for to in (end, "-49h"):
        found = command(stage, "core", "nyc", "lon", "--to", to, "--format", "ndjson")
        assert [json.loads(line)["id"] for line in found.stdout.splitlines()] == \
            [old["id"]]
    series = stage.collector.api(f"/api/v1/series/core/nyc/lon?to={end}")
    assert series["to"] - series["from"] == DAY
    done = command(stage, "core", "nyc", "lon", "--to", "tomorrow", check=False)
    assert done.returncode == 2 and 'to: "tomorrow": expected a time' in done.stderr


def test_people_and_programs_get_their_formats(stage):
    sent = fill(stage, 6)
    failed = stage.box.record(stage.start + 6, [], dst="lon")
    failed |= {"outcome": "failed", "why": "no route, \"really\"\tnone",
               "lateness": 0.25}
    del failed["metrics"]
    skipped = stage.box.record(stage.start + 7, [], dst="lon") | {
        "outcome": "skipped", "why": "quiet hours", "missed": 500}
    del skipped["metrics"]
    stage.box.deliver(stage.collector, [failed, skipped, gap(stage)])

    assert [json.loads(line) for line in
            command(stage, "core", "nyc", "lon", "--format", "ndjson")
            .stdout.splitlines()] == sent[0::2] + [failed, skipped]
    rows = list(csv.DictReader(io.StringIO(
        command(stage, "core", "nyc", "lon", "--format", "csv").stdout)))
    assert [float(row["start"]) for row in rows] == \
        [r["start"] for r in sent[0::2] + [failed, skipped]]
    assert rows[0]["sent"] == "10" and rows[0]["received"] == "9"
    assert float(rows[0]["rtt_p50"]) == sent[0]["metrics"]["rtt"]["p50"]
    assert float(rows[0]["loss"]) == 0.1
    assert rows[3]["outcome"] == "failed" and rows[3]["why"] == failed["why"]
    assert rows[3]["sent"] == "" and rows[3]["rtt_p50"] == ""
    assert rows[3]["lateness"] == "0.25" and rows[3]["missed"] == ""
    assert rows[4]["missed"] == "500" and rows[4]["lateness"] == ""
    assert list(rows[0])[:14] == [
        "start", "end", "test", "probe", "src", "dst", "agent", "address", "family",
        "outcome", "why", "id", "missed", "lateness"]
    tsv = command(stage, "core", "nyc", "lon", "--format", "tsv").stdout
    assert len(tsv.splitlines()) == 6
    assert all(line.count("\t") == tsv.splitlines()[0].count("\t")
               for line in tsv.splitlines())

    text = command(stage, "core", "nyc", "lon").stdout
    assert text.startswith("core: nyc to lon\n")
    assert "20 ms" in text and "10 %" in text and "no route" in text
    everything = command(stage).stdout
    assert "while nyc was not running:" in everything
    assert "pharosd was stopped" in everything
    assert "core: nyc to par" in everything


def test_a_reader_that_has_enough_costs_nothing(stage):
    """Neither a command that ends early nor a client that does not read."""
    for _ in range(5):
        fill(stage, 2000)
    head = subprocess.run(
        f"{program('pharos')} records --format ndjson --url "
        f"{stage.collector.web} | head -n 1", shell=True, capture_output=True)
    assert head.stdout.count(b"\n") == 1 and head.stderr == b""
    reply = urllib.request.urlopen(stage.collector.web + "/api/v1/records")
    assert len(found(stage, "limit=10")) == 10  # others are served meanwhile
    assert sum(1 for _ in reply) == 10000
    reply.close()


def check_once(stage, sent):
    """Each that was acknowledged once, as it was sent."""
    got = found(stage)
    assert len(got) == len({r["id"] for r in got})
    assert {r["id"]: r for r in got} == {r["id"]: r for r in sent}


def test_kill_of_the_store_at_any_moment_archives_each_record_once(stage):
    sent = []
    for _ in range(8):
        sent += fill(stage, 250)
        pid = stage.store()
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
        check_once(stage, sent)
    wait_for("a store", stage.store)
    wait_for("all in bins", lambda: sinks(stage)["bins"]["number"] == len(sent))
    restart_store(stage)
    wait_for("all in the archive",
             lambda: sinks(stage)["archive"]["number"] == len(sent))
    check_once(stage, sent)
    (day,) = (stage.collector.state / "archive").glob("*.db")
    with sqlite3.connect(day) as db:
        total, = db.execute("SELECT sum(p.records) FROM part p JOIN block b"
                            " ON b.id = p.block JOIN run r ON r.id = b.run"
                            " WHERE r.state = 1").fetchone()
    assert total == len(sent)


def test_an_answer_that_lacks_something_is_no_whole_one(stage):
    sent = fill(stage, 20)
    restart_store(stage)
    wait_for("all in the archive",
             lambda: sinks(stage)["archive"]["number"] == len(sent))
    stage.box.deliver(stage.collector, [gap(stage)])
    (day,) = (stage.collector.state / "archive").glob("*.db")
    with sqlite3.connect(day) as db:
        db.execute("UPDATE lines SET packed = zeroblob(length(packed))")
    done = command(stage, "--format", "ndjson", check=False)
    assert done.returncode == 3 and done.stderr
    assert [json.loads(line)["outcome"] for line in done.stdout.splitlines()] == \
        ["gap"]  # the rest is there
    assert "is cut off" in stage.collector.log() and day.name in stage.collector.log()


def test_status_and_metrics_say_how_far_the_archive_is(stage):
    sent = fill(stage, 20)

    def says(number):
        text = pharos("status", "--config", stage.collector.config).stdout
        return f"20 taken; not in bins yet: 0; not in archive yet: {number}" in text
    wait_for("the lag", lambda: says(len(sent)))

    def measured():
        with urllib.request.urlopen(stage.collector.web + "/metrics") as reply:
            return b'pharos_sink_lag_records{sink="archive"} 20' in reply.read()
    wait_for("the metric", measured)
    restart_store(stage)
    wait_for("no lag", lambda: says(0))


def sinks(stage):
    status = pharos("status", "--config", stage.collector.config,
                    "--format", "json").stdout
    store = next(c for c in json.loads(status)["children"] if c["name"] == "store")
    none = {"number": None}
    return {"bins": none, "archive": none} | \
        store.get("beat", {}).get("sinks", {})
