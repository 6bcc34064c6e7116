"""The routes of topologies, by the real routing daemons and the real kernel.

Links are veth pairs here: what matters is which way packets take.
"""

import json
import os
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
OUTLINE = pathlib.Path(os.environ["PHAROS_BUILD"]) / "tests" / "lab" / "outline"
SHIPPED = sorted(
    path.stem for path in (HERE.parents[1] / "lab" / "topologies").glob("*.yaml"))
WAY = """
name: way
routing: {}
families: [4, 6]
nodes:
  a:
  r1: {{kind: router}}
  r2: {{kind: router}}
  r3: {{kind: router}}
  b: {{ingress: wireguard}}
links:
  a-r1: {{ends: [a, r1]}}
  r1-r3: {{ends: [r1, r3], cost: 100}}
  r1-r2: {{ends: [r1, r2], cost: 30}}
  r2-r3: {{ends: [r2, r3], cost: 40}}
  r3-b: {{ends: [r3, b]}}
"""


def routed(name, folder, *trace):
    """What routed.py saw; everything it started ends with it."""
    folder.chmod(0o755)  # FRR's user reads its files there
    done = subprocess.run(
        ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child",
         "--mount-proc", sys.executable, HERE / "routed.py", OUTLINE, name,
         folder, *trace], text=True, capture_output=True, timeout=200)
    logs = "".join(f"{path}:\n{path.read_text()[-600:]}\n"
                   for path in folder.glob("*/log"))
    assert done.returncode == 0, done.stderr + logs
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_topology_converges_to_the_cheapest_ways(name, folder):
    assert routed(name, folder)["silent"] == []


@pytest.mark.parametrize("routing", ["static", "bird", "frr"])
def test_packets_take_the_way_that_costs_least(routing, folder):
    (folder / "way.yaml").write_text(WAY.format(routing))
    found = routed(folder / "way.yaml", folder, "a", "b")
    assert found["silent"] == []
    assert found["ways"] == [["r1", "r2", "r3", "b"]] * 2


@pytest.mark.parametrize("routing", ["static", "bird", "frr"])
def test_ways_of_equal_cost_are_shared(routing, folder):
    text = (HERE.parents[1] / "lab/topologies/diamond.yaml").read_text()
    (folder / "d.yaml").write_text(
        text.replace("routing: bird", f"routing: {routing}"))
    found = routed(folder / "d.yaml", folder, "r1", "r2")
    assert found["first"] == ["to-down", "to-up"]
    assert found["silent"] == []
