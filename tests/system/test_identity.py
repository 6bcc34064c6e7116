"""Who belongs to the fleet, for life: certificates, tokens, removal."""

import json
import os
import subprocess
import time

from client import Client
from fleet import Agent, pharos, program
from members import box_of, certificate, fleet_text, ids, said
from net import wait_for

LIFE = 20
NOBODY = 65534


def presented(collector):
    """The fingerprint of the certificate that agents are shown."""
    node = collector.node
    shown = node.run(["openssl", "s_client", "-connect",
                      f"{node.address(4)}:8641"], input="", check=False).stdout
    return subprocess.run(
        ["openssl", "x509", "-noout", "-fingerprint", "-sha256"], input=shown,
        check=True, capture_output=True, text=True).stdout.strip()


# Certificates

def test_certificates_are_renewed_while_everything_goes_on(members):
    collector = members.collector(
        fleet_text("lon"), f"certificates: {{life: {LIFE}s}}\n")
    agent = members.agent(collector, "lon")
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


def test_a_certificate_comes_with_the_life_that_is_set(members, tmp_path):
    collector = members.collector(fleet_text("lon"), "certificates: {life: 3d}\n")
    client = Client(collector, tmp_path, "lon")
    assert client.enroll(collector.token("lon")).status == 200
    assert "will not expire" in certificate(
        client.certificate, "-checkend", str(86400 * 3 - 60))
    done = subprocess.run(["openssl", "x509", "-noout", "-in", client.certificate,
                           "-checkend", str(86400 * 3)], capture_output=True)
    assert done.returncode == 1


def test_renewal_needs_a_member_and_a_good_request(members, tmp_path):
    collector = members.collector(fleet_text("lon", "nyc"))
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

def test_a_removed_box_is_refused_and_comes_back_by_a_new_token(members):
    collector = members.collector(fleet_text("lon", "nyc"))
    agent, other = members.agent(collector, "lon"), members.agent(collector, "nyc")
    wait_for("records of lon", lambda: any("lon/" in one for one in ids(collector)))
    done = pharos("remove", "lon", "--config", collector.config)
    assert "lon is removed" in done.stdout and "fleet file" in done.stderr
    wait_for("both connections to be refused", lambda: agent.log().count(
        "lon: removed from the fleet") >= 2)
    assert 'make a token with "pharos token new lon"' in agent.log()
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


def test_the_token_of_another_box_throws_nobody_out(members):
    collector = members.collector(fleet_text("lon", "nyc"))
    lon, nyc = members.agent(collector, "lon"), members.agent(collector, "nyc")
    token = collector.token("lon")
    before = [(nyc.state / name).read_bytes() for name in ("box.key", "box.pem")]
    done = pharos("enroll", "--collector", collector.url(nyc.node), "--token", token,
                  "--config", nyc.config, "--state", nyc.state, node=nyc.node,
                  check=False)
    assert done.returncode == 3
    assert "agent.yaml is for box nyc, the token for lon" in done.stderr
    assert "pharos token new nyc" in done.stderr
    for agent in lon, nyc:
        held = len(of_box(collector, agent.name))
        wait_for("more records of both", lambda agent=agent, held=held: len(
            of_box(collector, agent.name)) > held + 2)
        assert "HTTP 4" not in agent.log()
    assert before == [(nyc.state / name).read_bytes()
                      for name in ("box.key", "box.pem")]
    pharos("enroll", "--collector", collector.url(lon.node), "--token", token,
           "--config", lon.config, "--state", lon.state, node=lon.node)


def test_root_enrols_anew_for_a_pharosd_of_another_user(members):
    collector = members.collector(fleet_text("lon"))
    members.folder.chmod(0o755)
    agent = Agent(members.node, members.folder / "lon", "lon").enroll(collector)
    for path in (agent.state, *agent.state.iterdir()):  # as the unit does
        os.chown(path, NOBODY, NOBODY)
    members.stack.callback(agent.stop)
    agent.launch(["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}",
                  "--clear-groups", program("pharosd"), "-c", str(agent.config)])
    wait_for("it to report", lambda: said(agent).get("uplink", {}).get("connected"))
    before = box_of(collector, "lon")["enrolled"]
    key = (agent.state / "box.key").read_bytes()
    agent.enroll(collector)
    assert (agent.state / "box.key").read_bytes() != key
    for name in "box.key", "box.pem", "ca.pem", "enrol.key":
        assert (agent.state / name).stat().st_uid == NOBODY, name
    assert (agent.state / "box.key").stat().st_mode & 0o777 == 0o600
    wait_for("a hello by the new certificate", lambda: (
        lambda box: before < box["enrolled"] < box["heard"])(
            box_of(collector, "lon")), timeout=90)


def of_box(collector, name):
    return [one for one in ids(collector) if one.startswith(name + "/")]


def test_removal_ends_a_connection_that_rests(members, tmp_path):
    collector = members.collector(fleet_text("lon", "nyc"))
    lon, nyc = (Client(collector, tmp_path, name) for name in ("lon", "nyc"))
    for box in lon, nyc:
        assert box.enroll(collector.token(box.name)).status == 200
    with lon.connect() as resting, nyc.connect() as other:
        for connection in resting, other:
            assert b"200 OK" in connection.hello()
        asked = time.monotonic()
        pharos("remove", "lon", "--config", collector.config)
        assert resting.ended(12)
        assert time.monotonic() - asked < 12  # a hello would come after 15 s
        assert not other.ended(0) and b"200 OK" in other.hello()
    assert lon.hello().status == 403


def test_tokens_are_listed_and_revoked(members, tmp_path):
    collector = members.collector(fleet_text("lon", "nyc"))
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
