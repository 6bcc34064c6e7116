"""The court of clocks at a collector: eight boxes spoken for by hand, with a
truth of clocks and routes."""

import json
import os
import signal
import time

import pytest

from client import Client
from fleet import Collector, pharos
from net import wait_for

BOXES = [f"box{n}" for n in range(8)]
LIAR = "box3"
REPORT = 2
FLEET = "sites:\n" + "".join(
    f"  {name}: {{address: 192.0.2.{n + 1}}}\n" for n, name in enumerate(BOXES)) + f"""
meshes:
  all: {{members: [{", ".join(BOXES)}]}}
tests:
  flow: {{mesh: all, probe: owd, schedule: {{continuous: {{report: {REPORT}s}}}}}}
"""
SITTING = 40  # seconds that two of them take at most
BASE = 1 << 20


def bucket(v):
    if v < 64:
        return v
    e = v.bit_length() - 6
    return 32 * e + (v >> e)


def distribution(*delays):
    """As a worker makes it of a few samples (seconds)."""
    ns = sorted(round(d * 1e9) for d in delays)
    base = ns[0] // BASE * BASE
    counts = {}
    for value in ns:
        place = bucket(value - base)
        counts[place] = counts.get(place, 0) + 1
    middle = ns[(len(ns) - 1) // 2] / 1e9
    return {"n": len(ns), "min": ns[0] / 1e9, "p50": middle, "median": middle,
            "max": ns[-1] / 1e9, "mean": sum(ns) / len(ns) / 1e9, "sd": 1e-5,
            "base": base / 1e9, "bins": sorted(map(list, counts.items()))}


class Boxes:
    """What eight boxes would report, had they these clocks and these routes."""

    def __init__(self, collector, folder):
        self.collector = collector
        self.clients = {name: Client(collector, folder, name) for name in BOXES}
        for client in self.clients.values():
            assert client.enroll(collector.token(client.name)).status == 200
        self.sequence = 0
        self.offset = dict.fromkeys(BOXES, 0.0)
        self.claims = dict.fromkeys(BOXES, {"source": "chrony", "error": 0.0005,
                                            "growth": 1e-6})

    def delay(self, src, dst):
        near, far = sorted((BOXES.index(src), BOXES.index(dst)))
        return 0.01 + near * 0.003 + far * 0.005 + self.offset[dst] - self.offset[src]

    def record(self, client, src, start):
        least = self.delay(src, client.name)
        return client.record(
            self.sequence, test="flow", probe="owd", src=src, dst=client.name,
            start=start, end=start + REPORT, metrics={
                "sent": 3, "received": 3, "lost": 0, "lost_locally": 0,
                "bound": 0.0012, "unbounded": 0,
                "delay": distribution(least, least + 0.0001, least + 0.0003)})

    def report(self):
        """An interval of each pair, by its destination."""
        start = time.time() // REPORT * REPORT - REPORT
        for client in self.clients.values():
            lines = []
            for src in BOXES:
                if src != client.name:
                    self.sequence += 1
                    lines.append(self.record(client, src, start))
            assert client.records(lines).status == 200
            assert client.hello(clock=self.claims[client.name]).status == 200

    def until(self, what, condition, seconds=SITTING):
        """Reports go on until it is so."""
        def found():
            self.report()
            return condition()
        return wait_for(what, found, seconds, 1)

    def clocks(self):
        return {box["name"]: box
                for box in self.collector.api("/api/v1/clocks")["boxes"]}

    def verdicts(self):
        return {name: box["verdict"] for name, box in self.clocks().items()}


@pytest.fixture(name="boxes", scope="module")
def boxes_at_a_collector(tmp_path_factory):
    from net import Network
    with Network() as network:
        folder = tmp_path_factory.mktemp("clocks")
        collector = Collector(network.add("hub"), folder / "hub", FLEET)
        yield Boxes(collector.start(), folder)
        collector.close()


def states(collector, metric):
    answer = collector.api(f"/api/v1/matrix/flow?metric={metric}")
    ends = [(s, d) for s in answer["src"] for d in answer["dst"]]
    return {pair: answer["states"][state]
            for pair, state in zip(ends, answer["state"])}


def test_before_anything_is_measured_nobody_is_judged(boxes):
    assert set(boxes.verdicts().values()) <= {None, "unchecked"}
    done = pharos("clock", "--fleet", "--url", boxes.collector.web)
    assert "no clock has been judged" in done.stdout or "unchecked" in done.stdout


def test_clocks_that_agree_are_fine(boxes):
    # the court may have sat before all had reported
    boxes.until("all fine", lambda: all(
        (box["verdict"], box["claims"], box["pairs"]) == ("fine", 8, 7)
        for box in boxes.clocks().values()))
    box = boxes.clocks()[LIAR]
    assert box["says"]["source"] == "chrony"
    assert abs(box["offset"]) < 0.0005 < box["error"] < 0.002
    assert box["peers"] == 7
    assert "memory" not in box


def test_box_that_lies_is_named_and_its_cells_are_marked(boxes):
    # a word of its operator is no better than its clock
    boxes.claims[LIAR] = {"source": "operator", "error": 0.0005, "growth": 0,
                          "reference": "it has always been right"}
    boxes.offset[LIAR] = 0.005
    began = time.time()
    boxes.until("the verdict", lambda: boxes.verdicts()[LIAR] == "wrong", 120)
    # the court may have sat before all had reported
    boxes.until("all of it", lambda: abs(boxes.clocks()[LIAR]["offset"] - 0.005) <
                0.0002 and boxes.clocks()[LIAR]["agree"] == 7)
    found = boxes.clocks()
    assert {name for name, box in found.items() if box["verdict"] != "fine"} == {LIAR}
    liar = found[LIAR]
    assert began - 2 * REPORT - SITTING < liar["since"] <= time.time()
    assert liar["error"] < 0.002
    assert liar["against"] == 0
    assert liar["says"]["reference"] == "it has always been right"
    boxes.report()
    wait_for("marked cells", lambda: all(
        state == ("self" if src == dst else "clock" if LIAR in (src, dst) else "ok")
        for (src, dst), state in states(boxes.collector, "delay").items()))
    # a share of losses needs no clock
    assert "clock" not in states(boxes.collector, "loss").values()


def test_a_pair_says_how_its_clocks_part(boxes):
    """Bins are of ten seconds; the first of LIAR's are of before its step."""
    def skew():
        return boxes.collector.api(f"/api/v1/skew/flow/box0/{LIAR}?from={since}")
    since = time.time()
    boxes.until("bins since the step", lambda: "skew" in skew(), 150)
    found = skew()
    assert found["metric"] == "delay"
    assert abs(found["skew"]) <= found["error"] + 1e-9
    assert abs(found["offset"] - 0.005) < 0.0001
    assert 0.023 < found["bound"] < 0.026  # half of both least delays
    assert found["there"]["points"] >= 8
    assert not found["impossible"] and not found["crooked"]
    done = pharos("series", "flow", "box0", LIAR, "--deskew", "--from", f"{since}",
                  "--metric", "delay", "--url", boxes.collector.web)
    assert f"skew: {LIAR} gains" in done.stdout
    assert "ahead by 5 ms +- " in done.stdout
    assert "delay_deskewed_min" in done.stdout
    done = pharos("series", "flow", "box0", LIAR, "--deskew", "--metric", "loss",
                  "--format", "csv", "--url", boxes.collector.web)
    assert "deskewed" not in done.stdout
    assert done.stderr.startswith("skew: ")


def test_what_is_too_little_for_a_skew_is_said(boxes):
    answer = boxes.collector.api("/api/v1/skew/flow/box0/box1?from=-10s")
    assert answer["why"] == "too few points"
    assert "skew" not in answer


def test_who_is_named_is_in_the_log_and_on_the_command_line(boxes):
    assert f"clock of {LIAR} is wrong:" in boxes.collector.log()
    done = pharos("clock", "--fleet", "--url", boxes.collector.web)
    line = next(line for line in done.stdout.splitlines() if line.startswith(LIAR))
    assert "wrong" in line
    assert " 5 ms " in line
    assert "vouched for by the operator, 500 us" in line
    done = pharos("clock", "--fleet", "--json", "--url", boxes.collector.web)
    assert {box["name"] for box in json.loads(done.stdout)["boxes"]} == set(BOXES)


def test_since_when_outlives_the_court(boxes):
    since = boxes.clocks()[LIAR]["since"]
    collector = boxes.collector

    def pid():
        return next((pid for pid, words in collector.children().items()
                     if "court" in words), None)
    before, sat = pid(), collector.api("/api/v1/clocks")["at"]
    os.kill(before, signal.SIGKILL)
    wait_for("another court", lambda: pid() not in (None, before))
    boxes.until("another sitting", lambda: collector.api("/api/v1/clocks")["at"] > sat)
    assert boxes.clocks()[LIAR]["verdict"] == "wrong"
    assert boxes.clocks()[LIAR]["since"] == since


def test_verdict_ends_with_the_lie(boxes):
    boxes.offset[LIAR] = 0
    boxes.until("all fine", lambda: set(boxes.verdicts().values()) == {"fine"})
    assert "since" not in boxes.clocks()[LIAR]
    over, = boxes.clocks()[LIAR]["before"]
    assert over["verdict"] == "wrong" and over["since"] < over["until"]
    assert f"clock of {LIAR} is not named any more" in boxes.collector.log()


def test_without_synchronisation_all_is_relative(boxes):
    for n, name in enumerate(BOXES):
        boxes.offset[name] = (n - 3.5) * 0.1
        boxes.claims[name] = {"source": "none"}
    boxes.until("relative", lambda: set(boxes.verdicts().values()) == {"relative"} and
                abs(boxes.clocks()["box7"]["offset"] -
                    boxes.clocks()["box0"]["offset"] - 0.7) < 0.001)
    assert "nobody here says how right its clock is" in boxes.clocks()["box0"]["evidence"]
