"""Workers that do what they must not: pharosd and the other probes go on, and
each scheduled run has its record."""

import json
import pathlib

import pytest

from net import wait_for
from plugin import build
from test_agent import (  # noqa: F401: a fixture
    answers, gone, lone_agent, measured, plan, runs)

EVERY = 0.5


@pytest.fixture(name="probes", scope="module")
def built_probes(tmp_path_factory):
    return build(tmp_path_factory.mktemp("nasty") / "b", "nasty")


def begin(agent, probes, *acts):
    """An honest ping, and a nasty test for each act."""
    made = plan(every=EVERY, count=1)
    for act in acts:
        made["tests"].append({
            "test": act, "probe": "nasty",
            "schedule": {"kind": "uniform", "every": EVERY},
            "options": {"act": act},
            "targets": [{"name": "here", "address": "127.0.0.1", "family": 4}]})
    (agent.state / "plan.json").write_text(json.dumps(made))
    agent.spawn(PHAROS_PROBES=str(probes))
    wait_for("its control socket", lambda: answers(agent) or gone(agent))


def of(agent, test):
    return [r for r in runs(agent) if r["test"] == test]


def memory(agent):
    """The most that pharosd has ever used, in MB."""
    text = pathlib.Path(f"/proc/{agent.process.pid}/status").read_text()
    return int(next(line.split()[1] for line in text.splitlines()
                    if line.startswith("VmHWM"))) / 1024


def one_record_a_period(found):
    """A failed run says when it was to start, or when it was begun."""
    assert len({r["id"] for r in found}) == len(found)
    periods = [int((r["start"] - r.get("lateness", 0)) / EVERY + 1e-6)
               for r in found]
    assert sorted(periods) == list(range(min(periods), min(periods) + len(found)))


@pytest.mark.parametrize("acts", [("flood",), ("large", "garbage", "endless", "crash")])
def test_others_go_on_and_every_run_has_one_record(agent, probes, acts):
    begin(agent, probes, *acts)
    wait_for("a measured ping", lambda: measured(agent))
    before = memory(agent)
    for act in acts:
        wait_for("runs", lambda act=act: len(of(agent, act)) >= 3)
    count = len(of(agent, "self"))
    wait_for("pings that go on", lambda: len(of(agent, "self")) >= count + 2)
    for act in acts:
        found = of(agent, act)
        assert {r["outcome"] for r in found} == {"failed"}
        assert all(r["why"] for r in found)
        one_record_a_period(found)
    pings = of(agent, "self")
    one_record_a_period(pings)
    assert {r["outcome"] for r in pings} == {"measured"}
    assert max(r["lateness"] for r in pings) < EVERY
    assert memory(agent) - before < 160  # a sanitizer's pharosd keeps what is freed
    assert agent.stop() == 0
