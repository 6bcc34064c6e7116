"""A fleet before the court of clocks, that measures: eight boxes with clocks of their
own, in a lab where each is some milliseconds from a router."""

import pathlib
import subprocess
import sys

from clock import Clock
from owd import OwdFleet
from owd_lab import LabNetwork

NAMES = [f"box{n}" for n in range(8)]
LIAR = "box3"
LIE = 0.001      # seconds, that it claims to be right to
CLAIM = 0.0003   # seconds, that the others do
AWAY = {name: 4 + n for n, name in enumerate(NAMES)}  # ms
TOPOLOGY = "nodes:\n  r: {kind: router}\n" + "".join(
    f"  {name}: {{kind: host}}\n" for name in ["hub", *NAMES]) + \
    "links:\n  hub-r: {ends: [hub, r], delay: 1ms}\n" + "".join(
        f"  {name}-r: {{ends: [{name}, r], delay: {ms}ms}}\n"
        for name, ms in AWAY.items())
NAMED = {"wrong", "off"}


def tests_of(report, rate):
    return f"""  flow: {{mesh: all, probe: owd, schedule: {{continuous: {{report: {report}s}}}},
         options: {{rate: {rate}/s, timeout: 500ms}}}}
"""


class CourtFleet:
    def __init__(self, lab, folder, report, rate=4):
        self.lab = lab
        self.network = LabNetwork(lab)
        self.fleet = OwdFleet(self.network, folder, dict.fromkeys(NAMES, (4,)),
                              tests_of(report, rate))
        self.clocks = {}
        self.claims = []
        self.named = set()  # whoever was, since it was cleared
        for name, agent in self.fleet.agents.items():
            clock = self.clocks[name] = Clock(folder / f"{name}.clock")
            clock.unsynchronised()
            agent.environment = clock.environment()

    def start(self):
        self.fleet.start()
        return self

    def synchronise(self):
        """chronyd at each box claims that it is right, from now on."""
        for name, clock in self.clocks.items():
            process = self.network.nodes[name].popen(
                [sys.executable, pathlib.Path(__file__).with_name("wander.py"),
                 "says", clock.path, str(LIE if name == LIAR else CLAIM)],
                stdout=subprocess.PIPE, text=True)
            self.claims.append(process)
            assert process.stdout.readline() == "ready\n"

    def close(self):
        for process in self.claims:
            process.kill()
            process.communicate()
        self.fleet.close()
        self.network.close()

    @property
    def collector(self):
        return self.fleet.collector

    def boxes(self):
        found = {box["name"]: box
                 for box in self.collector.api("/api/v1/clocks")["boxes"]}
        self.named |= {n for n, box in found.items() if box["verdict"] in NAMED}
        return found

    def verdicts(self):
        return {name: box["verdict"] for name, box in self.boxes().items()}

    def all_are(self, verdict):
        return set(self.verdicts().values()) == {verdict}
