"""The link emulator between real TAP interfaces: what it does to frames, by the
kernel's stamps at both ends."""

import csv
import signal
import subprocess
from collections import Counter

import pytest

from emulator import BUILD, Emulator, Link, frame, number_of
from net import die_with_parent, wait_for

MS = 1_000_000
LATE = 500 * MS  # a machine under load; how good it is, bench/lab measures


@pytest.fixture
def emulator():
    made = Emulator()
    yield made
    assert made.close() == 0


@pytest.fixture
def link(emulator):
    made = Link(emulator)
    yield made
    made.close()


def send(link, count, end=0, length=100, first=0):
    """Sends frames and waits until the emulator has read them all and what it
    keeps has left."""
    before = link.stats(end)["in"]
    for number in range(first, first + count):
        link.ports[end].send(number, length)

    def done():
        now = link.stats(end)
        gone = sum(now[key] for key in ("lost", "failed", "queue", "overflow"))
        return now["in"] == before + count and \
            now["out"] + gone >= now["in"] + now["duplicated"]

    wait_for("the link has done its work", done)
    return collect(link, end)


def collect(link, end=0):
    """(what was sent, what arrived) so far: [(stamp, frame)]."""
    return (link.ports[end].collect().sent,
            link.ports[1 - end].collect().received)


def delays(sent, received):
    entered = {number_of(data): stamp for stamp, data in sent}
    return [stamp - entered[number_of(data)] for stamp, data in received]


def test_by_hand_it_says_who_starts_it(tmp_path):
    program = BUILD / "pharos-emulator"
    alone = subprocess.run([program], capture_output=True, text=True)
    with open(tmp_path / "file", "w") as file:
        other = subprocess.run(["sh", "-c", '"$0" 3>&1', program], stdout=file,
                               stderr=subprocess.PIPE, text=True)
    for done in alone, other:
        assert done.returncode == 2
        assert "descriptor 3 is no socket: pharos lab starts it" in done.stderr


def test_frames_arrive_as_they_were_after_the_delay(link):
    link.set(0, delay=20 * MS)
    sent, received = send(link, 200)
    assert [data for _, data in received] == [data for _, data in sent]
    took = sorted(delays(sent, received))
    assert took[0] >= 20 * MS - MS
    assert took[100] < 20 * MS + LATE


def test_each_direction_has_its_own_delay(link):
    link.set(0, delay=5 * MS)
    link.set(1, delay=80 * MS)
    there = sorted(delays(*send(link, 50, end=0)))
    back = sorted(delays(*send(link, 50, end=1, first=1000)))
    assert there[0] >= 4 * MS and back[0] >= 79 * MS
    assert there[0] < 79 * MS


def test_a_tenth_is_lost(link):
    link.set(0, loss=0.1)
    sent, received = send(link, 5000)
    assert len(sent) == 5000
    # five standard deviations
    assert abs(len(received) / 5000 - 0.9) < 5 * (0.09 / 5000) ** 0.5
    assert link.stats()["lost"] == 5000 - len(received)


def test_losses_come_in_bursts_when_asked_for(link):
    link.set(0, loss=0, bad_loss=1, to_bad=0.02, to_good=0.25)
    _, received = send(link, 5000)
    there = {number_of(data) for _, data in received}
    lost = [number for number in range(5000) if number not in there]
    bursts = sum(number - 1 in there or number == 0 for number in lost)
    assert 100 < len(lost) < 800  # 370 in the mean
    assert 2.5 < len(lost) / bursts < 6


def test_the_same_seed_loses_the_same():
    def lost():
        emulator = Emulator()
        emulator.do("seed 42")
        link = Link(emulator)
        link.set(0, loss=0.3)
        _, received = send(link, 300)
        link.close()
        assert emulator.close() == 0
        return [number_of(data) for _, data in received]

    assert lost() == lost()


def test_duplicates_arrive_twice(link):
    link.set(0, duplicate=0.2)
    sent, received = send(link, 1000)
    times = Counter(data for _, data in received)
    assert set(times) == {data for _, data in sent}
    assert Counter(times.values())[2] == link.stats()["duplicated"]
    assert 120 < Counter(times.values())[2] < 280


def test_corruption_inverts_one_bit_of_the_payload(link):
    link.set(0, corrupt=0.3)
    sent, received = send(link, 500, length=60)
    differ = 0
    for (_, before), (_, after) in zip(sent, received):
        changed = int.from_bytes(before, "big") ^ int.from_bytes(after, "big")
        assert before[:14] == after[:14]
        assert changed.bit_count() <= 1
        differ += changed != 0
    assert len(received) == 500
    assert differ == link.stats()["corrupted"] and 90 < differ < 210


def test_jitter_reorders_only_where_it_may(link):
    link.set(0, delay=20 * MS, jitter=15 * MS)
    _, received = send(link, 300)
    numbers = [number_of(data) for _, data in received]
    assert numbers == sorted(numbers)
    link.set(0, reorder=1)
    _, received = send(link, 300, first=1000)
    numbers = [number_of(data) for _, data in received[300:]]
    assert sorted(numbers) == list(range(1000, 1300))
    assert numbers != sorted(numbers)


def test_a_rate_spaces_frames_and_a_full_queue_drops(link):
    # 1000 bytes at 1 Mbit/s: 8 ms each
    link.set(0, rate=1e6, queue=50)
    sent, received = send(link, 80, length=1000)
    stats = link.stats()
    assert stats["queue"] == 80 - len(received)
    assert 50 <= len(received) < 80
    took = received[-1][0] - received[0][0]
    expected = (len(received) - 1) * 8 * MS
    assert abs(took - expected) < 8 * MS + LATE / 10
    assert delays(sent, received)[49] > 300 * MS  # it stood in the queue


def test_a_failed_link_takes_what_is_under_way(link, emulator):
    link.set(0, delay=200 * MS)
    for number in range(10):
        link.ports[0].send(number)
    wait_for("all are under way", lambda: link.stats()["in"] == 10)
    emulator.do("fail x")
    assert link.stats()["failed"] == 10
    assert send(link, 5, first=10)[1] == []
    emulator.do("restore x")
    link.set(0, delay=0)
    assert [number_of(data) for _, data in send(link, 3, first=20)[1]] == [20, 21, 22]
    assert link.stats()["failed"] == 15


def has_carrier(node):
    return "NO-CARRIER" not in node.run(["ip", "link", "show", "t0"]).stdout


def test_carrier_goes_and_comes_back(link, emulator):
    emulator.do("carrier x 0")
    for node in link.nodes:
        wait_for("no carrier", lambda: not has_carrier(node))
    emulator.do("carrier x 1")  # but it has still failed
    wait_for("carrier", lambda: has_carrier(link.nodes[0]))
    assert send(link, 1)[1] == []
    emulator.do("restore x")
    assert len(send(link, 1, first=7)[1]) == 1


def test_an_interface_that_is_down_costs_packets_not_the_emulator(link):
    link.nodes[1].run(["ip", "link", "set", "t0", "down"])
    send(link, 5)
    assert link.stats()["failed"] == 5
    link.nodes[1].run(["ip", "link", "set", "t0", "up"])
    assert len(send(link, 5, first=5)[1]) == 5


def test_a_node_that_is_gone_leaves_the_others(link, emulator):
    link.nodes[0].run(["ip", "link", "del", "t0"])
    other = Link(emulator, "y")
    try:
        assert len(send(other, 10)[1]) == 10
        used = [int(it) for it in open(f"/proc/{emulator.process.pid}/schedstat")
                .read().split()][0]
        assert used < 10 ** 9  # it does not spin
    finally:
        other.close()


def test_hellos_are_noticed(link, emulator):
    hello = bytearray(frame(0, 60))
    hello[12:14] = b"\x08\0"
    hello[14], hello[23], hello[35] = 0x45, 89, 1
    assert emulator.do("hello x 0") == "0"
    link.ports[0].sender.send(hello)
    wait_for("the hello", lambda: emulator.do("hello x 0") != "0")
    assert emulator.do("hello x 1") == "0"


def test_bad_commands_are_answered_and_change_nothing(link, emulator):
    link.set(0, delay=3 * MS)
    for line in ["", "nonsense", "set x 0 delay=1 loss=2", "set y 0 loss=0",
                 "fail nobody", "link x", "link z", b"set x 0 \xff=\0",
                 "x" * 1500, "verdicts nobody", "set x 0 " + "loss=1 " * 100]:
        answer = emulator.tell(line)
        assert answer.startswith("error "), (line, answer)
    assert emulator.tell("link z", 0, 1, 2).startswith("error ")
    with open("/dev/null") as null:
        answer = emulator.tell("link z", null.fileno(), null.fileno())
    assert answer.startswith("error "), answer
    assert min(delays(*send(link, 20))) >= 2 * MS


def test_memory_that_runs_out_is_counted_apart():
    emulator = Emulator("--packets", 10)
    link = Link(emulator)
    link.set(0, delay=100 * MS)
    _, received = send(link, 30)
    stats = link.stats()
    assert len(received) == 10 and stats["overflow"] == 20 and stats["lost"] == 0
    link.close()
    assert emulator.close() == 0


def test_it_ends_with_its_socket():
    emulator = Emulator()
    emulator.socket.close()
    assert emulator.process.wait(10) == 0


def test_who_reads_no_answers_ends_it_not_stops_it():
    emulator = Emulator()
    emulator.socket.settimeout(10)
    with pytest.raises(OSError):
        while True:
            emulator.socket.send(b"seed 1")
    assert emulator.process.wait(10) == 3
    emulator.socket.close()


class Recorder:
    """pharos-truth at both ends of a link, and the emulator's verdicts."""

    def __init__(self, link, folder):
        self.link = link
        self.seen, self.judged = folder / "truth", folder / "truth.verdicts"
        words = [word for node in link.nodes
                 for word in (f"/proc/{node.pid}/ns/net", "t0")]
        self.process = subprocess.Popen(
            [BUILD / "pharos-truth", "--output", self.seen, *words],
            stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
        assert self.process.stdout.readline() == "ready\n"
        with open(self.judged, "wb") as file:
            link.emulator.do("verdicts x", file.fileno())

    def rows(self, verdicts=True):
        """What happened to our frames."""
        if self.process.poll() is None:
            self.link.emulator.do("verdicts x")
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(10) == 0
        done = subprocess.run(
            [BUILD / "tests" / "lab" / "rows", self.seen, *[self.judged] * verdicts],
            capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return [row for row in csv.DictReader(done.stdout.splitlines())
                if row["protocol"] in ("0x88b5", "")]


def instant(text):
    return int(text.replace(".", "")) if text else None


def test_the_truth_of_every_packet_is_known(link, folder):
    link.set(0, delay=10 * MS, jitter=2 * MS, reorder=1, loss=0.1,
             duplicate=0.1, corrupt=0.1)
    recorder = Recorder(link, folder)
    sent, received = send(link, 1000, length=90)
    rows = recorder.rows()
    assert len(rows) == 1000
    assert [instant(row["entered"]) for row in rows] == [stamp for stamp, _ in sent]
    arrived = Counter(stamp for stamp, _ in received)
    told = Counter(instant(row[key]) for row in rows for key in ("left", "again")
                   if row[key])
    assert told == arrived
    stats = link.stats()
    outcomes = Counter(row["outcome"] for row in rows)
    assert outcomes["lost"] == stats["lost"]
    assert outcomes["corrupt"] == stats["corrupted"]
    assert sum(row["again"] != "" for row in rows) == stats["duplicated"]
    assert set(outcomes) == {"delivered", "lost", "corrupt", "duplicate"}


def test_without_verdicts_packets_are_known_by_their_content(link, folder):
    link.set(0, delay=5 * MS, loss=0.2, duplicate=0.1)
    recorder = Recorder(link, folder)
    send(link, 500)
    by_verdict, by_content = recorder.rows(), recorder.rows(verdicts=False)
    keys = ("entered", "left", "again", "outcome")
    assert [[row[key] for key in keys] for row in by_verdict] == \
        [[row[key] for key in keys] for row in by_content]


def test_each_reason_to_drop_is_told(link, emulator, folder):
    link.set(0, rate=1e6, queue=5)
    recorder = Recorder(link, folder)
    send(link, 20, length=1000)
    emulator.do("fail x")
    send(link, 3, first=20)
    emulator.do("restore x")
    outcomes = Counter(row["outcome"] for row in recorder.rows())
    assert outcomes == {"delivered": 20 - link.stats()["queue"],
                        "queue": link.stats()["queue"], "failed": 3}


def test_a_missing_interface_is_named(link, folder):
    done = subprocess.run(
        [BUILD / "pharos-truth", "--output", folder / "t",
         f"/proc/{link.nodes[0].pid}/ns/net", "t0",
         f"/proc/{link.nodes[1].pid}/ns/net", "t1"], capture_output=True, text=True)
    assert done.returncode == 3 and "t1" in done.stderr
