"""A journal that is given less room than its last file takes up already."""

import contextlib
import secrets

import pytest

from client import Client
from fleet import Collector, pharos
from net import wait_for

FLEET = """
sites:
  lon: {address: 10.77.0.2}
  nyc: {address: 10.77.0.3}
tests:
  t: {from: [lon], to: [nyc], probe: ping, schedule: {uniform: 10s}}
"""
LARGE, SMALL = 480_000_000, 16_000_000
SENT = 10  # packets in each record
ARCHIVED = 90  # s: the archive waits half a minute for more


class Stage:
    """A collector with a large journal, of which one file is begun, and lon."""

    def __init__(self, network, folder):
        self.collector = Collector(network.add("hub"), folder / "c", FLEET)
        self.journal = self.collector.state / "journal"
        self.allow(LARGE)
        self.collector.start()
        self.lon = Client(self.collector, folder, "lon")
        assert self.lon.enroll(self.collector.token("lon")).status == 200
        self.sequence = 0

    def allow(self, size):
        lines = [line for line in self.collector.config.read_text().splitlines()
                 if not line.startswith("journal:")]
        self.collector.config.write_text(
            "\n".join([*lines, f"journal: {size}", ""]))

    def batch(self):
        """Records that do not pack well."""
        first = self.sequence + 1
        self.sequence += 200
        return [self.lon.record(n, test="t", dst="nyc", family=4,
                                padding=secrets.token_urlsafe(12_000))
                for n in range(first, self.sequence + 1)]

    def fill(self):
        while self.size("*.db") < SMALL + 1_000_000:  # without its log
            assert self.lon.records(self.batch()).status == 200
        self.catches_up()
        assert len(list(self.journal.glob("*.db"))) == 1

    def size(self, files="*"):
        total = 0
        for path in self.journal.glob(files):
            with contextlib.suppress(FileNotFoundError):  # it has just gone
                total += path.stat().st_size
        return total

    def counted(self):
        """Packets in the history."""
        answer = self.collector.api("/api/v1/series/t/lon/nyc?metric=sent"
                                    "&from=-15m&points=10000")
        return sum(v or 0 for v in answer["metrics"]["sent"]["columns"]["sum"])

    def catches_up(self):
        wait_for("the store", lambda: self.counted() == SENT * self.sequence, 60)

    def restart(self):
        self.collector.stop()
        self.collector.start()

    def reload(self):
        assert "journal: 16MB" in pharos(
            "reload", "--config", self.collector.config).stdout


@pytest.fixture(name="stage")
def made_stage(network, folder):
    made = Stage(network, folder)
    yield made
    made.collector.close()


@pytest.mark.parametrize("how", [Stage.reload, Stage.restart])
def test_a_file_larger_than_a_lowered_journal_does_not_end_it(stage, how):
    stage.fill()
    stage.allow(SMALL)
    how(stage)
    wait_for("the large file to go", lambda: stage.size() < SMALL, ARCHIVED)
    for _ in range(8):  # its files are small ones from here on
        batch = stage.batch()
        wait_for("records to be taken",
                 lambda: stage.lon.records(batch).status == 200, ARCHIVED)
    stage.catches_up()
    wait_for("them to go", lambda: stage.size() < SMALL, ARCHIVED)
