"""The course of each box's clock at the collector, which nobody has to ask for."""

import json
import shutil
import time

import pytest

from chrony import SERVER, Chronyd, client
from client import journal
from clock import Clock
from fleet import Agent, Collector, pharos
from net import wait_for

REPORT = 10
OFTEN = f"clock: {{continuous: {{report: {REPORT}s}}}}\n"
PATIENCE = 120
BOX = "fra"


class Watched:
    """A collector, a box, and, far from both, who tells the time."""

    def __init__(self, network, folder, fleet=OFTEN, clock=None):
        hub, node = network.add("hub"), network.add(BOX)
        self.collector = Collector(
            hub, folder / "c",
            f"sites:\n  {BOX}: {{address: {node.address()}}}\n{fleet}").start()
        self.agent = Agent(node, folder / BOX, BOX).enroll(self.collector)
        if clock:
            self.agent.environment = clock.environment()

    def records(self, outcome="measured"):
        """None: whatever came of them, and gaps of the box."""
        found = [json.loads(line) for _, line in journal(self.collector.state)]
        return sorted((r for r in found if outcome in (None, r["outcome"])),
                      key=lambda r: r["start"])

    def until(self, what, condition, since=0.0):
        """The metrics of the first record that began then or later and is so."""
        def found():
            return next((r["metrics"] for r in self.records()
                         if r["start"] >= since and condition(r["metrics"])), None)
        return wait_for(what, found, PATIENCE, 1)

    def column(self, metric):
        """What is known of it, in the bins of an hour."""
        answer = self.collector.api(
            f"/api/v1/series/clock/{BOX}/localhost?metric={metric}&from=-1h")
        assert answer["step"] == REPORT
        column = next(iter(answer["metrics"][metric]["columns"].values()))
        return [value for value in column if value is not None]

    def close(self):
        self.agent.stop()
        self.collector.close()


@pytest.mark.skipif(not shutil.which("chronyd"), reason="there is no chronyd")
def test_a_bound_grows_ends_and_comes_back_in_the_history(network, tmp_path):
    far = network.add("far", families=(4,))
    server = Chronyd(far, tmp_path / "far", SERVER)
    watched = Watched(network, tmp_path)
    follower = Chronyd(watched.agent.node, tmp_path / "near", client(far.address()))
    try:
        wait_for("a bound", lambda: pharos(
            "clock", node=watched.agent.node, check=False).returncode == 0)
        watched.agent.start()
        # chronyd is not sure of much at first, and says so
        fine = watched.until("a bound in the history",
                             lambda m: m.get("skew", 1) < 1e-6)
        assert fine["state"] == "synchronised" and fine["synced"] == fine["looks"]
        assert (fine["source"], fine["reference"]) == ("chrony", far.address())
        assert 0 < fine["bound"] < 0.01
        assert abs(fine["offset"]) <= fine["bound"]
        assert abs(fine["frequency"]) < 500e-6
        assert fine["steps"] == 0 and "step" not in fine
        assert fine["clocksource"]

        network.cut("far")
        more = watched.until("a bound that has grown", lambda m: m["bound"] >
                             fine["bound"] + 2e-5, time.time() - REPORT)
        assert more["state"] == "synchronised"  # its chronyd still has a word

        follower.kill()
        held = watched.until("its last word", lambda m: m["state"] == "held")
        assert held["synced"] < held["looks"] and held["bound"] > more["bound"]

        watched.agent.stop()  # who comes anew knows nothing of it
        watched.agent.start()
        lost = watched.until("no bound", lambda m: m["state"] == "unsynchronised")
        assert "bound" not in lost and "offset" not in lost
        assert lost["synced"] == 0 and lost["looks"] > 0
        # nobody was there to look
        hole, = [r for r in watched.records("failed")]
        assert "stopped" in hole["why"] and "metrics" not in hole

        network.mend("far")
        follower.start()
        watched.until("all as before", lambda m: m["synced"] == m["looks"] and
                      m["bound"] < held["bound"], hole["end"])
        # nothing is there twice, and nothing is missing
        found = watched.records(None)
        assert all(abs(a["end"] - b["start"]) < 1 for a, b in zip(found, found[1:]))

        # the series has all of it: what grew, and the hole where nobody knew
        largest = max(r["metrics"].get("bound", 0) for r in watched.records())
        wait_for("the series", lambda: watched.column("bound") and
                 max(watched.column("bound")) == pytest.approx(largest), PATIENCE, 1)
        assert min(watched.column("sync")) == 0 and max(watched.column("sync")) == 1
    finally:
        watched.close()
        follower.close()
        server.close()


def test_steps_are_in_the_history(network, tmp_path, folder):
    hosts = Clock(folder / "clock")
    hosts.synchronised(0.002)
    watched = Watched(network, tmp_path, clock=hosts)
    try:
        watched.agent.start()
        fine = watched.until("a record", lambda m: m["state"] == "synchronised")
        assert fine["source"] == "kernel" and fine["steps"] == 0
        hosts.step(0.5)
        small = watched.until("the small one", lambda m: m["steps"] > 0)
        assert small["step"] == pytest.approx(0.5, abs=0.01)
        hosts.step(-5)
        large = watched.until("the large one", lambda m: m.get("step", 0) > 1)
        step, = large["stepped"]
        assert step["size"] == pytest.approx(-5, abs=0.01)
        assert sum(r["metrics"]["steps"] for r in watched.records()) == 2
    finally:
        watched.close()


def test_none_is_kept_where_the_fleet_file_says_so(network, tmp_path):
    watched = Watched(network, tmp_path, "clock: none\n")
    try:
        watched.agent.start()
        fleet = watched.collector.api("/api/v1/fleet")
        assert fleet["tests"] == []
        done = wait_for("its plan", lambda: json.loads(pharos(
            "status", "--config", watched.agent.config, "--format", "json",
            check=False).stdout or "{}").get("plan"))
        assert done["tests"] == 0 and "refused" not in done
    finally:
        watched.close()
