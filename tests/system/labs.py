"""Labs for tests: one up, asked, taken down, and nothing left of it."""

import json
import os
import pathlib
import subprocess

from fleet import pharos, program
from net import die_with_parent, wait_for

CGROUPS = pathlib.Path("/sys/fs/cgroup")
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
EMULATED = "backend: emulator\n"


def backends():
    """What links can be made of here: netem where the kernel has it."""
    done = subprocess.run(["unshare", "--net", "tc", "qdisc", "add", "dev", "lo",
                           "root", "netem"], capture_output=True)
    return ["emulator"] + ["netem"] * (done.returncode == 0)


class Lab:
    """A topology's text in a folder, and the lab of it."""

    def __init__(self, folder, text, name):
        self.folder = pathlib.Path(folder)
        self.name = name
        self.file = self.folder / f"{name}.yaml"
        self.file.write_text(f"name: {name}\n{text}")
        self.environment = {**os.environ,
                            "PHAROS_LAB": str(self.folder / "run")}

    @property
    def run_folder(self):
        return self.folder / "run" / self.name

    def command(self, *argv, check=True, **options):
        return pharos("lab", *argv, check=check, env=self.environment, **options)

    def up(self, *options, **keywords):
        return self.command("up", self.file, *options, **keywords)

    def down(self, **options):
        return self.command("down", self.name, **options)

    def status(self):
        return json.loads(self.command(
            "status", self.name, "--format", "json").stdout)

    def link(self, name):
        return next(link for link in self.status()["links"]
                    if link["name"] == name)

    def node(self, name):
        return next(node for node in self.status()["nodes"]
                    if node["name"] == name)

    def run(self, node, *argv, **options):
        return self.command("exec", "--lab", self.name, node, *argv, **options)

    def ping(self, node, address, *options, check=True):
        """The record of pings, 20 ms apart."""
        done = self.run(node, program("pharos"), "probe", "ping", "--json",
                        "--spacing", "20ms", *options, address, check=False)
        record = json.loads(done.stdout)
        assert not check or record["outcome"] == "measured", record
        return record

    def events(self):
        return Events(self)

    def recorder(self, link):
        """The command that prints the truth once it is interrupted; it records."""
        command = subprocess.Popen(
            [program("pharos"), "lab", "truth", self.name, "--link", link],
            env=self.environment, stdout=subprocess.PIPE, text=True,
            preexec_fn=die_with_parent)
        seen, verdicts = (self.run_folder / f"{kind}-{link}"
                          for kind in ("truth", "verdicts"))
        netem = self.link(link)["backend"] == "netem"
        wait_for("the recorder", lambda: seen.exists() and
                 seen.stat().st_size > 0 and (netem or verdicts.exists()))
        return command

    def pid(self):
        return int((self.run_folder / "pid").read_text())

    def processes(self):
        """All that run in it: their PID namespace is its own."""
        try:
            inside = os.readlink(f"/proc/{self.pid()}/ns/pid")
        except OSError:
            return []
        found = []
        for path in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(path / "ns/pid") == inside:
                    found.append(int(path.name))
            except OSError:
                pass
        return found

    def process(self, word):
        """The pid outside of the one whose command line has this word."""
        for pid in self.processes():
            try:
                line = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
            except OSError:
                continue
            if word.encode() in line.split(b"\0")[0]:
                return pid
        return None

    def __enter__(self):
        self.up()
        return self

    def __exit__(self, *_):
        self.down(check=False)


class Events:
    """What `pharos lab events` says, line by line."""

    def __init__(self, lab):
        self.process = subprocess.Popen(
            [program("pharos"), "lab", "events", lab.name],
            env=lab.environment, stdout=subprocess.PIPE, text=True,
            preexec_fn=die_with_parent)
        self.until("listening")

    def until(self, event, **members):
        """The next such event; those before it are passed over."""
        for line in self.process.stdout:
            found = json.loads(line)
            if found["event"] == event and \
                    members.items() <= found.items():
                return found
        raise AssertionError(f"the events ended without {event} {members}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def left_behind(mark):
    """Lines of what is left of labs below a folder, by what its path marks."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            line = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if mark in line and int(path.name) != os.getpid() and "pytest" not in line:
            found.append(f"process {path.name}: {line}")
    found += [line for line in pathlib.Path("/proc/mounts").read_text()
              .splitlines() if mark in line or "pharos-lab" in line]
    return found


def frr_traces():
    """FRR has a folder there for each process, which stays."""
    return set(pathlib.Path("/var/tmp/frr").glob("*"))


def cgroups_of(name):
    return sorted(str(path) for path in CGROUPS.rglob(f"pharos-lab-{name}-*"))


def named_namespaces():
    done = subprocess.run(["ip", "netns"], capture_output=True, text=True)
    return done.stdout.split("\n")
