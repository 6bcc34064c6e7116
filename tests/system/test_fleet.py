"""A fleet that measures while its processes are killed and its collector goes."""

import csv
import fcntl
import io
import json
import os
import pathlib
import pty
import signal
import struct
import subprocess
import termios
import time

import pytest

from client import journal
from fleet import Agent, Collector, cells, descendants, pharos, program
from net import Network, wait_for

# tok has IPv6 alone, syd IPv4 alone: they share no family.
FAMILIES = {"nyc": (4, 6), "lon": (4, 6), "tok": (6,), "syd": (4,)}
UNTESTED = {("tok", "syd"), ("syd", "tok")}
TEST = "core-ping"
STEP = 10  # of its finest bins, in seconds
AWAY = 20  # seconds: agents try some five times, and rest ever longer
FLEET = """
sites:
{sites}
meshes:
  core: {{members: [nyc, lon, tok, syd]}}
tests:
  core-ping: {{mesh: core, probe: ping, schedule: {{uniform: 2s}},
              options: {{count: 5, spacing: 20ms, timeout: 500ms}}}}
"""


def fleet_text(network):
    sites = []
    for name in FAMILIES:
        addresses = ", ".join(f'"{a}"' for a in network.nodes[name].addresses.values())
        sites.append(f"  {name}: {{address: [{addresses}]}}")
    return FLEET.format(sites="\n".join(sites))


class Fleet:
    def __init__(self, network, folder):
        self.network = network
        hub = network.add("hub")
        for name, families in FAMILIES.items():
            network.add(name, families)
        self.collector = Collector(hub, folder / "collector", fleet_text(network))
        self.agents = {}
        self.folder = folder

    def start(self):
        self.collector.start()
        for name in FAMILIES:
            agent = Agent(self.network.nodes[name], self.folder / name, name)
            self.agents[name] = agent.enroll(self.collector).start()
        return self

    def close(self):
        for agent in self.agents.values():
            agent.stop()
        self.collector.close()

    def matrix(self, **query):
        words = "&".join(f"{key}={value}" for key, value in query.items())
        return cells(self.collector.api(f"/api/v1/matrix/{TEST}?{words}"))

    def states(self):
        return {pair: cell["state"] for pair, cell in self.matrix().items()}

    def journal(self):
        """Every record that was accepted, in order."""
        return [json.loads(line) for _, line in journal(self.collector.state)]

    def measured_since(self, moment):
        """The boxes with a measured record that started after this moment."""
        return {r["agent"] for r in self.journal()
                if r["outcome"] == "measured" and r["start"] > moment}

    def wait_for_all(self, moment, timeout=60):
        wait_for("a new record of every box",
                 lambda: self.measured_since(moment) == set(FAMILIES), timeout)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    with Network() as network:
        made = Fleet(network, pathlib.Path(tmp_path_factory.mktemp("f")))
        try:
            yield made.start()
        finally:
            made.close()


def expected_states():
    return {(src, dst): "self" if src == dst else
            "untested" if (src, dst) in UNTESTED else "ok"
            for src in FAMILIES for dst in FAMILIES}


def test_every_pair_with_a_common_family_gets_a_value(fleet):
    wait_for("every cell in its state",
             lambda: fleet.states() == expected_states(), 90)
    for pair, cell in fleet.matrix(metric="rtt", stat="p50").items():
        if cell["state"] == "ok":
            assert 0 < cell["value"] < 0.5, pair
            assert cell["count"] == 1, pair
        else:
            assert cell["value"] is None, pair
    loss = fleet.matrix(metric="loss")
    assert loss["nyc", "lon"]["value"] == 0


def test_pairs_use_the_family_that_both_ends_have(fleet):
    fleet.wait_for_all(0)
    families = {}
    for record in fleet.journal():
        if record["outcome"] == "measured":
            families.setdefault((record["src"], record["dst"]), set()).add(
                record["family"])
    assert families["nyc", "lon"] == {6}
    assert families["nyc", "syd"] == {4}
    assert families["lon", "tok"] == {6}
    assert not UNTESTED & families.keys()


def pid_of(fleet, what):
    """(pid, whether it is started again for us)"""
    if what == "pharosd":
        return fleet.agents["lon"].process.pid
    if what == "collectord":
        return fleet.collector.process.pid
    daemon = fleet.agents["nyc"] if what == "pharos-probe" else fleet.collector

    def search():
        for pid, words in daemon.children().items():
            if any(os.path.basename(word) == what for word in words[:2]):
                return pid
        return None

    return wait_for(f"a process {what}", search)


@pytest.mark.parametrize("what", ["pharos-probe", "pharosd", "intake", "store",
                                  "web", "court", "collectord"])
def test_killed_process_comes_back(fleet, what):
    pid = pid_of(fleet, what)
    moment = time.time()
    os.kill(pid, signal.SIGKILL)
    if what == "pharosd":
        fleet.agents["lon"].process.wait()
        fleet.agents["lon"].start()
    if what == "collectord":
        fleet.collector.process.wait()
        wait_for("the children to follow their parent",
                 lambda: not descendants(pid))
        fleet.collector.start()
    fleet.wait_for_all(moment)
    wait_for("fresh numbers in the matrix",
             lambda: fleet.collector.answers() and
             fleet.states() == expected_states() and
             all(c["age"] is None or c["age"] < time.time() - moment
                 for c in fleet.matrix().values()), 60)


def test_run_cut_short_by_a_dying_daemon_is_a_failed_record(fleet):
    """pharosd was killed above: what was open then is there as failed, and the
    time it was away as a gap."""
    records = [r for r in fleet.journal() if r["agent"] == "lon"]
    gaps = [r for r in records if r["outcome"] == "gap"]
    assert len(gaps) == 1
    assert gaps[0]["end"] >= gaps[0]["start"]
    assert not {"test", "src", "dst"} & gaps[0].keys()


def test_nothing_was_lost_or_doubled(fleet):
    """Sequences of each epoch have no holes, and the bins hold each finding
    exactly once."""
    sequences = {}
    for record in fleet.journal():
        box, epoch, number = record["id"].split("/")
        sequences.setdefault((box, epoch), []).append(int(number))
    assert len(sequences) == len(FAMILIES) + 1  # lon has had two lives
    for origin, numbers in sequences.items():
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), origin

    # what comes meanwhile would be in one of them before it is in the other
    until = int(time.time()) // STEP * STEP

    def sums_agree():
        sent = sum(r["metrics"]["sent"] for r in fleet.journal()
                   if r.get("src") == "nyc" and r.get("dst") == "lon"
                   and "metrics" in r and r["start"] < until)
        answer = fleet.collector.api(
            f"/api/v1/series/{TEST}/nyc/lon?metric=sent&from={until - 3000}"
            f"&to={until}&points=10000")
        column = answer["metrics"]["sent"]["columns"]["sum"]
        return 0 < sum(v for v in column if v is not None) == sent

    wait_for("as many packets in the history as in the records", sums_agree, 30)


def test_agents_catch_up_after_a_collector_was_away_for_a_while(fleet):
    fleet.wait_for_all(time.time())
    away = time.time()
    fleet.collector.stop()

    def waiting_for_a_while():
        depths = [agent.status()["spool"] for agent in fleet.agents.values()]
        return all(d["oldest"] and time.time() - d["oldest"] > AWAY for d in depths)

    wait_for(f"{AWAY} s of records in every spool", waiting_for_a_while, 90, 1)
    back = time.time()
    fleet.collector.start()
    fleet.wait_for_all(back)
    missing = [(box, moment) for box in FAMILIES
               for moment in range(int(away) + 5, int(back) - 5, 10)
               if not any(r["agent"] == box and moment <= r["start"] < moment + 10
                          for r in fleet.journal())]
    assert not missing, "holes in the time the collector was away"
    wait_for("empty spools", lambda: all(
        a.status()["spool"]["records"] < 20 for a in fleet.agents.values()))


def on_a_terminal(columns, argv):
    """What a command prints on a terminal of so many columns."""
    main, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(argv, stdout=side)
    os.close(side)
    text = b""
    while True:
        try:
            text += os.read(main, 65536)
        except OSError:  # the other side is closed
            break
    os.close(main)
    assert process.wait() == 0
    return text.decode().replace("\r\n", "\n")


def check_command_line(fleet):
    """With tok silent: what is stale or missing is marked, never a 0."""
    where = ("--url", fleet.collector.web)
    text = pharos("matrix", TEST, *where).stdout
    rows = {line.split()[0]: line for line in text.splitlines() if line}
    assert rows["tok"].count(" *") == 2 and rows["nyc"].count(" *") == 1
    assert "* stale: 4" in text and "box tok is silent" in text
    narrow = on_a_terminal(40, [program("pharos"), "matrix", TEST, *where])
    assert max(map(len, narrow.splitlines())) <= 40
    assert all(narrow.count(f"\n{name} ") >= 2 for name in FAMILIES), "in blocks"
    rows = list(csv.DictReader(io.StringIO(
        pharos("matrix", TEST, "--format", "csv", *where).stdout)))
    by_pair = {(row["src"], row["dst"]): row for row in rows}
    assert by_pair["tok", "syd"]["value"] == "" == by_pair["nyc", "nyc"]["value"]
    assert by_pair["tok", "syd"]["state"] == "untested"
    assert by_pair["tok", "nyc"]["state"] == "stale"
    assert float(by_pair["nyc", "lon"]["value"]) > 0
    as_json = json.loads(pharos("matrix", TEST, "--format", "json", *where).stdout)
    assert [r["value"] for r in as_json if r["src"] == r["dst"]] == [None] * 4
    tsv = pharos("series", TEST, "tok", "nyc", "--from", "-2m", "--format", "tsv",
                 *where).stdout.splitlines()
    head = tsv[0].split("\t")
    assert head[0] == "time" and "rtt_p50" in head and "loss" in head
    last = dict(zip(head, tsv[-1].split("\t")))
    assert last["loss"] == "", "a gap is empty"


def test_silent_site_makes_its_row_and_column_stale_and_nothing_else(fleet):
    wait_for("all well", lambda: fleet.states() == expected_states(), 60)
    fleet.agents["tok"].stop()
    expected = {pair: "stale" if state == "ok" and "tok" in pair else state
                for pair, state in expected_states().items()}

    def seen():
        matrix = fleet.collector.api(f"/api/v1/matrix/{TEST}")
        states = {pair: cell["state"] for pair, cell in cells(matrix).items()}
        return matrix["silent"] == ["tok"] and states == expected

    wait_for("a stale row and column", seen, 90)
    stale = fleet.matrix(metric="rtt")["tok", "nyc"]
    assert stale["value"] is not None, "the last value stays"
    check_command_line(fleet)
    fleet.agents["tok"].start()
    wait_for("all well again", lambda: fleet.states() == expected_states(), 60)


def test_unreachable_site_is_not_stale(fleet):
    # it still reports, but no longer answers to its address for probes
    fleet.network.nodes["syd"].run(
        ["sysctl", "-qw", "net.ipv4.icmp_echo_ignore_all=1"])
    try:
        wait_for("unreachable cells towards syd", lambda: all(
            fleet.states()[src, "syd"] == "unreachable" for src in ("nyc", "lon")),
            60)
        assert fleet.states()["syd", "nyc"] == "ok"
        loss = fleet.matrix(metric="loss")["nyc", "syd"]
        assert (loss["value"], loss["grade"]) == (1, 5)
        assert fleet.matrix(metric="rtt")["nyc", "syd"]["value"] is None
    finally:
        fleet.network.nodes["syd"].run(
            ["sysctl", "-qw", "net.ipv4.icmp_echo_ignore_all=0"])
