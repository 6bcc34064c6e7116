"""A collector that is given more than it can take, and an honest agent that
goes on meanwhile: nothing lost, nothing twice, and recovery without help."""

import os
import pathlib
import secrets
import signal
import subprocess
import time

import pytest

from client import Client, pack
from fleet import Agent, Collector
from intake import status_of
from net import Network, wait_for
from test_agent import answers

FLEET = """
sites:
  nyc: {{address: {0}}}
  lon: {{address: {1}}}
tests:
  honest: {{from: [nyc], to: [lon], probe: ping, schedule: {{uniform: 1s}},
           options: {{count: 1}}}}
  made-up: {{from: [lon], to: [nyc], probe: ping, schedule: {{uniform: 10s}}}}
"""
JOURNAL = 16_000_000
SENT = 7  # packets in each made-up record


class Stage:
    """A collector whose journal is small, pharosd at nyc, and lon by hand."""

    def __init__(self, network, folder):
        hub, nyc, lon = [network.add(name, (4,)) for name in ("hub", "nyc", "lon")]
        self.collector = Collector(hub, folder / "c", FLEET.format(
            nyc.address(), lon.address()))
        with self.collector.config.open("a") as config:
            config.write(f"journal: {JOURNAL}\n")
        self.collector.start()
        self.agent = Agent(nyc, folder / "nyc", "nyc").enroll(self.collector).start()
        self.lon = Client(self.collector, folder, "lon")
        assert self.lon.enroll(self.collector.token("lon")).status == 200
        self.sequence = 0
        self.made = 0
        self.start = int(time.time()) // 10 * 10 - 600

    def batch(self, count=500, size=4000):
        """Records of the last ten minutes, in which nobody else was at work."""
        found = []
        for _ in range(count):
            self.sequence += 1
            at = self.start + self.sequence % 500
            found.append(self.lon.record(
                self.sequence, test="made-up", src="lon", dst="nyc", family=4,
                start=at, end=at + 1, padding=secrets.token_hex(size // 2), metrics={
                    "sent": SENT, "received": SENT, "lost": 0, "lost_locally": 0}))
        self.made += count
        return found

    def counted(self):
        """Packets of made-up records in the history, whichever bin they are in."""
        answer = self.collector.api(
            f"/api/v1/series/made-up/lon/nyc?metric=sent&from={self.start - 60}"
            f"&to={self.start + 600}&points=10000")
        return sum(v or 0 for v in answer["metrics"]["sent"]["columns"]["sum"])

    def honest(self):
        """When the newest ping that arrived was."""
        matrix = self.collector.api("/api/v1/matrix/honest")
        age = matrix["age"][0]
        return 0 if age is None else matrix["generated"] - age

    def goes_on(self):
        before = wait_for("a ping", self.honest)
        wait_for("another ping", lambda: self.honest() > before)

    def part(self, name):
        return next(pid for pid, words in self.collector.children().items()
                    if name in words)

    def memory(self):
        """The most that intake has ever used, in MB."""
        text = pathlib.Path(f"/proc/{self.part('intake')}/status").read_text()
        return int(next(line.split()[1] for line in text.splitlines()
                        if line.startswith("VmHWM"))) / 1024


@pytest.fixture(name="stage", scope="module")
def made_stage(tmp_path_factory):
    with Network() as network, pytest.MonkeyPatch.context() as patch:
        # what a sanitizer keeps of freed memory is not what is asked here
        patch.setenv("ASAN_OPTIONS", os.environ.get("ASAN_OPTIONS", "") +
                     ":quarantine_size_mb=1:thread_local_quarantine_size_kb=64")
        made = Stage(network, tmp_path_factory.mktemp("b"))
        made.goes_on()
        yield made
        made.agent.stop()
        made.collector.close()


# Connections

SILENT = """
import resource, socket, ssl, sys, time
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
address = sys.argv[1], 8641
silent = [socket.create_connection(address) for _ in range(2000)]
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
slow = [context.wrap_socket(socket.create_connection(address)) for _ in range(20)]
text = b"POST /agent/v1/records HTTP/1.1\\r\\nContent-Length: 100\\r\\n\\r\\n" + b"x" * 100
print("ready", flush=True)
for i in range(len(text)):
    for one in slow:
        one.send(text[i:i + 1])
    time.sleep(0.5)
"""


def test_honest_agents_go_on_beside_silent_and_slow_connections(stage):
    crowd = stage.lon.collector.node.popen(
        ["/usr/bin/python3", "-c", SILENT, stage.collector.node.address()],
        stdout=subprocess.PIPE, text=True)
    try:
        assert crowd.stdout.readline() == "ready\n"
        begun = time.monotonic()
        stage.goes_on()
        assert stage.lon.hello().status == 200
        assert time.monotonic() - begun < 10
        assert stage.collector.api("/api/v1/fleet")["sites"]
    finally:
        crowd.kill()
        crowd.wait()


# Bodies

@pytest.mark.parametrize("more", [[], ["-H", "Transfer-Encoding: chunked"]],
                         ids=["announced", "chunked"])
@pytest.mark.parametrize("member", [True, False], ids=["member", "stranger"])
def test_a_hundred_megabytes_are_not_taken_in(stage, tmp_path, member, more):
    before = stage.memory()
    who = stage.lon if member else Client(stage.collector, tmp_path)
    # a reset of what is still on its way may overtake the answer
    answers = (who.send(bytes(100_000_000), *more).status for _ in range(5))
    assert next(status for status in answers if status != 0) == 413
    assert stage.memory() - before < 64
    stage.goes_on()


def test_a_batch_of_bad_lines_does_not_keep_intake_from_the_others(stage):
    """One of 30,000 took 55 s, and nobody else was answered meanwhile."""
    bad = "".join(f'{{"id":"{n}"}}\n' for n in range(30_000))
    stage.sequence += 1
    good = stage.lon.record(stage.sequence)
    begun = time.monotonic()
    answer = stage.lon.records([bad.rstrip("\n"), good])
    assert time.monotonic() - begun < 10
    assert answer.json() == {"acked": f"{stage.lon.epoch}/{stage.sequence}",
                             "refused": 30_000}
    wait_for("the count", lambda: status_of(
        stage.collector, "lon")["refused"] == 30_000)
    answer = stage.lon.send(pack(b"x\n" * 40_000))
    assert answer.status == 413
    assert "more than 32768 lines, expected fewer" in answer.detail


# A store that does not keep up

def folder_size(folder):
    return sum(path.stat().st_size for path in folder.iterdir())


def test_slow_store_bounds_the_journal_and_catches_up(stage):
    journal = stage.collector.state / "journal"
    store = stage.part("store")
    first = stage.batch(100)
    assert stage.lon.records(first).status == 200
    os.kill(store, signal.SIGSTOP)
    try:
        for _ in range(40):
            batch = stage.batch()
            answer = stage.lon.records(batch)
            if answer.status != 200:
                break
        assert answer.status == 503
        assert answer.headers["retry-after"] == "30"
        assert "store is too far behind" in answer.detail
        assert folder_size(journal) < 2 * JOURNAL
        # everything else goes on, and the agent keeps what it has
        assert stage.lon.hello().status == 200
        assert stage.lon.plan().status == 200
        status = wait_for("the agent to be told so", lambda: (
            lambda s: s if "503" in s["uplink"].get("error", "") else None)(
                stage.agent.status()))
        kept = status["spool"]["records"]
        wait_for("it to go on", lambda: stage.agent.status()["spool"]["records"]
                 > kept + 2)
        again = stage.lon.records(batch)
        assert again.status == 503
    finally:
        os.kill(store, signal.SIGCONT)
    answer = wait_for("it to take records again", lambda: (
        lambda a: a if a.status == 200 else None)(stage.lon.records(batch)))
    assert answer.json()["acked"].endswith(f"/{stage.sequence}")
    assert stage.lon.records(first).status == 200  # known: counts once
    wait_for("the store to catch up",
             lambda: stage.counted() == SENT * stage.made, 60)
    stage.agent.kill()  # it would wait for half a minute, as it was told
    stage.agent.start()
    wait_for("its control socket", lambda: answers(stage.agent))
    wait_for("what the agent kept", lambda: stage.agent.status()["spool"][
        "records"] < kept)
    stage.goes_on()
    wait_for("the journal to shrink", lambda: folder_size(journal) < JOURNAL)
    assert stage.counted() == SENT * stage.made
