"""A collector of many boxes for a file of tests, a box of it for each test, and what
it took in of that one."""

import json

import pytest

from client import Client, journal
from fleet import Collector, pharos
from net import Network

BOXES = [f"box{n}" for n in range(40)]
FLEET = "sites:\n" + "".join(
    f"  {name}: {{address: 192.0.2.{n + 1}}}\n" for n, name in enumerate(BOXES))


@pytest.fixture(name="collector", scope="module")
def running_collector(tmp_path_factory):
    with Network() as network:
        collector = Collector(network.add("hub"), tmp_path_factory.mktemp("c"),
                              FLEET)
        yield collector.start()
        collector.close()


@pytest.fixture(name="names", scope="module")
def unused_names():
    return iter(BOXES[5:])


@pytest.fixture(name="box")
def box_that_enrolled(collector, names, tmp_path):
    """A box that has just enrolled."""
    client = Client(collector, tmp_path, next(names))
    answer = client.enroll(collector.token(client.name))
    assert answer.status == 200, answer.body
    assert answer.json()["box"] == client.name
    return client


def entries(collector):
    """Every journal entry, in order, as (number, line)."""
    return journal(collector.state)


def accepted(client):
    """The sequences in the journal that are this box's, in order."""
    ids = [json.loads(line)["id"].split("/") for _, line in entries(client.collector)]
    return [int(sequence) for name, _, sequence in ids if name == client.name]


def acked(client, sequence):
    return f"{client.epoch}/{sequence}"


def status_of(collector, name):
    status = json.loads(pharos("status", "--config", collector.config, "--format",
                               "json").stdout)
    return next(box for box in status["boxes"] if box["name"] == name)
