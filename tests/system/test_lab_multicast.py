"""Multicast takes the tree of the shipped topology, to those that listen."""

import csv
import pathlib
import signal
import subprocess

import pytest

from fleet import program
from labs import Lab, frr_traces, left_behind
from net import die_with_parent, wait_for

TREE = pathlib.Path(__file__).parents[2] / "lab/topologies/multicast-tree.yaml"
GROUP, PORT = "239.1.1.1", 5000
MS = 1e-3
# A member until it is told to leave, and again after another line.
LISTEN = f"""
import select, socket, struct, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("{GROUP}", {PORT}))
index = socket.if_nametoindex(sys.argv[1])
where = struct.pack("4s4si", socket.inet_aton("{GROUP}"), bytes(4), index)
turns = [socket.IP_ADD_MEMBERSHIP, socket.IP_DROP_MEMBERSHIP]
s.setsockopt(socket.IPPROTO_IP, turns[0], where)
while True:
    ready, _, _ = select.select([s, sys.stdin], [], [])
    if sys.stdin in ready:
        sys.stdin.readline()
        turns.reverse()
        s.setsockopt(socket.IPPROTO_IP, turns[0], where)
    if s in ready:
        number, sent = s.recv(100).split()
        print(int(number), time.time() - float(sent), flush=True)
"""
# Fifty packets a second, until it is killed.
SEND = f"""
import itertools, socket, struct, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 16)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack(
    "4s4si", bytes(4), bytes(4), socket.if_nametoindex(sys.argv[1])))
for number in itertools.count():
    s.sendto(b"%d %.9f" % (number, time.time()), ("{GROUP}", {PORT}))
    time.sleep(0.02)
"""


class Python:
    """A program on a node, and the lines it has printed so far."""

    def __init__(self, lab, node, text, *argv):
        self.lines = lab.folder / f"lines-{node}"
        with open(self.lines, "w") as out:
            self.process = subprocess.Popen(
                [program("pharos"), "lab", "exec", "--lab", lab.name, node,
                 "/usr/bin/python3", "-uc", text, *argv], stdout=out,
                stdin=subprocess.PIPE, text=True, bufsize=1,
                env=lab.environment, preexec_fn=die_with_parent)

    def received(self):
        """(number, delay) of each packet."""
        lines = self.lines.read_text().splitlines(keepends=True)
        return [(int(number), float(delay)) for number, delay in
                (line.split() for line in lines if line.endswith("\n"))]

    def receives(self, more):
        """So many more packets; the delays of these."""
        before = len(self.received())
        wait_for(f"{more} packets in {self.lines}",
                 lambda: len(self.received()) >= before + more)
        return [delay for _, delay in self.received()[before:]]

    def join_or_leave(self):
        """The other of the two than the last time; it begins as a member."""
        self.process.stdin.write("\n")

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()


@pytest.fixture
def tree(folder):
    text = TREE.read_text().replace(", collector: yes", "").replace(
        "agent: yes", "").replace("name: multicast-tree\n", "")
    traces = frr_traces()
    with Lab(folder, text, "tree") as lab:
        programs = [Python(lab, "src", SEND, "to-root")]

        def listen(node, peer):
            programs.append(Python(lab, node, LISTEN, f"to-{peer}"))
            return programs[-1]
        try:
            yield lab, listen
        finally:
            for each in programs:
                each.end()
    assert not left_behind(str(folder))
    assert frr_traces() <= traces


def carried(lab, links, meanwhile):
    """For each link the payloads of the group's packets that took it, until
    meanwhile returns."""
    recorders = {link: lab.recorder(link) for link in links}
    meanwhile()
    found = {}
    for link, recorder in recorders.items():
        recorder.send_signal(signal.SIGINT)
        found[link] = [row["payload"] for row in csv.DictReader(recorder.stdout)
                       if row["destination"] == GROUP
                       and row["destination_port"] == str(PORT)]
        assert recorder.wait(20) == 0
    return found


def once(payloads):
    return len(payloads) > 0 and len(set(payloads)) == len(payloads)


def test_multicast_goes_along_the_tree_and_nowhere_else(tree):
    lab, listen = tree
    leaf1, leaf2 = listen("leaf1", "left"), listen("leaf2", "left")
    for leaf, delay in (leaf1, 12 * MS), (leaf2, 13 * MS):
        assert delay <= min(leaf.receives(20)) < delay + 20 * MS
    found = carried(lab, ["root-left", "root-right", "right-leaf3"],
                    lambda: leaf1.receives(50))
    # one copy for both members, and none where there is no member
    assert once(found["root-left"])
    assert found["root-right"] == found["right-leaf3"] == []
    leaf4 = listen("leaf4", "right")
    assert 25 * MS <= min(leaf4.receives(20)) < 45 * MS
    found = carried(lab, ["root-right", "right-leaf3", "right-leaf4"],
                    lambda: leaf4.receives(50))
    assert once(found["root-right"]) and once(found["right-leaf4"])
    assert found["right-leaf3"] == []


def test_multicast_stops_where_the_last_member_leaves(tree):
    lab, listen = tree
    branch = ["root-right", "right-leaf4"]
    leaf1, leaf4 = listen("leaf1", "left"), listen("leaf4", "right")
    leaf1.receives(20)
    leaf4.receives(20)

    def silent():
        found = carried(lab, branch, lambda: leaf1.receives(25))
        return found == {link: [] for link in branch}
    assert not silent()
    leaf4.join_or_leave()
    # a router asks twice whether anybody else listens, a second each time; what
    # a prune has not ended above it ends 14 s after its last join
    wait_for("the branch to be pruned", silent, timeout=60)
    before = len(leaf4.received())
    found = carried(lab, [*branch, "root-left"], lambda: leaf1.receives(50))
    assert found["root-right"] == found["right-leaf4"] == []
    assert once(found["root-left"])
    assert len(leaf4.received()) == before
    leaf4.join_or_leave()
    leaf4.receives(20)
    assert not silent()
