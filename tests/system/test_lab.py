"""Labs: built from any file, entered, asked, and apart from each other."""

import subprocess

from fleet import program
from labs import PAIR, Lab, left_behind


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
