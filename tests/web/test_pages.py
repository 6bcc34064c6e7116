"""The pages in Debian's Chromium, on the numbers of a real fleet.

The checks are in *.mjs; pages.mjs runs them in one browser, by name.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
SYSTEM = TOP / "tests" / "system"
sys.path.insert(0, str(SYSTEM))

from fleet import Agent, Collector, cells  # noqa: E402
from net import Network, die_with_parent, wait_for  # noqa: E402

HOSTILE = '<img src=x onerror="window.hacked=1">'
LABELS = {"nyc": ("New York", "纽约"), "lon": (HOSTILE, HOSTILE),
          "tok": ("Tokyo", "东京"), "syd": ("Sydney", "悉尼"),
          "six": ("Six", "六"), "never": ("Never", "从未")}
SILENT = ["syd", "never"]
# Delays of one path for each grade of rtt, and what else a path may be.
RULES = {"steady": {"do": "answer"},
         "good": {"do": "late", "delay": 0.012},
         "acceptable": {"do": "late", "delay": 0.055},
         "poor": {"do": "late", "delay": 0.11},
         "verypoor": {"do": "late", "delay": 0.21},
         "bad": {"do": "late", "delay": 0.32},
         "lossy": {"do": "late", "delay": 5, "only": [3]},
         "gone": None}


def address_of(target):
    return f"10.99.0.{10 + list(RULES).index(target)}"


def fleet_file(network):
    lines = ["sites:"]
    for name, (en, zh) in LABELS.items():
        node = network.nodes.get(name)
        address = node.addresses[min(node.addresses)] if node else "10.77.0.200"
        lines.append(f"  {name}: {{address: \"{address}\", label: "
                     f"{{en: {json.dumps(en)}, zh: {json.dumps(zh)}}}}}")
    lines += ["targets:"]
    lines += [f"  {name}: {{address: {address_of(name)}}}" for name in RULES]
    lines += [
        "meshes:", f"  all: {{members: [{', '.join(LABELS)}]}}", "tests:",
        "  mesh-ping: {mesh: all, probe: ping, family: 4, schedule: {uniform: 5s}, "
        "options: {count: 10, spacing: 20ms, timeout: 1s}}",
        "  paths: {from: [nyc], to: [targets], probe: ping, "
        "schedule: {uniform: 5s}, "
        "options: {count: 10, spacing: 20ms, timeout: 1s}}"]
    return "\n".join(lines) + "\n"


class Fleet:
    """Six sites: one switched off, one never there, one with IPv6 alone, one
    that was away for a while, one with paths of all kinds."""

    def __init__(self, network, folder):
        hub = network.add("hub")
        for name in ("nyc", "lon", "tok", "syd"):
            network.add(name)
        network.add("six", families=(6,))
        self.collector = Collector(hub, folder / "c", fleet_file(network))
        self.collector.start()
        rules = {address_of(name): rule for name, rule in RULES.items() if rule}
        self.responder = network.nodes["nyc"].popen(
            [sys.executable, SYSTEM / "responder.py", json.dumps(rules)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.responder.stdout.readline() == b"ready\n"
        self.agents = {}
        for name in ("nyc", "lon", "tok", "syd", "six"):
            agent = Agent(network.nodes[name], folder / name, name)
            self.agents[name] = agent.enroll(self.collector).start()

    def matrix(self, test):
        return cells(self.collector.api(f"/api/v1/matrix/{test}"))

    def states(self, test, names):
        """Of the cells between these, and of those to targets."""
        return {cell["state"] for (src, dst), cell in self.matrix(test).items()
                if src != dst and src in names and (
                    dst in names or dst in RULES)}

    def prepare(self):
        """Until the cells are in all the states that are to be looked at."""
        here = ("nyc", "lon", "tok", "syd")
        wait_for("values of every pair", lambda: self.states(
            "mesh-ping", here) == {"ok"}, 60)
        wait_for("findings of every path", lambda: self.states(
            "paths", ("nyc",)) == {"ok", "unreachable"}, 30)
        self.agents["syd"].stop()
        self.agents["tok"].stop()
        wait_for("silence", lambda: {"syd", "tok"} <= set(self.collector.api(
            "/api/v1/matrix/mesh-ping")["silent"]), 90)
        self.agents["tok"].start()
        wait_for("values again", lambda: self.states(
            "mesh-ping", ("nyc", "lon", "tok")) == {"ok"}, 60)

    def web(self):
        """The pid of the process that serves people."""
        return next(pid for pid, words in self.collector.children().items()
                    if "web" in " ".join(words))

    def close(self):
        self.responder.kill()
        for agent in self.agents.values():
            agent.stop()
        self.collector.close()


@pytest.fixture(name="fleet", scope="module")
def a_fleet(tmp_path_factory):
    with Network() as network:
        fleet = Fleet(network, tmp_path_factory.mktemp("w"))
        try:
            fleet.prepare()
            yield fleet
        finally:
            fleet.close()


class Pages:
    """The browser; asked for a check at a time."""

    def __init__(self, fleet):
        self.fleet = fleet
        self.node = subprocess.Popen(
            ["node", HERE / "pages.mjs"], cwd=HERE, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            preexec_fn=die_with_parent)

    def check(self, name):
        facts = {"check": name, "base": self.fleet.collector.web,
                 "silent": SILENT, "hostile": HOSTILE}
        self.node.stdin.write(json.dumps(facts) + "\n")
        self.node.stdin.flush()
        answer = json.loads(self.node.stdout.readline())
        assert answer["ok"], answer["error"]

    def close(self):
        self.node.stdin.close()
        self.node.wait(20)


@pytest.fixture(name="pages", scope="module")
def a_browser(fleet):
    pages = Pages(fleet)
    yield pages
    pages.close()


def names():
    done = subprocess.run(["node", HERE / "pages.mjs", "list"], text=True,
                          capture_output=True, check=True)
    return done.stdout.splitlines()


@pytest.mark.parametrize("name", names())
def test_page(pages, name):
    pages.check(name)


def test_the_page_outlives_a_killed_web_process(pages, fleet):
    pages.check("watch")
    os.kill(fleet.web(), signal.SIGKILL)
    pages.check("goes on")
    pages.check("close")


def test_the_page_says_when_the_connection_is_lost_and_comes_back(pages, fleet):
    pages.check("watch")
    fleet.collector.stop()
    pages.check("says that the connection is lost")
    fleet.collector.start()
    pages.check("has come back")
    pages.check("close")


def test_every_text_of_the_pages_has_words():
    texts = (TOP / "web" / "lang" / "en.js").read_text()
    known = set(re.findall(r"^\t'([^']+)':", texts, re.M))
    used = set()
    for path in (TOP / "web").glob("*.js"):
        used |= set(re.findall(r"\btext\('([^']+)'", path.read_text()))
    for path in (TOP / "web").glob("*.html"):
        used |= set(re.findall(r'data-text="([^"]+)"', path.read_text()))
    assert used and used <= known
