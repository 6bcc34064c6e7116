"""A plan that a box cannot carry out: the last good one goes on, and both ends
say why."""

import pytest

from fleet import Agent, Collector, pharos
from net import Network, wait_for
from plugin import build_trivial

SITES = """
sites:
  ams: {{address: {0}}}
  osl: {{address: {1}}}
meshes:
  all: {{members: [ams, osl]}}
tests:
  ping: {{mesh: all, probe: ping, schedule: {{uniform: 1s}}, options: {{count: 1}}}}
"""
TRIVIAL = "  wake: {mesh: all, probe: trivial, schedule: {poisson: 1s}}\n"


@pytest.fixture(name="fleet")
def fleet_of_two(folder):
    """The collector, ams which knows the trivial probe, and osl which does not."""
    probes = build_trivial(folder / "trivial")
    with Network() as network:
        hub = network.add("hub")
        nodes = [network.add(name) for name in ("ams", "osl")]
        text = SITES.format(*(node.address() for node in nodes))
        collector = Collector(hub, folder / "c", text).start()
        ams, osl = [Agent(node, folder / node.label, node.label).enroll(collector)
                    for node in nodes]
        ams.start(PHAROS_PROBES=str(probes))
        osl.start()
        try:
            yield collector, ams, osl
        finally:
            ams.stop()
            osl.stop()
            collector.close()


def rewrite(collector, text):
    """Puts a fleet file into force; returns its revision."""
    collector.fleet.write_text(text)
    wait_for("the fleet to be taken", lambda: pharos(
        "reload", "--config", collector.config, check=False).returncode == 0)
    return collector.api("/api/v1/fleet")["revision"]


def status_when(agent, condition):
    def look():
        if pharos("status", "--config", agent.config, check=False).returncode:
            return None
        status = agent.status()
        return status if condition(status) else None
    return wait_for(f"{agent.name}'s status", look)


def box(collector, name):
    fleet = collector.api("/api/v1/fleet")
    return next(b for s in fleet["sites"] for b in s["boxes"] if b["name"] == name)


def test_last_good_plan_goes_on_and_both_ends_say_why(fleet):
    collector, ams, osl = fleet
    good = collector.fleet.read_text()
    old = status_when(osl, lambda s: "revision" in s["plan"])["plan"]["revision"]
    new = rewrite(collector, good + TRIVIAL)
    status_when(ams, lambda s: s["plan"].get("revision") == new)

    status = status_when(osl, lambda s: "refused" in s["plan"])
    assert status["plan"]["revision"] == old
    assert 'no "trivial" is installed' in status["plan"]["refused"]
    before = status["last"][-1]["id"] if status["last"] else None
    status_when(osl, lambda s: s["last"] and s["last"][-1]["id"] != before)
    wait_for("the collector to hear of it", lambda: box(collector, "osl")[
        "plan_refused"] == status["plan"]["refused"])
    assert box(collector, "ams")["plan_refused"] is None

    third = rewrite(collector, good)
    status = status_when(osl, lambda s: s["plan"]["revision"] == third)
    assert "refused" not in status["plan"]
    wait_for("the collector to forget it",
             lambda: box(collector, "osl")["plan_refused"] is None)
