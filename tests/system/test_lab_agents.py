"""Agents and their collector in a lab."""

import json
import urllib.request

from fleet import cells
from labs import PAIR, Lab, left_behind
from net import wait_for

MEASURED = PAIR.replace("a: {kind: host}", """a:
    kind: host
    agent: yes
    site: {groups: [left]}""").replace(
        "b: {kind: host}", "b: {kind: host, agent: yes, collector: yes}") + """
meshes:
  there: {from: ["@left"], to: [b]}
tests:
  ping: {mesh: there, probe: ping, schedule: {uniform: 10s}, options: {count: 3}}
  owd: {mesh: there, probe: owd, schedule: {continuous: {report: 10s}},
        options: {rate: 20/s}}
"""


def matrix(page, test="ping"):
    with urllib.request.urlopen(f"{page}/api/v1/matrix/{test}", timeout=20) as reply:
        return json.load(reply)


def test_agents_in_a_lab_report_to_its_collector(folder):
    with Lab(folder, MEASURED, "measured") as lab:
        page = lab.status()["page"]
        assert page in lab.command("status").stdout
        cell = wait_for("a value", lambda: next(iter(
            c for c in cells(matrix(page)).values()
            if c["value"] is not None), None))
        assert 0.004 <= cell["value"] < 0.5
        names = [d["name"] for d in lab.node("b")["daemons"]]
        assert names == ["pharos-collectord", "pharosd"]
        # nodes read one clock, whoever keeps it
        delay = wait_for("a delay", lambda: next(iter(
            c for c in cells(matrix(page, "owd")).values()
            if c["value"] is not None), None), 60)
        assert delay["state"] == "ok"
        assert 0.002 <= delay["value"] < 0.25
    assert not left_behind(str(folder))


def test_a_fleet_that_the_collector_refuses_is_told_of(folder):
    lab = Lab(folder, MEASURED.replace("probe: ping", "probe: pong"), "refused")
    done = lab.up(check=False)
    assert done.returncode == 3
    assert 'unknown probe "pong"' in done.stderr
    assert not lab.run_folder.exists()
