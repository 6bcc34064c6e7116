"""Strangers that speak OWAMP measure with us and we with them, in each mode and
both ways."""

import json
import socket
import struct
import time

import pytest

from fleet import pharos
from owampd import Owampd
from owd_far import HOSTS, MODES, SECRET, Far
from owping import AUTHENTICATED, ENCRYPTED, OPEN, Control, Refused, Session, unix

WAYS = [("open", 6), ("authenticated", 4), ("encrypted", 6)]


@pytest.fixture
def make_far(folder):
    made = []

    def make(*options):
        made.append(Far(folder, *options))
        return made[-1]

    yield make
    for far in made:
        far.stop()


def accounted_for(session, stopped):
    """The numbers of packets that came, and of those that were never sent: with both
    cores busy some are too late."""
    following, skips = stopped[session.sid]
    skipped = {n for first, last in skips for n in range(first, last + 1)}
    came = [one[0] for one in session.drain()]
    assert len(came) > following / 2 and len(set(came)) == len(came)
    assert not skipped & set(came)
    return skipped | set(came)


def measure(control, session):
    control.request(session.bind(control))
    control.start()
    return session


@pytest.mark.parametrize("mode,family", WAYS)
def test_a_stranger_is_sent_to(make_far, mode, family):
    """Poisson and fixed gaps mixed, as both ends have them to the last bit."""
    control = make_far().control(MODES[mode], family)
    session = measure(control, Session(
        True, 60, slots=[(0, 0.01), (1, 0.005), (0, 0.002)], padding=20))
    accept, sessions = control.stopped()
    control.stop()
    assert accept == 0
    assert accounted_for(session, sessions) == set(range(60))
    due = session.due()
    late = [unix(stamp) - unix(due[sequence])
            for sequence, stamp, _ in session.received]
    # never early, and later than this they are not sent at all
    assert all(-1e-6 < one < 0.101 for one in late), late
    assert all(error & 0xFF for _, _, error in session.received)


@pytest.mark.parametrize("mode,family", WAYS)
def test_what_a_stranger_sent_is_fetched_by_another_connection(
        make_far, mode, family):
    far = make_far()
    control = far.control(MODES[mode], family)
    session = measure(control, Session(False, 50, timeout=0.3))
    sent = session.send_all(leave_out={7, 8, 9, 30}, twice={20})
    time.sleep(1.3)  # as owping does: the timeout, and a second
    control.stop([(session.sid, 50, [(7, 9)])])
    assert control.stopped() == (0, {})
    control.close()
    found = far.control(MODES[mode], family).fetch(session.sid)
    assert found["finished"] == 1 and found["next"] == 50
    assert found["skips"] == [(7, 9)]
    arrived = [one for one in found["records"] if one["received"]]
    lost = [one["sequence"] for one in found["records"] if not one["received"]]
    assert {one["sequence"]: one["sent"] for one in arrived} == sent
    assert len(arrived) == 47 and lost == [30]  # 20 twice; skips are no losses
    # owping takes a session for unsynchronised if a lost packet's record is
    assert {one["received_error"] for one in found["records"]} == \
        {one["received_error"] for one in arrived}
    assert all(one["ttl"] == 255 for one in arrived)
    took = [unix(one["received"]) - unix(one["sent"]) for one in arrived]
    assert all(0 < one < 1 for one in took), took


def test_packets_are_at_another_address_than_the_control_connection(make_far):
    """owping TESTADDR SERVADDR: only that address is heard, and sent to."""
    control = make_far().control(OPEN)
    there = Session(False, 10, timeout=0.3).bind(control, "127.0.0.2")
    back = Session(True, 10, timeout=0.3).bind(control, "127.0.0.2")
    for session in there, back:
        control.request(session)
    assert there.sid[:4] == socket.inet_aton("127.0.0.2")
    control.start()
    sent = there.send_all()
    time.sleep(1.3)
    control.stop([(there.sid, 10, [])])
    assert accounted_for(back, control.stopped()[1]) == set(range(10))
    assert {one["sequence"]: one["sent"] for one in
            control.fetch(there.sid)["records"] if one["received"]} == sent


@pytest.mark.parametrize("skips", [[], [(3, 3)], [(3, 4), (6, 6)]])
def test_odd_and_even_numbers_of_skips_are_padded(make_far, skips):
    far = make_far()
    control = far.control(ENCRYPTED)
    session = measure(control, Session(False, 10, timeout=0.1))
    absent = {n for first, last in skips for n in range(first, last + 1)}
    session.send_all(leave_out=absent)
    time.sleep(1.1)
    control.stop([(session.sid, 10, skips)])
    assert control.stopped() == (0, {})
    # the connection goes on in the same chain
    found = control.fetch(session.sid)
    assert found["skips"] == skips
    assert {one["sequence"] for one in found["records"]} == \
        set(range(10)) - absent


def test_a_session_that_is_stopped_early_says_what_was_sent(make_far):
    control = make_far().control(AUTHENTICATED)
    session = measure(control, Session(True, 1000))
    session.receive(20)
    control.stop()
    accept, sessions = control.stopped()
    assert accept == 0 and sessions[session.sid][0] < 1000
    assert accounted_for(session, sessions) == set(
        range(sessions[session.sid][0]))


def test_a_far_end_that_is_stopped_says_what_it_sent(make_far):
    far = make_far()
    control = far.control(ENCRYPTED)
    session = measure(control, Session(True, 1000))
    session.receive(20)
    far.process.terminate()
    accept, sessions = control.stopped()
    assert accept == 0 and 20 <= sessions[session.sid][0] < 1000
    assert accounted_for(session, sessions) == set(
        range(sessions[session.sid][0]))


def test_a_packet_that_is_wrong_costs_itself_and_no_more(make_far):
    far = make_far()
    control = far.control(OPEN)
    session = measure(control, Session(False, 10, timeout=0.3))
    for data in (session.pack(3, error=0), session.pack(10), b"short",
                 session.pack(2**32 - 1)):
        session.socket.send(data)
    sent = session.send_all()
    time.sleep(1.3)
    control.stop([(session.sid, 10, [])])
    assert control.stopped() == (0, {})
    arrived = [one for one in control.fetch(session.sid)["records"]]
    assert {one["sequence"]: one["sent"] for one in arrived} == sent


def test_only_what_was_offered_is_served(make_far):
    far = make_far("--modes", "encrypted")
    with pytest.raises((Refused, ConnectionResetError)):
        far.control(OPEN, force=True)
    with pytest.raises((Refused, ConnectionResetError)):
        far.control(AUTHENTICATED, force=True)
    control = far.control(ENCRYPTED)
    assert control.offered & 7 == ENCRYPTED
    assert control.count >= 1024 and control.count & (control.count - 1) == 0
    measure(control, Session(True, 3))
    assert control.stopped()[0] == 0


@pytest.mark.parametrize("mode", ["authenticated", "encrypted"])
def test_a_wrong_secret_opens_nothing(make_far, mode):
    with pytest.raises((Refused, ConnectionResetError)):
        make_far().control(MODES[mode], secret=b"another one")


def test_nothing_but_stop_is_said_while_sessions_run(make_far):
    """RFC 4656 section 3.8; our own statements are for those who ask for them."""
    control = make_far().control(ENCRYPTED)
    session = measure(control, Session(True, 700, slots=[(1, 0.01)]))
    accept, sessions = control.stopped()  # a statement would be due by then
    assert accept == 0
    assert accounted_for(session, sessions) == set(range(700))


@pytest.mark.parametrize("wish", ["both ways", "neither", "too fast", "dscp"])
def test_what_cannot_be_served_is_refused_and_the_connection_stays(
        make_far, wish):
    control = make_far("--packets", "100/s").control(OPEN)
    session = Session(True, 5).bind(control)
    plain = bytearray(session.encode())
    if wish == "both ways":
        plain[2:4] = b"\1\1"
    elif wish == "neither":
        plain[2:4] = b"\0\0"
    elif wish == "too fast":
        session.slots = [(1, 2**32 // 1000)]
    else:
        struct.pack_into(">I", plain, 84, 0x40000000)
    control.socket.sendall(control.out.signed(bytes(plain)) +
                           control.out.signed(session.encode_slots()))
    assert control.answer(48)[0] in (1, 3, 4, 5)
    measure(control, Session(True, 2, slots=[(1, 0.02)]))
    assert control.stopped()[0] == 0


# The other way round: a stranger is the far end

def probe(server, *options):
    """Records by the way of their packets, "from" and "to"."""
    done = pharos("probe", "owd", "--json", "--control-port", server.port, "--rate",
                  "50/s", "--count", "40", *options, server.host, check=False)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert server.broken == [], server.broken
    return {"from" if record["src"] == server.host else "to": record
            for record in records}


@pytest.fixture
def keys(folder):
    path = folder / "keys"
    path.write_bytes(b"lon " + SECRET + b"\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def make_owampd():
    made = []

    def make(*argv, **options):
        made.append(Owampd(*argv, secrets={"lon": SECRET}, **options))
        return made[-1]

    yield make
    for server in made:
        server.close()


@pytest.mark.parametrize("mode,family", WAYS)
def test_we_measure_with_a_stranger(make_owampd, keys, mode, family):
    server = make_owampd(HOSTS[family], offers=MODES[mode])
    key = [] if mode == "open" else ["--key-id", "lon", "--keys", keys]
    records = probe(server, "--padding", "26", *key)
    for way, record in records.items():
        metrics = record["metrics"]
        assert record["outcome"] == "measured", record
        # a busy machine may be too late for some, and says so
        assert metrics["sent"] + metrics["skipped"] == 40, (way, metrics)
        assert metrics["received"] == metrics["sent"], (way, metrics)
        assert metrics["lost"] == metrics["duplicates"] == 0
        assert 0 < metrics["delay"]["p50"] < 0.1
    assert len(records) == 2
    # a process is begun for it, which takes a while on a busy host
    assert all(unix(one.start) - unix(one.asked) > 0.6 for one in server.asked)
    # a stranger's time of sending is his program's, and so is what he received
    assert records["from"]["clock"]["stamps"] == "user/kernel"
    assert records["to"]["clock"]["stamps"] == "kernel/user"


@pytest.mark.parametrize("verdict,words", [
    (1, "it does not want to"), (2, "something failed there"),
    (3, "it cannot do this"), (4, "it is more than its limits allow"),
    (5, "it has no room for it at the moment"),
    (9, "for a reason that the standard does not know")])
def test_a_stranger_who_refuses_is_quoted(make_owampd, verdict, words):
    for record in probe(make_owampd(verdict=verdict)).values():
        assert record["outcome"] != "measured"
        assert record["metrics"]["error"].endswith(
            f"refused the session: {words}"), record


def test_a_stranger_who_does_not_want_to_talk_is_understood(make_owampd):
    for record in probe(make_owampd(offers=0)).values():
        assert record["outcome"] != "measured"
        assert "does not want to talk" in record["metrics"]["error"], record


@pytest.mark.parametrize("clock,word", [(1.8, "ahead of"), (-1.8, "behind")])
def test_a_stranger_who_takes_nothing_by_his_clock_is_no_loss(
        make_owampd, clock, word):
    server = make_owampd(clock=clock)
    found = probe(server, "--direction", "to", "--timeout", "1s")["to"]["metrics"]
    assert "lost" not in found and "loss" not in found
    assert f"its clock is {word} ours" in found["error"], found


def test_a_stranger_whose_clock_is_behind_finds_the_last_losses(make_owampd):
    """He looks for what is lost a second behind the timeout, and by his clock."""
    server = make_owampd(lose={4, 5}, clock=-0.7)
    metrics = probe(server, "--direction", "to", "--rate", "2/s", "--count", "6",
                    "--timeout", "1.5s", "--distribution", "fixed")["to"]["metrics"]
    assert metrics["sent"] + metrics["skipped"] == 6
    # a busy machine may have been too late for one of them
    assert 1 <= metrics["lost"] <= 2 <= metrics["lost"] + metrics["skipped"]
    assert metrics["received"] == metrics["sent"] - metrics["lost"]


def test_a_strangers_session_that_runs_cannot_be_fetched_yet(make_owampd):
    server = make_owampd()
    control = Control(server.host, server.port)
    session = measure(control, Session(False, 10, start=60))
    done = pharos("probe", "owd", "--control-port", server.port, "--fetch",
                  session.sid.hex(), server.host, check=False)
    assert done.returncode != 0
    assert "says nothing of a session that still runs" in " ".join(
        (done.stdout + done.stderr).split())
    control.close()


def test_a_strangers_losses_and_skips_are_told_apart(make_owampd):
    server = make_owampd(lose={5, 6, 30}, skip={10, 39})
    metrics = probe(server, "--direction", "from")["from"]["metrics"]
    assert metrics["sent"] == 38 and metrics["skipped"] == 2
    assert metrics["lost"] == 3 and metrics["loss_periods"] == 2
    assert metrics["received"] == 35
