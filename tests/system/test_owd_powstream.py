"""What perfSONAR's powstream does, for hours, with our far end: each session is asked
for when the one before begins, and parts of it are fetched while it runs."""

import threading
import time

import pytest

from net import wait_for
from owd_far import MODES, Far
from owping import OPEN, Refused, Session, unix

PACKETS, PART, GAP, TIMEOUT = 60, 20, 0.02, 1.0
LOST = 5, 25, 59


@pytest.fixture(name="far")
def made_far(folder):
    far = Far(folder)
    yield far
    far.stop()


class Stream:
    """One session of powstream -t, with a connection of its own."""

    def __init__(self, far, mode, start=None):
        self.control = far.control(mode)
        self.session = Session(False, PACKETS, slots=[(1, GAP)], timeout=TIMEOUT)
        if start is not None:
            self.session.start = start
        self.control.request(self.session.bind(self.control))
        self.control.start()
        self.sent = {}
        self.thread = threading.Thread(target=self.send, daemon=True)

    def send(self):
        self.sent = self.session.send_all(leave_out=LOST)

    def end(self):
        """When the last packet is due, NTP; the next one begins then."""
        return self.session.due()[-1]

    def stop(self):
        self.thread.join()
        time.sleep(max(0, unix(self.end()) + TIMEOUT + 1 - time.time()))
        self.control.stop([(self.session.sid, PACKETS, [])])
        assert self.control.stopped() == (0, {})
        self.control.close()


def check(records, first, last, sent):
    arrived = {one["sequence"]: one["sent"] for one in records if one["received"]}
    lost = {one["sequence"] for one in records if not one["received"]}
    assert len(records) == last - first
    assert lost == {n for n in LOST if first <= n < last}
    for number, stamp in sent.items():
        assert number not in range(first, last) or arrived[number] == stamp


@pytest.mark.parametrize("mode", ["open", "encrypted"])
def test_sessions_overlap_and_are_fetched_in_parts(far, mode):
    one = Stream(far, MODES[mode])
    two = Stream(far, MODES[mode], one.end())
    one.thread.start()
    two.thread.start()
    fetch = far.control(MODES[mode])
    for part in range(PACKETS // PART - 1):
        first, last = part * PART, (part + 1) * PART
        found = {}

        def whole():
            found.update(fetch.fetch(one.session.sid, first, last - 1))
            return len(found["records"]) == PART

        # losses are there when they are certain
        time.sleep(max(0, unix(one.session.due()[last]) + TIMEOUT - time.time()))
        wait_for("a part of the session", whole)
        assert found["finished"] != 1 and found["next"] == 0
        assert found["skips"] == []
        check(found["records"], first, last, {})
    one.stop()
    found = fetch.fetch(one.session.sid)
    assert found["finished"] == 1 and found["next"] == PACKETS
    check(found["records"], 0, PACKETS, one.sent)
    # with powstream -n, only what it has not had yet
    check(fetch.fetch(one.session.sid, 40)["records"], 40, PACKETS, one.sent)
    two.stop()
    found = fetch.fetch(two.session.sid)
    assert found["finished"] == 1
    check(found["records"], 0, PACKETS, two.sent)


def test_a_session_of_a_day_is_asked_for_a_day_ahead(far):
    """Behind one of a day that runs: it waits, and its connection says nothing."""
    control = far.control(OPEN)
    session = Session(False, 864000, slots=[(0, 0.1)], start=86410)
    control.request(session.bind(control))
    control.start()
    with pytest.raises(Refused):
        control.fetch(session.sid)  # nothing but Stop-Sessions is said now
    later = far.control(OPEN)
    assert later.fetch(session.sid, 0, 599)["records"] == []
