"""Who may send echo requests, by which right, and what the others are told."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from fleet import program
from net import Namespace
from test_ping_host import node, ping  # noqa: F401


WITHOUT_RAW = ["setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw", "--"]


NOBODY = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
NO_NEW = ["setpriv", "--no-new-privs", "--"]
SETCAP, SYSCTL = "setcap cap_net_raw=p ", "sysctl -w net.ipv4.ping_group_range='0 2147483647'"


pytestmark = pytest.mark.usefixtures("others_may_come_in")


def check_refusal(done, command):
    assert done.returncode == 3
    said = done.stdout + done.stderr
    assert f"no permission for ICMP sockets; run as root: {command}" in said
    assert not (SETCAP in said and SYSCTL in said)
    assert "LeakSanitizer" not in said


def test_without_permission_it_names_the_command(node):
    ours = os.path.realpath(program("pharos-probe"))
    check_refusal(ping(node, "--count", 1, "127.0.0.1", before=NOBODY), SETCAP + ours)


@pytest.mark.parametrize("before", [WITHOUT_RAW, [*NO_NEW, *NOBODY]])
def test_where_no_file_may_give_it_the_command_is_another(node, before):
    check_refusal(ping(node, "--count", 1, "127.0.0.1", before=before), SYSCTL)


@pytest.fixture
def gifted():
    """A folder with a pharos-probe that has the capability of its file."""
    ours = pathlib.Path(program("pharos-probe"))
    with tempfile.TemporaryDirectory(dir=ours.parent) as folder:
        os.chmod(folder, 0o755)
        copy = shutil.copy(ours, folder)
        subprocess.run(["setcap", "cap_net_raw=p", copy], check=True)
        subprocess.run([*NOBODY, "test", "-x", copy], check=True)
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



@pytest.fixture
def nosuid(gifted):
    """The same program with its capability, on a mount that sets that aside."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "nosuid,mode=0755", "none", folder],
                       check=True)
        try:
            copy = shutil.copy(pathlib.Path(gifted, "pharos-probe"), folder)
            subprocess.run(["setcap", "cap_net_raw=p", copy], check=True)
            yield folder
        finally:
            subprocess.run(["umount", folder], check=True)


def test_on_a_nosuid_mount_the_file_gives_nothing(node, nosuid):
    environment = os.environ | {"PHAROS_LIBEXEC": nosuid}
    check_refusal(ping(node, "--count", 1, "127.0.0.1", before=NOBODY, env=environment),
                  SYSCTL)
    node.run(["sysctl", "-qw", "net.ipv4.ping_group_range=0 2147483647"])
    done = ping(node, "--count", 1, "127.0.0.1", before=NOBODY, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_capability_of_the_file_starts_where_it_is_forbidden(node, gifted):
    """With =ep instead of =p, exec itself would fail."""
    node.run(["sysctl", "-qw", "net.ipv4.ping_group_range=0 2147483647"])
    done = ping(node, "--count", 1, "127.0.0.1", before=[*WITHOUT_RAW, *NOBODY],
                env=os.environ | {"PHAROS_LIBEXEC": gifted})
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_ambient_capability_works_under_no_new_privileges(node):
    """As pharosd hands it to its workers."""
    ambient = ["setpriv", "--no-new-privs", "--inh-caps=+net_raw", "--ambient-caps=+net_raw",
               "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    done = ping(node, "--json", "--count", 2, "--spacing", "10ms", "127.0.0.1", "::1",
                before=ambient)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count('"measured"') == 2
