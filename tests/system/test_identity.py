"""Who belongs to the fleet, for life: certificates, tokens, names."""

import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import time
import urllib.request

import pytest

from client import Client, journal
from fleet import Agent, Collector, pharos
from net import wait_for

LIFE = 20
FLEET = """
sites:
{sites}
targets:
  here: {{address: 127.0.0.1}}
tests:
  self: {{from: [{names}], to: [here], probe: ping, schedule: {{uniform: 500ms}},
         options: {{count: 1, timeout: 300ms}}}}
"""


def fleet_text(*names, **was):
    """Boxes of these names; was=: the name that one of them had."""
    sites = "\n".join(f"  {name}: {{address: 127.0.0.1"
                      + (f", was: {was[name]}" if name in was else "") + "}"
                      for name in names)
    return FLEET.format(sites=sites, names=", ".join(names))


@pytest.fixture(name="make")
def fleet_maker(network, folder):
    """Collector and agents on one host, stopped in the end."""
    node = network.add("hub")
    with contextlib.ExitStack() as stack:
        def make(text, settings=""):
            collector = Collector(node, folder / "collector", text)
            with collector.config.open("a") as file:
                file.write(settings)
            stack.callback(collector.close)
            return collector.start()

        def agent(collector, name, start=True):
            one = Agent(node, folder / name, name).enroll(collector)
            stack.callback(one.stop)
            return one.start() if start else one

        make.agent = agent
        make.stack = stack
        yield make


def certificate(path, *what):
    return subprocess.run(
        ["openssl", "x509", "-noout", "-in", path, *what], check=True,
        capture_output=True, text=True).stdout.strip()


def presented(collector):
    """The fingerprint of the certificate that agents are shown."""
    node = collector.node
    shown = node.run(["openssl", "s_client", "-connect",
                      f"{node.address(4)}:8641"], input="", check=False).stdout
    return subprocess.run(
        ["openssl", "x509", "-noout", "-fingerprint", "-sha256"], input=shown,
        check=True, capture_output=True, text=True).stdout.strip()


def entries(collector):
    """Every record in the journal, in order."""
    return [json.loads(line) for _, line in journal(collector.state)]


def ids(collector):
    return [record["id"] for record in entries(collector)]


def status(collector):
    return json.loads(pharos("status", "--config", collector.config, "--format",
                             "json").stdout)


def box_of(collector, name):
    return next(box for box in status(collector)["boxes"] if box["name"] == name)


def api_box(collector, name):
    return next(box for site in collector.api("/api/v1/fleet")["sites"]
                for box in site["boxes"] if box["name"] == name)


def said(agent):
    """What it says of itself; nothing while it starts."""
    done = pharos("status", "--config", agent.config, "--format", "json",
                  check=False)
    return json.loads(done.stdout) if done.returncode == 0 else {}


def uplink(agent):
    return said(agent).get("uplink", {})


def epochs(collector):
    return {one.split("/")[1] for one in ids(collector)}


def kill_part(collector, part):
    pid = next(pid for pid, words in collector.children().items() if part in words)
    os.kill(pid, signal.SIGKILL)


def put(collector, text):
    collector.fleet.write_text(text)
    return pharos("reload", "--config", collector.config).stdout


# Certificates

def test_certificates_are_renewed_while_everything_goes_on(make):
    collector = make(fleet_text("lon"), f"certificates: {{life: {LIFE}s}}\n")
    agent = make.agent(collector, "lon")
    pem = agent.state / "box.pem"
    first, shown = certificate(pem, "-fingerprint"), presented(collector)
    key = (agent.state / "box.key").read_bytes()
    seen = {first}
    wait_for("its third certificate", lambda: seen.add(
        certificate(pem, "-fingerprint")) or len(seen) == 3, timeout=3 * LIFE)
    assert presented(collector) != shown
    # the first has ended by now, and it is the new one that is used
    held = len(ids(collector))
    wait_for("more records", lambda: len(ids(collector)) > held + 4)
    assert (agent.state / "box.key").read_bytes() == key
    assert certificate(pem, "-checkend", "0")
    assert "refused" not in collector.log()
    assert "403" not in agent.log() and "SSL" not in agent.log()
    numbers = [int(one.split("/")[2]) for one in ids(collector)]
    assert numbers == list(range(1, len(numbers) + 1))
    found = agent.status()["certificate"]
    assert found["renew"] < found["until"]
    assert "certificate good until" in pharos(
        "status", "--config", agent.config).stdout


def test_a_certificate_comes_with_the_life_that_is_set(make, tmp_path):
    collector = make(fleet_text("lon"), "certificates: {life: 3d}\n")
    client = Client(collector, tmp_path, "lon")
    assert client.enroll(collector.token("lon")).status == 200
    assert "will not expire" in certificate(
        client.certificate, "-checkend", str(86400 * 3 - 60))
    done = subprocess.run(["openssl", "x509", "-noout", "-in", client.certificate,
                           "-checkend", str(86400 * 3)], capture_output=True)
    assert done.returncode == 1


def test_renewal_needs_a_member_and_a_good_request(make, tmp_path):
    collector = make(fleet_text("lon", "nyc"))
    stranger = Client(collector, tmp_path)
    assert stranger.ask("/agent/v1/renew", data=b"{}").status == 403
    box = Client(collector, tmp_path, "lon")
    box.enroll(collector.token("lon"))
    for body in b"[]", b"{}", b'{"request":"nonsense"}':
        answer = box.ask("/agent/v1/renew", data=body)
        assert answer.status == 400 and answer.detail
    answer = box.ask("/agent/v1/renew", data=json.dumps(
        {"request": box.request()}).encode())
    assert answer.status == 200 and answer.json()["box"] == "lon"
    assert box.hello().status == 200  # with the one it has
    box.certificate.write_text(answer.json()["certificate"])
    assert box.hello().status == 200  # and with the new one


# Membership

def test_a_removed_box_is_refused_and_comes_back_by_a_new_token(make):
    collector = make(fleet_text("lon", "nyc"))
    agent, other = make.agent(collector, "lon"), make.agent(collector, "nyc")
    wait_for("records of lon", lambda: any("lon/" in one for one in ids(collector)))
    done = pharos("remove", "lon", "--config", collector.config)
    assert "lon is removed" in done.stdout and "fleet file" in done.stderr
    wait_for("both connections to be refused", lambda: agent.log().count(
        "lon: removed from the fleet") >= 2)
    assert "lon: removed; its certificates are refused" in collector.log()
    wait_for("the uplink to be down",
             lambda: not agent.status()["uplink"]["connected"])
    assert "removed from the fleet" in agent.status()["uplink"]["error"]
    assert box_of(collector, "lon")["state"] == "removed"
    assert "lon was removed" in pharos(
        "status", "--config", collector.config).stdout
    assert other.status()["uplink"]["connected"]
    pharos("remove", "lon", "--config", collector.config, check=False)
    assert pharos("remove", "lon", "--config", collector.config,
                  check=False).returncode == 2

    key = (agent.state / "box.key").read_bytes()
    agent.enroll(collector)  # pharosd goes on running
    assert (agent.state / "box.key").read_bytes() != key
    wait_for("lon to be back", lambda: agent.status()["uplink"]["connected"],
             timeout=90)
    assert box_of(collector, "lon")["state"] == "ok"
    wait_for("all that it kept", lambda: agent.status()["spool"]["records"] < 5)
    numbers = [int(one.split("/")[2]) for one in ids(collector) if "lon/" in one]
    assert numbers == list(range(1, len(numbers) + 1))


def test_removal_ends_a_connection_that_rests(make, tmp_path):
    collector = make(fleet_text("lon", "nyc"))
    lon, nyc = (Client(collector, tmp_path, name) for name in ("lon", "nyc"))
    for box in lon, nyc:
        assert box.enroll(collector.token(box.name)).status == 200
    with lon.connect() as resting, nyc.connect() as other:
        for connection in resting, other:
            assert b"200 OK" in connection.hello()
        asked = time.monotonic()
        pharos("remove", "lon", "--config", collector.config)
        assert resting.ended(5)
        assert time.monotonic() - asked < 5  # a hello would come after 15 s
        assert not other.ended(0) and b"200 OK" in other.hello()
    assert lon.hello().status == 403


def test_tokens_are_listed_and_revoked(make, tmp_path):
    collector = make(fleet_text("lon", "nyc"))
    used, open_one = collector.token("lon"), collector.token("nyc")
    assert Client(collector, tmp_path, "lon").enroll(used).status == 200
    rows = [line.split() for line in pharos(
        "token", "list", "--config", collector.config).stdout.splitlines()[1:]]
    by_box = {row[1]: row for row in rows}
    assert by_box["lon"][2] == "used" and by_box["nyc"][2] == "open"
    done = pharos("token", "revoke", by_box["lon"][0], "--config",
                  collector.config, check=False)
    assert done.returncode == 2 and "pharos remove lon" in done.stderr
    pharos("token", "revoke", by_box["nyc"][0], "--config", collector.config)
    answer = Client(collector, tmp_path, "nyc").enroll(open_one)
    assert answer.status == 403 and "revoked" in answer.detail
    assert "revoked" in pharos("token", "list", "--config", collector.config).stdout


# Names

def mesh_text(*names, **was):
    """The same boxes, each of which measures all others."""
    return fleet_text(*names, **was).split("targets:")[0] + MESH.format(
        names=", ".join(names))


MESH = """
meshes:
  all: {{members: [{names}]}}
tests:
  self: {{mesh: all, probe: ping, schedule: {{uniform: 500ms}}, family: 4,
         options: {{count: 1, timeout: 300ms}}}}
"""


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


def test_a_renamed_box_keeps_its_identity_and_its_past(make, tmp_path):
    collector = make(mesh_text("lon", "nyc"))
    lon, nyc = make.agent(collector, "lon"), make.agent(collector, "nyc")
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


def test_boxes_that_run_change_names_with_each_other(make):
    collector = make(mesh_text("lon", "nyc"))
    agents = {name: make.agent(collector, name) for name in ("lon", "nyc")}
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
        runs = [record for record in everything if record.get("metrics")
                and record["id"].split("/")[1] in lives[name]]
        assert {record["agent"] for record in runs} == {"lon", "nyc"}
        wait_for("all of its runs under its name of now", lambda: sent(
            collector, new, name) == sum(run["metrics"]["sent"] for run in runs))
        assert box_of(collector, new)["refused"] == 0
    assert "HTTP 4" not in agents["lon"].log() + agents["nyc"].log()


# Two at once

def test_a_copy_that_runs_beside_its_box_is_refused_until_that_stops(make, folder):
    collector = make(fleet_text("lon"))
    agent = make.agent(collector, "lon")
    wait_for("records", lambda: len(ids(collector)) > 3)
    agent.kill()
    copy = Agent(agent.node, folder / "copy", "lon")
    shutil.copytree(agent.state, copy.state, ignore=lambda *_: ["control"])
    copy.config.write_text(agent.config.read_text().replace(
        str(agent.state), str(copy.state)) + "metrics: 127.0.0.1:8643\n")
    make.stack.callback(copy.stop)
    agent.start()
    wait_for("the box", lambda: uplink(agent).get("delivered"))
    copy.start()
    wait_for("the copy to be refused", lambda: uplink(copy).get("second"))

    mine, other = agent.status()["epoch"], copy.status()["epoch"]
    words = pharos("status", "--config", copy.config).stdout
    assert "refused: another agent has this box's identity" in words
    assert f"epoch {mine}" in words and f"epoch {other}" in words
    health = json.loads(copy.node.run(
        ["curl", "-s", "http://127.0.0.1:8643/healthz"]).stdout)
    assert health["status"] == "failing"
    assert "another agent has this box's identity" in health["reasons"][0]
    assert "pharos_agent_second 1" in copy.node.run(
        ["curl", "-s", "http://127.0.0.1:8643/metrics"]).stdout
    told = "lon: two agents have this identity"
    assert collector.log().count(told) == 1
    second = wait_for("the API", lambda: api_box(collector, "lon")["second"])
    assert second["epoch"] == other and second["first"]["epoch"] == mine
    assert f"lon has two agents: the one at" in pharos(
        "status", "--config", collector.config).stdout
    with urllib.request.urlopen(collector.web + "/metrics") as reply:
        assert 'pharos_box_second_agent{box="lon"} 1' in reply.read().decode()

    held = copy.status()["spool"]["records"]
    wait_for("the copy to keep what it finds",
             lambda: copy.status()["spool"]["records"] > held + 3)
    assert mine in epochs(collector) and other not in epochs(collector)
    kill_part(collector, "intake")  # the order outlives it
    wait_for("the box again", lambda: uplink(agent).get("connected"))
    wait_for("the copy again", lambda: uplink(copy).get("second"))
    assert other not in epochs(collector)

    agent.stop()
    wait_for("the copy to have the place", lambda:
             uplink(copy).get("connected"), timeout=60)
    wait_for("all that it kept", lambda: copy.status()["spool"]["records"] < 5)
    wait_for("nobody to be second", lambda:
             api_box(collector, "lon")["second"] is None)
    assert "speaks for the box from here on" in collector.log()
    every = ids(collector)
    assert len(every) == len(set(every))
    numbers = [int(one.split("/")[2]) for one in every if other in one]
    assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) > held
    assert collector.log().count(told) <= 2  # once for each intake


def test_a_box_that_restarts_is_never_taken_for_a_second(make):
    collector = make(fleet_text("lon"))
    agent = make.agent(collector, "lon")
    for end in agent.kill, agent.stop, agent.kill:
        wait_for("it to deliver", lambda: uplink(agent).get("delivered"))
        end()
        agent.start()
    wait_for("it to deliver", lambda: uplink(agent).get("delivered"))
    assert "HTTP 409" not in agent.log() and "HTTP 503" not in agent.log()
    assert "two agents" not in collector.log()


def duplicates(collector):
    with urllib.request.urlopen(collector.web + "/metrics") as reply:
        return re.search(r'records_total{result="duplicate"} (\d+)',
                         reply.read().decode())


def test_a_guest_set_back_while_it_ran_gives_no_id_twice(make, tmp_path):
    collector = make(fleet_text("lon"))
    agent = make.agent(collector, "lon")
    wait_for("records", lambda: len(ids(collector)) > 3)
    epoch = agent.status()["epoch"]
    agent.process.send_signal(signal.SIGSTOP)  # the snapshot is taken
    kill_part(collector, "intake")             # no connection outlives it
    now = Client(collector, tmp_path, "lon")   # the guest went on meanwhile
    now.epoch = epoch
    now.key, now.certificate = agent.state / "box.key", agent.state / "box.pem"
    said_then = [now.record(n, test="self", dst="here") for n in (900, 901)]
    answer = wait_for("intake", lambda: next(
        (a for a in [now.records(said_then, "-H", f"Pharos-Epoch: {epoch}")]
         if a.status == 200), None))
    assert answer.json()["acked"] == f"{epoch}/901"
    held = len(ids(collector))
    agent.process.send_signal(signal.SIGCONT)  # and is set back
    wait_for("a new epoch", lambda: said(agent).get("epoch", epoch) != epoch)
    wait_for("its records", lambda: len(ids(collector)) > held + 4)
    assert "was this host set back" in agent.log()
    again = wait_for("intake's numbers", lambda: duplicates(collector))
    assert int(again[1]) < 5  # what waited when the snapshot was taken
    agent.stop()
    every = ids(collector)
    assert len(every) == len(set(every))
    assert not [one for one in every[held:] if epoch in one]
    for life in epochs(collector) - {epoch}:
        numbers = [int(one.split("/")[2]) for one in every if life in one]
        assert numbers == list(range(1, len(numbers) + 1))


# Backups

def test_an_agent_out_of_a_backup_collides_with_nothing(make, folder):
    collector = make(fleet_text("lon"))
    agent = make.agent(collector, "lon")
    wait_for("records", lambda: len(ids(collector)) > 3)
    agent.kill()
    shutil.copytree(agent.state, folder / "image", ignore=lambda *_: ["control"])
    agent.start()
    before = wait_for("more of a second epoch", lambda: len(
        {one.split("/")[1] for one in ids(collector)}) == 2 and ids(collector))
    agent.kill()
    shutil.rmtree(agent.state)
    shutil.copytree(folder / "image", agent.state)
    agent.start()
    after = wait_for("records of a third epoch", lambda: len(
        {one.split("/")[1] for one in ids(collector)}) == 3 and ids(collector))
    assert after[:len(before)] == before
    assert len(after) == len(set(after))
    assert "refused" not in agent.log()
    wait_for("an empty spool", lambda: agent.status()["spool"]["records"] < 5)
    assert box_of(collector, "lon")["refused"] == 0
