"""collector.yaml and fleet.yaml, read again while everything runs."""

import json
import os
import signal

import pytest

from client import Client
from fleet import Collector, pharos
from net import wait_for

FLEET = "sites:\n  lon: {address: 10.77.0.2}\n"


@pytest.fixture(name="collector")
def running_collector(network, folder):
    collector = Collector(network.add("hub"), folder / "hub", FLEET)
    yield collector.start()
    collector.close()


def reload(collector):
    done = pharos("reload", "--config", collector.config, check=False)
    return done.returncode, done.stdout, done.stderr


def edit(collector, before, after):
    text = collector.config.read_text()
    assert before in text
    collector.config.write_text(text.replace(before, after))


def restarted(collector, part):
    """Kills a part and waits until another process has its place."""
    def pid():
        return next((pid for pid, words in collector.children().items()
                     if part in words), None)
    before = wait_for(part, pid)
    os.kill(before, signal.SIGKILL)
    wait_for(f"another {part}", lambda: pid() not in (None, before))


def test_what_can_change_changes(collector, folder):
    other = collector.folder / "other.yaml"
    other.write_text(FLEET + "  nyc: {address: 10.77.0.3}\n")
    edit(collector, "fleet: fleet.yaml", "fleet: other.yaml")
    status, out, _ = reload(collector)
    assert status == 0
    assert f"fleet: {other}, was {collector.fleet}\n" in out
    assert "nyc" in out
    assert "revision 2" in out
    assert len(collector.api("/api/v1/fleet")["sites"]) == 2
    status, out, _ = reload(collector)
    assert (status, out) == (0, "nothing changed\nrevision 2\n")


def test_what_needs_a_restart_is_said_so(collector):
    state = collector.state
    edit(collector, "state: ", "journal: 1GB\nstate: /nowhere/at/all # ")
    # the command line finds the collector by what the file says
    collector.process.send_signal(signal.SIGHUP)
    wait_for("the difference", lambda: "settings: state: /nowhere/at/all, was "
             f"{state}; takes effect when pharos-collectord is restarted"
             in collector.log())
    assert "settings: journal: 1GB, was 4GB\n" in collector.log()
    restarted(collector, "intake")
    client = Client(collector, collector.folder, "lon")
    wait_for("intake", lambda: client.hello().status == 403)
    assert (state / "registry.db").exists()


def test_wrong_settings_are_refused_and_the_last_good_ones_stay(collector):
    good = collector.config.read_text()
    collector.config.write_text(good + "jurnal: 1GB\n")
    line = good.count("\n") + 1
    collector.process.send_signal(signal.SIGHUP)
    wait_for("the refusal", lambda: "the last good settings stay" in collector.log())
    assert f"{collector.config}:{line}:1: unknown key \"jurnal\"" in collector.log()
    for part in "intake", "store", "web", "court":
        restarted(collector, part)
    wait_for("web", collector.answers)
    collector.config.write_text(good)
    status, out, _ = reload(collector)
    assert status == 0
    assert out.startswith("nothing changed")


def test_wrong_settings_do_not_keep_a_fleet_from_being_read(collector):
    collector.config.write_text(collector.config.read_text() + "journal: 3\n")
    collector.fleet.write_text(FLEET + "  par: {address: 10.77.0.4}\n")
    done = pharos("reload", "--config", collector.config, check=False)
    assert done.returncode != 0  # the command line reads the file, too
    collector.process.send_signal(signal.SIGHUP)
    wait_for("the new site", lambda: [
        site["name"] for site in collector.api("/api/v1/fleet")["sites"]] ==
        ["lon", "par"])


def test_status_counts_the_tests_that_check_counts(collector):
    """Without those that nobody asked for, as the clock's."""
    collector.fleet.write_text(FLEET + """targets: {192.0.2.1: }
tests:
  out: {from: [lon], to: [targets], probe: ping, schedule: {uniform: 60s}}
""")
    assert reload(collector)[0] == 0
    assert "clock" in {
        test["test"] for test in collector.api("/api/v1/fleet")["tests"]}
    check = pharos("check", "--config", collector.config, collector.fleet)
    assert check.stdout == f"{collector.fleet}: OK, 1 site, 1 test\n"
    status = pharos("status", "--config", collector.config).stdout
    assert ", revision 2: 1 site, 1 test\n" in status


def test_difference_is_in_the_answer(collector):
    edit(collector, "state: ", "journal: 2GB\nstate: ")
    done = collector.node.run(
        ["curl", "-s", "-X", "POST", "--unix-socket", collector.state / "control",
         "http://localhost/control/v1/reload"])
    assert json.loads(done.stdout)["settings"] == ["journal: 2GB, was 4GB"]
