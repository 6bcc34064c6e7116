"""Links of a lab: as slow as asked for, failed, cut, and all their packets."""

import collections
import csv
import signal

import pytest

from labs import LINE, Lab, backends
from net import wait_for


def test_packets_take_as_long_as_the_links_say(line):
    b = line.node("b")["address"]
    rtt = line.ping("a", b)["metrics"]["rtt"]
    assert 0.022 <= rtt["min"] < 0.030
    line.command("set", "r1-r2", "delay=15ms", "back.delay=20ms")
    assert 0.047 <= line.ping("a", b)["metrics"]["rtt"]["min"] < 0.055
    ways = line.link("r1-r2")["ways"]
    assert [way["delay"] for way in ways] == [0.015, 0.020]


def test_a_failed_link_loses_all_until_it_is_restored(line):
    b = line.node("b")["address"]
    line.command("fail", "r1-r2")
    assert line.link("r1-r2")["state"] == "failed"
    record = line.ping("a", b, "--timeout", "200ms", check=False)
    assert record["outcome"] == "no-answer"
    assert "LOWER_UP" in line.run("r1", "ip", "link", "show", "to-r2").stdout
    line.command("restore", "r1-r2")
    assert line.ping("a", b)["metrics"]["lost"] == 0


def test_a_cut_link_has_no_carrier(line):
    line.command("cut", "r1-r2")
    assert "NO-CARRIER" in line.run("r1", "ip", "link", "show", "to-r2").stdout
    assert "NO-CARRIER" in line.run("r2", "ip", "link", "show", "to-r1").stdout
    line.command("restore", "r1-r2")
    wait_for("the carrier", lambda: "LOWER_UP" in line.run(
        "r1", "ip", "link", "show", "to-r2").stdout)


def test_the_truth_has_every_packet(line):
    b = line.node("b")["address"]
    line.ping("a", b)  # neighbours know each other now
    line.command("set", "r1-r2", "loss=30%")
    recorder = line.recorder("r1-r2")
    netem = line.link("r1-r2")["backend"] == "netem"
    record = line.ping("a", b, "--count", "100", "--spacing", "5ms",
                       "--timeout", "500ms")
    recorder.send_signal(signal.SIGINT)
    rows = [row for row in csv.DictReader(recorder.stdout)
            if row["protocol"] == "icmp"]
    assert recorder.wait(20) == 0
    there = [row for row in rows if row["icmp_type"] == "8"]
    lost = [row for row in rows if row["outcome"] == "lost"]
    assert {row["by"] for row in rows} == {"sight" if netem else "verdict"}
    assert len(there) == 100
    assert len(lost) == record["metrics"]["lost"] > 0
    for row in rows:
        if row["outcome"] == "delivered":
            assert 0.0049 < float(row["delay"]) < 0.5


@pytest.mark.parametrize("backend", backends())
def test_a_link_can_wait_for_a_hello_to_fail(folder, backend):
    """Both routers say one each second, so there are gaps of half of one."""
    text = f"backend: {backend}\nrouting: bird\nospf: {{hello: 1s, dead: 9s}}"
    with Lab(folder, text + LINE, "line") as lab, lab.events() as events:
        recorder = lab.recorder("r1-r2")
        lab.command("fail", "r1-r2", "--after-hello", "300ms")
        failed = events.until("failed", link="r1-r2")["time"]
        recorder.send_signal(signal.SIGINT)
        left = [(row["length"], float(row["left"]))
                for row in csv.DictReader(recorder.stdout)
                if row["protocol"] == "ospf" and row["outcome"] == "delivered"]
        hello = collections.Counter(length for length, _ in left).most_common(1)
        ages = [failed - at for length, at in left if length == hello[0][0]]
        assert 0.29 < min(ages) < 0.5, ages
