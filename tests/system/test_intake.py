"""What agents may say to the collector, and what it makes of it."""

import concurrent.futures
import contextlib
import itertools
import json
import sqlite3
import subprocess

import pytest

from client import Client, pack
from fleet import pharos
from intake import (  # noqa: F401: fixtures
    BOXES, accepted, acked, box_that_enrolled, entries, running_collector,
    status_of, unused_names)
from net import wait_for


# Who may speak

@pytest.mark.parametrize("path, options", [
    ("/agent/v1/hello", ["--data", "{}"]),
    ("/agent/v1/plan", []),
    ("/agent/v1/records", ["--data", "{}"]),
])
def test_without_a_certificate_only_enrolment_is_open(collector, tmp_path, path,
                                                      options):
    answer = Client(collector, tmp_path).ask(path, *options)
    assert answer.status == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert "no certificate" in answer.detail
    assert "pharos enroll" in answer.detail


def test_certificate_of_another_ca_is_refused(collector, tmp_path):
    other = Client(collector, tmp_path, BOXES[0])
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=x",
         "-addext", f"subjectAltName=URI:pharos:box/{BOXES[0]}",
         "-keyout", other.key, "-out", other.certificate],
        check=True, capture_output=True)
    answer = other.hello()
    assert answer.status in (0, 403)
    assert status_of(collector, BOXES[0])["heard"] is None


def test_certificate_that_was_replaced_is_refused(box, collector, tmp_path):
    again = Client(collector, tmp_path / "again", box.name)
    assert again.enroll(collector.token(box.name)).status == 200
    answer = box.hello()
    assert answer.status == 403
    assert "not the one enrolled here" in answer.detail
    assert again.hello().status == 200


def test_unknown_route_and_wrong_method(box):
    assert box.ask("/agent/v1/nonsense").status == 404
    assert box.ask("/agent/v1/hello").status == 405


# Hello and plan

def test_hello_shows_in_status(box):
    answer = box.hello(version="9.9", plan=7, plan_refused="too hard",
                       spool={"records": 12})
    assert answer.status == 200
    assert answer.json()["now"] > 1.7e9
    found = wait_for("the heartbeat", lambda: (
        lambda s: s if s["heard"] else None)(status_of(box.collector, box.name)))
    assert found["state"] == "ok"
    assert found["version"] == "9.9"
    assert found["plan_refused"] == "too hard"
    assert found["spool"] == {"records": 12}
    text = pharos("status", "--config", box.collector.config).stdout
    assert f"{box.name} refuses its plan: too hard" in text


def test_plan_is_not_sent_twice(box):
    first = box.plan()
    assert first.status == 200
    assert first.json()["box"] == box.name
    etag = first.headers["etag"]
    again = box.plan("-H", f"If-None-Match: {etag}")
    assert again.status == 304
    assert again.body == b""
    held = box.plan("-H", f"If-None-Match: {etag}", "-H", "Prefer: wait=1")
    assert held.status == 304


def test_held_plan_comes_when_the_fleet_changes(collector, names, box):
    etag = box.plan().headers["etag"]
    held = box.start("/agent/v1/plan", "-H", f"If-None-Match: {etag}",
                     "-H", "Prefer: wait=60")
    before = collector.fleet.read_text()
    collector.fleet.write_text(
        before + "tests:\n  t: {from: [" + box.name + "], to: ["
        + BOXES[0] + "], probe: ping, schedule: {uniform: 1h}}\n")
    assert "revision" in pharos("reload", "--config", collector.config).stdout
    answer = Client.finish(held)
    assert answer.status == 200
    assert [test["test"] for test in answer.json()["tests"]] == ["t"]
    assert answer.headers["etag"] != etag
    collector.fleet.write_text(before)
    pharos("reload", "--config", collector.config)
    assert box.plan().json()["tests"] == []


def test_box_taken_from_the_fleet_is_refused_at_once(collector, box):
    etag = box.plan().headers["etag"]
    held = box.start("/agent/v1/plan", "-H", f"If-None-Match: {etag}",
                     "-H", "Prefer: wait=60")
    before = collector.fleet.read_text()
    lines = before.splitlines(keepends=True)
    collector.fleet.write_text("".join(
        line for line in lines if f"  {box.name}:" not in line))
    done = pharos("reload", "--config", collector.config)
    assert box.name in done.stdout
    assert Client.finish(held).status == 404
    for answer in box.plan(), box.hello(), box.records([box.record(1)]):
        assert answer.status in (403, 404)
        assert "no such box" in answer.detail
    assert not status_of(collector, box.name)["in_fleet"]
    collector.fleet.write_text(before)
    pharos("reload", "--config", collector.config)
    assert box.hello().status == 200


# Records

def test_batch_is_acknowledged_once_it_is_on_disk(box):
    answer = box.records([box.record(n) for n in range(1, 6)])
    assert answer.status == 200
    assert answer.json() == {"acked": acked(box, 5)}
    assert accepted(box) == [1, 2, 3, 4, 5]


def test_same_batch_twice_counts_once(box):
    batch = [box.record(n) for n in range(1, 6)]
    assert box.records(batch).json()["acked"] == acked(box, 5)
    assert box.records(batch).json()["acked"] == acked(box, 5)
    longer = batch + [box.record(6)]
    assert box.records(longer).json()["acked"] == acked(box, 6)
    assert accepted(box) == [1, 2, 3, 4, 5, 6]


def test_connections_of_one_box_do_not_double(box):
    batch = [box.record(n) for n in range(1, 200)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(box.records, itertools.repeat(batch, 8)))
    assert {answer.json()["acked"] for answer in answers} == {acked(box, 199)}
    assert accepted(box) == list(range(1, 200))


def test_new_epoch_counts_from_one(box):
    box.records([box.record(1), box.record(2)])
    box.epoch = "fedcba9876543210"
    assert box.records([box.record(1)]).json() == {"acked": acked(box, 1)}
    assert accepted(box) == [1, 2, 1]


def test_bad_record_does_not_block_the_rest(box):
    answer = box.records([
        box.record(1), "{not json", box.record(2, outcome="wonderful"),
        box.record(3, start=12), box.record(4)])
    assert answer.status == 200
    assert answer.json() == {"acked": acked(box, 4), "refused": 3}
    assert accepted(box) == [1, 4]
    wait_for("the count", lambda: status_of(
        box.collector, box.name)["refused"] == 3)


def test_record_for_another_agent_is_kept_aside(box):
    foreign = box.record(2, agent=BOXES[0], src=BOXES[0],
                         id=f"{BOXES[0]}/{box.epoch}/2")
    answer = box.records([box.record(1), foreign, box.record(3)])
    assert answer.status == 200
    assert answer.json() == {"acked": acked(box, 3), "refused": 1}
    assert accepted(box) == [1, 3]
    with contextlib.closing(sqlite3.connect(
            f"file:{box.collector.state}/registry.db?mode=ro", uri=True)) as db:
        why, line = db.execute("SELECT why, line FROM refused WHERE box = ?",
                               (box.name,)).fetchone()
    assert why.startswith("record for another agent")
    assert json.loads(line) == foreign


def test_record_of_an_unknown_test_is_taken(box):
    answer = box.records([box.record(1, test="nobody-knows", probe="zzz")])
    assert answer.json() == {"acked": acked(box, 1)}


@pytest.mark.parametrize("data, status", [
    pytest.param(b"this is no zstd", 400, id="not packed"),
    pytest.param(b"", 400, id="empty"),
    pytest.param(pack(b"garbage\n{}\n"), 400, id="no record"),
    pytest.param(pack(b"x" * 1000)[:-6], 400, id="cut off"),
    pytest.param(pack(bytes(1 << 28)), 413, id="bomb"),
    pytest.param(bytes(5 << 20), 413, id="5 MiB"),
])
def test_batch_of_garbage_is_refused_whole(box, data, status):
    answer = box.send(data)
    assert answer.status == status
    assert answer.detail
    assert box.records([box.record(1)]).status == 200


def test_unknown_coding_is_refused(box):
    answer = box.ask("/agent/v1/records", "-H", "Content-Encoding: br", data=b"x")
    assert answer.status == 415
    assert "zstd" in answer.detail


def intake_of(collector):
    """The process, once it runs."""
    return wait_for("intake", lambda: next(
        (pid for pid, words in collector.children().items()
         if "intake" in words), None))


def test_what_was_acknowledged_survives_kills_of_intake(box):
    """A client that sends on as pharosd does, while intake dies again and again."""
    sent = 0
    for kill_at in 20, 60, 100:
        while sent < kill_at + 40:
            if sent == kill_at:
                kill = subprocess.Popen(["kill", "-9", str(intake_of(box.collector))])
            answer = box.records([box.record(n) for n in range(sent + 1, sent + 11)])
            if answer.status == 200:
                assert answer.json() == {"acked": acked(box, sent + 10)}
                sent += 10
        kill.wait()
    assert accepted(box) == list(range(1, sent + 1))
    numbers = [number for number, _ in entries(box.collector)]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
