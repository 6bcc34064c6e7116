"""The pages in Debian's Chromium, on the numbers of a real fleet.

The checks are in *.mjs; pages.mjs runs them in one browser, by name.
"""

import gzip
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import pytest

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
SYSTEM = TOP / "tests" / "system"
sys.path.insert(0, str(SYSTEM))

from fleet import Agent, Collector, cells, pharos  # noqa: E402
from net import Network, die_with_parent, wait_for  # noqa: E402
from test_store import Box, Stage  # noqa: E402

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

    def rows(self, src, dst):
        """How many of a pair's last hour have a value."""
        series = self.collector.api(
            f"/api/v1/series/mesh-ping/{src}/{dst}?metric=rtt&from=-1h")
        return sum(value is not None for value in
                   series["metrics"]["rtt"]["columns"]["p50"])

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
        wait_for("rows that a line goes through",
                 lambda: self.rows("tok", "nyc") >= 6, 60)

    def web(self):
        """The pid of the process that serves people."""
        return next(pid for pid, words in self.collector.children().items()
                    if "web" in " ".join(words))

    def close(self):
        self.responder.kill()
        for agent in self.agents.values():
            agent.stop()
        self.collector.close()


class Preparation(threading.Thread):
    """Brings a fleet up while other checks run, for that takes a minute and more.
    It lives as long as the fleet, whose processes die with who started them."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.folder, self.fleet, self.trouble = folder, None, None
        self.ready, self.over = threading.Event(), threading.Event()
        self.start()

    def run(self):
        with Network() as network:
            fleet = None
            try:
                fleet = Fleet(network, self.folder)
                fleet.prepare()
                self.fleet = fleet
                self.ready.set()
                self.over.wait()
            except BaseException as error:  # to be raised where it matters
                self.trouble = error
                self.ready.set()
            finally:
                if fleet is not None:
                    fleet.close()

    def wait(self):
        assert self.ready.wait(400), "the fleet is not there"
        if self.trouble is not None:
            raise self.trouble
        return self.fleet

    def end(self):
        self.over.set()
        self.join(120)


@pytest.fixture(name="preparation", scope="module", autouse=True)
def a_preparation(request, tmp_path_factory):
    if not any("fleet" in item.fixturenames for item in request.session.items):
        yield None
        return
    preparation = Preparation(tmp_path_factory.mktemp("w"))
    yield preparation
    preparation.end()


@pytest.fixture(name="fleet", scope="module")
def a_fleet(preparation):
    return preparation.wait()


@pytest.fixture(name="stage", scope="module")
def a_stage(tmp_path_factory):
    """A collector with boxes that say what a test makes up."""
    with Network() as network:
        stage = Stage(network, tmp_path_factory.mktemp("s"))
        yield stage
        stage.collector.close()


class Pages:
    """The browser; asked for a check at a time."""

    def __init__(self):
        self.node = subprocess.Popen(
            ["node", HERE / "pages.mjs"], cwd=HERE, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            preexec_fn=die_with_parent)

    def check(self, name, collector):
        facts = {"check": name, "base": collector.web,
                 "silent": SILENT, "hostile": HOSTILE}
        self.node.stdin.write(json.dumps(facts) + "\n")
        self.node.stdin.flush()
        answer = json.loads(self.node.stdout.readline())
        assert answer["ok"], answer["error"]

    def close(self):
        self.node.stdin.close()
        self.node.wait(20)


@pytest.fixture(name="pages", scope="module")
def a_browser():
    pages = Pages()
    yield pages
    pages.close()


def names(*kind):
    done = subprocess.run(["node", HERE / "pages.mjs", "list", *kind], text=True,
                          capture_output=True, check=True)
    return done.stdout.splitlines()


@pytest.mark.parametrize("name", names("made"))
def test_page_with_made_up_numbers(pages, stage, name):
    pages.check(name, stage.collector)


@pytest.mark.parametrize("name", names())
def test_page(pages, fleet, name):
    pages.check(name, fleet.collector)


def test_a_value_on_an_edge_has_one_grade_everywhere(pages, stage, tmp_path):
    lon = Box(stage.box.node, tmp_path, "lon").enroll(stage.collector)
    for box in (stage.box, lon):
        box.say_hello(stage.collector)
    stage.box.deliver(stage.collector, [
        stage.box.record(time.time() - 1, [100_000_000] * 10)])
    wait_for("the value", lambda: cells(stage.collector.api(
        "/api/v1/matrix/core"))["nyc", "lon"] | {"age": 0, "count": 1} == {
            "value": 0.1, "state": "ok", "grade": 3, "age": 0, "count": 1})
    pages.check("a value on an edge", stage.collector)


REST = """
sites:
  nyc: {address: 192.0.2.1}
  par: {address: 192.0.2.3}
meshes:
  all: {members: [nyc, par]}
tests:
  other: {mesh: all, probe: ping, schedule: {uniform: 10s}}
"""


def test_a_pair_that_has_left_is_shown_as_long_as_it_is_kept(pages, tmp_path):
    def change(text, gone):
        stage.collector.fleet.write_text(text)
        pharos("reload", "--config", stage.collector.config)
        wait_for("word of it", lambda: gone == bool(stage.collector.api(
            "/api/v1/departed")["pairs"]))

    with Network() as network:
        stage = Stage(network, tmp_path)
        try:
            whole = stage.collector.fleet.read_text()
            # of a while ago: what is of now has rows behind it
            stage.box.deliver(stage.collector, [stage.box.record(
                time.time() - 600 + 10 * i, [20_000_000] * 10) for i in range(6)])
            wait_for("its history", lambda: stage.collector.api(
                "/api/v1/series/core/nyc/lon?metric=rtt&from=-1h"))
            pages.check("left: it is still there", stage.collector)
            change(REST, gone=True)
            pages.check("left: it goes while it is looked at", stage.collector)
            change(whole, gone=False)
            pages.check("left: it comes back while it is looked at",
                        stage.collector)
            change(REST, gone=True)
            for name in names("left"):
                pages.check(name, stage.collector)
        finally:
            stage.collector.close()


def test_hostile_words_of_a_box_are_text(pages, stage):
    stage.box.say_hello(stage.collector, version=HOSTILE, plan_refused=HOSTILE,
                        clock={"source": HOSTILE, "error": 1e-6})
    pages.check("hostile words of a box", stage.collector)


def test_hostile_words_in_the_path_are_text(pages, stage):
    pages.check("hostile words in the path", stage.collector)


def fetch(collector, path, **headers):
    request = urllib.request.Request(collector.web + path, headers={
        name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.status, reply.headers, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


@pytest.mark.parametrize("path", ["/", "/matrix/core", "/static/uplot.js",
                                  "/static/style.css", "/static/lang/zh.js"])
def test_pages_are_packed_for_who_takes_it(stage, path):
    status, plain, body = fetch(stage.collector, path)
    assert (status, plain["Content-Encoding"]) == (200, None)
    for accepted in ("gzip", "br, gzip;q=0.5", "*"):
        status, packed, data = fetch(stage.collector, path,
                                     Accept_Encoding=accepted)
        assert packed["Content-Encoding"] == "gzip", accepted
        assert gzip.decompress(data) == body and len(data) < len(body)
        assert packed["ETag"] != plain["ETag"]
        assert packed["Vary"] == "Accept-Encoding"
    for refused in ("br", "gzip;q=0", "identity"):
        _, headers, data = fetch(stage.collector, path, Accept_Encoding=refused)
        assert headers["Content-Encoding"] is None and data == body, refused
    for etag, encoding in ((plain["ETag"], "identity"), (packed["ETag"], "gzip")):
        status, _, data = fetch(stage.collector, path, If_None_Match=etag,
                                Accept_Encoding=encoding)
        assert (status, data) == (304, b"")
    assert fetch(stage.collector, path, If_None_Match='"else"')[0] == 200


def test_the_pages_outlive_a_killed_web_process(pages, fleet):
    pages.check("watch", fleet.collector)
    os.kill(fleet.web(), signal.SIGKILL)
    pages.check("goes on", fleet.collector)
    pages.check("has lost no cell", fleet.collector)
    pages.check("close", fleet.collector)


def test_the_pages_say_when_the_collector_was_killed_and_come_back(pages, fleet):
    pages.check("watch", fleet.collector)
    fleet.collector.kill()
    pages.check("says that the connection is lost", fleet.collector)
    fleet.collector.start()
    pages.check("has come back", fleet.collector)
    pages.check("has lost no cell", fleet.collector)
    pages.check("close", fleet.collector)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_key_of_a_text_is_there_twice(language):
    """The second one would silently stand for both."""
    texts = (TOP / "web" / "lang" / f"{language}.js").read_text()
    keys = re.findall(r"^\t'([^']+)':", texts, re.MULTILINE)
    assert len(keys) > 100
    assert sorted(keys) == sorted(set(keys))


def test_every_text_of_the_pages_has_words():
    texts = (TOP / "web" / "lang" / "en.js").read_text()
    known = set(re.findall(r"^\t'([^']+)':", texts, re.M))
    used = set()
    for path in (TOP / "web").glob("*.js"):
        used |= set(re.findall(r"\btext\('([^']+)'", path.read_text()))
    for path in (TOP / "web").glob("*.html"):
        used |= set(re.findall(r'data-text="([^"]+)"', path.read_text()))
    assert used and used <= known
