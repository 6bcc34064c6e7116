"""One agent on its own: what needs no collector to be seen."""

import contextlib
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import time

import pytest

from fleet import Agent, pharos, program
from net import Namespace, wait_for

KEY = "00" * 32


def make_certificate(state, box):
    """A fleet of one box; nobody but pharosd itself looks at it."""
    state.mkdir(parents=True)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=box",
         "-addext", f"subjectAltName=URI:pharos:box/{box}",
         "-keyout", state / "box.key", "-out", state / "box.pem"],
        check=True, capture_output=True)
    (state / "ca.pem").write_bytes((state / "box.pem").read_bytes())


def plan(box="lon", every=0.5, **options):
    """Pings of the own loopback, ten answers apart."""
    return {"v": 1, "revision": 7, "box": box, "key": KEY, "tests": [
        {"test": "self", "probe": "ping",
         "schedule": {"kind": "uniform", "every": every}, "options": options,
         "targets": [{"name": "here", "address": "127.0.0.1", "family": 4}]}]}


def query(agent, sql):
    path = agent.state / "spool.db"
    with contextlib.closing(
            sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        return db.execute(sql).fetchall()


def records(agent):
    """What is in the spool, in order, with its ids."""
    rows = query(agent, "SELECT line FROM record ORDER BY n")
    return [json.loads(line) for line, in rows]


def noted(agent):
    """How many runs would come back as failed."""
    return query(agent, "SELECT count(*) FROM run")[0][0]


def runs(agent):
    return [r for r in records(agent) if r["outcome"] != "gap"]


@pytest.fixture(name="agent")
def lone_agent(tmp_path):
    """pharosd of box lon; its collector does not exist."""
    with Namespace() as node:
        agent = Agent(node, tmp_path / "lon", "lon")
        agent.config.write_text(
            f"name: lon\ncollector: https://127.0.0.1:1\nstate: {agent.state}\n")
        make_certificate(agent.state, "lon")
        yield agent
        agent.stop()


def start(agent, **options):
    """With this as the last good plan; returns when it serves its socket."""
    if options:
        (agent.state / "plan.json").write_text(json.dumps(plan(**options)))
    agent.start()
    wait_for("its control socket", lambda: answers(agent) or gone(agent))


def answers(agent):
    return pharos("status", "--config", agent.config, check=False).returncode == 0


def gone(agent):
    assert agent.running(), agent.log()


def check(config):
    return subprocess.run([program("pharosd"), "-n", "-c", str(config)],
                          capture_output=True, text=True)


@pytest.mark.parametrize("options", [[], ["-n"]], ids=["start", "check"])
def test_a_host_that_is_no_box_is_told_how_it_becomes_one(tmp_path, options):
    config = tmp_path / "agent.yaml"
    done = subprocess.run([program("pharosd"), *options, "-c", str(config)],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr == (f'{config}: No such file or directory; "pharos enroll" '
                           "makes this host a box and writes it\n")


def test_check_says_ok(agent):
    done = check(agent.config)
    assert done.returncode == 0
    assert "OK" in done.stdout


@pytest.mark.parametrize("text, place, reason", [
    ("name: lon\n", ":1:1: ", "collector"),
    ("name: Lon\ncollector: https://c\n", ":1:", "a-z"),
    ("name: lon\ncollector: ftp://c\n", ":2:", "https://"),
    ("name: lon\ncollector: https://c\nspool: {age: 14}\n", ":3:", "duration"),
    ("name: lon\ncollector: https://c\nspoool: {}\n", ":3:1: ", "spool"),
    ("name: lon\n  collector: x\n", ":2:", ""),
])
def test_check_names_the_place_and_the_cause(tmp_path, text, place, reason):
    config = tmp_path / "agent.yaml"
    config.write_text(text)
    done = check(config)
    assert done.returncode == 2
    assert f"{config}{place}" in done.stderr
    assert reason in done.stderr


def test_check_of_a_file_that_is_not_there(tmp_path):
    done = check(tmp_path / "agent.yaml")
    assert done.returncode == 2
    assert "agent.yaml" in done.stderr


def test_without_a_certificate_it_says_what_to_do(agent):
    (agent.state / "box.pem").unlink()
    agent.start()
    assert agent.process.wait(20) == 1
    assert "pharos enroll" in agent.log()


def test_two_cannot_share_a_state(agent):
    start(agent)
    second = agent.node.run([program("pharosd"), "-c", agent.config], check=False)
    assert second.returncode == 1
    assert str(agent.state) in second.stderr


def test_a_newer_state_is_refused_by_name(agent):
    start(agent)
    assert agent.stop() == 0
    assert (agent.state / "format").read_text().startswith("pharos agent ")
    (agent.state / "format").write_text("pharos agent 99\n")
    agent.start()
    assert agent.process.wait(20) == 1
    assert "99" in agent.log()


def test_last_good_plan_is_used_without_a_collector(agent):
    start(agent, count=1)
    record = wait_for("a record", lambda: measured(agent))
    assert record["test"] == "self"
    assert record["plan"] == 7
    assert (record["src"], record["dst"]) == ("lon", "here")
    assert record["metrics"]["received"] == 1
    assert record["id"].startswith("lon/")
    assert "source" in record["clock"]["src"]


def measured(agent):
    found = [r for r in runs(agent) if r["outcome"] == "measured"]
    return found[0] if found else None


def test_status_for_people_and_programs(agent):
    start(agent, count=1)
    wait_for("a record", lambda: measured(agent))
    status = agent.status()
    assert status["box"] == "lon"
    assert status["plan"] == {"revision": 7, "tests": 1, "jobs": 1}
    assert status["spool"]["records"] >= 1
    assert status["uplink"]["connected"] is False
    assert "127.0.0.1:1" in status["uplink"]["error"]
    assert status["crew"][0]["probe"] == "ping"
    assert status["last"][-1]["test"] == "self"
    page = pharos("status", "--config", agent.config).stdout
    for word in ("lon", "not connected", "revision 7", "measured", "here"):
        assert word in page


def test_status_of_a_stopped_daemon_says_so(agent):
    done = pharos("status", "--config", agent.config, check=False)
    assert done.returncode == 3
    assert "control" in done.stderr


@pytest.mark.parametrize("members, words", [
    ({"probe": "sniff"}, ["no \"sniff\" is installed on this box"]),
    ({"options": {"colour": 1}}, ["option colour: unknown", "expected one of", "count"]),
    ({"options": {"spacing": "100ms"}}, ["option spacing: ", "expected a duration"]),
    ({"options": {"count": 0}}, ["option count: ", "expected a whole number from 1"]),
    ({"schedule": {"kind": "uniform", "every": "60s"}}, ["schedule: ", "every"]),
    ({"targets": [{"name": "../x"}]}, ["targets[0]: name: ", "expected"]),
])
def test_a_bad_saved_plan_keeps_nothing_from_starting(agent, members, words):
    bad = plan()
    bad["tests"][0].update(members)
    (agent.state / "plan.json").write_text(json.dumps(bad))
    start(agent)
    refused = agent.status()["plan"]["refused"]
    assert f"{agent.state}/plan.json: plan: tests[0]: test \"self\": " in refused
    for word in words:
        assert word in refused
    assert "nothing is measured" in agent.log()


def test_kill_9_loses_nothing_and_says_everything(agent):
    start(agent, every=0.5, count=30, spacing=0.1)
    wait_for("open runs", lambda: noted(agent) >= 3)
    wait_for("a finished run", lambda: measured(agent))
    before = records(agent)
    agent.kill()
    at_kill = records(agent)
    open_runs = noted(agent)
    assert at_kill[:len(before)] == before

    start(agent)
    wait_for("what it says of before", lambda: any(
        r["outcome"] == "gap" for r in records(agent)))
    assert len(epochs(agent)) == 2
    after = records(agent)
    assert after[:len(at_kill)] == at_kill
    failed = [r for r in after[len(at_kill):] if r["outcome"] == "failed"]
    assert len(failed) == open_runs
    assert {r["why"] for r in failed} == {"pharosd was stopped while it ran"}
    gaps = [r for r in after if r["outcome"] == "gap"]
    assert len(gaps) == 1
    assert "test" not in gaps[0] and gaps[0]["start"] <= gaps[0]["end"]
    ids = [r["id"] for r in after]
    assert len(ids) == len(set(ids))


def epochs(agent):
    return {r["id"].split("/")[1] for r in records(agent)}


def test_sigterm_stops_cleanly_and_open_runs_say_so(agent):
    start(agent, every=0.5, count=30, spacing=0.1)
    wait_for("a finished run", lambda: measured(agent))
    assert agent.stop() == 0
    assert noted(agent) == 0
    last = runs(agent)[-1]
    assert last["outcome"] == "failed" and "stopped" in last["why"]
    assert not (agent.state / "control").exists()


def test_a_killed_worker_costs_only_its_open_runs(agent):
    start(agent, every=0.5, count=30, spacing=0.1)
    wait_for("a finished run", lambda: measured(agent))
    worker = agent.status()["crew"][0]["pid"]
    os.kill(worker, signal.SIGKILL)
    wait_for("failed runs", lambda: [
        r for r in runs(agent) if r["outcome"] == "failed"])
    count = len(runs(agent))
    wait_for("measuring again", lambda: [
        r for r in runs(agent)[count:] if r["outcome"] == "measured"])
    assert agent.status()["crew"][0]["restarts"] == 1
    assert len(epochs(agent)) == 1  # pharosd itself went on


def test_every_run_has_exactly_one_record(agent):
    start(agent, every=0.2, count=1)
    wait_for("some runs", lambda: measured(agent) and len(runs(agent)) >= 20)
    found = runs(agent)
    # one start in each period: no period is empty, none has two
    due = [int((r["start"] - r["lateness"]) / 0.2) for r in found]
    assert due == list(range(due[0], due[0] + len(due)))


def test_a_stopped_daemon_skips_with_the_number_missed(agent):
    start(agent, every=0.5, count=1)
    wait_for("a record", lambda: measured(agent))
    os.kill(agent.process.pid, signal.SIGSTOP)
    stopped = time.time()
    wait_for("its time to pass", lambda: time.time() > stopped + 5)
    os.kill(agent.process.pid, signal.SIGCONT)

    def skipped():
        return [r for r in runs(agent) if r["outcome"] == "skipped"]

    # those of the last two seconds may still be made, late
    wait_for("records of what was missed",
             lambda: sum(r["missed"] for r in skipped()) >= 4)
    assert all("its time had passed" in r["why"] for r in skipped())


def capabilities(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return {line.split(":")[0]: int(line.split()[1], 16)
            for line in text.splitlines() if line.startswith("Cap")}


def test_only_the_worker_gets_the_raw_socket(agent):
    """As systemd starts it: CAP_NET_RAW is ambient, and there is no other."""
    (agent.state / "plan.json").write_text(json.dumps(plan(count=1)))
    agent.launch(["setpriv", "--securebits=+noroot", "--no-new-privs",
                  "--inh-caps=-all,+net_raw", "--ambient-caps=-all,+net_raw",
                  program("pharosd"), "-c", str(agent.config)])
    wait_for("its control socket", lambda: answers(agent) or gone(agent))
    wait_for("a record", lambda: measured(agent))
    mine = capabilities(agent.process.pid)
    assert mine["CapEff"] == mine["CapAmb"] == 0
    for pid in agent.children():
        assert capabilities(pid)["CapEff"] == 0  # dropped once it was used
