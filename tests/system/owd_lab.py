"""An emulated network for one-way delay, and the truth of it."""

import contextlib
import csv
import json
import multiprocessing
import pathlib
import signal
import subprocess

from fleet import descendants, program
from labs import Lab
from net import die_with_parent, wait_for

# Test packets go over a link of their own, so that they alone are lost.
TWO_LINKS = """
nodes:
  a: {kind: host}
  b: {kind: host}
links:
  data: {delay: 5ms, cost: 100,
         ends: [{node: a, interface: data}, {node: b, interface: data}]}
  control: {delay: 1ms, cost: 1,
            ends: [{node: a, interface: control}, {node: b, interface: control}]}
"""


def burn():
    die_with_parent()
    while True:
        pass


@contextlib.contextmanager
def busy():
    """Both processors of a small machine."""
    burning = [multiprocessing.Process(target=burn) for _ in range(2)]
    for process in burning:
        process.start()
    try:
        yield
    finally:
        for process in burning:
            process.kill()
            process.join()


# busy, or what else this machine does
LOADS = {"idle": contextlib.nullcontext, "busy": busy}


def prepare(lab, here, there):
    """UDP takes the other link, and asks nobody where that leads."""
    ends = {end["node"]: end for link in lab.status()["links"]
            if link["name"] == "data" for end in link["ends"]}
    name, far = here["name"], ends[there["name"]]["address"]
    mac = json.loads(lab.run(there["name"], "ip", "-j", "link", "show", "data")
                     .stdout)[0]["address"]
    for words in ("rule add ipproto udp lookup 7",
                  f"route add {there['address']} via {far} dev data table 7",
                  f"neigh replace {far} lladdr {mac} dev data nud permanent"):
        lab.run(name, "ip", *words.split())


@contextlib.contextmanager
def two_links(folder, text, name):
    """A lab of TWO_LINKS, and what else the text has."""
    with Lab(folder, text, name) as lab:
        for here, there in (("a", "b"), ("b", "a")):
            prepare(lab, lab.node(here), lab.node(there))
        yield lab


class Inside:
    """A node of a lab, as Namespace is one without."""

    def __init__(self, lab, node):
        self.lab, self.node = lab, node

    def popen(self, argv, environment=None, **options):
        return subprocess.Popen(
            [program("pharos"), "lab", "exec", "--lab", self.lab.name, self.node,
             *map(str, argv)],
            env={**self.lab.environment, **(environment or {})},
            preexec_fn=die_with_parent, **options)


class Box(Inside):
    """A node with daemons, as a Network has them: known by its address."""

    def __init__(self, lab, node):
        super().__init__(lab, node)
        self.addresses = {4: lab.node(node)["address"]}
        self.holder = self.popen(["sleep", "infinity"])
        self.pid = wait_for(f"node {node}", self.held)

    def held(self):
        """What sleeps there, below the command that runs it."""
        return next((pid for pid in descendants(self.holder.pid)
                     if pathlib.Path(f"/proc/{pid}/comm").read_text() == "sleep\n"),
                    None)

    def command(self, argv):
        return ["nsenter", f"--net=/proc/{self.pid}/ns/net", "--", *map(str, argv)]

    def address(self, family=4):
        return self.addresses[family]

    def close(self):
        self.holder.kill()
        self.holder.wait()


class LabNetwork:
    """A lab in the place of a Network."""

    def __init__(self, lab):
        self.lab, self.nodes = lab, {}

    def add(self, label, families=(4,)):
        node = self.nodes[label] = Box(self.lab, label)
        return node

    def close(self):
        for node in self.nodes.values():
            node.close()


@contextlib.contextmanager
def inside(lab, node, *words, environment=None, **options):
    """pharos at a node, until the block ends."""
    process = Inside(lab, node).popen(
        [program("pharos"), *words], environment, text=True, **options)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def recorded(lab, measure):
    """What measure() gives, and each test packet on the link meanwhile."""
    (lab.run_folder / "verdicts-data").unlink(missing_ok=True)
    recorder = subprocess.Popen(
        [program("pharos"), "lab", "truth", "--link", "data"], text=True,
        env=lab.environment, stdout=subprocess.PIPE, preexec_fn=die_with_parent)
    try:
        wait_for("the recorder", lambda: lab.process("pharos-truth") and
                 (lab.run_folder / "verdicts-data").exists())
        found = measure()
    finally:
        recorder.send_signal(signal.SIGINT)
        said, _ = recorder.communicate(timeout=30)
    assert recorder.returncode == 0
    rows = [row for row in csv.DictReader(said.splitlines())
            if row["protocol"] == "udp"]
    return found, rows


class Truth:
    """Of the packets one way: what was lost, came twice, came behind others."""

    def __init__(self, rows, way):
        rows = [row for row in rows if row["way"] == way]
        assert not [r for r in rows if r["outcome"] in ("unknown", "stray")]
        self.packets = {number(row): row for row in rows}
        assert len(self.packets) == len(rows)
        self.came = {n: arrival(row) for n, row in self.packets.items()
                     if row["left"]}
        self.lost = len(self.packets) - len(self.came)
        self.twice = sum(r["outcome"] == "duplicate" for r in rows)

    def reordered(self):
        """RFC 4737: behind one with a higher number."""
        highest, count = -1, 0
        for n in sorted(self.came, key=self.came.get):
            count += n < highest
            highest = max(highest, n)
        return count

    def periods(self):
        """Runs of lost packets (RFC 3357)."""
        runs, before = [], False
        for n in sorted(self.packets):
            gone = n not in self.came
            if gone and before:
                runs[-1] += 1
            elif gone:
                runs.append(1)
            before = gone
        return runs

    def errors(self, samples):
        """Of each delay that was found, in seconds."""
        found = {}
        for n, _, *rest in samples:
            if rest and n not in found:
                found[n] = rest[0]
        return [found[n] - (self.came[n] - nanoseconds(self.packets[n]["entered"]))
                / 1e9 for n in found]


def number(row):
    return int(row["payload"][:8], 16)


def nanoseconds(text):
    seconds, _, fraction = text.partition(".")
    return int(seconds) * 10 ** 9 + int(fraction)


def arrival(row):
    times = [nanoseconds(row[name]) for name in ("left", "again") if row[name]]
    return min(times)
