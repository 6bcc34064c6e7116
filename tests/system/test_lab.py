"""Labs: built, asked, changed, killed, taken down."""

import collections
import csv
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import time
import urllib.request

import pytest

from fleet import cells, program
from labs import (Lab, backends, cgroups_of, left_behind,
                  named_namespaces)
from net import die_with_parent, wait_for

LINE = """
nodes:
  a: {kind: host}
  r1: {kind: router}
  r2: {kind: router}
  b: {kind: host}
links:
  a-r1: {ends: [a, r1], delay: 4ms}
  r1-r2: {ends: [r1, r2], delay: 5ms}
  r2-b: {ends: [r2, b], delay: 1ms, back: {delay: 3ms}}
"""
PAIR = """
nodes:
  a: {kind: host}
  b: {kind: host}
links:
  a-b: {ends: [a, b], delay: 2ms}
"""
ROUTED = LINE.replace("r1: {kind: router}", "r1: {kind: router, cpu: 20%}")
SHARES = PAIR.replace("a: {kind: host}", "a: {kind: host, cpu: 20%}")


EMULATED = "backend: emulator\n"


@pytest.fixture(params=backends())
def line(folder, request):
    with Lab(folder, f"backend: {request.param}{LINE}", "line") as lab:
        yield lab


@pytest.fixture
def emulated(folder):
    with Lab(folder, EMULATED + LINE, "line") as lab:
        yield lab


def test_links_are_of_the_backend_the_file_asks_for(line):
    asked = line.file.read_text().split("backend: ")[1].split()[0]
    assert [link["backend"] for link in line.status()["links"]] == [asked] * 3
    assert f"links by {asked}\n" in line.command("status").stdout


def test_auto_takes_netem_for_what_it_does_as_well(folder):
    text = LINE.replace("delay: 4ms", "delay: 4ms, jitter: 1ms").replace(
        "back: {delay: 3ms}", "back: {corrupt: 1%}")
    with Lab(folder, text, "line") as lab:
        found = [link["backend"] for link in lab.status()["links"]]
        assert found == ["emulator", backends()[-1], "emulator"]
        log = lab.command("log").stdout
        if "netem" in backends():
            assert "links by netem and emulator" in lab.command("status").stdout
            assert "link a-r1 is by the emulator: netem cannot" in log
        else:
            assert "links are by the emulator: tc: " in log
        lab.ping("a", lab.node("b")["address"])


def test_netem_that_is_asked_for_is_there_or_named(folder):
    lab = Lab(folder, "backend: netem" + LINE, "line")
    done = lab.up(check=False)
    if "netem" in backends():
        assert done.returncode == 0, done.stderr
        assert lab.process("pharos-emulator") is None
        done = lab.command("set", "a-r1", "jitter=1ms", check=False)
        assert "link a-r1: netem cannot have jitter" in done.stderr
        assert "expected backend: emulator" in done.stderr
        lab.down()
    else:
        assert done.returncode == 3
        assert "backend netem: tc: " in done.stderr
        assert "modprobe sch_netem" in done.stderr
        assert "backend: auto" in done.stderr
    assert not lab.run_folder.exists()
    assert not left_behind(str(folder))


@pytest.mark.parametrize("backend", backends())
def test_the_backend_is_the_one_of_the_command_line(folder, backend):
    lab = Lab(folder, LINE, "line")
    lab.up("--backend", backend)
    assert {link["backend"] for link in lab.status()["links"]} == {backend}
    lab.down()


def test_a_backend_of_the_command_line_must_do_what_the_links_have(folder):
    lab = Lab(folder, LINE.replace("delay: 4ms", "jitter: 1ms"), "line")
    done = lab.up("--backend", "netem", check=False)
    assert done.returncode == 2
    assert '--backend: link "a-r1": netem cannot have jitter' in done.stderr
    assert not lab.run_folder.exists()


def test_a_topology_may_be_a_pipe_and_have_any_names(folder):
    """Those of what a lab keeps in its folder, too."""
    text = "name: pipe\n" + PAIR.replace("a: {kind: host}", "lock: {kind: host}") \
        .replace("b: {kind: host}", "log: {agent: yes, collector: yes}") \
        .replace("[a, b]", "[lock, log]")
    lab = Lab(folder, "", "pipe")
    try:
        done = lab.command("up", "/dev/stdin", input=text)
        assert "lab pipe is up" in done.stdout
        assert (lab.run_folder / "topology").read_text() == text
        lab.ping("lock", lab.node("log")["address"])
    finally:
        lab.down(check=False)
    assert not lab.run_folder.exists()


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


def test_exec_is_the_command(line):
    assert line.run("b", "sh", "-c", "exit 7", check=False).returncode == 7
    assert line.run("b", "sh", "-c", "kill -9 $$", check=False).returncode == 137
    done = line.run("b", "no-such-command", check=False)
    assert done.returncode == 127 and "no-such-command" in done.stderr
    done = line.run("b", "cat", input="through\n")
    assert done.stdout == "through\n"
    assert line.run("r1", "cat", "/proc/1/comm").stdout == "pharos-lab\n"
    assert "to-b" in line.run("r2", "ip", "link").stdout


def test_exec_has_the_terminal(line):
    """script(1) gives it one; what runs inside must see it as its own."""
    command = f"{program('pharos')} lab exec a tty"
    done = subprocess.run(["script", "-qec", command, "/dev/null"],
                          env=line.environment, capture_output=True, text=True)
    assert done.returncode == 0 and "/dev/pts/" in done.stdout


def test_mistakes_are_named(line):
    for argv, words in [
            (["fail", "r1-r3"], "r1-r3"),
            (["exec", "c", "true"], "no node c, only a, r1, r2, b"),
            (["fail", "a-r1", "--after-hello", "1s"], "no hellos with static"),
            (["fail", "a-r1", "--after-hello", "-1s"], "expected 0 s to 3600 s"),
            (["up", line.file, "--backend", "tc"], "auto, netem, emulator"),
            (["calibrate", "--backend", "tc"], "auto, netem, emulator"),
            (["up", line.file, "--name", "../x"], "expected at most 31"),
            (["up", line.file, "--name", "x", "--port", "80"], "collector"),
            (["run", line.file, "--name", "../x"], "expected at most 31"),
            (["run", line.file, "--name", "x"], "no experiment"),
            (["set", "a-r1", "delay=5"], 'delay: "5": expected a duration'),
            (["set", "a-r1", "colour=red"], "colour: a link has no such option"),
            (["set", "a-r1", "delay"], "expected NAME=VALUE"),
            (["fail", "a-r1", "--lab", "other"], "there is no lab other"),
            (["up", line.file], "lab line is up already"),
            (["down", "other"], "there is no lab other"),
            (["upp"], "did you mean up?")]:
        done = line.command(*argv, check=False)
        assert done.returncode == 2 and words in done.stderr, (argv, done)


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


def test_two_labs_do_not_see_each_other(folder):
    with Lab(folder, PAIR, "one") as one, Lab(folder, PAIR, "two") as two:
        done = one.command("status", check=False)
        assert done.returncode == 2 and "one, two" in done.stderr
        assert one.node("a")["address"] == two.node("a")["address"]
        one.command("fail", "a-b", "--lab", "one")
        assert two.link("a-b")["state"] == "up"
        two.ping("a", two.node("b")["address"])
        seen = one.run("a", "sh", "-c", "cat /proc/[0-9]*/cmdline")
        assert "two" not in seen.stdout
        one.run("a", "touch", "/run/mine")
        assert two.run("a", "ls", "/run/mine", check=False).returncode != 0
    assert not left_behind(str(folder))


MEASURED = PAIR.replace("a: {kind: host}", """a:
    kind: host
    agent: yes
    site: {groups: [left]}""").replace(
        "b: {kind: host}", "b: {kind: host, agent: yes, collector: yes}") + """
meshes:
  there: {from: ["@left"], to: [b]}
tests:
  ping: {mesh: there, probe: ping, schedule: {uniform: 10s}, options: {count: 3}}
  owd: {mesh: there, probe: owd, schedule: {continuous: {report: 10s}},
        options: {rate: 20/s}}
"""


def test_agents_in_a_lab_report_to_its_collector(folder):
    with Lab(folder, MEASURED, "measured") as lab:
        page = lab.status()["page"]
        assert page in lab.command("status").stdout
        cell = wait_for("a value", lambda: next(iter(
            c for c in cells(matrix(page)).values()
            if c["value"] is not None), None))
        assert 0.004 <= cell["value"] < 0.5
        names = [d["name"] for d in lab.node("b")["daemons"]]
        assert names == ["pharos-collectord", "pharosd"]
        # nodes read one clock, whoever keeps it
        delay = wait_for("a delay", lambda: next(iter(
            c for c in cells(matrix(page, "owd")).values()
            if c["value"] is not None), None), 60)
        assert delay["state"] == "ok"
        assert 0.002 <= delay["value"] < 0.25
    assert not left_behind(str(folder))


def test_a_fleet_that_the_collector_refuses_is_told_of(folder):
    lab = Lab(folder, MEASURED.replace("probe: ping", "probe: pong"), "refused")
    done = lab.up(check=False)
    assert done.returncode == 3
    assert 'unknown probe "pong"' in done.stderr
    assert not lab.run_folder.exists()


def matrix(page, test="ping"):
    with urllib.request.urlopen(f"{page}/api/v1/matrix/{test}", timeout=20) as reply:
        return json.load(reply)


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


SPEND = """
import time
end = time.monotonic() + 1
while time.monotonic() < end:
    pass
print(time.process_time())
"""


def test_a_share_is_what_a_command_on_the_node_has(folder):
    """No more of a core, and no less while others want all of them."""
    with Lab(folder, SHARES, "shares") as lab:
        others = [subprocess.Popen(["sh", "-c", "while :; do :; done"],
                                   preexec_fn=die_with_parent)
                  for _ in range(8 * len(os.sched_getaffinity(0)))]
        try:
            had = float(lab.run("a", "/usr/bin/python3", "-c", SPEND).stdout)
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


def test_labs_end_fast_and_leave_nothing(folder):
    before = named_namespaces()
    with Lab(folder, LINE, "line") as lab:
        began = time.monotonic()
        lab.down()
        assert time.monotonic() - began < 2
        assert not left_behind(str(folder))
        assert not lab.run_folder.exists()
    assert named_namespaces() == before


def test_an_interrupted_up_undoes_itself(folder):
    lab = Lab(folder, LINE.replace("delay: 4ms", "loss: 1"), "line")
    lab.file.write_text("routing: bird\n" + lab.file.read_text())
    up = subprocess.Popen([program("pharos"), "lab", "up", str(lab.file)],
                          env=lab.environment, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    for word in up.stdout:
        if word.startswith("built"):
            break
    up.send_signal(signal.SIGINT)
    assert up.wait(20) == 130
    assert "interrupted" in up.stderr.read()
    assert not lab.run_folder.exists()
    assert not left_behind(str(folder))


def test_a_lab_that_died_is_the_one_that_is_meant(folder):
    with Lab(folder, PAIR, "dead") as lab:
        os.kill(lab.pid(), signal.SIGKILL)
        wait_for("its end", lambda: not lab.processes())
        done = lab.command("status", check=False)
        assert done.returncode != 0 and "has ended unasked" in done.stderr
        assert "converged after" in lab.command("log").stdout
        lab.command("down")
        assert not lab.run_folder.exists()


VICTIMS = ["pharos-emulator", "bird", "pharos-lab", "up"]


def test_whatever_is_killed_down_removes_all(folder):
    """Twenty deaths at moments of a seed that a failure prints."""
    seed = int(os.environ.get("PHAROS_SEED", time.time()))
    print("PHAROS_SEED", seed)
    chance = random.Random(seed)
    before = named_namespaces()
    lab = Lab(folder, EMULATED + "routing: bird" + ROUTED, "killed")
    for turn in range(20):
        victim = VICTIMS[turn % len(VICTIMS)]
        up = subprocess.Popen(
            [program("pharos"), "lab", "up", str(lab.file)],
            env=lab.environment, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, preexec_fn=die_with_parent)
        wait_for("the lab's process", lambda: lab.processes())
        moment = time.monotonic() + chance.uniform(0, 1.5)
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
        assert not lab.run_folder.exists()
        assert cgroups_of("killed") == []
        wait_for("the end of all", lambda: not left_behind(str(folder)))
    assert named_namespaces() == before


def as_nobody(lab, tun):
    """A command line that runs what follows without root, with a tun or not."""
    return ["unshare", "--mount", "sh", "-c",
            ("mknod -m 666 $0/tun c 10 200 && mount --bind $0/tun /dev/net/tun;"
             if tun else "") +
            'exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"',
            str(lab.folder)]


@pytest.mark.usefixtures("others_may_come_in")
@pytest.mark.parametrize("backend, tun", [
    ("emulator", True), *((backend, False) for backend in backends())])
def test_without_root_it_works_where_it_can(folder, backend, tun):
    """Only the emulator needs /dev/net/tun."""
    lab = Lab(folder, f"backend: {backend}{LINE}", "line")
    shutil.chown(folder, 65534, 65534)
    folder.chmod(0o755)
    command = as_nobody(lab, tun) + [program("pharos"), "lab"]

    def run(*argv):
        return subprocess.run([*command, *map(str, argv)], text=True,
                              env=lab.environment, capture_output=True)
    done = run("up", lab.file)
    if backend == "emulator" and not tun and \
            os.stat("/dev/net/tun").st_mode & 0o002 == 0:
        assert done.returncode == 3
        assert "/dev/net/tun: Permission denied" in done.stderr
        assert "root" in done.stderr
        return
    assert done.returncode == 0, done.stderr
    (folder / "tun").unlink(missing_ok=True)
    done = run("exec", "a", "ip", "route", "get", lab_address(run))
    assert "dev to-r1" in done.stdout, done
    assert run("down").returncode == 0


def lab_address(run):
    status = json.loads(run("status", "--format", "json").stdout)
    return next(node["address"] for node in status["nodes"]
                if node["name"] == "b")


def test_calibration_says_and_keeps_how_true_links_are(folder):
    """However busy the machine is: loss is as asked for, a rate never more."""
    lab = Lab(folder, LINE, "line")
    kept = folder / "calibration.json"
    said = lab.command("calibrate", "--quick", "--output", kept).stdout
    assert f"kept in {kept}" in said
    found = json.loads(kept.read_text())
    assert found["links"] == backends()[-1]
    for load in "idle", "busy":
        figures = found[load]
        assert 0 < figures["delay"]["p50"] <= figures["delay"]["p99"] \
            <= figures["delay"]["most"]
        assert 0.05 < figures["loss"] < 0.2
        assert 0 < figures["rate"] < 10.5e6
