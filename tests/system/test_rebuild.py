"""Histories, hours and days, matrices: made again from the archive."""

import fcntl
import shutil
import signal
import sqlite3
import subprocess
import time

import pytest

from fleet import Collector, cells, program
from net import wait_for
from test_store import MS, STEP, Box

FLEET = """
sites:
  nyc: {address: 192.0.2.1}
  lon: {address: 192.0.2.2}
  par: {address: 192.0.2.3}
meshes:
  all: {members: [nyc, lon, par]}
tests:
  core: {mesh: all, probe: ping, schedule: {uniform: 10s},
         options: {count: 10, spacing: 100ms}}
"""
DAY, HOUR = 86400, 3600


class Stage:
    """Records of six days, of which the bins of the first are gone."""

    def __init__(self, network, folder, fleet=FLEET):
        self.collector = Collector(network.add("hub", (4,)), folder / "c", fleet)
        self.collector.start()
        self.box = Box(network.add("nyc", (4,)), folder / "b", "nyc")
        self.box.enroll(self.collector)
        self.today = int(time.time()) // DAY * DAY
        self.old = self.today - 5 * DAY
        self.now = int(time.time()) // STEP * STEP

    @property
    def state(self):
        return self.collector.state

    def fill(self):
        box, old, now = self.box, self.old, self.now
        hours = range(old, now - 2 * HOUR, HOUR)
        starts = [start + n * STEP + k
                  for start in hours for n in range(3) for k in (1, 6)]
        bad = old + 613 * 60
        recent = [now - 2600 + n * STEP for n in range(200)]
        self.lost_days = {start // DAY for start in [bad, *recent[::11]]}
        self.deliver(
            [box.record(start, [(start // STEP % 7 + 1) * MS] * 10)
             for start in starts if start < bad] +
            [box.record(bad, []), box.record(bad + 60, [900 * MS] * 3)] +
            [box.record(start, [(start // STEP % 7 + 1) * MS] * 10)
             for start in starts if start > bad] +
            [box.record(start, [5 * MS] * (n % 11))
             for n, start in enumerate(recent)] +
            [box.record(now - 600, [7 * MS] * 10, dst="par"),
             box.record(now - 599, [9 * MS] * 8, dst="par")])

    def deliver(self, records):
        for first in range(0, len(records), 500):
            lot = records[first:first + 500]
            self.box.sequence = int(lot[-1]["id"].rsplit("/", 1)[1])
            self.box.deliver(self.collector, lot)

    def query(self, sql):
        db = sqlite3.connect(self.state / "bins.db")
        with db:
            found = db.execute(sql).fetchall()
        db.close()
        return found

    def settle(self):
        """Until hours, days and files hold what is complete."""
        wait_for("the hours of both pairs", lambda: self.query(
            "SELECT count(*) FROM pair WHERE rolled >="
            f" {(self.now - 2 * HOUR) * 10**9}")[0][0] == 2)
        wait_for("the histories", lambda: self.query(
            "SELECT count(*) FROM pair WHERE rebuild OR due < flushed")[0][0] == 0)
        # bins that came old go when the store looks again at its start
        self.restart()
        wait_for("old bins to go", lambda: self.query(
            "SELECT min(start) FROM bin")[0][0] >= (self.today - 2 * DAY) * 10**9)
        self.collector.stop()

    def restart(self):
        self.collector.stop()
        self.collector.start()

    def series(self, first, last, points, dst="lon"):
        answer = self.collector.api(
            f"/api/v1/series/core/nyc/{dst}?metric=rtt,loss,sent"
            f"&from={first}&to={last}&points={points}")
        for name in ("generated", "from", "to"):
            answer.pop(name, None)
        return answer

    def answers(self):
        """What people are shown, of all stores and spans."""
        old, now = self.old, self.now
        wait_for("the hour's window", lambda: self.matrix("1h")["nyc", "lon"][0])
        return {
            "today": self.series(now - 6 * HOUR, now, 1500),
            "two days": self.series(now - 2 * DAY, now, 300),
            "fine rows of before": self.series(old, old + 8 * HOUR, 1500),
            "five days": self.series(old, now, 500),
            "hours": self.series(old - 30 * DAY, now, 1500),
            "days": self.series(old - 300 * DAY, now, 1500),
            "another pair": self.series(now - DAY, now, 1500, dst="par"),
            "last": self.matrix("last"), "1h": self.matrix("1h")}

    def matrix(self, window, test="core"):
        matrix = self.collector.api(
            f"/api/v1/matrix/{test}?metric=rtt&stat=p50&window={window}&also=loss")
        return {pair: (cell["value"], cell["count"], cell["state"])
                for pair, cell in cells(matrix).items()}

    def command(self, what):
        return [program("pharos-collectord"), "rebuild", what, "-c",
                str(self.collector.config)]

    def rebuild(self, what):
        done = subprocess.run(self.command(what), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "Sanitizer" not in done.stderr
        return done.stdout


@pytest.fixture(name="stage", scope="module")
def lived_stage(tmp_path_factory):
    from net import Network
    folder = tmp_path_factory.mktemp("r")
    with Network() as network:
        made = Stage(network, folder)
        made.fill()
        made.settle()
        yield made
        made.collector.close()


def lose_rrd(stage):
    shutil.rmtree(stage.state / "rrd")


def lose_rollup(stage):
    stage.query("DELETE FROM rollup")


def lose_latest(stage):
    shutil.rmtree(stage.state / "latest")
    stage.query("DELETE FROM bin")


def check(stage, before):
    stage.collector.start()
    after = stage.answers()
    stage.collector.stop()
    for what, answer in before.items():
        assert after[what] == same(answer), what


def same(answer):
    """Sums of other orders differ in their last digits."""
    if isinstance(answer, dict):
        return {k: same(v) for k, v in answer.items()}
    if isinstance(answer, list):
        return [same(v) for v in answer]
    if isinstance(answer, tuple):
        return tuple(same(v) for v in answer)
    if isinstance(answer, float):
        return pytest.approx(answer, rel=1e-9)
    return answer


def answers(stage):
    stage.collector.start()
    found = stage.answers()
    stage.collector.stop()
    return found


@pytest.mark.parametrize("what,lose", [
    ("rrd", lose_rrd), ("rollup", lose_rollup), ("latest", lose_latest)])
def test_answers_are_the_same_after_a_loss(stage, what, lose):
    before = answers(stage)
    assert before["days"]["metrics"]["loss"]["worst"]["value"].count(1) == len(
        stage.lost_days)
    lose(stage)
    said = stage.rebuild(what)
    assert said.startswith(f"{what}: 2 pairs made of ")
    check(stage, before)


def test_record_that_came_days_late_is_in_its_rows(stage):
    """Its bin had gone; the histories, which took no notice, have it now."""
    late = stage.old + DAY + 3 * HOUR + 5 * STEP
    stage.collector.start()
    stage.deliver([stage.box.record(late, [33 * MS] * 4),
                   stage.box.record(late + 1, [44 * MS] * 4)])
    span = (stage.old - 30 * DAY, stage.now, 1500)

    def hours():
        series = stage.series(*span)
        row = int((late - series["start"]) // series["step"])
        return series["metrics"]["loss"]["worst"]["value"][row], series
    wait_for("the late records", lambda: hours()[0] == pytest.approx(0.6))
    before = {"hours": hours()[1], "days": stage.answers()["days"]}
    stage.collector.stop()
    stage.rebuild("rollup")
    stage.rebuild("rrd")
    check(stage, before)
    end = late // STEP * STEP + STEP
    rows = subprocess.run(
        ["rrdtool", "fetch", stage.state / "rrd/core/4/nyc/lon.rrd", "MAX", "-r",
         "3600", "-s", str(end), "-e", str(end)], check=True, text=True,
        capture_output=True).stdout
    names, values = rows.split("\n\n")
    found = dict(zip(names.split(), values.splitlines()[0].split()[1:]))
    assert float(found["rtt_max"]) == pytest.approx(0.044)


FULL = """
cp -a "$0" "$0.kept" && mount -t tmpfs -o size=128m none "$0" &&
mv "$0.kept"/* "$0" && rmdir "$0.kept" && cd "$0" || exit 99
sums() { find rrd -type f -exec sha256sum {} + | sort; }
before=$(sums)
set_aside=$(($(stat -fc "%a * %S" .) - 500000))
fallocate -l $set_aside filler || exit 99
"$@"
status=$?
test "$(sums)" = "$before" || exit 98
ls -d *.new >&2 2>/dev/null && exit 97
exit $status
"""


def test_a_full_disk_is_named_and_leaves_the_old(stage):
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", FULL, stage.state, *stage.command("rrd")],
        capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert "rrd.new/" in done.stderr and "is the disk full?" in done.stderr
    assert "Sanitizer" not in done.stderr


def test_refused_while_the_collector_runs(stage):
    stage.collector.start()
    done = subprocess.run(stage.command("rrd"), capture_output=True, text=True)
    stage.collector.stop()
    assert done.returncode == 1
    assert "in use by process" in done.stderr and "stop it first" in done.stderr


def test_what_can_be_rebuilt_is_named(stage):
    done = subprocess.run(stage.command("everything"), capture_output=True, text=True)
    assert done.returncode == 2
    assert "rebuild rrd|rollup|latest" in done.stderr
    done = subprocess.run([*stage.command("rrd")[:-1], "no.yaml"], capture_output=True,
                          text=True)
    assert done.returncode == 2 and "no.yaml: No such file" in done.stderr


def test_killed_at_any_moment_it_leaves_the_old_or_the_new(stage):
    before = answers(stage)
    for what in "rrd", "rollup", "latest":
        began = time.monotonic()
        stage.rebuild(what)
        whole = time.monotonic() - began
        kills = 0
        for step in range(12):
            process = subprocess.Popen(stage.command(what), stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            try:
                process.wait(whole * step / 12)  # any moment is right
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
            wait_for("its store to end", lambda: free(stage), interval=0.01)
        assert kills > 3, what
    check(stage, before)
    for what in "rrd", "rollup", "latest":
        stage.rebuild(what)
    check(stage, before)
    assert not [path for path in stage.state.iterdir() if path.suffix == ".new"]


def test_killed_between_two_names_it_leaves_the_old(stage):
    """As where a file system cannot exchange them: what was is called .replaced."""
    before = answers(stage)
    for what in "rrd", "latest":
        (stage.state / what).rename(stage.state / f"{what}.replaced")
        (stage.state / f"{what}.new").mkdir()
    check(stage, before)
    for what in "rrd", "latest":
        (stage.state / what).rename(stage.state / f"{what}.replaced")
        stage.rebuild(what)
        shutil.copytree(stage.state / "rrd", stage.state / f"{what}.replaced")
    check(stage, before)
    assert not [path for path in stage.state.iterdir()
                if path.suffix in (".new", ".replaced")]


def free(stage):
    """Has the store of a rebuild that was killed seen it, and gone?"""
    with open(stage.state / "lock", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def test_bins_that_cannot_be_read_are_made_again(stage):
    before = answers(stage)
    damaged = b"no database at all\n" * 1000
    (stage.state / "bins.db").write_bytes(damaged)
    stage.collector.start()
    wait_for("what to do", lambda: "bins.db: file is not a database; what is damaged or "
             "gone is made again by \"pharos-collectord rebuild latest\""
             in stage.collector.log())
    stage.collector.stop()
    for what in "rollup", "rrd":
        done = subprocess.run(stage.command(what), capture_output=True, text=True)
        assert done.returncode == 1 and "/bins.db: " in done.stderr
        assert "run pharos-collectord rebuild latest first" in done.stderr
    assert (stage.state / "bins.db").read_bytes() == damaged
    for wait in 100, 150, 200:
        process = subprocess.Popen(stage.command("latest"), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        time.sleep(wait / 1000)  # any moment is right
        process.kill()
        process.wait()
        wait_for("its store to end", lambda: free(stage), interval=0.01)
    stage.rebuild("latest")
    stage.rebuild("rollup")
    assert (stage.state / "bins.db.damaged").read_bytes().startswith(b"no database")
    check(stage, before)
