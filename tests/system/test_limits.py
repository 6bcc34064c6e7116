"""What a site allows beats what the fleet plans."""

import signal
import time

from fleet import pharos
from net import wait_for
from test_agent import (  # noqa: F401: a fixture
    answers, check, lone_agent, measured, runs, start)


def configure(agent, *lines):
    """agent.yaml with these lines behind what must be in it."""
    agent.config.write_text("\n".join((
        "name: lon", "collector: https://127.0.0.1:1", f"state: {agent.state}",
        *lines)) + "\n")


def reload(agent, *lines):
    configure(agent, *lines)
    agent.process.send_signal(signal.SIGHUP)


def skipped(agent):
    return [r for r in runs(agent) if r["outcome"] == "skipped"]


def limited(agent):
    return {row["limit"]: row for row in agent.status()["limited"]}


def one_record_in_each_period(agent, every):
    starts = sorted(
        r["start"] - r.get("lateness", 0) for r in runs(agent))
    due = [int(t / every + 1e-6) for t in starts]
    assert due == list(range(due[0], due[0] + len(due)))


def test_forbidden_probe_is_not_even_started(agent):
    configure(agent, "forbid: [ping]")
    start(agent, every=0.5, count=1)
    record = wait_for("a skipped run", lambda: skipped(agent))[0]
    assert record["why"] == "limit: ping is forbidden on this box"
    assert record["missed"] == 1
    assert agent.status()["crew"] == []
    row = limited(agent)["forbid"]
    assert row["test"] == "self" and row["count"] >= 1
    page = pharos("status", "--config", agent.config).stdout
    assert "skipped by forbid" in page and "ping is forbidden" in page
    assert agent.log().count("forbidden") == 0  # not a line for each


def test_forbidden_probe_that_is_not_installed_is_said_to_be_so(agent):
    wrong = (f"pharosd: {agent.config}: forbid: no probe pign is installed here; "
             "did you mean ping?\n")
    other = f"pharosd: {agent.config}: forbid: no probe walrus is installed here\n"
    configure(agent, "forbid: [ping]")
    assert check(agent.config).stderr == ""
    configure(agent, "forbid: [pign, ping, walrus]")
    done = check(agent.config)
    assert done.returncode == 0 and "OK" in done.stdout
    assert done.stderr == wrong + other
    start(agent, every=0.5, count=1)
    assert wrong in agent.log() and other in agent.log()
    wait_for("a skipped run", lambda: skipped(agent))  # the one that is right
    reload(agent, "forbid: [trase]")
    wait_for("a word at a reload", lambda: "no probe trase is installed here"
             in agent.log())
    wait_for("it to be taken nevertheless",
             lambda: "forbid: trase, was pign, ping, walrus" in agent.log())


def test_reload_takes_effect_and_says_what_changed(agent):
    configure(agent, "forbid: [ping]")
    start(agent, every=0.5, count=1)
    wait_for("a skipped run", lambda: skipped(agent))
    reload(agent, "spool: {age: 3d}")
    wait_for("a measured run", lambda: measured(agent))
    assert "forbid: none, was ping" in agent.log()
    assert "spool: age: 3d, was 14d" in agent.log()
    one_record_in_each_period(agent, 0.5)


def test_reload_of_a_bad_file_keeps_the_last_good_one(agent):
    configure(agent, "forbid: [ping]")
    start(agent, every=0.5, count=1)
    reload(agent, "forbid: [ping", "limits: {runs: none}")
    wait_for("a word about it", lambda: "the settings before stay" in agent.log())
    assert f"{agent.config}:" in agent.log()
    count = len(skipped(agent))
    wait_for("more skipped runs", lambda: len(skipped(agent)) > count + 1)
    assert not measured(agent)


def test_bandwidth_and_packets(agent):
    configure(agent, "limits: {bandwidth: 2kbit/s}")
    start(agent, every=0.5, count=2, spacing=0.1, size=100)
    record = wait_for("a skipped run", lambda: skipped(agent))[0]
    assert record["why"].startswith("limit: bandwidth: at most 2 kbit/s")
    reload(agent, "limits: {packets: 5/s}")
    wait_for("the other reason", lambda: "packets" in limited(agent))
    reload(agent)
    wait_for("a measured run", lambda: measured(agent))
    one_record_in_each_period(agent, 0.5)


def test_runs_at_once(agent):
    configure(agent, "limits: {runs: 1}")
    start(agent, every=0.5, count=11, spacing=0.1, timeout=0.2)
    wait_for("both kinds", lambda: measured(agent) and len(skipped(agent)) > 3)
    assert {r["why"] for r in skipped(agent)} == {
        "limit: runs: at most 1 at once"}
    found = sorted((r for r in runs(agent) if r["outcome"] == "measured"),
                   key=lambda r: r["start"])
    assert all(a["end"] <= b["start"] for a, b in zip(found, found[1:]))


def test_quiet_hours(agent):
    hour = time.gmtime().tm_hour
    configure(agent, f'quiet: {{from: "{(hour - 1) % 24:02d}:00", '
                     f'to: "{(hour + 2) % 24:02d}:00", zone: UTC}}')
    start(agent, every=0.5, count=1)
    record = wait_for("a skipped run", lambda: skipped(agent))[0]
    assert record["why"].startswith("limit: quiet hours")
    assert record["why"].endswith("UTC")
    assert not measured(agent)
    assert "quiet" in limited(agent)


def test_who_has_opted_out_is_skipped_until_the_list_says_otherwise(agent, tmp_path):
    path = tmp_path / "opt-out"
    path.write_text("127.0.0.0/8\n")
    agent.environment["PHAROS_OPT_OUT"] = str(path)
    start(agent, every=0.5, count=1)
    record = wait_for("a skipped run", lambda: skipped(agent))[0]
    assert record["why"] == f"127.0.0.1 does not want to be measured ({path}, line 1)"
    assert (record["missed"], record["address"]) == (1, "127.0.0.1")
    assert not measured(agent)
    path.write_text("")
    wait_for("a measured run", lambda: measured(agent))
    one_record_in_each_period(agent, 0.5)
