"""One-way delay in tests: a fleet that measures it, and a far end alone."""

import contextlib
import json
import os
import signal
import subprocess

from client import journal
from fleet import Agent, Collector, cells, pharos, program
from net import Network, die_with_parent, wait_for


def add_up(record):
    """What is claimed of an interval or a run; true of every one."""
    m = record["metrics"]
    if "sent" in m:
        assert m["sent"] == m["received"] + m["lost"] + m["lost_locally"], record
        assert m["late"] <= m["lost"], record
    else:
        assert "lost" not in m and "loss" not in m, record
    if "received" in m and m["received"] > 0:
        assert m["delay"]["n"] == m["received"], record
    return m


def in_order(records):
    """Each begins where the one before ended: none twice, and no hole."""
    found = sorted(records, key=lambda r: r["start"])
    for a, b in zip(found, found[1:]):
        assert abs(a["end"] - b["start"]) < 0.2, (a, b)  # a restart's moment
    return found


class OwdFleet:
    """A collector and a box at each node but the hub, which has what systemd gives
    it and no other privilege."""

    def __init__(self, network, folder, boxes, tests,
                 rights="+net_raw,+net_bind_service"):
        self.network, self.folder, self.rights = network, folder, rights
        hub = network.add("hub")
        for name, families in boxes.items():
            network.add(name, families)
        self.boxes = list(boxes)
        self.collector = Collector(hub, folder / "c", self.text(tests))
        self.agents = {name: Agent(network.nodes[name], folder / name, name)
                       for name in boxes}
        self.pairs = [(a, b) for a in boxes for b in boxes if a != b]

    def text(self, tests, without=()):
        sites = "".join(
            "  {}: {{address: [{}]}}\n".format(name, ", ".join(
                f'"{a}"' for a in self.network.nodes[name].addresses.values()))
            for name in self.boxes if name not in without)
        members = ", ".join(b for b in self.boxes if b not in without)
        return f"sites:\n{sites}meshes:\n  all: {{members: [{members}]}}\n" \
               f"tests:\n{tests}"

    def start(self):
        self.collector.start()
        for agent in self.agents.values():
            self.begin(agent.enroll(self.collector))
        return self

    def begin(self, agent):
        agent.launch(["setpriv", "--securebits=+noroot", "--no-new-privs",
                      f"--inh-caps=-all,{self.rights}",
                      f"--ambient-caps=-all,{self.rights}", program("pharosd"),
                      "-c", agent.config])

    def close(self):
        for agent in self.agents.values():
            agent.stop()
        self.collector.close()

    def change(self, tests, **options):
        """Another fleet file, and the collector reads it."""
        self.collector.fleet.write_text(self.text(tests, **options))
        pharos("reload", "--config", self.collector.config)

    def records(self, test=None, src=None, dst=None):
        """Of the journal, in order of their start; without names also gaps."""
        found = [json.loads(line) for _, line in journal(self.collector.state)]
        wanted = {"test": test, "src": src, "dst": dst}
        return sorted((r for r in found if all(
            value is None or r.get(key) == value for key, value in wanted.items())),
            key=lambda r: r["start"])

    def timeline(self, test, src, dst):
        """Of a stream, with what its box says of times when it was not there."""
        return in_order(r for r in self.records()
                        if (r.get("test"), r.get("src"), r.get("dst")) ==
                        (test, src, dst) and r["outcome"] != "stated" or
                        (r["outcome"] == "gap" and r["agent"] == dst))

    def measured(self, test, src, dst, since=0):
        """Those with everything in them that began later."""
        return [r for r in self.records(test, src, dst) if r["start"] >= since and
                r["outcome"] == "measured" and "sent" in r["metrics"]]

    def wait_for(self, number, test, pairs=None, since=0, timeout=60):
        """As many intervals, or runs, of each pair."""
        wait_for(f"{number} of {test}", lambda: all(
            len(self.measured(test, *pair, since)) >= number
            for pair in pairs or self.pairs), timeout, 0.2)

    def matrix(self, test, **query):
        words = "&".join(f"{key}={value}" for key, value in query.items())
        return cells(self.collector.api(f"/api/v1/matrix/{test}?{words}"))

    def worker(self, name, probe="owd"):
        """The pid of what measures, and is the far end, at a box."""
        crew = self.agents[name].status()["crew"]
        return next(mate["pid"] for mate in crew if mate["probe"] == probe)


@contextlib.contextmanager
def owd_fleet(folder, boxes, tests):
    """One that has begun, in a network of its own."""
    with Network() as network:
        fleet = OwdFleet(network, folder, boxes, tests)
        try:
            yield fleet.start()
        finally:
            fleet.close()


class FarEnd:
    """pharos respond owd in a namespace."""

    def __init__(self, node, *options, environment=None):
        self.process = node.popen(
            [program("pharos"), "respond", "owd", *options], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, **(environment or {})})
        line = self.process.stdout.readline()
        assert line == "owd: ready\n", line + self.process.stderr.read()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=20)
        assert "Sanitizer" not in err, err
        return err

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def measure(node, *words, status=0, environment=None):
    """The records of pharos probe owd --json in a namespace."""
    done = pharos("probe", "owd", "--json", *words, node=node, check=False,
                  env={**os.environ, **(environment or {})})
    assert done.returncode == status, done.stdout + done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    for record in found:
        if record["outcome"] in ("measured", "no-answer"):
            add_up(record)
    return found


def started(node, *words, **options):
    return node.popen([program("pharos"), "probe", "owd", *map(str, words)],
                      text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                      preexec_fn=die_with_parent, **options)
