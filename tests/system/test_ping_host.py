"""pharos probe ping and the host that it runs on: routes, names, interrupts."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from fleet import pharos, program
from net import Namespace, wait_for


@pytest.fixture
def node():
    with Namespace() as it:
        yield it


def ping(node, *argv, before=(), **options):
    return node.run([*before, program("pharos"), "probe", "ping", *argv],
                    check=False, **options)


def test_no_route_is_our_failure(node):
    done = ping(node, "--json", "--count", 2, "--spacing", "10ms", "192.0.2.1")
    record = json.loads(done.stdout)
    assert done.returncode == 3
    assert record["outcome"] == "failed"
    assert record["why"] == "no packet could be sent: Network is unreachable"
    assert "metrics" not in record


def test_a_neighbour_that_is_not_there_does_not_answer(node):
    node.run(["ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1"])
    for command in ("link set v0 up", "link set v1 up", "addr add 10.98.0.1/24 dev v0"):
        node.run(["ip", *command.split()])
    done = ping(node, "--json", "--count", 2, "--spacing", "10ms", "--timeout", "200ms",
                "10.98.0.2")
    assert done.returncode == 1
    assert json.loads(done.stdout)["outcome"] == "no-answer"


@pytest.mark.parametrize("content", ["nameserver 127.0.0.1\n", "# nothing\n"])
def test_a_name_that_does_not_resolve(node, tmp_path, content):
    conf = tmp_path / "resolv.conf"
    conf.write_text(content)
    mounted = ["unshare", "--mount", "sh", "-c",
               f'mount --bind {conf} /etc/resolv.conf && exec "$@"', "sh"]
    done = ping(node, "lon.example", "127.0.0.1", "--count", 1, before=mounted)
    assert done.returncode == 3
    assert "lon.example does not resolve: " in done.stdout
    assert "127.0.0.1: rtt" in done.stdout
    assert done.stderr == ""
    if content.startswith("#"):
        assert "no name server configured" in done.stdout


def test_names_come_from_the_hosts_file(node, tmp_path):
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.5 five\n::1 five\n")
    mounted = ["unshare", "--mount", "sh", "-c",
               f'mount --bind {hosts} /etc/hosts && exec "$@"', "sh"]
    for family, address in (("4", "127.0.0.5"), ("6", "::1")):
        done = ping(node, "--json", "--count", 1, "--family", family, "five",
                    before=mounted)
        record = json.loads(done.stdout)
        assert (record["dst"], record["address"]) == ("five", address)


def test_a_thousand_targets_without_false_loss(node):
    targets = [f"127.0.{i // 250}.{i % 250 + 1}" for i in range(1000)]
    done = ping(node, "--json", "--count", 3, "--spacing", "20ms", *targets)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert {r["dst"] for r in found} == set(targets)
    assert sum(r["metrics"]["received"] for r in found) == 3000
    assert sum(r["metrics"]["lost_locally"] for r in found) == 0


STRAY = """
import socket, struct
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
for number in range(65536):
    data = struct.pack(">BBHHH", 0, 0, ~number & 0xffff, number, 0)
    raw.sendto(data, ("127.0.0.1", 0))
"""


def spent(node, meanwhile):
    """Seconds of a processor for 25 packets over IPv6."""
    def requests():
        return int(node.run(["sh", "-c", "nstat -asz Icmp6OutEchos | "
                             "awk '/Icmp6Out/{print $2}'"]).stdout)

    before = requests()
    process = node.popen([program("pharos"), "probe", "ping", "--json", "--count", "25",
                          "--spacing", "100ms", "--timeout", "300ms", "fd98::2"],
                         stdout=subprocess.PIPE)
    wait_for("a request", lambda: requests() > before)
    meanwhile()
    output = process.stdout.read()
    _, _, used = os.wait4(process.pid, 0)
    process.returncode = 0
    assert json.loads(output)["metrics"]["sent"] == 25
    return used.ru_utime + used.ru_stime


def test_answers_that_nobody_asked_for_are_read_and_forgotten(node):
    """By who guessed the identifier, on a socket that has sent nothing."""
    for command in ("link add v0 type veth peer name v1", "link set v0 up", "link set v1 up",
                    "addr add fd98::1/64 dev v0 nodad",
                    "neigh add fd98::2 lladdr 02:00:00:00:00:99 dev v0"):
        node.run(["ip", *command.split()])
    usual = spent(node, lambda: None)
    assert spent(node, lambda: node.run([sys.executable, "-c", STRAY])) < 3 * usual


def test_who_has_opted_out_gets_no_packet(node, tmp_path):
    path = tmp_path / "opt-out"
    environment = os.environ | {"PHAROS_OPT_OUT": str(path)}
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.7.9 nine\n")
    mounted = ["unshare", "--mount", "sh", "-c",
               f'mount --bind {hosts} /etc/hosts && exec "$@"', "sh"]
    path.write_text("127.0.7.0/24 # by mail\n")
    done = ping(node, "--json", "--count", 2, "--spacing", "10ms", "127.0.7.1", "nine",
                "127.0.8.1", before=mounted, env=environment)
    found = {r["dst"]: r for r in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 1
    for target, address in (("127.0.7.1", "127.0.7.1"), ("nine", "127.0.7.9")):
        assert found[target]["outcome"] == "skipped"
        assert found[target]["why"] == \
            f"{address} does not want to be measured ({path}, line 1)"
        assert "metrics" not in found[target]
    assert found["127.0.8.1"]["outcome"] == "measured"
    sent = node.run(["sh", "-c", "nstat -asz IcmpOutEchos | awk '/IcmpOut/{print $2}'"])
    assert int(sent.stdout) == 2
    path.write_text("127.0.7.0/24\nlon.example\n")
    done = ping(node, "--count", 1, "127.0.8.1", env=environment)
    assert f"skipped: nothing is measured while {path}: line 2: " in done.stdout


def test_an_interrupt_gives_what_there_is(node):
    process = node.popen([program("pharos"), "probe", "ping", "--json", "--count", "5000",
                          "--spacing", "10ms", "127.0.0.1"],
                         text=True, stdout=subprocess.PIPE)
    # its worker has sent something as soon as the kernel counts it
    wait_for("echo replies", lambda: int(node.run(
        ["sh", "-c", "nstat -asz IcmpInEchoReps | awk '/IcmpIn/{print $2}'"]).stdout) > 3)
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    record = json.loads(process.communicate(timeout=10)[0])
    assert time.monotonic() - began < 5
    assert process.returncode == 0
    assert record["outcome"] == "measured"
    assert 3 < record["metrics"]["sent"] < 5000
    assert record["metrics"]["lost"] == 0


def test_an_interrupt_calls_nobody_silent_whose_time_is_not_over(node):
    for command in ("link add v0 type veth peer name v1", "link set v0 up", "link set v1 up",
                    "addr add fd98::1/64 dev v0 nodad",
                    "neigh add fd98::2 lladdr 02:00:00:00:00:99 dev v0"):
        node.run(["ip", *command.split()])
    process = node.popen([program("pharos"), "probe", "ping", "--timeout", "1m", "fd98::2"],
                         text=True, stdout=subprocess.PIPE)
    wait_for("a request", lambda: int(node.run(
        ["sh", "-c", "nstat -asz Icmp6OutEchos | awk '/Icmp6Out/{print $2}'"]).stdout) > 0)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=10)[0] == \
        "fd98::2: failed: interrupted before the timeout of the first packet\n"
    assert process.returncode == 3


@pytest.mark.parametrize("argv, message", [
    (["--count", "0", "::1"], '--count: "0": expected a whole number from 1 to 65535'),
    (["--spacing", "10", "::1"], '--spacing: "10": expected a duration from 1ms to 1h'),
    (["--size", "17", "::1"], '--size: "17": expected a size from 18 to 65507'),
    (["--cuont", "1", "::1"], "there is no option --cuont, did you mean --count?"),
    (["--family", "5", "::1"], '--family: "5": expected 4 or 6'),
    (["--family", "4", "::1"], "target ::1: an IPv6 address, but IPv4 is asked for"),
    (["--count"], "--count: a value is missing"),
    ([], "no target"),
    (["a b"], 'target "a b"'),
])
def test_bad_input_is_refused_by_name(argv, message):
    done = pharos("probe", "ping", *argv, check=False)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stdout == ""


def test_an_unknown_probe_is_refused():
    done = pharos("probe", "pong", "::1", check=False)
    assert done.returncode == 2
    assert 'there is no probe "pong" here, expected one of: owd, ping' in done.stderr


def test_a_closed_pipe_ends_it(node):
    command = node.command([program("pharos"), "probe", "ping", "--count", "1",
                            *["127.0.0.1"] * 50])
    done = subprocess.run(["sh", "-c", '"$@" | head -n 1', "sh", *command], text=True,
                          capture_output=True, timeout=20)
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""  # nothing is left behind, either
