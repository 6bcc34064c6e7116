"""pharos probe ping and the host that it runs on: routes, names, permissions."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
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


WITHOUT_RAW = ["setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw", "--"]


def test_without_permission_it_names_the_command(node):
    done = ping(node, "--count", 1, "127.0.0.1", before=WITHOUT_RAW)
    assert done.returncode == 3
    assert f"setcap cap_net_raw=p {os.path.realpath(program('pharos-probe'))}" \
        in done.stdout + done.stderr


NOBODY = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]


@pytest.fixture
def gifted():
    """A folder with a pharos-probe that has the capability of its file."""
    ours = pathlib.Path(program("pharos-probe"))
    with tempfile.TemporaryDirectory(dir=ours.parent) as folder:
        os.chmod(folder, 0o755)
        copy = shutil.copy(ours, folder)
        subprocess.run(["setcap", "cap_net_raw=p", copy], check=True)
        if subprocess.run([*NOBODY, "test", "-x", copy]).returncode != 0:
            pytest.skip(f"{folder} is not open to others")
        yield folder


def test_a_capability_of_the_file_is_enough(node, gifted):
    done = ping(node, "--json", "--count", 2, "--spacing", "10ms", "127.0.0.1", "::1",
                before=NOBODY, env=os.environ | {"PHAROS_LIBEXEC": gifted})
    assert done.returncode == 0, done.stdout + done.stderr


def test_with_a_capability_no_foreign_plug_in_is_loaded(node, gifted):
    pathlib.Path(gifted, "foreign.so").write_bytes(b"")
    environment = os.environ | {"PHAROS_PROBES": gifted}
    with_it = node.run([*NOBODY, f"{gifted}/pharos-probe", "--list"], env=environment)
    without = node.run([*NOBODY, program("pharos-probe"), "--list"], env=environment)
    assert "foreign" in without.stderr
    assert "foreign" not in with_it.stderr
    assert "ping" in with_it.stdout


@pytest.mark.parametrize("target", ["127.0.0.1", "::1"])
def test_without_permission_it_takes_datagram_sockets(node, target):
    node.run(["sysctl", "-qw", "net.ipv4.ping_group_range=0 2147483647"])
    done = ping(node, "--json", "--count", 3, "--spacing", "10ms", target,
                before=WITHOUT_RAW)
    record = json.loads(done.stdout)
    assert done.returncode == 0
    assert record["metrics"]["received"] == 3
    assert record["clock"]["stamps"] == "kernel/kernel"


def test_datagram_sockets_hear_of_errors(node):
    node.run(["sysctl", "-qw", "net.ipv4.ping_group_range=0 2147483647"])
    with Namespace("router") as router:
        node.run(["ip", "link", "add", "v0", "type", "veth", "peer", "name", "v0",
                  "netns", router.pid])
        for it, commands in ((node, ["addr add 10.98.0.1/24 dev v0", "link set v0 up",
                                     "route add 10.95.0.0/16 via 10.98.0.2"]),
                             (router, ["addr add 10.98.0.2/24 dev v0", "link set v0 up",
                                       "route add unreachable 10.95.0.0/16"])):
            for command in commands:
                it.run(["ip", *command.split()])
        router.run(["sysctl", "-qw", "net.ipv4.ip_forward=1"])
        done = ping(node, "--json", "--count", 2, "--spacing", "10ms", "--timeout", "1s",
                    "10.95.0.1", "10.98.0.2", before=WITHOUT_RAW)
    found = {r["dst"]: r for r in map(json.loads, done.stdout.splitlines())}
    assert found["10.95.0.1"]["metrics"]["error"] == \
        "destination unreachable: host unreachable from 10.98.0.2"
    assert found["10.95.0.1"]["outcome"] == "no-answer"
    assert found["10.98.0.2"]["metrics"]["received"] == 2


def test_a_thousand_targets_without_false_loss(node):
    targets = [f"127.0.{i // 250}.{i % 250 + 1}" for i in range(1000)]
    done = ping(node, "--json", "--count", 3, "--spacing", "20ms", *targets)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert {r["dst"] for r in found} == set(targets)
    assert sum(r["metrics"]["received"] for r in found) == 3000
    assert sum(r["metrics"]["lost_locally"] for r in found) == 0


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
    assert 'there is no probe "pong" here, expected one of: ping' in done.stderr


def test_a_closed_pipe_ends_it(node):
    command = node.command([program("pharos"), "probe", "ping", "--count", "1",
                            *["127.0.0.1"] * 50])
    done = subprocess.run(["sh", "-c", '"$@" | head -n 1', "sh", *command], text=True,
                          capture_output=True, timeout=20)
    assert done.stdout.count("\n") == 1
