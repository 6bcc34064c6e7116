"""The options of the ping probe, and what its record says about the way."""

import json
import os
import re
import socket
import time

import pytest

from fleet import program
from net import Namespace
from test_ping import Responder, both, counts, pharos

FIRST_LOST = {"do": "late", "delay": 30, "only": [0, 1, 2]}
RULES = {}
for prefix in ("10.99.1.", "fd99::1:"):
    RULES |= {prefix + "1": {"do": "show"}, prefix + "2": FIRST_LOST,
              prefix + "3": {"do": "far", "ttl": 57}, prefix + "4": {"do": "far", "ttl": 250},
              prefix + "5": {"do": "late", "delay": 30, "only": [0]},
              prefix + "6": {"do": "error", "type": 3, "code": 13},
              prefix + "8": {"do": "answer"}}
PREFIX = {4: "10.99.1.", 6: "fd99::1:"}


@pytest.fixture(scope="module")
def responder():
    it = Responder(RULES)
    yield it
    it.close()


def ask(responder, family, number, *argv, count=3, status=0):
    done = pharos("probe", "ping", "--json", "--count", count, "--spacing", "20ms", "--timeout",
                  "400ms", *argv, PREFIX[family] + str(number), node=responder.node,
                  check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return json.loads(done.stdout)


def seen(responder):
    return json.loads(responder.process.stdout.readline())


@both
def test_what_is_in_the_packets(responder, family):
    """Class, source and page, where the request arrives."""
    source = {4: "10.99.0.77", 6: "fd99::77"}[family]
    width = {4: "/16", 6: "/64"}[family]
    responder.node.run(["ip", "addr", "add", source + width, "dev", "tun0",
                        *(["nodad", "preferred_lft", "0"] if family == 6 else [])])
    ask(responder, family, 1, "--dscp", 46, "--source", source, "--interface", "tun0",
        "--page", "https://x.example/why", count=1)
    request = seen(responder)
    assert request["class"] == 46 << 2
    assert request["source"] == source
    payload = bytes.fromhex(request["payload"])
    assert payload[18:39] == b"https://x.example/why"
    assert payload[39:] == bytes(range(39, 56))
    ask(responder, family, 1, "--page", "https://x.example/why", "--size", 38, count=1)
    plain = seen(responder)
    assert bytes.fromhex(plain["payload"])[18:] == bytes(range(18, 38))  # no room
    assert plain["class"] == 0
    assert plain["source"] != source


@pytest.mark.parametrize("argv, message", [
    (["--source", "lon"], 'option source: "lon": expected an IPv4 or IPv6 address'),
    (["--source", "::1"], "source ::1: expected an IPv4 address, as the target's is"),
    (["--interface", "eth77"], "interface eth77: No such device"),
    (["--interface", 'a"\\b'], 'interface a"\\b: No such device'),
    (["--pinger-replies", 4], "option pinger-replies: expected no more than count"),
])
def test_options_that_cannot_be(responder, argv, message):
    record = ask(responder, 4, 8, *argv, status=3)
    assert (record["outcome"], record["why"]) == ("failed", message)


@both
def test_a_source_that_is_not_ours_is_our_failure(responder, family):
    record = ask(responder, family, 8, "--source", {4: "192.0.2.9", 6: "2001:db8::9"}[family],
                 status=3)
    assert record["outcome"] == "failed"
    assert "no packet could be sent: " in record["why"]


@both
def test_hops_and_hop_limits_of_answers(responder, family):
    for number, ttl, hops in ((3, 57, 7), (4, 250, 5)):
        metrics = ask(responder, family, number)["metrics"]
        assert (metrics["ttl"], metrics["hops"]) == (ttl, hops)


@both
def test_enough_answers_end_it_as_with_pinger(responder, family):
    record = ask(responder, family, 2, "--pinger-replies", 4, "--spacing", "50ms", count=20)
    assert counts(record) == {"received": 4, "lost": 3}
    assert record["metrics"]["sent"] == 7


@both
def test_the_first_packet_may_be_left_out(responder, family):
    assert counts(ask(responder, family, 5)) == {"received": 2, "lost": 1}
    record = ask(responder, family, 5, "--discard-first", "yes")
    assert counts(record) == {"received": 3}
    assert record["metrics"]["sent"] == 3
    assert record["metrics"]["send_late"]["n"] == 3


def test_each_kind_of_error_is_in_the_record(responder):
    metrics = ask(responder, 4, 6, count=5, status=1)["metrics"]
    assert metrics["errors"] == [
        {"from": "10.99.0.254", "type": 3, "code": 13,
         "what": "destination unreachable: administratively prohibited", "n": 5}]


def timed(responder, targets, *argv):
    began = time.monotonic()
    done = pharos("probe", "ping", "--json", "--count", 1, "--timeout", "3s", *argv, *targets,
                  node=responder.node)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert sum(it["metrics"]["received"] for it in records) == len(targets)
    return time.monotonic() - began


def test_ceilings_make_packets_wait(responder):
    own = [f"127.0.0.{i}" for i in range(1, 101)]
    assert timed(responder, own, "--ceiling", "100/s") > 0.9
    assert timed(responder, own[:1] * 50, "--target-ceiling", "50/s") > 0.9


def test_who_would_wait_too_long_is_not_sent(responder):
    done = pharos("probe", "ping", "--json", "--count", 1, "--ceiling", "1/s",
                  *[f"127.0.0.{i}" for i in range(1, 21)], node=responder.node, check=False)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    failed = [it for it in records if it["outcome"] == "failed"]
    assert done.returncode == 3
    assert 0 < len(failed) < 20 and len(records) == 20
    assert {it["why"] for it in failed} == \
        {"no packet could be sent: too many others waited for the ceiling"}


def test_a_refused_packet_takes_no_stamp_from_others(responder):
    """The kernel counts stamps; one that was refused may or may not have one."""
    done = pharos("probe", "ping", "--json", "--count", 20, "--spacing", "5ms", "10.99.1.8",
                  "192.0.2.1", "fd99::1:8", "2001:db8::1", node=responder.node, check=False)
    records = {it["dst"]: it for it in map(json.loads, done.stdout.splitlines())}
    for target in ("10.99.1.8", "fd99::1:8"):
        assert counts(records[target]) == {"received": 20}
        assert records[target]["clock"]["stamps"] == "kernel/kernel"
    assert records["192.0.2.1"]["outcome"] == records["2001:db8::1"]["outcome"] == "failed"


PLAIN = {"count": 1, "ceiling": 1e7, "target-ceiling": 1e6}


class Worker:
    """A worker that the test gives its orders."""

    def __init__(self, node):
        ours, theirs = socket.socketpair()
        self.process = node.popen([program("pharos-probe")], pass_fds=[3],
                                  preexec_fn=lambda: os.dup2(theirs.fileno(), 3))
        theirs.close()
        self.lines = ours.makefile("rw")
        ours.close()
        self.order(m="open", probe="ping")

    def order(self, **members):
        self.lines.write(json.dumps(members) + "\n")

    def records(self):
        """By their run, when all are over."""
        self.order(m="close")
        self.lines.flush()
        found = {it["run"]: it for it in map(json.loads, self.lines) if it["m"] == "record"}
        self.lines.close()
        assert self.process.wait() == 0
        return found


def test_plain_packets_take_no_stamp_from_others(responder):
    """Runs that are stamped and such as are not, on one socket."""
    worker = Worker(responder.node)
    worker.order(m="start", run=1, target="10.99.1.8", settings={"count": 60, "spacing": 0.001})
    for run in range(2, 32):
        worker.order(m="start", run=run, settings=PLAIN,
                     target="fd99::1:8" if run % 3 == 0 else "10.99.1.8")
        worker.lines.flush()
        time.sleep(0.002)
    records = worker.records()
    assert records[1]["metrics"]["received"] == 60
    assert records.pop(1)["stamps"] == "kernel/kernel"
    assert {it["stamps"] for it in records.values()} == {"user/kernel"}
    assert sum(it["metrics"]["received"] for it in records.values()) == 30


@pytest.mark.parametrize("near, far", [("127.1.{}.{}", "192.0.2.{}"),
                                       ("::1", "2001:db8::{}")])
def test_each_of_a_burst_of_plain_packets_has_its_own_end(near, far):
    """So many at once that a second thread sends, too."""
    with Namespace() as node:
        worker = Worker(node)
        for run in range(2000):
            target = far.format(run % 250 + 1) if run % 10 == 0 else \
                near.format(run // 250, run % 250 + 1)
            worker.order(m="start", run=run, target=target, settings=PLAIN)
        records = worker.records()
    assert len(records) == 2000
    for run, record in records.items():
        if run % 10 == 0:
            assert record["why"] == "no packet could be sent: Network is unreachable"
        else:
            assert record["stamps"] == "user/kernel"
            assert record["metrics"]["received"] == record["metrics"]["sent"] == 1


def test_a_full_queue_of_ours_is_no_loss():
    """Packets that the interface's queue drops never got a stamp of leaving."""
    with Namespace("near") as near, Namespace("far") as far:
        near.run(["ip", "link", "add", "v0", "type", "veth", "peer", "name", "v0",
                  "netns", far.pid])
        for it, address in ((near, "10.98.0.1/24"), (far, "10.98.0.2/24")):
            it.run(["ip", "addr", "add", address, "dev", "v0"])
            it.run(["ip", "link", "set", "v0", "up"])
        # ten milliseconds a packet, room for three
        near.run(["tc", "qdisc", "add", "dev", "v0", "root", "tbf", "rate", "800kbit",
                  "burst", "1600", "limit", "3200"])
        done = pharos("probe", "ping", "--json", "--count", 100, "--spacing", "1ms", "--size",
                      958, "--timeout", "1s", "10.98.0.2", node=near, check=False)
    metrics = json.loads(done.stdout)["metrics"]
    assert metrics["sent"] == 100
    assert 5 <= metrics["received"] <= 60
    assert metrics["lost"] == 0
    assert metrics["lost_locally"] == 100 - metrics["received"]
    assert metrics["lost_unsure"] == metrics["lost_locally"]


def test_live_lines_while_it_runs(responder):
    done = pharos("probe", "ping", "--live", "--count", 3, "--spacing", "10ms", "--timeout",
                  "300ms", "10.99.1.5", "10.99.1.6", node=responder.node, check=False)
    lines = done.stdout.splitlines()
    trips = [re.fullmatch(r"10\.99\.1\.5 (\d): rtt [0-9.]+ (us|ms), ttl 64", it) for it in lines]
    assert [it.group(1) for it in trips if it] == ["2", "3"]
    # when its time was over, which the others did not wait for
    assert lines.index("10.99.1.5 1: no answer") > max(
        i for i, it in enumerate(trips) if it)
    assert "10.99.1.6 1: destination unreachable: administratively prohibited " \
        "from 10.99.0.254" in lines
    assert lines[-1].startswith("2 targets: 1 measured, 1 no-answer; rtt ")


def test_targets_from_a_file_and_from_standard_input(responder, tmp_path):
    path = tmp_path / "targets"
    path.write_text("# ours\n127.0.0.1\n\n  127.0.0.2 # two\n127.0.0.3\textra\n")
    argv = ["probe", "ping", "--json", "--count", 1, "--targets-from"]
    for source, options in ((path, {}), ("-", {"input": path.read_text()})):
        done = pharos(*argv, source, "127.0.0.4", node=responder.node, **options)
        assert {json.loads(line)["dst"] for line in done.stdout.splitlines()} == \
            {f"127.0.0.{i}" for i in (1, 2, 3, 4)}
    for text, message in (("127.0.0.1\n\nfoo_bar\n", 'line 3: target "foo_bar": expected a host '),
                          ("::1\nfe80::1%eth0", 'line 2: target "fe80::1%eth0": expected no %; '
                           "--interface names the one to send from")):
        path.write_text(text)
        done = pharos(*argv, path, node=responder.node, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"{path}: {message}" in done.stderr
    done = pharos(*argv, "-", node=responder.node, check=False, input="a b\n?\n")
    assert 'standard input: line 2: target "?"' in done.stderr
    done = pharos(*argv, tmp_path / "none", node=responder.node, check=False)
    assert done.returncode == 2
    assert f"{tmp_path}/none: No such file or directory" in done.stderr


def test_targets_as_people_write_them(responder, tmp_path):
    """From an editor of another system, and in capitals."""
    path = tmp_path / "targets"
    path.write_bytes(b"\xef\xbb\xbf127.0.0.1\r\n\r\nLocalHost # ours\r\n")
    done = pharos("probe", "ping", "--json", "--count", 1, "--targets-from", path,
                  "FD99::1:8", node=responder.node)
    assert {json.loads(line)["dst"] for line in done.stdout.splitlines()} == \
        {"127.0.0.1", "localhost", "fd99::1:8"}


def test_few_at_once_are_all_measured(responder):
    targets = [f"127.0.1.{i}" for i in range(1, 41)]
    done = pharos("probe", "ping", "--quiet", "--count", 2, "--spacing", "5ms", "--at-once",
                  3, *targets, node=responder.node)
    line, = done.stdout.splitlines()
    assert line.startswith("40 targets: 40 measured; rtt ")
    assert line.endswith("loss 0 %, sent 80, received 80")
