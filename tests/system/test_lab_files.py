"""Topology files as people write them, and as routers' configurations give them."""

import pytest

from labs import Lab, left_behind

TWO = "nodes:\n  a: {kind: host}\n  b: {kind: host}\n"
LINK = "links:\n  a-b: {ends: [a, b]}\n"
MANY = "nodes:\n" + "".join(f"  n{i}: {{kind: host}}\n" for i in range(2000))

BAD = {
    "unknown node": (TWO + "links:\n  a-b: {ends: [a, x]}\n", 6, "x"),
    "duplicate address": (
        "nodes:\n  a: {kind: host, address: 10.9.0.1}\n"
        "  b: {kind: host, address: 10.9.0.1}\n" + LINK, 4, "10.9.0.1"),
    "negative delay": (
        TWO + "links:\n  a-b: {ends: [a, b], delay: -1ms}\n", 6, "delay"),
    "a link to itself": (TWO + "links:\n  a-a: {ends: [a, a]}\n", 6, "a"),
    "cyclic names": (
        "nodes: &n\n  a: *n\n", 2, "expected"),
    "event on a missing link": (
        TWO + LINK + "events:\n  - {at: 1s, fail: a-c}\n", 8, "a-c"),
    "event without a unit": (
        TWO + LINK + "events:\n  - {at: 1, fail: a-b}\n", 8, "duration"),
    "2000 nodes": (MANY, 2, "256"),
    "a node apart": (
        TWO + "  c: {kind: host}\n" + LINK, 5, "c"),
    "nothing": ("", 1, "nodes"),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_topology_is_refused_at_its_place(folder, what):
    text, line, word = BAD[what]
    lab = Lab(folder, text, "bad")
    done = lab.up(check=False)
    assert done.returncode == 2, done.stderr
    message = done.stderr.splitlines()[0]
    assert f"{lab.file}:{line}:" in message
    assert word in message
    assert not lab.run_folder.exists()
    assert left_behind(str(folder)) == []


def interface(name, address, cost=None):
    return f"interface {name}\n ip address {address}\n" + (
        f" ip ospf cost {cost}\n" if cost else "") + "exit\n"


ROUTERS = {
    "den": interface("lo", "192.0.2.1/32") +
    interface("ge0", "10.1.0.1/30", 10) + interface("ge1", "10.1.1.1/30", 50),
    "kan": interface("lo", "192.0.2.2/32") +
    interface("ge0", "10.1.0.2/30", 10) + interface("ge1", "10.1.2.1/30", 10),
    "hou": interface("lo", "192.0.2.3/32") +
    interface("ge0", "10.1.1.2/30", 50) + interface("ge1", "10.1.2.2/30", 10),
}


def write_routers(folder, routers):
    for name, text in routers.items():
        (folder / "routers" / name).mkdir(parents=True)
        (folder / "routers" / name / "frr.conf").write_text(text)
    return folder / "routers"


def test_a_network_is_built_from_the_configuration_of_its_routers(folder):
    """The costs are theirs: from den to hou by way of kan."""
    lab = Lab(folder, "", "mirror")
    made = lab.command("from-config", write_routers(folder, ROUTERS)).stdout
    lab.file.write_text(made)
    lab.name = next(line.split()[1] for line in made.splitlines()
                    if line.startswith("name:"))
    with lab:
        assert {node["address"] for node in lab.status()["nodes"]} == {
            "192.0.2.1", "192.0.2.2", "192.0.2.3"}
        route = lab.run("den", "ip", "route", "get", "192.0.2.3").stdout
        assert "via 10.1.0.2 dev ge0" in route


def test_a_mistake_in_a_configuration_leaves_no_half_topology(folder):
    lab = Lab(folder, "", "mirror")
    routers = {**ROUTERS, "kan": interface("ge0", "10.1.0.300/30")}
    done = lab.command("from-config", write_routers(folder, routers), check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "kan/frr.conf:2: " in done.stderr
