"""Boxes that the fleet file gives another name: they keep identity and past."""

import contextlib
import json
import sqlite3

from client import Client
from fleet import Agent, pharos
from members import (
    box_of, certificate, entries, epochs, fleet_text, ids, said, status)
from net import wait_for

MESH = """
meshes:
  all: {{members: [{names}]}}
tests:
  self: {{mesh: all, probe: ping, schedule: {{uniform: 500ms}}, family: 4,
         options: {{count: 1, timeout: 300ms}}}}
"""


def mesh_text(*names, **was):
    """The same boxes, each of which measures all others."""
    return fleet_text(*names, **was).split("targets:")[0] + MESH.format(
        names=", ".join(names))


def put(collector, text):
    collector.fleet.write_text(text)
    return pharos("reload", "--config", collector.config).stdout


def sent(collector, src, dst):
    """Probes of all bins of a pair."""
    with contextlib.closing(sqlite3.connect(
            f"file:{collector.state / 'bins.db'}?mode=ro", uri=True)) as db:
        return sum(json.loads(bundle)["metrics"].get("sent", 0)
                   for bundle, in db.execute(
            "SELECT bundle FROM bin WHERE pair IN (SELECT id FROM pair"
            " WHERE src = ? AND dst = ?)", (src, dst)))


def series(collector, src, dst):
    """The points of the last hour that are known."""
    found = collector.api(f"/api/v1/series/self/{src}/{dst}?metric=sent&from=-1h")
    return [value for value in found["metrics"]["sent"]["columns"]["sum"]
            if value is not None]


def spooled(agent):
    with contextlib.closing(sqlite3.connect(
            f"file:{agent.state / 'spool.db'}?mode=ro", uri=True)) as db:
        return {json.loads(line)["id"] for line, in db.execute(
            "SELECT line FROM record")}


def test_a_renamed_box_keeps_its_identity_and_its_past(members, tmp_path):
    collector = members.collector(mesh_text("lon", "nyc"))
    lon, nyc = members.agent(collector, "lon"), members.agent(collector, "nyc")
    wait_for("records of both", lambda: {one.split("/")[0] for one in
                                         ids(collector)} == {"lon", "nyc"})
    enrolled = box_of(collector, "lon")["enrolled"]
    collector.kill()
    wait_for("records that wait", lambda: all(
        agent.status()["spool"]["records"] > 5 for agent in (lon, nyc)))
    lon.kill()
    kept = spooled(lon)
    assert kept and all(one.startswith("lon/") for one in kept)
    collector.start()
    said = put(collector, mesh_text("london", "nyc", london="lon"))
    assert "renamed box lon to london" in said and "removed" not in said
    wait_for("the registry", lambda: box_of(collector, "london")["enrolled"]
             == enrolled)
    collector.kill()  # it is done once, and whole
    collector.start()
    lon.start()
    wait_for("its new name", lambda: "pharos:box/london" in certificate(
        lon.state / "box.pem", "-ext", "subjectAltName"))
    wait_for("records by it", lambda: any(
        one.startswith("london/") for one in ids(collector)))
    wait_for("its peer to measure it so", lambda: any(
        record.get("dst") == "london" for record in entries(collector)))
    assert (lon.state / "was").read_text() == "lon\n"
    assert lon.status()["box"] == "london"
    assert [box["name"] for box in status(collector)["boxes"]] == ["london", "nyc"]

    wait_for("all that it had kept", lambda: kept <= set(ids(collector)))
    every = ids(collector)
    assert len(every) == len(set(every))
    assert box_of(collector, "london")["refused"] == 0
    for agent in lon, nyc:
        agent.stop()
    everything = entries(collector)
    for epoch in epochs(collector):
        numbers = [int(record["id"].split("/")[2]) for record in everything
                   if epoch in record["id"]]
        assert numbers == list(range(1, len(numbers) + 1))
    for src, dst in ("london", "nyc"), ("nyc", "london"):
        runs = [record for record in everything
                if "sent" in record.get("metrics", {}) and
                (record["src"] == "nyc") == (src == "nyc")]
        wait_for("the whole history under the new name", lambda: sent(
            collector, src, dst) == sum(run["metrics"]["sent"] for run in runs))
        bins = {int(run["start"]) // 10 for run in runs}
        assert len(series(collector, src, dst)) == len(bins)
    assert sent(collector, "lon", "nyc") == sent(collector, "nyc", "lon") == 0
    assert not list(collector.state.glob("rrd/**/lon.rrd"))
    old = pharos("records", "self", "lon", "nyc", "--url", collector.web, check=False)
    assert old.returncode == 3 and "; lon is called london now" in old.stderr

    # the old name is free when "was" has gone, and its box another one
    collector.fleet.write_text(mesh_text("london", "nyc", "lon", london="lon"))
    told = pharos("reload", "--config", collector.config, check=False)
    assert told.returncode != 0 and "there is a box lon still" in \
        told.stdout + told.stderr
    put(collector, mesh_text("london", "nyc", "lon"))
    newcomer = Client(collector, tmp_path, "lon")
    assert newcomer.enroll(collector.token("lon")).status == 200
    assert newcomer.hello(version="new").status == 200
    wait_for("the newcomer", lambda: box_of(collector, "lon")["version"] == "new")
    assert box_of(collector, "london")["version"] != "new"
    assert box_of(collector, "london")["enrolled"] == enrolled


def test_boxes_that_run_change_names_with_each_other(members):
    collector = members.collector(mesh_text("lon", "nyc"))
    agents = {name: members.agent(collector, name) for name in ("lon", "nyc")}
    wait_for("records of both", lambda: {one.split("/")[0] for one in
                                         ids(collector)} == {"lon", "nyc"})
    lives = {name: {agent.status()["epoch"]} for name, agent in agents.items()}
    put(collector, mesh_text("lon", "nyc", lon="nyc", nyc="lon"))
    other = {"lon": "nyc", "nyc": "lon"}
    for name, agent in agents.items():
        lives[name].add(wait_for("its new name", lambda: next(
            (now["epoch"] for now in [said(agent)]
             if now.get("box") == other[name]), None)))
    held = len(ids(collector))
    wait_for("more of both", lambda: len(ids(collector)) > held + 4)
    for agent in agents.values():
        agent.stop()
    everything = entries(collector)
    assert len(everything) == len({record["id"] for record in everything})
    for name, new in other.items():
        runs = [record for record in everything if "sent" in record.get("metrics", {})
                and record["id"].split("/")[1] in lives[name]]
        assert {record["agent"] for record in runs} == {"lon", "nyc"}
        wait_for("all of its runs under its name of now", lambda: sent(
            collector, new, name) == sum(run["metrics"]["sent"] for run in runs))
        assert box_of(collector, new)["refused"] == 0
    assert "HTTP 4" not in agents["lon"].log() + agents["nyc"].log()


def test_a_renamed_box_enrols_under_either_name(members, tmp_path):
    collector = members.collector(fleet_text("lon", "nyc"))
    agent = Agent(members.node, members.folder / "lon", "lon").enroll(collector)
    put(collector, fleet_text("london", "nyc", london="lon"))
    agent.name = "london"
    agent.enroll(collector)  # it has not heard of its new name yet
    assert (agent.state / "was").read_text() == "lon\n"
    agent.enroll(collector)  # it has; agent.yaml stays as it was
    assert "name: 'lon'\n" in agent.config.read_text()
    assert (agent.state / "was").read_text() == "lon\n"
    members.stack.callback(agent.stop)
    agent.start()
    wait_for("london to report", lambda: said(agent).get(
        "uplink", {}).get("connected"))
    assert agent.status()["box"] == "london"

    # who has the old name now is another box
    put(collector, fleet_text("london", "nyc", "lon"))
    newcomer = Client(collector, tmp_path, "lon")
    answer = newcomer.enroll(collector.token("london"), box="lon")
    assert answer.status == 409 and "the token for london" in answer.detail
    assert newcomer.enroll(collector.token("lon"), box="lon").status == 200
    assert agent.status()["uplink"]["connected"]
