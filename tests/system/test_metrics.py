"""What the daemons say of themselves: /metrics and /healthz."""

import json
import os
import signal
import time
import urllib.error
import urllib.request

import pytest

from client import Client
from clock import Clock
from fleet import Agent, Collector, pharos
from net import wait_for
from prometheus import parse, value

FLEET = """
sites:
  lon: {address: 10.77.0.2}
  nyc: {address: 10.77.0.3}
tests:
  t: {from: [lon], to: [nyc], probe: ping, schedule: {uniform: 1s}}
"""


@pytest.fixture(name="collector")
def running_collector(network, folder):
    collector = Collector(network.add("hub"), folder / "hub", FLEET)
    yield collector.start()
    collector.close()


@pytest.fixture(name="box")
def enrolled_box(collector, folder):
    client = Client(collector, folder, "lon")
    assert client.enroll(collector.token("lon")).status == 200
    return client


def fetch(url):
    """(status, body)"""
    try:
        with urllib.request.urlopen(url, timeout=20) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def metrics(collector):
    status, text = fetch(collector.web + "/metrics")
    assert status == 200
    return parse(text)


def health(collector):
    """The reasons, none when it is well."""
    status, text = fetch(collector.web + "/healthz")
    answer = json.loads(text)
    assert (status, answer["status"]) == \
        ((503, "failing") if answer["reasons"] else (200, "ok"))
    return answer["reasons"]


def reasons_with(collector, word):
    return [reason for reason in health(collector) if word in reason]


def pid_of(collector, part):
    return next((pid for pid, words in collector.children().items()
                 if part in words), None)


def test_collector_counts_what_came(collector, box):
    now = time.time()
    batch = [box.record(1), box.record(2, start=now - 601, end=now - 600),
             box.record(3, outcome="wonderful")]
    assert box.records(batch).status == 200
    assert box.records(batch).status == 200
    assert box.send(b"this is no zstd").status == 400
    assert Client(collector, collector.folder).hello().status == 403
    box.hello(version="9", spool={"records": 12, "bytes": 3400, "dropped": 5},
              clock={"source": "kernel", "error": 0.25}, plan_refused="too hard")

    def counted():
        found = metrics(collector)
        return found if value(found, "pharos_intake_strangers_total") == 1 \
            and value(found, "pharos_sink_lag_records", sink="bins") == 0 \
            and value(found, "pharos_box_spool_records", box="lon") else None

    found = wait_for("the numbers to reach web", counted)
    assert {key: value(found, "pharos_intake_records_total", result=key)
            for key in ("taken", "duplicate", "refused")} == \
        {"taken": 2, "duplicate": 3, "refused": 1}
    assert {key: value(found, "pharos_intake_batches_total", result=key)
            for key in ("taken", "bad", "later")} == \
        {"taken": 2, "bad": 1, "later": 0}
    assert value(found, "pharos_intake_late_records_total") == 1
    assert value(found, "pharos_journal_records_total") == 2
    assert value(found, "pharos_store_passed_over_total") == 2
    assert value(found, "pharos_intake_taking") == 1
    assert 0 < value(found, "pharos_disk_free_ratio") <= 1
    assert value(found, "pharos_boxes", state="ok") == 1
    assert value(found, "pharos_boxes", state="never") == 1
    assert value(found, "pharos_box_spool_records", box="lon") == 12
    assert value(found, "pharos_box_dropped_total", box="lon") == 5
    assert value(found, "pharos_box_clock_error_seconds", box="lon") == 0.25
    assert value(found, "pharos_box_refused_total", box="lon") == 1
    assert value(found, "pharos_box_plan_refused", box="lon") == 1
    assert time.time() - 30 < value(
        found, "pharos_box_heard_timestamp_seconds", box="lon") <= time.time()
    assert value(found, "pharos_fleet_revision") == 1


@pytest.fixture(name="clock")
def clock_of_the_collector(folder):
    return Clock(folder / "clock")


@pytest.fixture(name="clocked")
def collector_whose_clock_is_set(network, folder, clock):
    collector = Collector(network.add("hub"), folder / "hub", FLEET)
    collector.environment = clock.environment()
    yield collector.start()
    collector.close()


def test_health_names_what_lags_behind_what_came(clocked, clock, folder):
    """The store sleeps; when it wakes up, what waits came two minutes ago."""
    collector, box = clocked, Client(clocked, folder, "lon")
    assert box.enroll(collector.token("lon")).status == 200
    store = wait_for("store", lambda: pid_of(collector, "store"))
    os.kill(store, signal.SIGSTOP)
    now = time.time()
    for first in range(1, 40001, 4000):
        batch = [box.record(n, test="t", dst="nyc", start=now - 1, end=now)
                 for n in range(first, first + 4000)]
        assert box.records(batch).status == 200
    clock.step(120)

    def named():
        os.kill(store, signal.SIGCONT)
        time.sleep(0.02)  # that little of the time it works
        os.kill(store, signal.SIGSTOP)
        told = [reason.split() for reason in reasons_with(collector, "lags ")]
        return {sink for _, sink, _, seconds, *_ in told if int(seconds) >= 120}

    assert wait_for("a red light", named) <= {"archive", "bins"}
    os.kill(store, signal.SIGCONT)
    wait_for("it to catch up", lambda: not reasons_with(collector, "lags"))


def test_restarts_of_parts_are_counted(collector):
    wait_for("store", lambda: pid_of(collector, "store"))
    os.kill(pid_of(collector, "store"), signal.SIGKILL)
    wait_for("the restart in the numbers", lambda: value(
        metrics(collector), "pharos_part_restarts_total", part="store") == 1)
    assert {part: value(metrics(collector), "pharos_part_up", part=part)
            for part in ("intake", "web")} == {"intake": 1, "web": 1}


def test_health_is_red_while_no_box_is_heard_of(collector, box):
    assert reasons_with(collector, "no box has been heard of")
    box.hello()
    wait_for("green", lambda: not health(collector))


def silent_boxes(collector):
    return json.loads(fetch(collector.web + "/healthz")[1])["silent"]


def test_health_names_the_silent_and_is_red_when_they_are_half(
        clocked, clock, folder):
    """Three boxes, of which two say no more for 45 s."""
    collector = clocked
    collector.fleet.write_text(FLEET.replace(
        "tests:", "  par: {address: 10.77.0.4}\ntests:"))
    assert pharos("reload", "--config", collector.config).returncode == 0
    boxes = {}
    for name in "lon", "nyc", "par":
        boxes[name] = Client(collector, folder / name, name)
        assert boxes[name].enroll(collector.token(name)).status == 200
        assert boxes[name].hello().status == 200
    wait_for("green", lambda: not health(collector))
    assert silent_boxes(collector) == []

    def others(*names):
        for name in names:
            assert boxes[name].hello().status == 200
        return silent_boxes(collector)

    clock.step(46)  # less than what makes the clock itself doubtful
    wait_for("two to be silent", lambda: others("lon") == ["nyc", "par"], interval=1)
    assert reasons_with(
        collector, "2 of 3 boxes have not been heard of lately, such as nyc")
    wait_for("one to be back", lambda: others("nyc", "lon") == ["par"])
    assert not reasons_with(collector, "heard of lately")


def test_health_is_red_while_boxes_are_heard_of_and_no_record_comes(collector, box):
    """Refused ones are none. What is waited for is a minute longer than the test's
    own stale_after, so this takes that long."""
    test = collector.api("/api/v1/fleet")["tests"][0]
    sequence = 1

    def red():
        nonlocal sequence
        assert box.hello().status == 200
        sequence += 1
        assert box.records([box.record(sequence, outcome="fine")]).status == 200
        return reasons_with(collector, "no record has come")

    assert box.records([box.record(1)]).status == 200
    began = time.monotonic()
    assert not red()
    (reason,) = wait_for("red", red, timeout=150, interval=1)
    assert time.monotonic() - began > 60 + test["stale_after"] - 2
    assert reason.startswith("boxes say hello, but no record has come for ")
    assert box.records([box.record(sequence + 1)]).status == 200
    wait_for("green", lambda: not health(collector))


def lag(collector):
    return value(metrics(collector), "pharos_sink_lag_records", sink="bins")


def test_health_is_red_while_a_part_hangs(collector, box):
    """Each of two is named while it does, and no longer."""
    box.hello()
    wait_for("the store's first word", lambda: lag(collector) == 0)
    wait_for("green", lambda: not health(collector))
    intake, store = (pid_of(collector, part) for part in ("intake", "store"))
    os.kill(store, signal.SIGSTOP)
    box.records([box.record(1)])
    wait_for("the lag", lambda: lag(collector) == 1)
    os.kill(intake, signal.SIGSTOP)
    for part in "intake", "store":
        wait_for("red", lambda p=part: reasons_with(
            collector, f"{p} has not answered"))
    os.kill(intake, signal.SIGCONT)
    wait_for("intake to be well", lambda: not reasons_with(collector, "intake"))
    assert reasons_with(collector, "store has not answered")
    assert lag(collector) == 1
    os.kill(store, signal.SIGCONT)
    wait_for("green again", lambda: not reasons_with(collector, "store"))
    wait_for("the lag to go", lambda: lag(collector) == 0)


# The agent

URL = "http://127.0.0.1:8642"


def local(agent, path):
    """(status, body) of what the agent serves on its own loopback."""
    done = agent.node.run(["curl", "-s", "-w", "\n%{http_code}", URL + path],
                          check=False)
    text, _, status = done.stdout.rpartition("\n")
    return int(status), text


def test_agent_says_how_it_is(network, folder):
    collector = Collector(network.add("hub"), folder / "hub", FLEET)
    agent = Agent(network.add("lon"), folder / "lon", "lon")
    network.add("nyc")
    try:
        collector.start()
        agent.enroll(collector)
        with open(agent.config, "a", encoding="utf-8") as config:
            config.write("metrics: 127.0.0.1:8642\n")
        collector.stop()
        agent.start()
        status, text = wait_for("its health", lambda: (
            lambda answer: answer if answer[0] else None)(local(agent, "/healthz")))
        assert status == 503
        assert "no plan has come yet" in json.loads(text)["reasons"][0]
        collector.start()
        wait_for("green", lambda: local(agent, "/healthz") ==
                 (200, '{"status":"ok","reasons":[]}'), timeout=60)

        def delivered():
            found = parse(local(agent, "/metrics")[1])
            return found if value(found, "pharos_agent_delivered_total") else None

        found = wait_for("records to be delivered", delivered)
        assert value(found, "pharos_agent_connected") == 1
        assert value(found, "pharos_agent_jobs") == 2  # its ping, and its clock
        assert value(found, "pharos_agent_plan_revision") == 1
        assert value(found, "pharos_agent_refused_total") == 0
        assert value(found, "pharos_agent_dropped_total") == 0
        assert value(found, "pharos_agent_disk_refuses") == 0
        assert value(found, "pharos_agent_records_total", outcome="measured") > 0
        assert value(found, "pharos_agent_worker_restarts_total", probe="ping") == 0
        worker = next(pid for pid, words in agent.children().items()
                      if words[-1] == "ping")
        os.kill(worker, signal.SIGKILL)
        wait_for("the restart in the numbers", lambda: value(
            parse(local(agent, "/metrics")[1]),
            "pharos_agent_worker_restarts_total", probe="ping") == 1)
    finally:
        agent.stop()
        collector.close()
