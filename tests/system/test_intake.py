"""What agents may say to the collector, and what it makes of it."""

import concurrent.futures
import contextlib
import itertools
import json
import signal
import sqlite3
import subprocess

import pytest

from client import Client, journal, pack
from fleet import Collector, pharos, program
from net import Network, wait_for

BOXES = [f"box{n}" for n in range(40)]
FLEET = "sites:\n" + "".join(
    f"  {name}: {{address: 192.0.2.{n + 1}}}\n" for n, name in enumerate(BOXES))


@pytest.fixture(name="collector", scope="module")
def running_collector(tmp_path_factory):
    with Network() as network:
        collector = Collector(network.add("hub"), tmp_path_factory.mktemp("c"),
                              FLEET)
        yield collector.start()
        collector.close()


@pytest.fixture(name="names", scope="module")
def unused_names():
    return iter(BOXES[5:])


@pytest.fixture(name="box")
def box_that_enrolled(collector, names, tmp_path):
    """A box that has just enrolled."""
    client = Client(collector, tmp_path, next(names))
    answer = client.enroll(collector.token(client.name))
    assert answer.status == 200, answer.body
    assert answer.json()["box"] == client.name
    return client


def entries(collector):
    """Every journal entry, in order, as (number, line)."""
    return journal(collector.state)


def accepted(client):
    """The sequences in the journal that are this box's, in order."""
    ids = [json.loads(line)["id"].split("/") for _, line in entries(client.collector)]
    return [int(sequence) for name, _, sequence in ids if name == client.name]


def acked(client, sequence):
    return f"{client.epoch}/{sequence}"


def status_of(collector, name):
    status = json.loads(pharos("status", "--config", collector.config, "--format",
                               "json").stdout)
    return next(box for box in status["boxes"] if box["name"] == name)


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


# Enrolment

def test_token_goes_to_standard_output_alone(collector):
    done = pharos("token", "new", BOXES[1], "--config", collector.config)
    assert len(done.stdout.split()) == 1
    assert len(done.stdout.strip()) == 86
    assert "pharos enroll" in done.stderr


@pytest.mark.parametrize("words, reason", [
    (["new", "atlantis"], "no such box"),
    (["new", BOXES[1], "--valid", "10"], "--valid"),
    (["new", BOXES[1], "--valid", "1000d"], "365d"),
    (["new"], "usage"),
    (["old", BOXES[1]], "usage"),
])
def test_token_refuses_what_makes_no_sense(collector, words, reason):
    done = pharos("token", *words, "--config", collector.config, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert reason in done.stderr


def test_token_without_a_collector_says_so(tmp_path):
    config = tmp_path / "collector.yaml"
    config.write_text("state: state\nfleet: fleet.yaml\n")
    done = pharos("token", "new", "lon", "--config", config, check=False)
    assert done.returncode == 3
    assert "is pharos-collectord running?" in done.stderr


def test_same_token_and_key_give_the_same_certificate(collector, names, tmp_path):
    client = Client(collector, tmp_path, next(names))
    token = collector.token(client.name)
    first = client.enroll(token).json()
    assert client.enroll(token).json() == first


def test_token_is_good_for_one_key(box, collector, tmp_path):
    token = collector.token(box.name)
    assert box.enroll(token).status == 200
    answer = Client(collector, tmp_path / "thief", box.name).enroll(token)
    assert answer.status == 403
    assert "another key" in answer.detail


def test_token_expires(collector, tmp_path):
    client = Client(collector, tmp_path, BOXES[2])
    token = pharos("token", "new", BOXES[2], "--valid", "1s", "--config",
                   collector.config).stdout.strip()
    answer = wait_for("the token to expire", lambda: next(
        (a for a in [client.enroll(token)] if a.status == 403), None))
    assert "expired" in answer.detail


def test_unknown_token_is_refused(collector, tmp_path):
    answer = Client(collector, tmp_path).enroll("A" * 86)
    assert answer.status == 403
    assert "pharos token new" in answer.detail


@pytest.mark.parametrize("body", [
    b"", b"[]", b"{}", b'{"token":"short","request":"x"}',
    b'{"token":"' + b"A" * 43 + b'","request":"no request"}'])
def test_enrolment_that_makes_no_sense(collector, tmp_path, body):
    answer = Client(collector, tmp_path).ask("/agent/v1/enroll", data=body)
    assert answer.status == 400
    assert answer.detail


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


# The daemon itself

def check(config):
    return subprocess.run([program("pharos-collectord"), "-n", "-c", str(config)],
                          capture_output=True, text=True)


def test_check_says_ok(collector):
    done = check(collector.config)
    assert done.returncode == 0
    assert done.stdout.count(": OK") == 2


@pytest.mark.parametrize("settings, place, reason", [
    ("people: 0.0.0.0:8640\n", "collector.yaml:1:1: ", "loopback"),
    ("people: 192.0.2.1:8640\n", "collector.yaml:1:1: ", "tunnel"),
    ("agents: nowhere\n", "collector.yaml:1:1: ", "agents"),
    ("agent: 8641\n", "collector.yaml:1:1: ", "agents"),
    ("agents: 8641\nagents: 8642\n", "collector.yaml:2:1: ", "agents"),
])
def test_check_names_what_is_wrong_with_the_settings(tmp_path, settings, place,
                                                     reason):
    config = tmp_path / "collector.yaml"
    config.write_text(settings)
    done = check(config)
    assert done.returncode == 2
    assert str(tmp_path / place) in done.stderr
    assert reason in done.stderr


def test_check_names_every_mistake_in_the_fleet(tmp_path):
    (tmp_path / "collector.yaml").write_text("fleet: fleet.yaml\nstate: state\n")
    (tmp_path / "fleet.yaml").write_text(
        "sites:\n  lon: {address: 192.0.2.300}\n  Par: {address: 192.0.2.1}\n")
    done = check(tmp_path / "collector.yaml")
    assert done.returncode == 2
    assert f"{tmp_path}/fleet.yaml:2:" in done.stderr
    assert f"{tmp_path}/fleet.yaml:3:" in done.stderr


def test_bad_fleet_is_refused_and_the_last_good_one_stays(folder):
    with Network() as network:
        collector = Collector(network.add("hub"), folder / "c", FLEET)
        collector.start()
        try:
            client = Client(collector, folder, BOXES[0])
            assert client.enroll(collector.token(client.name)).status == 200
            collector.fleet.write_text("sites: {box0: {adress: 192.0.2.1}}\n")
            done = pharos("reload", "--config", collector.config, check=False)
            assert done.returncode == 2
            assert "fleet.yaml:1:" in done.stderr
            assert "last good fleet stays" in done.stderr
            assert client.hello().status == 200
            collector.stop()
            collector.start()
            assert "last good fleet stays" in collector.log()
            assert client.hello().status == 200
            text = pharos("status", "--config", collector.config).stdout
            assert "refused as it is now" in text
        finally:
            collector.close()


def test_bad_fleet_at_the_first_start_is_an_error(folder):
    with Network() as network:
        collector = Collector(network.add("hub"), folder / "c", "sites: 7\n")
        done = collector.node.run(
            [program("pharos-collectord"), "-c", collector.config], check=False)
        collector.close()
    assert done.returncode == 1
    assert "fleet.yaml:1:" in done.stderr
    assert "no earlier fleet" in done.stderr


def test_hangup_reads_the_fleet(collector):
    before = collector.fleet.read_text()
    collector.fleet.write_text(before.replace("192.0.2.4}", "192.0.2.99}"))
    collector.process.send_signal(signal.SIGHUP)
    wait_for("the change in the log", lambda: "box3" in collector.log())
    collector.fleet.write_text(before)
    pharos("reload", "--config", collector.config)


def test_init_overwrites_nothing(tmp_path):
    def init(*words):
        return subprocess.run(
            [program("pharos-collectord"), "init", *map(str, words)],
            capture_output=True, text=True)

    assert init(tmp_path).returncode == 2
    assert "--name" in init(tmp_path).stderr
    assert init(tmp_path, "--name", "Not A Name").returncode == 2
    assert init(tmp_path, "--name", "collector.example", "192.0.2.1").returncode == 0
    kept = ["fleet.yaml", "collector.yaml", "state/fleet.key", "state/pki/ca.pem",
            "state/pki/ca.key", "state/pki/collector.key"]
    for name in kept[:2]:
        (tmp_path / name).write_text("# mine\n")
    before = [(tmp_path / name).read_bytes() for name in kept]
    assert init(tmp_path, "--name=other.example").returncode == 0
    assert [(tmp_path / name).read_bytes() for name in kept] == before
    names = subprocess.run(
        ["openssl", "x509", "-noout", "-ext", "subjectAltName", "-in",
         tmp_path / "state/pki/collector.pem"], capture_output=True, text=True).stdout
    assert "DNS:other.example" in names


def test_two_cannot_share_a_state(collector):
    second = collector.node.run(
        [program("pharos-collectord"), "-c", collector.config], check=False)
    assert second.returncode == 1
    assert str(collector.state) in second.stderr
