"""What gpsd says of the clock: a receiver on a pty, with and without a fix, with a
wrong second, and strangers in gpsd's place."""

import json
import shutil
import subprocess
import sys
import time

import pytest

from chrony import SERVER, Chronyd, client
from clock import Clock
from fleet import Agent, pharos
from gps import Gpsd, Receiver
from net import Namespace, wait_for
from test_agent import make_certificate, start

pytestmark = pytest.mark.skipif(
    not shutil.which("gpsd"), reason="there is no gpsd")


def clock(node, environment=None):
    done = pharos("clock", "--json", node=node, check=False, env=environment)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def node():
    with Namespace() as made:
        yield made


@pytest.fixture(name="receive")
def made_receiver():
    made = []

    def receive(node, **options):
        receiver = Receiver(**options)
        made.append(receiver)
        made.append(Gpsd(receiver, node))
        return receiver

    yield receive
    for one in reversed(made):
        one.close()


def by_gps(node):
    told = clock(node)
    return told if told["source"] == "gps" else None


def test_text_of_a_receiver_bounds_the_clock_to_a_second(node, receive):
    receive(node)
    told = wait_for("its word", lambda: by_gps(node))
    assert told["reference"] == "GPS"
    assert told["fix"] == 3 and told["satellites"] == 8
    # the text came at once, but nobody can know that
    assert 0.5 < told["error"] < 1.1
    assert "up to 1 s late" in told["formula"]
    assert "trouble" not in told
    shown = pharos("clock", node=node).stdout
    assert "source     gps, by GPS\n" in shown
    assert "receiver   fix in 3 dimensions, 8 satellites\n" in shown


def without_fix(node):
    return "no fix yet" in clock(node).get("trouble", "")


def test_receiver_without_a_fix_is_no_bound(node, receive):
    receive(node, fix=False)
    wait_for("it to be heard", lambda: without_fix(node) or
             "no fix" in pharos("clock", node=node, check=False).stdout)
    told = clock(node)
    assert "error" not in told and "fix" not in told


def test_wrong_second_is_seen_by_a_clock_alone(node, receive):
    receive(node, ahead=1)
    told = wait_for("its word", lambda: by_gps(node))
    assert told["error"] > 1
    assert "or more behind GPS" in told["trouble"]
    assert "leap seconds" in told["trouble"]


@pytest.fixture(name="pair")
def made_pair(network, tmp_path):
    """A server and who follows it."""
    far, near = network.add("far", families=(4,)), network.add("near")
    server = Chronyd(far, tmp_path / "far", SERVER)
    follower = Chronyd(near, tmp_path / "near", client(far.address()))
    wait_for("a bound", lambda: clock(near).get("error"))
    yield near
    follower.close()
    server.close()


needs_chronyd = pytest.mark.skipif(
    not shutil.which("chronyd"), reason="there is no chronyd")


@needs_chronyd
@pytest.mark.parametrize("ahead, words", [
    (1, "1 s ahead of chrony's"), (-2, "2 s behind chrony's")])
def test_wrong_second_is_the_receivers_where_chronyd_knows(
        pair, receive, ahead, words):
    receive(pair, ahead=ahead)
    told = wait_for("the contradiction", lambda: "gpsd's time" in
                    clock(pair).get("trouble", "") and clock(pair))
    assert told["source"] == "chrony" and told["error"] < 0.01
    assert words in told["trouble"]


@needs_chronyd
def test_receiver_that_agrees_is_no_news_to_chronyd(pair, receive):
    receiver = receive(pair)
    wait_for("gpsd", lambda: gpsd_has_fix(pair))
    told = clock(pair)
    assert told["source"] == "chrony" and "trouble" not in told
    receiver.fix = False  # and a lost fix is said, whoever keeps the clock
    wait_for("the loss", lambda: "fix" in clock(pair).get("trouble", ""))
    assert clock(pair)["error"] < 0.01


FIX = r"""
import json, socket
talk = socket.create_connection(("127.0.0.1", 2947), 5)
talk.sendall(b'?WATCH={"enable":true,"json":true};\n')
for line in talk.makefile():
    told = json.loads(line)
    if told["class"] == "TPV" and "time" in told:
        print(told["mode"])
        break
"""


def gpsd_has_fix(node):
    done = node.run([sys.executable, "-c", FIX], check=False, timeout=30)
    return done.stdout.strip() == "3"


def told_by(agent):
    return json.loads(pharos("clock", "--json", "--config", agent.config,
                             check=False).stdout)


def test_fix_that_is_lost_is_held_and_grows(node, receive, tmp_path):
    receiver = receive(node)
    wait_for("gpsd", lambda: gpsd_has_fix(node))
    agent = Agent(node, tmp_path / "lon", "lon")
    agent.config.write_text(
        f"name: lon\ncollector: https://127.0.0.1:1\nstate: {agent.state}\n")
    make_certificate(agent.state, "lon")
    start(agent)
    try:
        wait_for("its word", lambda: told_by(agent)["source"] == "gps")
        receiver.fix = False
        told = wait_for("the loss", lambda: told_by(agent).get("held") and
                        told_by(agent), timeout=60)
        assert told["source"] == "gps" and told["error"] > 0.5
        assert "last fix" in told["trouble"]
        receiver.fix = True
        wait_for("the fix", lambda: "held" not in told_by(agent), timeout=60)
    finally:
        agent.stop()


STRANGER = r"""
import socket, sys, time
door = socket.create_server(("127.0.0.1", 2947))
print("ready", flush=True)
while True:
    talk, _ = door.accept()
    try:
        for _ in range(int(sys.argv[2])):
            talk.sendall(sys.argv[1].encode())
        while sys.argv[3] == "stay" and talk.recv(512):
            pass
    except OSError:
        pass
    talk.close()
"""


@pytest.mark.parametrize("text, count, stay, reason", [
    ("220 mail ready\r\n", 1, "stay", "gpsd: JSON"),
    ('{"class":"PPS"}\n', 1, "stay", "gpsd: PPS"),
    ('{"class":"VERSION"}\n', 100000, "stay", "gpsd: more than"),
    ("x" * 1000, 1000, "stay", "without an end"),
    ("", 1, "go", "has ended the connection"),
    ("", 1, "stay", "install chrony"),
])
def test_stranger_in_its_place_is_hung_up_on(node, text, count, stay, reason):
    stranger = node.popen([sys.executable, "-c", STRANGER, text, str(count),
                           stay], stdout=subprocess.PIPE, text=True)
    try:
        assert stranger.stdout.readline() == "ready\n"
        before = time.monotonic()
        told = clock(node)
        assert time.monotonic() - before < 15
        assert "error" not in told and reason in told["trouble"]
    finally:
        stranger.kill()
        stranger.wait()
