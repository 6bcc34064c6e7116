"""Runs that are to happen once yield one record each, whatever the hour."""

import json
import time

import pytest

from net import wait_for
from test_agent import lone_agent, plan, runs, start  # noqa: F401: a fixture


def once(agent, at):
    """The last good plan: one ping of the own loopback at that instant."""
    made = plan(count=1)
    made["tests"][0]["schedule"] = {"kind": "once", "at": at}
    (agent.state / "plan.json").write_text(json.dumps(made))


def restarted_after_a_commit(agent):
    """Another life with the same plan, long enough to repeat something."""
    agent.kill()
    start(agent)
    wait_for("a commit in this life", lambda: agent.status()["spool"]["records"])
    time_left = time.time() + 2
    wait_for("time to repeat it", lambda: time.time() > time_left)


def test_its_time_was_over_before_it_was_known(agent):
    at = time.time() - 3600
    once(agent, at)
    start(agent)
    record = wait_for("a record", lambda: runs(agent))[0]
    assert record["outcome"] == "skipped" and record["missed"] == 1
    assert record["start"] == pytest.approx(at, abs=1e-6)
    assert "its time had passed" in record["why"]
    restarted_after_a_commit(agent)
    assert len(runs(agent)) == 1


def test_a_time_of_before_all_records_yields_one_that_is_taken(agent):
    once(agent, 1262304000)  # 2010; from a fleet file that nobody checked so
    start(agent)
    record = wait_for("a record", lambda: runs(agent))[0]
    assert record["outcome"] == "skipped" and record["missed"] == 1
    assert record["start"] == 1577836800  # 2020, common/record.h
    for _ in range(2):  # it is known as long as the plan has it
        restarted_after_a_commit(agent)
        assert len(runs(agent)) == 1


def test_its_time_is_closer_than_the_lead(agent):
    once(agent, time.time() + 1)
    start(agent)
    record = wait_for("a record", lambda: runs(agent))[0]
    assert record["outcome"] == "measured"
    restarted_after_a_commit(agent)
    assert len(runs(agent)) == 1
