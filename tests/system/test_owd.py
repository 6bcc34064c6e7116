"""pharos probe owd and pharos respond owd, host to host."""

import re
import signal

import pytest

from net import Network, wait_for
from owd import FarEnd, add_up, measure, started

FAST = ["--count", "60", "--rate", "200/s", "--timeout", "300ms"]
MODES = {"open": (), "authenticated": ("authenticated",), "encrypted": ("encrypted",)}


@pytest.fixture(name="stage", scope="module")
def made_stage(tmp_path_factory):
    """Three hosts, one of them with a far end for all who come."""
    folder = tmp_path_factory.mktemp("k")
    keys = folder / "keys"
    keys.write_text("nyc a secret of ours\n")
    keys.chmod(0o600)
    wrong = folder / "wrong"
    wrong.write_text("nyc another secret\n")
    wrong.chmod(0o600)
    with Network() as network:
        for name in ("here", "there", "other"):
            network.add(name)
        network.keys, network.wrong = keys, wrong
        with FarEnd(network.nodes["there"], "--keys", keys, "--allow",
                    "10.77.0.0/16,fd77::/64") as far:
            yield network
            far.stop()


def here(stage, *words, node="here", family=4, **options):
    """What is found of the packets to there, and of those from there."""
    there = stage.nodes["there"].address(family)
    found = measure(stage.nodes[node], *words, there, **options)
    return sorted(found, key=lambda record: record["src"] == there)


def wait_for_packets(node, number):
    """So many UDP packets have come from now on."""
    def come():
        words = [line.split() for line in node.run(
            ["cat", "/proc/net/snmp"]).stdout.splitlines()
            if line.startswith("Udp:")]
        return int(dict(zip(*words))["InDatagrams"])
    begin = come()
    wait_for("packets", lambda: come() >= begin + number)


def fine(record, count=60):
    m = add_up(record)
    assert record["outcome"] == "measured", record
    # a slow host skips some
    assert m["sent"] == m["received"] == count - m["skipped"]
    assert m["lost"] == m["duplicates"] == m["reordered"] == m["stray"] == 0
    assert 0 < m["delay"]["min"] <= m["delay"]["p50"] < 0.05
    assert record["clock"]["stamps"] == "kernel/kernel"
    return m


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("mode", MODES)
def test_both_directions_in_each_mode(stage, mode, family):
    key = [] if mode == "open" else ["--keys", stage.keys, "--key-id", "nyc"]
    to, back = here(stage, *FAST, "--modes", mode, *key, family=family)
    assert to["family"] == back["family"] == family
    fine(to)
    fine(back)
    assert re.fullmatch("[0-9a-f]{32}", to["metrics"]["session"])


def test_mixed_slots_are_the_same_at_both_ends(stage):
    """Of 1000 packets none was at another time than the other end thought."""
    for record in here(stage, "--count", 1000, "--rate", "900/s", "--timeout", "200ms",
                       "--slots", "exp:2ms,fixed:500us,exp:1ms,fixed:0.9ms"):
        fine(record, 1000)
        assert 0.5 < record["end"] - record["start"] < 10


def test_padding_dscp_and_many_packets(stage):
    for record in here(stage, *FAST, "--padding", 1000, "--dscp", 46):
        fine(record)


@pytest.mark.parametrize("direction", ["from", "to"])
def test_what_is_stopped_early_has_what_was_sent(stage, direction):
    """By Ctrl-C: what was not sent then is neither lost nor received."""
    process = started(stage.nodes["here"], "--live", "--direction", direction,
                      "--count", 100000, "--rate", "100/s", "--timeout", "300ms",
                      stage.nodes["there"].address())
    if direction == "from":
        lines = [process.stdout.readline() for _ in range(50)]
        assert all(re.search(r"\d+: delay ", line) for line in lines), lines
    else:
        wait_for_packets(stage.nodes["there"], 50)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    last = out.splitlines()[-1]
    sent, received = (int(re.search(rf"{word} (\d+)", last)[1])
                      for word in ("sent", "received"))
    assert "loss 0 %" in last and sent == received >= 50, last
