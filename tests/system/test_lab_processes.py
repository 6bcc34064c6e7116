"""What the processes of a lab may use, and that they end with it."""

import os
import pathlib
import random
import signal
import subprocess
import time

from fleet import program
from labs import (EMULATED, LINE, PAIR, Lab, cgroups_of, left_behind,
                  named_namespaces)
from net import die_with_parent, wait_for

ROUTED = LINE.replace("r1: {kind: router}", "r1: {kind: router, cpu: 20%}")

SHARES = PAIR.replace("a: {kind: host}", "a: {kind: host, cpu: 20%}")

SPEND = """
import time
end = time.monotonic() + 1
while time.monotonic() < end:
    pass
print(time.process_time())
"""

VICTIMS = ["pharos-emulator", "bird", "pharos-lab", "up"]


def test_a_share_of_the_cpu_is_kept(folder):
    with Lab(folder, SHARES, "shares") as lab:
        groups = cgroups_of("shares")
        assert groups
        inner = pathlib.Path(groups[0], "node-a")
        files = {path.name for path in inner.iterdir()}
        if "cpu.max" in files:
            assert (inner / "cpu.max").read_text() == "20000 100000\n"
        else:
            assert (inner / "cpu.cfs_quota_us").read_text() == "20000\n"
        lab.down()
    assert cgroups_of("shares") == []


def test_a_share_is_what_a_command_on_the_node_has(folder):
    """No more of a core, and no less while others want all of it.

    One core is enough to see that: what else is tested meanwhile has the rest.
    """
    here = ["taskset", "-c", str(min(os.sched_getaffinity(0)))]
    with Lab(folder, SHARES, "shares") as lab:
        others = [subprocess.Popen([*here, "sh", "-c", "while :; do :; done"],
                                   preexec_fn=die_with_parent)
                  for _ in range(8)]
        try:
            had = float(lab.run(
                "a", *here, "/usr/bin/python3", "-c", SPEND).stdout)
        finally:
            for other in others:
                other.kill()
                other.wait()
        assert 0.15 < had < 0.25


def test_an_event_has_the_share_of_its_node(folder):
    text = SHARES + ("events:\n"
                     "  - {at: 0s, run: [a, \"cat /proc/self/cgroup\"]}\n")
    with Lab(folder, text, "shares") as lab:
        wait_for("the event", lambda: "/node-a\n" in lab.command(
            "log", "--node", "a").stdout)


def test_labs_leave_nothing(folder):
    before = named_namespaces()
    with Lab(folder, LINE, "line") as lab:
        lab.down()
        assert not left_behind(str(folder))
        assert not lab.run_folder.exists()
    assert named_namespaces() == before


def test_an_interrupted_up_undoes_itself(folder):
    lab = Lab(folder, LINE.replace("delay: 4ms", "loss: 1"), "line")
    lab.file.write_text("routing: bird\n" + lab.file.read_text())
    up = subprocess.Popen([program("pharos"), "lab", "up", str(lab.file)],
                          env=lab.environment, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True,
                          preexec_fn=die_with_parent)
    try:
        for word in up.stdout:
            if word.startswith("built"):
                break
        up.send_signal(signal.SIGINT)
        assert up.wait(20) == 130
        assert "interrupted" in up.stderr.read()
        assert not lab.run_folder.exists()
        assert not left_behind(str(folder))
    finally:
        up.kill()
        up.communicate()
        lab.down(check=False)


def test_a_lab_that_died_is_the_one_that_is_meant(folder):
    with Lab(folder, PAIR, "dead") as lab:
        os.kill(lab.pid(), signal.SIGKILL)
        wait_for("its end", lambda: not lab.processes())
        done = lab.command("status", check=False)
        assert done.returncode != 0 and "has ended unasked" in done.stderr
        assert "converged after" in lab.command("log").stdout
        lab.command("down")
        assert not lab.run_folder.exists()


def kill_one(lab, victim, delay):
    """On the way up, so long after it began; takes down what is left."""
    up = subprocess.Popen(
        [program("pharos"), "lab", "up", str(lab.file)],
        env=lab.environment, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, preexec_fn=die_with_parent)
    wait_for("the lab's process", lambda: lab.processes())
    moment = time.monotonic() + delay
    pid = wait_for(f"the moment of {victim}", lambda: (
        time.monotonic() >= moment and
        (up.pid if victim == "up" else lab.process(victim))),
        interval=0.005)
    os.kill(pid, signal.SIGKILL)
    if victim not in ("pharos-lab", "up"):
        # one that is not built yet ends, one that is goes on
        wait_for(f"another {victim}", lambda: not lab.processes() or
                 lab.process(victim) not in (None, pid))
    elif victim == "up":
        up.wait()
    down = lab.down(check=False)
    up.wait(20)
    assert down.returncode == 0 or not lab.run_folder.exists(), down


def test_whatever_is_killed_down_removes_all(folder):
    """Twenty deaths at moments of a seed that a failure prints."""
    seed = int(os.environ.get("PHAROS_SEED", time.time()))
    print("PHAROS_SEED", seed)
    chance = random.Random(seed)
    before = named_namespaces()
    lab = Lab(folder, EMULATED + "routing: bird" + ROUTED, "killed")
    try:
        for turn in range(20):
            kill_one(lab, VICTIMS[turn % len(VICTIMS)], chance.uniform(0, 1.5))
            assert not lab.run_folder.exists()
            assert cgroups_of("killed") == []
            wait_for("the end of all", lambda: not left_behind(str(folder)))
    finally:
        lab.down(check=False)
    assert named_namespaces() == before
