"""What chronyd says of the clock, and what is made of it when it says nothing."""

import json
import shutil
import signal
import subprocess
import sys
import time

import pytest

from chrony import SERVER, Chronyd, client
from clock import Clock
from fleet import Agent, pharos, program
from net import Namespace, wait_for
from test_agent import make_certificate, start

ASK = ("clock", "--json")
pytestmark = pytest.mark.skipif(
    not shutil.which("chronyd"), reason="there is no chronyd")


def clock(node):
    """As it is seen from here, without a pharosd."""
    done = pharos(*ASK, node=node, check=False)
    assert done.returncode in (0, 1), done.stderr
    told = json.loads(done.stdout)
    assert (done.returncode == 0) == ("error" in told)
    return told


def synchronised(node):
    told = clock(node)
    return told if told["source"] == "chrony" and "error" in told else None


@pytest.fixture(name="pair")
def made_pair(network, tmp_path):
    """A server and who follows it: nodes and daemons."""
    far, near = network.add("far", families=(4,)), network.add("near")
    server = Chronyd(far, tmp_path / "far", SERVER)
    follower = Chronyd(near, tmp_path / "near", client(far.address()))
    yield network, near, follower
    follower.close()
    server.close()


def test_bound_is_what_chronyd_knows_and_grows_when_it_is_cut_off(pair):
    network, near, follower = pair
    told = wait_for("a bound", lambda: synchronised(near))
    assert told["reference"] == "10.77.0.1" and told["stratum"] == 6
    assert told["formula"] == "|offset| + dispersion + delay/2"
    # all of this machine's namespaces have one clock
    assert told["error"] < 0.005
    assert told["growth"] >= 1e-6
    assert told["error"] >= abs(told["offset"]) + told["dispersion"] + \
        told["delay"] / 2 - 1e-9
    # what chronyc knows
    shown = near.run(["chronyc", "-n", "-c", "tracking"]).stdout.split(",")
    assert shown[1] == told["reference"]
    assert abs(float(shown[7]) - told["frequency"] * 1e6) < 50
    network.cut("far")
    before = clock(near)
    wait_for("it to grow", lambda: clock(near)["error"] >
             before["error"] + 3e-6, timeout=60)
    later = clock(near)
    assert later["source"] == "chrony" and later["reference"] == "10.77.0.1"
    assert later["dispersion"] > before["dispersion"]


def test_people_are_told_the_numbers_and_the_formula(pair):
    _, near, _ = pair
    wait_for("a bound", lambda: synchronised(near))
    done = pharos("clock", node=near)
    for text in ("source     chrony, by 10.77.0.1, stratum 6\n",
                 "error      at most ", "|offset| + dispersion + delay/2\n",
                 "frequency  ", "host       ", " stolen\n"):
        assert text in done.stdout
    assert "wrong" not in done.stdout


@pytest.fixture(name="box")
def made_box(pair, tmp_path):
    """pharosd of box lon beside the follower."""
    agent = Agent(pair[1], tmp_path / "lon", "lon")
    agent.config.write_text(
        f"name: lon\ncollector: https://127.0.0.1:1\nstate: {agent.state}\n")
    make_certificate(agent.state, "lon")
    yield agent
    agent.stop()


def told_by(agent):
    return json.loads(pharos(*ASK, "--config", agent.config,
                             check=False).stdout)


def test_last_word_of_a_chronyd_that_dies_is_held_until_it_is_back(pair, box):
    network, near, follower = pair
    wait_for("a bound", lambda: synchronised(near))
    start(box)
    fresh = wait_for("the agent to know", lambda: told_by(box).get("error") and
                     told_by(box))
    assert fresh["source"] == "chrony" and "held" not in fresh
    assert "disciplined by chrony, within" in \
        pharos("status", "--config", box.config).stdout
    follower.kill()
    held = wait_for("it to be held", lambda: told_by(box).get("held") and
                    told_by(box))
    assert held["source"] == "chrony"
    assert held["growth"] >= 15e-6
    assert "start it again" in held["trouble"]
    more = wait_for("it to grow", lambda: told_by(box)["error"] >
                    held["error"] and told_by(box))
    assert "held" in more
    assert pharos("clock", "--config", box.config).returncode == 0
    assert "error" not in clock(near)  # who comes new knows nothing of it
    follower.start()
    back = wait_for("it to be back", lambda: "held" not in told_by(box) and
                    told_by(box), timeout=60)
    assert back["source"] == "chrony" and back["error"] < more["error"]


def test_step_counts_until_chronyd_has_looked_again(pair, box, folder):
    _, near, _ = pair
    wait_for("a bound", lambda: synchronised(near))
    set_by_hand = Clock(folder / "clock")  # chronyd's own is the machine's
    box.environment = set_by_hand.environment()
    start(box)
    wait_for("the agent to know",
             lambda: told_by(box)["source"] == "chrony", timeout=60)
    assert told_by(box)["error"] < 0.01
    set_by_hand.step(5)
    told = wait_for("the step", lambda: told_by(box).get("steps") and
                    told_by(box))
    assert 5 < told["error"] < 5.1 and told["source"] == "chrony"
    assert told["steps"]["count"] == 1
    assert abs(told["steps"]["size"] - 5) < 0.01
    assert "was set by 5 s" in told["trouble"]
    shown = pharos("clock", "--config", box.config).stdout
    assert "steps      1 seen, the last by +5 s at 20" in shown
    set_by_hand.right()
    told = wait_for("chronyd to have looked", lambda: told_by(box)["error"] <
                    0.01 and told_by(box), timeout=60)
    assert told["steps"]["count"] == 2 and "trouble" not in told
    set_by_hand.step(3600)
    told = wait_for("a bound that says nothing", lambda: "error" not in
                    told_by(box) and told_by(box))
    assert "was set by 1 h" in told["trouble"]
    assert pharos("clock", "--config", box.config, check=False).returncode == 1


def test_sleep_is_no_step_but_counts(pair, box, folder):
    _, near, _ = pair
    wait_for("a bound", lambda: synchronised(near))
    hosts = Clock(folder / "clock")
    box.environment = hosts.environment()
    start(box)
    wait_for("the agent to know",
             lambda: told_by(box)["source"] == "chrony", timeout=60)
    hosts.suspend(3600)  # chronyd has not noticed
    told = wait_for("the sleep", lambda: "slept" in
                    told_by(box).get("trouble", "") and told_by(box))
    assert 1 < told["error"] < 4 and "steps" not in told


def test_chronyd_without_servers_has_no_bound(network, tmp_path):
    node = network.add("lone")
    chronyd = Chronyd(node, tmp_path / "lone", client("10.77.0.99"))
    try:
        told = wait_for("an answer", lambda: clock(node)["source"] == "chrony"
                        and clock(node))
        assert "error" not in told
        assert "chronyc sources" in told["trouble"]
    finally:
        chronyd.close()


def test_chronyd_that_follows_itself_has_no_bound(network, tmp_path):
    node = network.add("lone")
    chronyd = Chronyd(node, tmp_path / "lone", SERVER)
    try:
        told = wait_for("an answer", lambda: clock(node)["source"] == "chrony"
                        and clock(node))
        assert "error" not in told and "local" in told["trouble"]
    finally:
        chronyd.close()


def test_chronyd_that_hangs_costs_a_second(pair):
    _, near, follower = pair
    wait_for("a bound", lambda: synchronised(near))
    follower.send(signal.SIGSTOP)
    before = time.monotonic()
    told = clock(near)
    assert time.monotonic() - before < 10
    assert "error" not in told
    assert "no answer within 1 s; does it hang?" in told["trouble"]
    follower.send(signal.SIGCONT)
    assert synchronised(near)


STRANGER = r"""
import socket, sys
door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
door.bind(("127.0.0.1", 323))
print("ready", flush=True)
while True:
    question, sender = door.recvfrom(512)
    for _ in range(int(sys.argv[2])):
        head = bytes([int(sys.argv[1]), 2, 0, 0, 0, 33, 0, 5]) + bytes(8)
        door.sendto(head + question[8:12] + bytes(84), sender)
"""


@pytest.mark.parametrize("version, count, reason", [
    (5, 1, "version 5, expected 6"), (200, 10000, "version 200"),
    (6, 1, "follows nobody")])
def test_stranger_in_its_place_is_not_believed(version, count, reason):
    with Namespace() as node:
        stranger = node.popen([sys.executable, "-c", STRANGER, str(version),
                               str(count)], stdout=subprocess.PIPE, text=True)
        try:
            assert stranger.stdout.readline() == "ready\n"
            told = clock(node)
            assert "error" not in told and reason in told["trouble"]
        finally:
            stranger.kill()
            stranger.wait()


SOCKET_ALONE = """
mkdir -p /run/chrony && mount -t tmpfs -o mode=0750 tmpfs /run/chrony &&
chronyd -d -x -u root -f {config} 2>/dev/null & chronyd=$!
until [ -S /run/chrony/chronyd.sock ]; do kill -0 $chronyd || exit 9; done
{pharos} clock --json
ls -A /run/chrony
kill $chronyd
"""


def test_its_socket_will_do(tmp_path):
    config = tmp_path / "chrony.conf"
    config.write_text(f"local stratum 5\ncmdport 0\npidfile {tmp_path}/pid\n")
    with Namespace() as node:
        done = node.run(["unshare", "--mount", "sh", "-c", SOCKET_ALONE.format(
            config=config, pharos=program("pharos"))], check=False, timeout=30)
    told, names = done.stdout.split("}\n")
    assert json.loads(told + "}")["source"] == "chrony", done.stdout
    assert names.split() == ["chronyd.sock"]  # ours is gone again


def test_file_that_is_wrong_is_said_to_be(tmp_path):
    done = pharos("clock", "--config", tmp_path / "nowhere.yaml", check=False)
    assert done.returncode == 2 and "nowhere.yaml" in done.stderr
    assert pharos("clock", "--sort", check=False).returncode == 2
    assert "usage: pharos clock" in pharos("clock", "--help").stdout
