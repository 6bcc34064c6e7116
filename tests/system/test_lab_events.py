"""What happens in a lab is told, and what dies of it comes back."""

import os
import signal

from labs import LINE, Lab
from net import wait_for


def test_events_are_told_as_they_happen(emulated):
    with emulated.events() as events:
        emulated.command("fail", "r1-r2")
        assert events.until("failed")["link"] == "r1-r2"
        emulated.command("set", "a-r1", "loss=50%")
        assert events.until("set", link="a-r1")["ways"][1]["loss"] == 0.5
        os.kill(emulated.process("pharos-emulator"), signal.SIGKILL)
        events.until("emulator", state="lost")
        events.until("emulator", state="restarted")
        emulated.down()
        events.until("down")
        assert events.process.wait(10) == 0


def test_a_link_is_as_it_was_when_the_emulator_is_new(emulated):
    emulated.command("set", "a-r1", "delay=30ms")
    with emulated.events() as events:
        os.kill(emulated.process("pharos-emulator"), signal.SIGKILL)
        events.until("emulator", state="restarted")
    b = emulated.node("b")["address"]
    assert emulated.ping("a", b)["metrics"]["rtt"]["min"] > 0.074
    assert [d["restarts"] for d in emulated.status()["daemons"]] == [1]


def test_a_routing_daemon_that_dies_is_told_of_and_comes_back(folder):
    lab = Lab(folder, "routing: bird" + LINE, "routed")
    with lab, lab.events() as events:
        os.kill(lab.process("bird"), signal.SIGKILL)
        lost = events.until("daemon", daemon="bird", state="lost")
        events.until("daemon", node=lost["node"], state="restarted")
        daemons = lab.node(lost["node"])["daemons"]
        assert [d["restarts"] for d in daemons] == [1]
        b = lab.node("b")["address"]
        wait_for("the way to b", lambda: lab.ping(
            "a", b, "--count", "1", "--timeout", "300ms",
            check=False)["outcome"] == "measured")
