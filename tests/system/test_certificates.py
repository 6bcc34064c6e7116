"""Certificates that are no good, on either end: no word of theirs counts, both
ends say why, and who is honest goes on."""

import subprocess

import pytest

from client import Client
from fleet import Agent, Collector
from net import Network, wait_for

FLEET = """
sites:
  lon: {{address: {0}}}
  nyc: {{address: 192.0.2.1}}
  par: {{address: 192.0.2.2}}
"""

AUTHORITY = """
[ca]
default_ca = fleet
[fleet]
database = {0}/index
serial = {0}/serial
new_certs_dir = {0}
default_md = sha256
policy = any
[any]
commonName = optional
"""


class Forger:
    """Signs what it is asked to, with the fleet's own key or another's."""

    def __init__(self, folder, pem, key):
        self.folder, self.pem, self.key = folder, pem, key
        folder.mkdir(parents=True)
        (folder / "ca.conf").write_text(AUTHORITY.format(folder))

    def sign(self, request, certificate, name="URI:pharos:box/nyc",
             begin="20250101000000Z", end="20450101000000Z"):
        (self.folder / "index").write_text("")
        (self.folder / "serial").write_text("77\n")
        extensions = self.folder / "extensions"
        extensions.write_text(f"subjectAltName = {name}\n" if name else
                              "basicConstraints = CA:FALSE\n")
        subprocess.run(
            ["openssl", "ca", "-batch", "-notext", "-config", self.folder / "ca.conf",
             "-cert", self.pem, "-keyfile", self.key, "-startdate", begin, "-enddate",
             end, "-extfile", extensions, "-in", request, "-out", certificate],
            check=True, capture_output=True)


def other_authority(folder):
    folder.mkdir(parents=True)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=fleet",
         "-keyout", folder / "ca.key", "-out", folder / "ca.pem"],
        check=True, capture_output=True)
    return Forger(folder / "f", folder / "ca.pem", folder / "ca.key")


@pytest.fixture(name="stage", scope="module")
def made_stage(tmp_path_factory):
    """A collector, pharosd at lon which is honest, and who can sign."""
    folder = tmp_path_factory.mktemp("t")
    with Network() as network:
        hub, lon = network.add("hub", (4,)), network.add("lon", (4,))
        network.add("impostor", (4,))
        collector = Collector(hub, folder / "c", FLEET.format(lon.address())).start()
        honest = Agent(lon, folder / "lon", "lon").enroll(collector).start()
        honest.network = network
        pki = collector.state / "pki"
        fleet = Forger(folder / "f", pki / "ca.pem", pki / "ca.key")
        yield collector, honest, fleet, other_authority(folder / "other")
        honest.stop()
        collector.close()


def connected(agent):
    return agent.status()["uplink"]["connected"]


BAD = {
    "expired": ({"end": "20250201000000Z"}, "refused: certificate has expired"),
    "not yet valid": ({"begin": "20440101000000Z"},
                      "refused: certificate is not yet valid"),
    "without a name": ({"name": None}, "names 0 boxes, expected one URI:pharos:box"),
    "another kind of name": ({"name": "DNS:nyc"}, "names 0 boxes, expected one"),
    "two boxes": ({"name": "URI:pharos:box/nyc,URI:pharos:box/lon"},
                  "names 2 boxes, expected one"),
    "a path": ({"name": "URI:pharos:box/../nyc"}, "names what cannot be a box"),
    "never enrolled": ({}, "not the one enrolled here"),
    "of another fleet": ({"other": True}, "refused: unable to get local issuer"),
}


@pytest.mark.parametrize("name", BAD)
def test_collector_takes_nothing_by_it(stage, tmp_path, name):
    collector, honest, fleet, other = stage
    options, why = BAD[name]
    forger = other if options.get("other") else fleet
    thief = Client(collector, tmp_path, "nyc")
    thief.make_key()
    request = tmp_path / "request.pem"
    request.write_text(thief.request())
    forger.sign(request, thief.certificate,
                **{key: options[key] for key in options if key != "other"})
    for answer in (thief.hello(), thief.plan(), thief.records([thief.record(1)])):
        assert answer.status == 403
        assert why in answer.detail
        who = "nyc" if name in ("never enrolled", "not yet valid") else "BOX"
        assert f'"pharos token new {who}" on the collector' in answer.detail
    sites = collector.api("/api/v1/fleet")["sites"]
    assert all(box["heard"] is None for site in sites for box in site["boxes"]
               if box["name"] != "lon")
    wait_for("the honest one", lambda: connected(honest))


def impostor(node, folder, forger, **options):
    """Somebody who listens in the collector's place, with its key."""
    folder.mkdir()
    key, request, leaf = (folder / name for name in ("key", "request", "leaf"))
    subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-subj",
                    "/CN=collector", "-out", request], check=True,
                   capture_output=True)
    forger.sign(request, leaf, **options)
    return node.popen(
        ["openssl", "s_server", "-accept", "8641", "-cert", leaf, "-key", key,
         "-cert_chain", forger.pem, "-quiet", "-naccept", "20"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


@pytest.mark.parametrize("options, why", [
    pytest.param({"end": "20250201000000Z"}, "certificate has expired", id="expired"),
    pytest.param({"name": "DNS:elsewhere.example"}, "no alternative certificate subject "
                 "name matches target host name '10.77.0.3'", id="another name"),
    pytest.param({"other": True}, "self-signed certificate in certificate chain",
                 id="another fleet"),
])
def test_agent_tells_nothing_to_a_collector_with_it(stage, tmp_path, options, why):
    collector, honest, fleet, other = stage
    node = honest.network.nodes["impostor"]
    agent = Agent(honest.node, tmp_path / "par", "par").enroll(collector)
    config = agent.config.read_text()
    agent.config.write_text(config.replace(collector.url(honest.node),
                                           f"https://{node.address()}:8641"))
    options = {"name": "IP:" + node.address(), **options}
    server = impostor(node, tmp_path / "i", other if options.pop("other", False)
                      else fleet, **options)
    try:
        agent.start()
        said = wait_for("the reason", lambda: why in (error_of(agent) or "")
                        and error_of(agent))
        assert f"https://{node.address()}:8641/agent/v1/" in said
        assert not connected(agent)
        assert agent.stop() == 0
    finally:
        server.kill()
        heard, _ = server.communicate()
    assert b"agent/v1" not in heard and b"par" not in heard


def error_of(agent):
    try:
        return agent.status()["uplink"].get("error")
    except AssertionError:
        return None


def test_an_agent_whose_certificate_has_expired_says_what_to_do(stage, folder):
    collector, honest, fleet, _ = stage
    agent = Agent(honest.node, folder / "par", "par").enroll(collector)
    request = folder / "request.pem"
    subprocess.run(["openssl", "req", "-new", "-key", agent.state / "box.key",
                    "-subj", "/CN=par", "-out", request], check=True,
                   capture_output=True)
    fleet.sign(request, agent.state / "box.pem", name="URI:pharos:box/par",
               end="20250201000000Z")
    agent.start()
    wait_for("the reason", lambda: error_of(agent))
    wait_for("the cure", lambda: "pharos enroll" in agent.log())
    assert "certificate has expired" in agent.status()["uplink"]["error"]
    assert agent.stop() == 0
