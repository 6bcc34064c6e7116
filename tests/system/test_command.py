"""What pharos ends with, and says, when it cannot do what it was asked."""

import pytest

from fleet import Collector, pharos
from net import Network, wait_for

FLEET = """
sites:
  lon: {address: 192.0.2.1}
  nyc: {address: 192.0.2.2}
meshes:
  all: {members: [lon, nyc]}
tests:
  core: {mesh: all, probe: ping, schedule: {uniform: 60s}}
"""
ANSWERS = [["matrix", "core"], ["matrix", "core", "--format", "csv"],
           ["series", "core", "lon", "nyc"], ["clock", "--fleet"]]


@pytest.fixture(name="collector", scope="module")
def collector_without_boxes(tmp_path_factory):
    with Network() as network:
        made = Collector(network.add("hub"), tmp_path_factory.mktemp("c"), FLEET)
        made.start()
        wait_for("the fleet", lambda: made.api("/api/v1/fleet")["tests"])
        yield made
        made.close()


def ask(collector, *argv, **options):
    """Over the socket in its state folder, or as people do."""
    where = ["--config", collector.config] if argv[0] in ("token", "reload") else \
        ["--url", collector.web]
    return pharos(*argv, *where, check=False, **options)


@pytest.mark.parametrize("argv", [*ANSWERS, ["token", "new", "lon"], ["token", "list"],
                                  ["reload"]], ids=" ".join)
def test_a_report_that_cannot_be_written_is_no_success(collector, argv):
    with open("/dev/full", "wb") as full:
        done = ask(collector, *argv, capture_output=False, stdout=full, stderr=-1)
    assert done.returncode == 3
    assert done.stderr.endswith("pharos: standard output: No space left on device\n")


class Unread:
    """Where a command runs whose output nobody reads; its status is shown instead."""

    @staticmethod
    def command(words):
        return ["bash", "-c", 'exec 3>&1; { "$@"; echo $? >&3; } | :', "bash", *words]


def test_who_has_read_enough_may_go(collector):
    for argv in ANSWERS:
        done = ask(collector, *argv, node=Unread)
        assert (done.stdout, done.stderr) == ("0\n", ""), argv


@pytest.mark.parametrize("argv,word", [
    (["matrix", "core", "--metric", "rt"], "rt"),
    (["matrix", "core", "--stat", "p90"], "p90"),
    (["matrix", "core", "--window", "10m"], "10m"),
    (["records", "core", "lon", "nyc", "--limit", "x"], "limit"),
    (["records", "core", "lon", "nyc", "--from", "tomorrow"], "tomorrow"),
    (["series", "core", "lon", "nyc", "--points", "0"], "points"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_what_cannot_be_asked_is_wrong_input(collector, argv, word):
    done = ask(collector, *argv)
    assert done.returncode == 2 and done.stdout == ""
    assert word in done.stderr


@pytest.mark.parametrize("argv", [
    ["matrix", "cor"], ["series", "core", "lon", "par"],
    ["records", "core", "lon", "par"]], ids=" ".join)
def test_names_that_are_none_are_another_failure(collector, argv):
    done = ask(collector, *argv)
    assert done.returncode == 3
    assert 'no test "cor"' in done.stderr or "does not measure" in done.stderr


@pytest.mark.parametrize("argv", [*ANSWERS, ["token", "new", "lon"], ["token", "list"],
                                  ["remove", "lon"], ["reload"]], ids=" ".join)
def test_a_file_that_is_not_there_is_wrong_input(tmp_path, argv):
    done = pharos(*argv, "--config", tmp_path / "no.yaml", check=False)
    assert done.returncode == 2
    assert "no.yaml: No such file or directory" in done.stderr


def test_a_collector_that_is_away_is_a_failure(tmp_path):
    for argv in [*ANSWERS, ["records"]]:
        done = pharos(*argv, "--url", "http://127.0.0.1:1", check=False)
        assert done.returncode == 3 and "127.0.0.1" in done.stderr
    (tmp_path / "c.yaml").write_text(f"state: {tmp_path}\n")
    for argv in ["token", "list"], ["reload"], ["remove", "lon"]:
        done = pharos(*argv, "--config", tmp_path / "c.yaml", check=False)
        assert done.returncode == 3 and "is pharos-collectord running?" in done.stderr


def test_an_address_is_taken_as_a_browser_shows_it(collector):
    plain, slash = (pharos("matrix", "core", "--url", collector.web + end).stdout
                    for end in ("", "/"))
    assert plain == slash and "lon" in plain


def test_the_command_for_a_box_names_the_port_of_agents(collector):
    kept = collector.config.read_text()
    for agents, port in ("8641", 8641), ("9641", 9641), ("'[::]:7641'", 7641):
        lines = [line for line in kept.splitlines() if not line.startswith("agents:")]
        collector.config.write_text("\n".join([*lines, f"agents: {agents}", ""]))
        said = ask(collector, "token", "new", "lon").stderr
        assert f"pharos enroll --collector https://HOST:{port} --token" in said
    collector.config.write_text(kept)
