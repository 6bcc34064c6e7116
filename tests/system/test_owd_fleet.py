"""One-way delay between boxes of a fleet, all the time and in runs."""

import os
import pathlib
import signal
import time

import pytest

from fleet import pharos
from net import wait_for
from owd import OwdFleet, add_up, owd_fleet

BOXES = {"nyc": (4, 6), "lon": (4, 6), "tok": (4,)}
REPORT = 2
STREAM = """  flow: {mesh: all, probe: owd, schedule: {continuous: {report: 2s}},
         options: {rate: 20/s, timeout: 500ms}}
"""
RUNS = """  runs: {mesh: all, probe: owd, schedule: {uniform: 10s},
         options: {count: 50, rate: 100/s, timeout: 300ms}}
"""


@pytest.fixture(name="fleet", scope="module")
def made_fleet(tmp_path_factory):
    with owd_fleet(tmp_path_factory.mktemp("o"), BOXES, STREAM + RUNS) as fleet:
        yield fleet


def whole(records):
    """From where the first interval begins that has its whole length."""
    first = next(i for i, r in enumerate(records) if r["end"] % REPORT == 0)
    assert first <= 1  # a slow host's worker may have begun late
    return records[first + 1:]


def assert_budget(record, metrics):
    """This host's clock may have a bound; without one no delay has."""
    clock = record["clock"]
    if "error" in clock["src"] and "error" in clock["dst"]:
        assert clock["error"] >= clock["src"]["error"] + clock["dst"]["error"]
        assert metrics["bound"] == pytest.approx(clock["error"])
        assert metrics["unbounded"] == 0
    else:
        assert "error" not in clock and "bound" not in metrics
        assert metrics["unbounded"] == metrics["delay"]["n"]


def test_every_pair_is_measured_from_its_destination(fleet):
    fleet.wait_for(4, "flow", timeout=90)
    for src, dst in fleet.pairs:
        found = fleet.timeline("flow", src, dst)
        for record in whole(found):
            assert record["end"] - record["start"] == REPORT
            assert record["start"] % REPORT == 0
        record = fleet.measured("flow", src, dst)[-1]
        m = add_up(record)
        assert record["agent"] == dst
        assert record["clock"]["stamps"] == "kernel/kernel"
        assert m["unstamped"] == m["lost"] == m["lost_locally"] == 0
        assert m["sent"] == m["received"] == m["delay"]["n"]
        assert 0 < m["delay"]["min"] <= m["delay"]["p50"] < 0.05
        assert m["hops"] == 0
        assert record["family"] == (4 if "tok" in (src, dst) else 6)
        assert {"src", "dst"} <= record["clock"].keys()
        assert_budget(record, m)


def test_streams_tell_the_least_of_the_last_third(fleet):
    for pair in fleet.pairs:
        found = [r["metrics"] for r in fleet.measured("flow", *pair)
                 if "delay_last" in r["metrics"]]
        assert found
        for m in found:
            assert m["delay"]["min"] <= m["delay_last"] <= m["delay"]["max"]


def test_runs_are_measured_beside_streams(fleet):
    fleet.wait_for(1, "runs", timeout=90)
    for src, dst in fleet.pairs:
        m = add_up(fleet.measured("runs", src, dst)[0])
        # a slow host skips some
        assert m["sent"] == m["received"] == 50 - m["skipped"] > 0, m


def test_matrix_and_series_show_delay_and_loss(fleet):
    """Between namespaces it is shorter than any clock is true."""
    wait_for("every cell", lambda: {
        cell["state"] for pair, cell in fleet.matrix("flow").items()
        if pair[0] != pair[1]} == {"clock"}, 60)
    delay = fleet.matrix("flow", metric="delay", stat="p50")
    ratios = [fleet.matrix("flow", metric=name)
              for name in ("loss", "reordering", "duplication")]
    for pair in fleet.pairs:
        assert 0 < delay[pair]["value"] < 0.05
        assert [ratio[pair]["value"] for ratio in ratios] == [0, 0, 0]

    def bins():
        answer = fleet.collector.api("/api/v1/series/flow/nyc/lon?metric=sent"
                                     "&from=-10m&points=1000")
        column = answer["metrics"]["sent"]["columns"]["sum"]
        return [value for value in column if value is not None]

    wait_for("the history", lambda: len(bins()) >= 2, 60)


def since(fleet, moment, number=1, pairs=None):
    """So many whole intervals of each pair from then on."""
    fleet.wait_for(number, "flow", pairs, since=moment, timeout=60)


def disturbed(fleet, src, dst, moment):
    """What there is of a pair from a moment on, which has no holes either."""
    return [r for r in fleet.timeline("flow", src, dst) if r["end"] > moment]


def never_lost(records):
    for record in records:
        if record["outcome"] in ("measured", "no-answer"):
            assert add_up(record).get("lost", 0) == 0, record


def test_far_end_that_is_restarted_accounts_for_all(fleet):
    """It says what it has sent before it goes: nothing of any interval is open."""
    moment = time.time()
    assert fleet.agents["nyc"].stop() == 0
    fleet.begin(fleet.agents["nyc"])
    since(fleet, moment + REPORT)
    for dst in ("lon", "tok"):
        found = disturbed(fleet, "nyc", dst, moment)
        never_lost(found)
        assert all("sent" in r["metrics"] for r in found
                   if r["outcome"] == "measured"), found


def test_killed_worker_is_no_loss_at_either_end(fleet):
    """It sends to lon and tok, and measures what comes from there."""
    moment = time.time()
    os.kill(fleet.worker("nyc"), signal.SIGKILL)
    since(fleet, moment + REPORT)
    for dst in ("lon", "tok"):
        never_lost(disturbed(fleet, "nyc", dst, moment))
    for src in ("lon", "tok"):
        found = disturbed(fleet, src, "nyc", moment - REPORT)
        never_lost(found)
        assert len([r for r in found if "signal 9" in r.get("why", "")]) == 1


def test_killed_daemon_is_no_loss_at_either_end(fleet):
    moment = time.time()
    agent = fleet.agents["nyc"]
    agent.kill()
    wait_for("the worker to follow", lambda: not [
        p for p in pathlib.Path("/proc").glob("[0-9]*/cmdline")
        if str(agent.state).encode() in p.read_bytes()])
    fleet.begin(agent)
    since(fleet, moment + REPORT)
    for pair in fleet.pairs:
        never_lost(disturbed(fleet, *pair, moment))


def test_cut_link_is_loss_and_nothing_else_is(fleet):
    moment = time.time()
    fleet.network.cut("tok")
    wait_for("some seconds", lambda: time.time() > moment + 5)
    fleet.network.mend("tok")
    mended = time.time()
    since(fleet, mended + REPORT)
    for pair in (("nyc", "tok"), ("tok", "nyc")):
        found = disturbed(fleet, *pair, moment)
        lost = 0
        for record in found:
            m = add_up(record)
            assert "sent" in m, record
            assert m["lost"] == 0 or record["start"] < mended, record
            lost += m["lost"]
        assert sum(r["outcome"] == "no-answer" for r in found) >= 1
        assert lost > 30  # of a hundred


def test_change_of_another_test_leaves_streams_alone(fleet):
    before = fleet.worker("lon")
    moment = time.time()
    fleet.change(STREAM + RUNS.replace("10s", "11s"))
    wait_for("the new plan", lambda: all(
        agent.status()["plan"]["revision"] == 2 for agent in fleet.agents.values()))
    since(fleet, time.time())
    for pair in fleet.pairs:
        found = disturbed(fleet, *pair, moment)
        never_lost(found)
        assert {r["outcome"] for r in found} == {"measured"}, found
        assert all(r["end"] - r["start"] == REPORT for r in found)
    assert fleet.worker("lon") == before


def configure(agent, line):
    """agent.yaml with this line, and pharosd reads it."""
    text = agent.config.read_text()
    others = [each for each in text.splitlines() if not each.startswith("limits:")]
    agent.config.write_text("\n".join(others + [line, ""]))
    agent.process.send_signal(signal.SIGHUP)
    return text


def errors(fleet, src, dst, moment):
    return {r["metrics"].get("error") for r in fleet.records("flow", src, dst)
            if r["start"] > moment}


def test_limit_of_the_far_site_is_named_by_who_asked(fleet):
    """Two streams of 20/s are served; one has room for one."""
    agent, moment = fleet.agents["nyc"], time.time()
    before = configure(agent, "limits: {packets: 30/s}")
    agent.stop()
    fleet.begin(agent)
    wait_for("a word of it", lambda: any(
        "it has no room for it at the moment" in (why or "")
        for dst in ("lon", "tok") for why in errors(fleet, "nyc", dst, moment)), 60)
    limited = agent.status()["limited"]
    assert {row["test"] for row in limited if row["limit"] == "packets"} & {
        "owd for lon", "owd for tok"}, limited
    page = pharos("status", "--config", agent.config).stdout
    assert "skipped by packets" in page and "owd for " in page
    agent.config.write_text(before)
    agent.process.send_signal(signal.SIGHUP)
    since(fleet, time.time())


def test_forbidden_probe_has_no_far_end_either(fleet):
    agent, moment = fleet.agents["nyc"], time.time()
    before = configure(agent, "forbid: [owd]")
    wait_for("its far end's end", lambda: [
        (end["ready"], end.get("why")) for end in agent.status()["far_ends"]] ==
        [(False, "limit: owd is forbidden on this box")])
    for dst in ("lon", "tok"):
        wait_for("a word of it", lambda: any("Connection refused" in (why or "") for why
                 in errors(fleet, "nyc", dst, moment)), 60)
    assert "861" not in agent.node.run(["ss", "-Hltn"]).stdout
    agent.config.write_text(before)
    agent.process.send_signal(signal.SIGHUP)
    since(fleet, time.time())
    for dst in ("lon", "tok"):
        never_lost(disturbed(fleet, "nyc", dst, moment))


def last(agent, src, moment):
    """What a box says that nobody listens to any more."""
    return [r for r in agent.status()["last"] if r.get("test") == "flow" and
            r["src"] == src and r["start"] > moment]


def test_removed_box_is_refused_by_its_peers(fleet):
    """And nobody measures it any more; the others are left alone."""
    moment = time.time()
    fleet.change(STREAM + RUNS, without=("tok",))
    tok = fleet.agents["tok"]
    wait_for("a word of it", lambda: all(any(
        "the key is unknown there" in r["metrics"].get("error", "")
        for r in last(tok, src, moment)) for src in ("nyc", "lon")), 60)
    assert time.time() - moment < 60
    gone = time.time()
    since(fleet, gone, pairs=[("nyc", "lon"), ("lon", "nyc")])
    for pair in ("nyc", "lon"), ("lon", "nyc"):
        assert {r["outcome"] for r in disturbed(fleet, *pair, moment)} == {"measured"}
    assert not fleet.records("flow", "tok", "nyc")[-1]["end"] > gone + 2 * REPORT


LIFE = 20  # seconds


def test_renewal_and_a_port_of_everybody(network, folder):
    """Certificates that last for seconds, and a port without privileges: pairs
    go on, for their secret is not of the certificate."""
    fleet = OwdFleet(network, folder, {"nyc": (4,), "lon": (4,)},
                     STREAM.replace("timeout:", "control-port: 8861, timeout:"),
                     rights="+net_raw")
    with open(fleet.collector.config, "a") as config:
        config.write(f"certificates: {{life: {LIFE}s}}\n")
    try:
        fleet.start()
        fleet.wait_for(2, "flow")
        ports = network.nodes["nyc"].run(["ss", "-Hltn"]).stdout
        assert ":8861" in ports and ":861 " not in ports
        pem = fleet.agents["nyc"].state / "box.pem"
        first, moment = pem.read_bytes(), time.time()
        wait_for("another certificate", lambda: pem.read_bytes() != first, LIFE)
        since(fleet, time.time())
        for pair in fleet.pairs:
            found = disturbed(fleet, *pair, moment)
            assert {r["outcome"] for r in found} == {"measured"}
            never_lost(found)
    finally:
        fleet.close()
