"""pharos-collectord itself: what it checks, fleet files that are no good, init."""

import signal
import subprocess

import pytest

from client import Client
from fleet import Collector, pharos, program
from intake import BOXES, FLEET, running_collector  # noqa: F401: a fixture
from net import Network, wait_for


def check(config):
    return subprocess.run([program("pharos-collectord"), "-n", "-c", str(config)],
                          capture_output=True, text=True)


def test_check_says_ok(collector):
    done = check(collector.config)
    assert done.returncode == 0
    assert done.stdout.count(": OK") == 2


@pytest.mark.parametrize("settings, place, reason", [
    ("people: 0.0.0.0:8640\n", "collector.yaml:1:1: ", "loopback"),
    ("people: 192.0.2.1:8640\n", "collector.yaml:1:1: ", "tunnel"),
    ("agents: nowhere\n", "collector.yaml:1:1: ", "agents"),
    ("agent: 8641\n", "collector.yaml:1:1: ", "agents"),
    ("agents: 8641\nagents: 8642\n", "collector.yaml:2:1: ", "agents"),
])
def test_check_names_what_is_wrong_with_the_settings(tmp_path, settings, place,
                                                     reason):
    config = tmp_path / "collector.yaml"
    config.write_text(settings)
    done = check(config)
    assert done.returncode == 2
    assert str(tmp_path / place) in done.stderr
    assert reason in done.stderr


def test_check_names_every_mistake_in_the_fleet(tmp_path):
    (tmp_path / "collector.yaml").write_text("fleet: fleet.yaml\nstate: state\n")
    (tmp_path / "fleet.yaml").write_text(
        "sites:\n  lon: {address: 192.0.2.300}\n  Par: {address: 192.0.2.1}\n")
    done = check(tmp_path / "collector.yaml")
    assert done.returncode == 2
    assert f"{tmp_path}/fleet.yaml:2:" in done.stderr
    assert f"{tmp_path}/fleet.yaml:3:" in done.stderr


def test_bad_fleet_is_refused_and_the_last_good_one_stays(folder):
    with Network() as network:
        collector = Collector(network.add("hub"), folder / "c", FLEET)
        collector.start()
        try:
            client = Client(collector, folder, BOXES[0])
            assert client.enroll(collector.token(client.name)).status == 200
            collector.fleet.write_text("sites: {box0: {adress: 192.0.2.1}}\n")
            done = pharos("reload", "--config", collector.config, check=False)
            assert done.returncode == 2
            assert "fleet.yaml:1:" in done.stderr
            assert "last good fleet stays" in done.stderr
            assert client.hello().status == 200
            collector.stop()
            collector.start()
            assert "last good fleet stays" in collector.log()
            assert client.hello().status == 200
            text = pharos("status", "--config", collector.config).stdout
            assert "refused as it is now" in text
        finally:
            collector.close()


def test_bad_fleet_at_the_first_start_is_an_error(folder):
    with Network() as network:
        collector = Collector(network.add("hub"), folder / "c", "sites: 7\n")
        done = collector.node.run(
            [program("pharos-collectord"), "-c", collector.config], check=False)
        collector.close()
    assert done.returncode == 1
    assert "fleet.yaml:1:" in done.stderr
    assert "no earlier fleet" in done.stderr


@pytest.mark.parametrize("lost", [
    None, "fleet.key", "pki/ca.pem", "pki/ca.key", "pki/collector.pem",
    "pki/collector.key"])
def test_a_state_that_init_has_not_made_is_an_error(folder, lost):
    config = folder / "collector.yaml"
    if lost:
        assert init(folder, "--name", "collector.example").returncode == 0
        (folder / "state" / lost).unlink()
    else:
        config.write_text("fleet: fleet.yaml\nstate: state\n")
        (folder / "fleet.yaml").write_text("sites: {}\n")
    started = subprocess.run([program("pharos-collectord"), "-c", config],
                             capture_output=True, text=True, timeout=60)
    for done in started, check(config):
        assert done.returncode == 1, done.stderr
        assert f"{folder}/state/{lost or 'fleet.key'}: No such file" in done.stderr
        assert "run pharos-collectord init" in done.stderr
    if not lost:
        assert not (folder / "state").exists()
        assert init(folder, "--name", "collector.example").returncode == 0
        assert check(config).returncode == 0


def test_hangup_reads_the_fleet(collector):
    before = collector.fleet.read_text()
    collector.fleet.write_text(before.replace("192.0.2.4}", "192.0.2.99}"))
    collector.process.send_signal(signal.SIGHUP)
    wait_for("the change in the log", lambda: "box3" in collector.log())
    collector.fleet.write_text(before)
    pharos("reload", "--config", collector.config)


def init(*words):
    return subprocess.run(
        [program("pharos-collectord"), "init", *map(str, words)],
        capture_output=True, text=True)


def test_init_overwrites_nothing(tmp_path):
    assert init(tmp_path).returncode == 2
    assert "--name" in init(tmp_path).stderr
    assert init(tmp_path, "--name", "Not A Name").returncode == 2
    assert init(tmp_path, "--name", "collector.example", "192.0.2.1").returncode == 0
    kept = ["fleet.yaml", "collector.yaml", "state/fleet.key", "state/pki/ca.pem",
            "state/pki/ca.key", "state/pki/collector.key"]
    for name in kept[:2]:
        (tmp_path / name).write_text("# mine\n")
    before = [(tmp_path / name).read_bytes() for name in kept]
    assert init(tmp_path, "--name=other.example").returncode == 0
    assert [(tmp_path / name).read_bytes() for name in kept] == before
    names = subprocess.run(
        ["openssl", "x509", "-noout", "-ext", "subjectAltName", "-in",
         tmp_path / "state/pki/collector.pem"], capture_output=True, text=True).stdout
    assert "DNS:other.example" in names


def test_two_cannot_share_a_state(collector):
    second = collector.node.run(
        [program("pharos-collectord"), "-c", collector.config], check=False)
    assert second.returncode == 1
    assert str(collector.state) in second.stderr
