"""What pharos probe ping says of paths whose faults are known."""

import json
import pathlib
import subprocess
import sys

import pytest

from fleet import pharos, program
from net import Namespace, die_with_parent

V4 = {
    "10.99.1.1": {"do": "answer"},
    "10.99.1.2": {"do": "late", "delay": 0.9, "only": [0, 1]},
    "10.99.1.3": {"do": "twice"},
    "10.99.1.4": {"do": "swap"},
    "10.99.1.5": {"do": "damage", "at": 40},
    "10.99.1.6": {"do": "elsewhere", "source": "10.99.7.7"},
    "10.99.1.8": {"do": "forged"},
    "10.99.1.9": {"do": "error", "type": 3, "code": 1},
    "10.99.1.10": {"do": "damage", "at": 2},
    "10.99.1.11": {"do": "error", "type": 11, "code": 0, "quote": 28},
    "10.99.1.12": {"do": "damage", "at": 40, "sum": False},
}
V6 = {
    "fd99::1:1": {"do": "answer"},
    "fd99::1:2": {"do": "late", "delay": 0.9, "only": [0, 1]},
    "fd99::1:3": {"do": "twice"},
    "fd99::1:4": {"do": "swap"},
    "fd99::1:5": {"do": "damage", "at": 40},
    "fd99::1:6": {"do": "elsewhere", "source": "fd99::7:7"},
    "fd99::1:8": {"do": "forged"},
    "fd99::1:9": {"do": "error", "type": 1, "code": 3},
    "fd99::1:10": {"do": "damage", "at": 2},
    "fd99::1:11": {"do": "error", "type": 3, "code": 0, "quote": 48},
}
TARGET = {4: "10.99.1.{}", 6: "fd99::1:{}"}
both = pytest.mark.parametrize("family", [4, 6])


class Responder:
    """A namespace with a responder in it."""

    def __init__(self, rules):
        self.node = Namespace("responder")
        script = pathlib.Path(__file__).with_name("responder.py")
        self.process = self.node.popen(
            [sys.executable, script, json.dumps(rules)], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.expect("ready")

    def expect(self, word):
        assert self.process.stdout.readline().strip() == word

    def say(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def close(self):
        self.process.kill()
        self.process.communicate()
        self.node.close()


@pytest.fixture(scope="module")
def responder():
    it = Responder(V4 | V6)
    yield it
    it.close()


def records(node, *argv, status):
    done = pharos("probe", "ping", "--json", *argv, node=node, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    for record in found:
        if record["outcome"] != "failed":
            m = record["metrics"]
            assert m["sent"] == m["received"] + m["lost"] + m["lost_locally"]
            assert m["late"] + m["corrupted"] <= m["lost"]
            assert m["loss"] == pytest.approx(m["lost"] / m["sent"])
            assert record["clock"]["stamps"] == "kernel/kernel"
    return found


def ask(responder, family, number, status=0, more=()):
    found = records(responder.node, "--count", 10, "--spacing", "50ms", "--timeout",
                    "600ms", *more, TARGET[family].format(number), status=status)
    assert len(found) == 1
    assert found[0]["family"] == family
    return found[0]


def counts(record):
    """Those that are not 0, without sent."""
    return {name: value for name, value in record["metrics"].items()
            if isinstance(value, int) and value != 0 and name not in ("sent", "loss", "ttl", "hops")}


@both
def test_plain_answers_are_received(responder, family):
    record = ask(responder, family, 1)
    assert counts(record) == {"received": 10}
    assert record["outcome"] == "measured"
    assert record["metrics"]["loss"] == 0
    assert 0 < record["metrics"]["rtt"]["min"] <= record["metrics"]["rtt"]["max"] < 0.5
    assert record["metrics"]["rtt"]["n"] == 10
    assert record["end"] - record["start"] >= 0.45


@both
def test_late_answers_are_lost_and_say_so(responder, family):
    record = ask(responder, family, 2)
    assert counts(record) == {"received": 8, "lost": 2, "late": 2}
    assert record["metrics"]["rtt"]["n"] == 8


@both
def test_second_copies_are_duplicates(responder, family):
    assert counts(ask(responder, family, 3)) == {"received": 10, "duplicates": 10}


@both
def test_swapped_answers_are_reordered(responder, family):
    assert counts(ask(responder, family, 4)) == {"received": 10, "reordered": 5}


@both
@pytest.mark.parametrize("number", [5, 10])
def test_damaged_answers_are_corrupted(responder, family, number):
    record = ask(responder, family, number, status=1)
    assert counts(record) == {"lost": 10, "corrupted": 10}
    assert record["outcome"] == "no-answer"


def test_an_answer_with_a_wrong_checksum_is_corrupted(responder):
    assert counts(ask(responder, 4, 12, status=1)) == {"lost": 10, "corrupted": 10}


@both
def test_answers_of_another_address_do_not_count(responder, family):
    record = ask(responder, family, 6, status=1)
    assert counts(record) == {"lost": 10}
    assert record["metrics"]["error"].endswith(
        {4: "another address from 10.99.7.7", 6: "another address from fd99::7:7"}[family])


@both
def test_forged_answers_are_ignored(responder, family):
    record = ask(responder, family, 8, status=1)
    assert counts(record) == {"lost": 10}
    assert "error" not in record["metrics"]


@both
def test_silence_is_a_finding(responder, family):
    record = ask(responder, family, 7, status=1)
    assert counts(record) == {"lost": 10}
    assert record["outcome"] == "no-answer"
    assert record["metrics"]["loss"] == 1
    assert "rtt" not in record["metrics"]
    assert record["end"] - record["start"] >= 0.45 + 0.6


@both
def test_icmp_errors_are_told_in_words(responder, family):
    router = {4: "10.99.0.254", 6: "fd99::fe"}[family]
    record = ask(responder, family, 9, status=1)
    assert counts(record) == {"lost": 10}
    assert record["metrics"]["error"] == \
        f"destination unreachable: host unreachable from {router}"
    record = ask(responder, family, 11, status=1)  # it quotes no payload
    assert record["metrics"]["error"] == f"time exceeded: hop limit reached from {router}"


@both
@pytest.mark.parametrize("size", [18, 1400, 1401, 8000])
def test_payloads_of_any_size(responder, family, size):
    record = ask(responder, family, 1, more=["--size", size])
    assert counts(record) == {"received": 10}


def test_targets_do_not_disturb_each_other(responder):
    found = records(responder.node, "--count", 10, "--spacing", "50ms", "--timeout",
                    "600ms", *V4, *V6, status=1)
    for record in found:
        number = int(record["dst"].split(".:"[record["family"] == 6])[-1])
        expected = {1: {"received": 10}, 3: {"received": 10, "duplicates": 10},
                    4: {"received": 10, "reordered": 5}, 8: {"lost": 10}}
        assert counts(record) == expected.get(number, counts(record)), record
    assert len(found) == len(V4) + len(V6)


def test_human_lines_and_a_summary(responder):
    done = pharos("probe", "ping", "--count", 3, "--spacing", "10ms", "--timeout", "100ms",
                  "10.99.1.1", "10.99.1.7", node=responder.node, check=False)
    first, second, summary = sorted(done.stdout.splitlines())
    assert first.startswith("10.99.1.1: rtt min/p50/p95/max ")
    assert first.endswith("loss 0 %, sent 3, received 3, ttl 64, hops 0")
    assert second == "10.99.1.7: no-answer, loss 100 %, sent 3, received 0, lost 3"
    assert summary.startswith("2 targets: 1 measured, 1 no-answer; rtt min/p50/p95/max ")
    assert summary.endswith(", loss 50 %, sent 6, received 3, lost 3")
    assert done.returncode == 1


def test_own_drops_are_not_loss():
    """The worker sleeps while its receive buffer overflows: its own fault."""
    # a short packet takes 768 bytes of it and more; the kernel doubles the limit
    room = int(pathlib.Path("/proc/sys/net/core/rmem_max").read_text()) * 2
    room = min(room, 16 * 1024 * 1024)
    responder = Responder({"10.99.1.1": {"do": "flood", "count": room // 512}})
    drop = ["setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin", "--"]
    asking = responder.node.popen(
        drop + [program("pharos"), "probe", "ping", "--json", "--count", "2",
                "--spacing", "300ms", "10.99.1.1"],
        text=True, stdout=subprocess.PIPE, preexec_fn=die_with_parent)
    try:
        responder.expect("holding")
        children = pathlib.Path(f"/proc/{asking.pid}/task/{asking.pid}/children")
        worker = children.read_text().split()[0]
        subprocess.run(["kill", "-STOP", worker], check=True)
        responder.say()
        responder.expect("flooded")
        subprocess.run(["kill", "-CONT", worker], check=True)
        record = json.loads(asking.communicate(timeout=20)[0])
    finally:
        asking.kill()
        responder.close()
    assert counts(record) == {"received": 1, "lost_locally": 1}
    assert record["metrics"]["loss"] == 0
    assert record["outcome"] == "measured"
