"""A stream with a stranger's owampd, which states nothing: each interval is a session
of its own, and one takes over from another. Nothing is counted twice or missed."""

import json
import os
import socket
import subprocess

import pytest

from fleet import program
from net import die_with_parent
from owampd import Owampd
from owd import add_up, in_order
from owping import Schedule, unix

RATE, REPORT = 20, 2  # packets a second; seconds
WHOLE = 4  # intervals to look at


class Stream:
    """A worker with one stream, which it is told to begin."""

    def __init__(self, server, end, **settings):
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [program("pharos-probe")], pass_fds=[3],
                preexec_fn=lambda: (os.dup2(theirs.fileno(), 3), die_with_parent()))
        self.lines = ours.makefile("rw")
        ours.close()
        self.order(m="open", probe="owd")
        self.order(m="start", run=1, end=end, target=server.host, report=REPORT,
                   settings={"control-port": server.port, "rate": RATE, "timeout": 1,
                             "test-ports": "", **settings})

    def order(self, **members):
        self.lines.write(json.dumps(members) + "\n")
        self.lines.flush()

    def records(self, number):
        """So many that are whole, behind the one that it began in."""
        found = []
        for message in map(json.loads, self.lines):
            if message["m"] == "record":
                found.append(message)
            if len(found) > number:
                return found[1:]
        raise AssertionError(f"the worker ended: {self.process.wait()}")

    def close(self):
        self.lines.close()
        assert self.process.wait() == 0


@pytest.fixture(name="server")
def made_server():
    server = Owampd()
    yield server
    server.close()
    assert server.broken == [], server.broken


def due_in(session, record):
    """The numbers of its packets that are due in an interval."""
    schedule = Schedule(session.sid, session.start, session.slots)
    found, number = [], 0
    while (due := unix(schedule.next())) < record["end"]:
        if due >= record["start"]:
            found.append(number)
        number += 1
    return found


@pytest.mark.parametrize("distribution", ["poisson", "fixed"])
@pytest.mark.parametrize("end", ["dst", "src"])
def test_sessions_take_over_from_each_other(server, end, distribution):
    stream = Stream(server, end, distribution=distribution)
    records = in_order(stream.records(WHOLE))
    stream.close()
    sessions = sorted(server.asked, key=lambda session: session.start)
    for record in records:
        # the sessions whose first packet is due in it; the border's is the next one's
        own = [one for one in sessions if due_in(one, record)[:1] == [0]]
        due = [(one, number) for one in own for number in due_in(one, record)]
        if end == "dst":  # a stranger that is late at the border says that it is
            due = [(one, number) for one, number in due if number < one.next]
        metrics = add_up(record)
        assert record["outcome"] == "measured" and len(own) == 1, (record, own)
        assert len(due) > RATE  # of RATE * REPORT
        assert metrics["sent"] + metrics["skipped"] == len(due), record
        assert metrics["received"] == metrics["sent"], record
        assert metrics["lost"] == metrics["duplicates"] == 0, record
