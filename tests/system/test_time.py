"""Clocks that are set: nothing is repeated, nothing is forgotten."""

import json
import sys
import time

import pytest

from clock import NS, Clock
from fleet import TOP
from net import wait_for
from plugin import build
from test_agent import (  # noqa: F401: a fixture
    lone_agent, noted, plan, query, records, runs, start)
from test_limits import configure
from test_stream import begin, continuous, measured, more

sys.path.insert(0, str(TOP / "tests" / "soak"))
from accounts import Accounts, exact  # noqa: E402


@pytest.fixture(name="clock")
def made_clock(agent, tmp_path):
    clock = Clock(tmp_path / "clock")
    clock.synchronised()
    agent.environment = clock.environment()
    return clock


def of_jobs(*schedules, **options):
    """A plan of one job for each of these schedules."""
    made = plan(**options)
    model = made["tests"][0]
    made["tests"] = [model | {"test": f"t{i}", "schedule": schedule}
                     for i, schedule in enumerate(schedules)]
    return made


def uniform(every=0.5):
    return {"kind": "uniform", "every": every}


def live(agent, made):
    (agent.state / "plan.json").write_text(json.dumps(made))
    start(agent)


def exact_records(agent):
    return [exact(line) for line, in
            query(agent, "SELECT line FROM record ORDER BY n")]


def ran_since(agent, clock, count=3):
    """More records of runs that were planned from here on."""
    now = clock.now() / NS
    wait_for("runs at the time of now", lambda: sum(
        r["outcome"] == "measured" and r["start"] > now and
        r["start"] < now + 100 for r in records(agent)) >= count)


def account(agent, clock, since):
    """Stops it; then each start must have one record, or be named in a gap, and
    so must each instant of a stream."""
    until = clock.now()
    agent.stop()
    accounts = Accounts(agent.state / "plan.json", exact_records(agent), since,
                        until)
    assert accounts.scheduled() > 0
    assert not accounts.unscheduled and not accounts.wrong()
    assert not accounts.lost() and not accounts.doubled()
    assert not accounts.holes() and not accounts.overlaps()
    return accounts


def begun(agent, clock):
    """An instant from which on all starts are its own to account for."""
    wait_for("the first record", lambda: runs(agent))
    return clock.now()


def of(agent, outcome):
    return [r for r in records(agent) if r["outcome"] == outcome]


def test_forward_step_is_one_skipped_record_per_job(agent, clock):
    live(agent, of_jobs(uniform(), {"kind": "periodic", "every": 2},
                        {"kind": "poisson", "every": 1}, count=1))
    since = begun(agent, clock)
    count = len(records(agent))
    clock.step(5 * 3600)
    ran_since(agent, clock)
    skipped = of(agent, "skipped")
    assert sorted(r["test"] for r in skipped) == ["t0", "t1", "t2"]
    missed = {r["test"]: r["missed"] for r in skipped}
    assert abs(missed["t0"] - 36000) < 10 and abs(missed["t1"] - 9000) < 5
    assert abs(missed["t2"] - 18000) < 6 * 18000 ** 0.5
    for record in skipped:
        assert "its time had passed" in record["why"]
        assert record["end"] - record["start"] == pytest.approx(18000, abs=9)
    assert len(records(agent)) < count + 3 + 100  # no storm
    account(agent, clock, since)


def test_forward_step_makes_no_record_old(agent, clock):
    configure(agent, "spool: {age: 1h}")
    live(agent, of_jobs(uniform(), count=1))
    since = begun(agent, clock)
    clock.step(5 * 3600)
    ran_since(agent, clock)
    assert agent.status()["spool"]["dropped"] == 0 and not of(agent, "gap")
    account(agent, clock, since)


def test_backward_step_repeats_nothing_and_goes_on(agent, clock):
    live(agent, of_jobs(uniform(), {"kind": "periodic", "every": 1}, count=1))
    since = begun(agent, clock)
    ran_since(agent, clock)
    before = clock.now()
    clock.step(-5)
    count = len(records(agent))
    wait_for("the clock to be where it was", lambda: clock.now() > before)
    ran_since(agent, clock)
    assert not of(agent, "skipped") and len(records(agent)) < count + 40
    account(agent, clock, since)


def test_step_back_by_hours_goes_on_and_says_what_comes_twice(agent, clock):
    live(agent, of_jobs(uniform(), count=1))
    wait_for("the first record", lambda: runs(agent))
    before = clock.now()
    clock.step(-3 * 3600)
    since = clock.now() + NS // 2
    ran_since(agent, clock, 8)  # some are noted already when it is set
    gap, = of(agent, "gap")
    assert "set back by 3 h" in gap["why"]
    assert gap["start"] == pytest.approx(before / NS - 10800, abs=3)
    assert gap["end"] == pytest.approx(before / NS, abs=3)
    account(agent, clock, since)


def test_health_waits_by_no_clock_that_is_set(agent, clock):
    """Of a collector that is away it was red at once, or not for an hour."""
    with open(agent.config, "a", encoding="utf-8") as config:
        config.write("metrics: 127.0.0.1:9640\n")
    live(agent, of_jobs(uniform(), count=1))
    wait_for("the first record", lambda: runs(agent))
    clock.step(3600)
    ran_since(agent, clock)
    health = agent.node.run(["curl", "-s", "http://127.0.0.1:9640/healthz"]).stdout
    assert "\"status\":" in health
    assert "not answered for 36" not in health


def test_small_steps_lose_and_falsify_nothing(agent, clock):
    """Also in the middle of bursts: no round trip is as long as a step."""
    live(agent, of_jobs(uniform(0.2), {"kind": "periodic", "every": 1},
                        count=50, spacing=0.01))
    since = begun(agent, clock)
    for step in (0.05, -0.05, -0.05, 0.05) * 5:
        clock.step(step)
        time.sleep(0.13)  # the clock is set in all phases of a run
    ran_since(agent, clock)
    account(agent, clock, since)
    for record in runs(agent):
        if record["outcome"] == "measured":
            assert record["metrics"]["lost"] == 0
            assert 0 < record["metrics"]["rtt"]["min"]
            assert record["metrics"]["rtt"]["max"] < 0.045


def test_step_in_a_burst_leaves_its_length_and_its_numbers(agent, clock):
    live(agent, of_jobs({"kind": "periodic", "every": 4}, count=20, spacing=0.1))
    for step in (3600, -3600):
        count = len(of(agent, "measured"))
        wait_for("a burst to be noted", lambda: noted(agent))
        wait_for("it to be under way", lambda: under_way(agent, clock))
        clock.step(step)
        wait_for("its record", lambda: len(of(agent, "measured")) > count)
        record = of(agent, "measured")[count]
        assert record["metrics"]["received"] == 20
        assert record["metrics"]["rtt"]["max"] < 1
        assert 1.9 <= record["end"] - record["start"] < 3


def under_way(agent, clock):
    rows = query(agent, "SELECT note FROM run")
    starts = [json.loads(note)["start"] for note, in rows]
    return starts and starts[0] + 0.3 < clock.now() / NS


def test_suspend_is_a_skipped_record(agent, clock):
    live(agent, of_jobs(uniform(), count=1))
    since = begun(agent, clock)
    clock.suspend(1800)
    ran_since(agent, clock)
    skipped = of(agent, "skipped")
    assert len(skipped) == 1, skipped
    skipped, = skipped
    assert skipped["missed"] == pytest.approx(3600, abs=8)
    account(agent, clock, since)


def test_set_back_while_it_was_down_repeats_nothing(agent, clock):
    live(agent, of_jobs(uniform(), count=1))
    since = begun(agent, clock)
    ran_since(agent, clock, 5)
    before = clock.now()
    agent.kill()
    clock.step(-5)
    start(agent)
    wait_for("the clock to be where it was", lambda: clock.now() > before)
    ran_since(agent, clock)
    account(agent, clock, since)


@pytest.fixture(name="probes", scope="module")
def built_probes(tmp_path_factory):
    return build(tmp_path_factory.mktemp("p") / "stream", "stream")


@pytest.mark.parametrize("step", [600, -4])
def test_stream_is_voided_by_a_step_and_goes_on(agent, clock, probes, step):
    begin(agent, probes, wait=0)
    more(agent)
    before = clock.now() / NS
    clock.step(step)
    more(agent, 3)
    found = runs(agent)
    for a, b in zip(found, found[1:]):  # each instant is in one record
        assert b["start"] == pytest.approx(a["end"], abs=0.02)
    broken = [r for r in found if r["outcome"] == "measured" and
              r["start"] < before + 0.1 and r["end"] % 1]
    assert len(broken) >= 1  # it ends when the clock was set
    assert broken[-1]["end"] == pytest.approx(before, abs=0.2)
    skipped = [r for r in found if r["outcome"] == "skipped"]
    if step > 0:
        assert len(skipped) == 1
        assert skipped[0]["missed"] == pytest.approx(step, abs=2)
        assert "clock was set" in skipped[0]["why"]
    for record in found:
        if record["outcome"] == "measured":
            assert record["end"] - record["start"] <= 1
            seconds = record["end"] - record["start"]
            assert abs(record["metrics"]["ticks"] - 50 * seconds) <= 5


def rests_from(agent, begins):
    skipped = wait_for("rest", lambda: [
        r for r in of(agent, "skipped") if "quiet hours" in r["why"] and
        r["start"] > begins - 60])
    assert skipped[0]["start"] == pytest.approx(begins, abs=1)


def test_stream_rests_in_quiet_hours_and_goes_on_behind_them(agent, clock, probes):
    """They come five seconds after the clock was set to before them, and are over three
    seconds after it was set on."""
    begins = (clock.now() // NS // 3600 + 1) * 3600
    hour = begins // 3600 % 24
    clock.set(begins - 600)
    configure(agent, f'quiet: {{from: "{hour:02d}:00", to: "{hour:02d}:01", '
                     'zone: UTC}')
    begin(agent, probes, wait=0)
    wait_for("intervals before", lambda: measured(agent))
    clock.set(begins - 5)
    rests_from(agent, begins)
    assert all(r["end"] < begins + 1 for r in measured(agent))
    clock.set(begins + 57)
    found = wait_for("intervals behind", lambda: [
        r for r in measured(agent) if r["start"] > begins])
    assert found[0]["start"] >= begins + 60
    clock.set(begins + 86400 - 5)
    rests_from(agent, begins + 86400)


def runs_and_stream(agent, probes):
    made = of_jobs(uniform(), count=1)
    made["tests"] += continuous(wait=0)["tests"]
    (agent.state / "plan.json").write_text(json.dumps(made))
    begin(agent, probes)


def waits(agent, clock):
    """Of streams: one is noted that is to begin later."""
    rows = query(agent, "SELECT note FROM run")
    return [note for note, in rows if '"stream"' in note and
            json.loads(note)["start"] > clock.now() / NS + 2]


def streams_on(agent, clock):
    """Whole intervals from here on."""
    now = clock.now() / NS
    wait_for("intervals", lambda: [
        r for r in measured(agent) if r["probe"] == "stream" and
        now < r["start"] < now + 100][1:], 60)


def test_stream_names_what_a_step_passes_over_while_it_waits(
        agent, clock, probes):
    runs_and_stream(agent, probes)
    since = begun(agent, clock)
    streams_on(agent, clock)
    agent.kill()
    clock.step(-60)
    begin(agent, probes)
    wait_for("the stream to wait", lambda: waits(agent, clock))
    clock.step(80)
    begun_again = clock.now() / NS
    streams_on(agent, clock)
    late, = [r for r in of(agent, "failed")
             if "it did not begin in time" in r["why"] and
             r["end"] - r["start"] > 10]
    # it does not go by what the clock was
    assert late["end"] < begun_again + 30
    account(agent, clock, since)


def restarted(agent, clock, probes):
    agent.kill()
    begin(agent, probes)


def lost_and_found(agent, clock, probes):
    clock.unsynchronised()
    clock.set(1000)
    wait_for("doubt", lambda: "doubt" in agent.status()["clock"])
    clock.right()
    clock.synchronised()


@pytest.mark.parametrize("fault", [restarted, lost_and_found])
def test_fault_after_a_small_step_back_repeats_nothing(
        agent, clock, probes, fault):
    runs_and_stream(agent, probes)
    since = begun(agent, clock)
    clock.step(10)
    streams_on(agent, clock)
    ran_since(agent, clock)
    before = clock.now()
    clock.right()
    wait_for("the stream to wait", lambda: waits(agent, clock))
    fault(agent, clock, probes)
    wait_for("the clock to be where it was", lambda: clock.now() > before)
    ran_since(agent, clock)
    streams_on(agent, clock)
    account(agent, clock, since)
