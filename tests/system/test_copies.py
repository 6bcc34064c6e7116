"""Two of one box: copies, guests that were set back, backups. Nothing is lost, no
id is given twice."""

import json
import os
import re
import shutil
import signal
import urllib.request

from client import Client
from fleet import Agent, pharos
from members import box_of, epochs, fleet_text, ids, said
from net import wait_for


def api_box(collector, name):
    return next(box for site in collector.api("/api/v1/fleet")["sites"]
                for box in site["boxes"] if box["name"] == name)


def uplink(agent):
    return said(agent).get("uplink", {})


def kill_part(collector, part):
    pid = next(pid for pid, words in collector.children().items() if part in words)
    os.kill(pid, signal.SIGKILL)


def test_a_copy_that_runs_beside_its_box_is_refused_until_that_stops(members, folder):
    collector = members.collector(fleet_text("lon"))
    agent = members.agent(collector, "lon")
    wait_for("records", lambda: len(ids(collector)) > 3)
    agent.kill()
    copy = Agent(agent.node, folder / "copy", "lon")
    shutil.copytree(agent.state, copy.state, ignore=lambda *_: ["control"])
    copy.config.write_text(agent.config.read_text().replace(
        str(agent.state), str(copy.state)) + "metrics: 127.0.0.1:8643\n")
    members.stack.callback(copy.stop)
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


def test_a_box_that_restarts_is_never_taken_for_a_second(members):
    collector = members.collector(fleet_text("lon"))
    agent = members.agent(collector, "lon")
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


def test_a_guest_set_back_while_it_ran_gives_no_id_twice(members, tmp_path):
    collector = members.collector(fleet_text("lon"))
    agent = members.agent(collector, "lon")
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


def test_an_agent_out_of_a_backup_collides_with_nothing(members, folder):
    collector = members.collector(fleet_text("lon"))
    agent = members.agent(collector, "lon")
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
