"""pharos probe owd and pharos respond owd, host to host."""

import contextlib
import json
import os
import pathlib
import re
import signal
import time

import pytest

from clock import Clock
from fleet import descendants, pharos
from net import Network, wait_for
from owd import FarEnd, add_up, measure, started

FAST = ["--count", "60", "--rate", "200/s", "--timeout", "300ms"]
MODES = {"open": (), "authenticated": ("authenticated",), "encrypted": ("encrypted",)}


@pytest.fixture(name="stage", scope="module")
def made_stage(tmp_path_factory):
    """Three hosts, one of them with a far end for all who come."""
    folder = tmp_path_factory.mktemp("k")
    keys = folder / "keys"
    keys.write_text("nyc a secret of ours\n")
    keys.chmod(0o600)
    wrong = folder / "wrong"
    wrong.write_text("nyc another secret\n")
    wrong.chmod(0o600)
    with Network() as network:
        for name in ("here", "there", "other"):
            network.add(name)
        network.keys, network.wrong = keys, wrong
        with FarEnd(network.nodes["there"], "--keys", keys, "--allow",
                    "10.77.0.0/16,fd77::/64") as far:
            yield network
            far.stop()


def here(stage, *words, node="here", family=4, **options):
    """What is found of the packets to there, and of those from there."""
    there = stage.nodes["there"].address(family)
    found = measure(stage.nodes[node], *words, there, **options)
    return sorted(found, key=lambda record: record["src"] == there)


def wait_for_packets(node, number):
    """So many UDP packets have come from now on."""
    def come():
        words = [line.split() for line in node.run(
            ["cat", "/proc/net/snmp"]).stdout.splitlines()
            if line.startswith("Udp:")]
        return int(dict(zip(*words))["InDatagrams"])
    begin = come()
    wait_for("packets", lambda: come() >= begin + number)


def fine(record, count=60):
    m = add_up(record)
    assert record["outcome"] == "measured", record
    # a slow host skips some
    assert m["sent"] == m["received"] == count - m["skipped"]
    assert m["lost"] == m["duplicates"] == m["reordered"] == m["stray"] == 0
    assert 0 < m["delay"]["min"] <= m["delay"]["p50"] < 0.05
    assert record["clock"]["stamps"] == "kernel/kernel"
    return m


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("mode", MODES)
def test_both_directions_in_each_mode(stage, mode, family):
    key = [] if mode == "open" else ["--keys", stage.keys, "--key-id", "nyc"]
    to, back = here(stage, *FAST, "--modes", mode, *key, family=family)
    assert to["family"] == back["family"] == family
    fine(to)
    fine(back)
    assert re.fullmatch("[0-9a-f]{32}", to["metrics"]["session"])


def test_mixed_slots_are_the_same_at_both_ends(stage):
    """Of 1000 packets none was at another time than the other end thought."""
    for record in here(stage, "--count", 1000, "--rate", "900/s", "--timeout", "200ms",
                       "--slots", "exp:2ms,fixed:500us,exp:1ms,fixed:0.9ms"):
        fine(record, 1000)
        assert 0.5 < record["end"] - record["start"] < 10


def test_padding_dscp_and_many_packets(stage):
    for record in here(stage, *FAST, "--padding", 1000, "--dscp", 46):
        fine(record)


@pytest.mark.parametrize("direction", ["from", "to"])
def test_what_is_stopped_early_has_what_was_sent(stage, direction):
    """By Ctrl-C: what was not sent then is neither lost nor received."""
    process = started(stage.nodes["here"], "--live", "--direction", direction,
                      "--count", 100000, "--rate", "100/s", "--timeout", "300ms",
                      stage.nodes["there"].address())
    if direction == "from":
        lines = [process.stdout.readline() for _ in range(50)]
        assert all(re.search(r"\d+: delay ", line) for line in lines), lines
    else:
        wait_for_packets(stage.nodes["there"], 50)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    last = out.splitlines()[-1]
    sent, received = (int(re.search(rf"{word} (\d+)", last)[1])
                      for word in ("sent", "received"))
    assert "loss 0 %" in last and sent == received >= 50, last


def why_not(stage, word, *words, status=1, **options):
    """Nothing is measured, and it is said in these words."""
    for record in here(stage, *FAST, *words, status=status, **options):
        assert record["outcome"] != "measured"
        said = record.get("why") or record["metrics"]["error"]
        assert word in said, record


def test_key_that_is_wrong_or_missing_is_named(stage):
    why_not(stage, "the key is unknown there, or another one", "--keys", stage.wrong,
            "--key-id", "nyc")
    why_not(stage, 'there is no key "lon"', "--keys", stage.keys, "--key-id", "lon",
            status=3)


def test_who_is_not_there_or_talks_otherwise_is_named(stage):
    other = stage.nodes["other"]
    for word in "Connection refused", "encrypted; expected open":
        records = measure(stage.nodes["here"], *FAST, other.address(), status=1)
        assert len(records) == 2
        assert all(word in r["metrics"]["error"] for r in records), records
        if word == "Connection refused":
            far = FarEnd(other, "--keys", stage.keys, "--modes", "encrypted",
                         "--allow", "10.77.0.0/16")
    far.stop()


def rule(node, action):
    node.run(["nft", "flush ruleset; add table inet t;"
              "add chain inet t in {type filter hook input priority 0;};"
              f"add rule inet t in {action}"])


@pytest.fixture(name="filtered")
def made_filter(stage):
    yield lambda action: rule(stage.nodes["there"], action)
    stage.nodes["there"].run(["nft", "flush ruleset"])


def test_one_direction_dead_is_a_finding_about_that_one(stage, filtered):
    filtered("udp dport 8760-9960 drop")
    to, back = here(stage, *FAST, status=1)
    fine(back)
    assert to["outcome"] == "no-answer"
    assert to["metrics"]["lost"] == to["metrics"]["sent"] == 60
    assert "UDP and these ports let through?" in to["metrics"]["error"]
    filtered("udp dport 8760-9960 reject")
    to, back = here(stage, *FAST, status=1)
    fine(back)
    assert to["metrics"]["lost"] == to["metrics"]["sent"] == 60
    assert "port unreachable from 10.77.0.2" in to["metrics"]["error"]


def test_filtered_control_port_is_suspected(stage, filtered):
    filtered("tcp dport 861 drop")
    why_not(stage, "is TCP to this port let through?", "--direction", "from")


def packets(record):
    return record["metrics"]["samples"]["packets"]


def test_a_session_is_fetched_from_another_host(stage):
    """As it was found by the one that measured, but for who stamped it."""
    found, = here(stage, *FAST, "--samples", "--direction", "to")
    session = ["--fetch", found["metrics"]["session"]]
    fetched, = here(stage, *session, "--samples", node="other")
    assert packets(fetched) == packets(found) and len(packets(found)) >= 50
    for name in ("sent", "received", "lost", "skipped"):
        assert fetched["metrics"][name] == found["metrics"][name]
    assert fetched["metrics"]["delay"] == found["metrics"]["delay"]
    gone, = here(stage, "--fetch", "00" * 16, "--direction", "to", node="other",
                 status=1)
    assert "knows of none" in gone["metrics"]["error"]
    done = pharos("probe", "owd", *session, "--direction", "from", "there",
                  check=False)
    assert done.returncode == 2
    assert "--direction: with --fetch expected to" in done.stderr


def test_raw_lines_are_those_of_owping(stage):
    """Number, sent, synchronised, error, received, synchronised, error, hop limit;
    and nothing else."""
    done = pharos("probe", "owd", *FAST, "--raw", "--quiet", "--direction", "from",
                  stage.nodes["there"].address(), node=stage.nodes["here"])
    lines = [line.split() for line in done.stdout.splitlines()]
    assert 40 < len(lines) <= 60
    numbers = [int(line[0]) for line in lines]
    assert numbers == sorted(set(numbers))
    for line in lines:
        assert len(line) == 8 and line[2] == line[5] == "0" and line[7] == "255"
        assert 0 < int(line[4]) - int(line[1]) < 2 ** 32  # a second


@pytest.fixture(name="clocked")
def made_clock(stage, folder):
    """A far end whose clock is so far off; its stamps are, too."""
    with contextlib.ExitStack() as stack:
        def begin(seconds):
            stack.enter_context(FarEnd(
                stage.nodes["other"], "--allow", "10.77.0.0/16",
                environment=Clock(folder / "clock", seconds).environment()))
        yield begin


def other(stage, *words, **options):
    """As here(), of the far end at the other host."""
    address = stage.nodes["other"].address()
    found = measure(stage.nodes["here"], "--count", 100, "--rate", "100/s",
                    "--timeout", "1s", *words, address, **options)
    return sorted(found, key=lambda record: record["src"] == address)


@pytest.mark.parametrize("seconds", [0.3, -0.3, 0.9, -0.9])
def test_clock_that_is_off_shifts_delays_and_loses_nothing(stage, clocked, seconds):
    clocked(seconds)
    for record, shift in zip(other(stage), (seconds, -seconds)):
        m = add_up(record)
        # those that were due before the far end was asked are skipped
        assert m["sent"] == m["received"] == 100 - m["skipped"] > 0
        assert m["delay"]["p50"] == pytest.approx(shift, abs=0.02)


@pytest.mark.parametrize("seconds", [5, -5])
def test_clock_that_is_far_off_is_said_to_be(stage, clocked, seconds):
    clocked(seconds)
    for record in other(stage, status=3 if seconds > 0 else 1):
        m = record.get("metrics", {})
        assert "lost" not in m and "loss" not in m
        assert record["outcome"] in ("no-answer", "failed")
        assert "clock" in (record.get("why") or m["error"])


def workers(process):
    return [pid for pid in descendants(process.pid) if pathlib.Path(
        f"/proc/{pid}/comm").read_text() == "pharos-probe\n"]


def stand_still(pid):
    """For a second."""
    os.kill(pid, signal.SIGSTOP)
    until = time.monotonic() + 1
    wait_for("a second", lambda: time.monotonic() > until)
    os.kill(pid, signal.SIGCONT)


MANY = ["--json", "--count", 60000, "--rate", "20000/s", "--distribution", "fixed",
        "--timeout", "500ms"]


@pytest.mark.parametrize("direction", ["from", "to"])
@pytest.mark.parametrize("end", ["sender", "receiver"])
def test_end_that_stood_still_is_no_loss_of_the_path(stage, end, direction):
    """For a second, at 20,000 packets a second. What our own socket loses is known
    as ours; what the far end's does cannot be told from it, so nothing is said."""
    here, there = stage.nodes["here"], stage.nodes["other"]
    with FarEnd(there, "--allow", "10.77.0.0/16", "--packets", "50000/s") as far:
        process = started(here, *MANY, "--direction", direction, there.address())
        wait_for_packets(here if direction == "from" else there, 10000)
        pid, = workers(far.process if (end == "sender") == (direction == "from")
                       else process)
        stand_still(pid)
        m = add_up(json.loads(process.communicate(timeout=60)[0]))
    assert m["received"] > 30000
    if (end, direction) == ("receiver", "to") and "sent" not in m:
        assert "does not have all that came" in m["error"]
        return
    assert m["lost"] == 0
    assert m["sent"] + m["skipped"] == 60000
    assert m["skipped"] > 10000 or end == "receiver"
