#!/usr/bin/python3
"""A fleet of eight agents under faults; at the end every run is accounted for.

  soak.py [--seconds N | --full] [--seed N] [--keep-clocks] [--keep]

Processes of every kind are killed, links cut, daemons stopped for a while, disks
filled and clocks set, at random times that the printed seed sets. Then the
faults end, the spools drain, and each start that the schedule had for each
agent must have exactly one record at the collector, or be named in a gap or
skipped record; of a stream, each instant. Needs root, and PHAROS_BUILD (a build
tree after "make check" or "make tests/soak/starts tests/clock/clock.la").
"""

import argparse
import collections
import contextlib
import heapq
import itertools
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "system")]

from accounts import Accounts, exact, holes  # noqa: E402
from clock import Clock  # noqa: E402
from fleet import Agent, Collector, pharos  # noqa: E402
from net import Network, wait_for  # noqa: E402
from plugin import build  # noqa: E402

BOXES = ["ams", "bog", "cpt", "del", "fra", "nyc", "syd", "tok"]
FLEET = """
sites:
{sites}
meshes:
  all: {{members: [{names}]}}
  star: {{from: [ams], to: [{others}]}}
clock: {{continuous: {{report: 2s}}}}
tests:
  uniform:  {{mesh: all, probe: ping, schedule: {{uniform: 4s}}, history: none,
             options: {{count: 3, spacing: 50ms, timeout: 500ms}}}}
  kept:     {{mesh: star, probe: ping, schedule: {{uniform: 2s}},
             options: {{count: 3, spacing: 50ms, timeout: 500ms}}}}
  poisson:  {{mesh: all, probe: ping, schedule: {{poisson: 5s}}, history: none,
             options: {{count: 1, timeout: 500ms}}}}
  periodic: {{mesh: star, probe: ping, schedule: {{periodic: 2s}}, history: none,
             options: {{count: 20, spacing: 100ms, timeout: 500ms}}}}
  stream:   {{mesh: star, probe: stream, schedule: {{continuous: {{report: 2s}}}},
             history: none, options: {{rate: 5/s, wait: 200ms}}}}
{onces}
"""
ONCE = """  once-{i}: {{mesh: star, probe: ping, schedule: {{once: {at}}},
            history: none, options: {{count: 2, spacing: 1s, timeout: 500ms}}}}
"""
AGENT_DISK, COLLECTOR_DISK = "16m", "1g"
OPEN = 6  # seconds, for what runs at the end
UNKILLED = {"cuts", "freezes", "full disks", "nudges", "steps", "leaps",
            "lost clocks"}
SETTLE = 90  # seconds, for spools to drain once the faults are over
NS = 10 ** 9


def onces(seconds):
    """Runs that are to happen once, spread over the time of the faults."""
    at = time.time() + 30
    count = max(4, min(20, seconds // 20))
    return "".join(ONCE.format(i=i, at=time.strftime(
        "%Y-%m-%dT%H:%M:%SZ", time.gmtime(at + seconds * i // count)))
        for i in range(count))


def fleet_text(network, seconds):
    sites = [f"  {box}: {{address: {network.nodes[box].address(4)}}}"
             for box in BOXES]
    return FLEET.format(sites="\n".join(sites), names=", ".join(BOXES),
                        others=", ".join(BOXES[1:]), onces=onces(seconds))


def is_its_parent(pid):
    """Does it look like it? LeakSanitizer looks through a process from one that
    shares its memory; when that is killed, the other waits for it for ever."""
    try:
        parent = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1]
        return (pathlib.Path(f"/proc/{pid}/cmdline").read_bytes() ==
                pathlib.Path(f"/proc/{parent}/cmdline").read_bytes())
    except OSError:
        return True  # gone


def mount_small(path, size):
    path.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755",
                    "tmpfs", path], check=True)


class Fleet:
    def __init__(self, folder, seconds):
        os.environ["PHAROS_PROBES"] = str(build(folder / "p", "stream"))
        self.network = Network()
        hub = self.network.add("hub")
        mount_small(folder / "hub" / "state", COLLECTOR_DISK)
        for box in BOXES:
            self.network.add(box)
            mount_small(folder / box / "state", AGENT_DISK)
        self.collector = Collector(hub, folder / "hub",
                                   fleet_text(self.network, seconds))
        self.agents = {box: Agent(self.network.nodes[box], folder / box, box)
                       for box in BOXES}
        self.since = {}
        self.clocks = {}
        for daemon in self.daemons():
            clock = self.clocks[daemon] = Clock(daemon.folder / "clock")
            clock.synchronised()
            daemon.environment = clock.environment()

    def start(self):
        self.collector.start()
        for box, agent in self.agents.items():
            agent.enroll(self.collector).start()
        for box, agent in self.agents.items():
            wait_for(f"the plan of {box}", lambda: self.jobs(agent) > 0, 60)
            self.since[box] = self.clocks[agent].now() + 2 * NS  # all noted

    @staticmethod
    def jobs(agent):
        done = pharos("status", "--config", agent.config, "--format", "json",
                      check=False)
        return agent.status()["plan"]["jobs"] if done.returncode == 0 else 0

    def stop_agents(self):
        for agent in self.agents.values():
            agent.stop(60)

    def daemons(self):
        return [self.collector, *self.agents.values()]

    def revive(self, daemon):
        """As systemd would; a daemon that ends by itself is started again."""
        if not daemon.running():
            daemon.spawn()

    def close(self):
        for agent in self.agents.values():
            agent.stop()
        self.collector.close()
        self.network.close()


class Faults:
    """Random faults and, for each, the moment when it ends."""

    def __init__(self, fleet, dice, keep_clocks):
        self.fleet, self.dice = fleet, dice
        self.count = collections.Counter()
        self.ends = []
        self.order = itertools.count()
        self.busy = set()  # what has a fault already
        self.kinds = [self.kill_daemon] * 4 + [self.kill_child] * 6 + \
            [self.cut] * 4 + [self.freeze] * 2 + [self.fill] + \
            ([] if keep_clocks else [self.nudge] * 3 + [self.step] * 2 +
             [self.leap, self.lose_clock])

    def later(self, seconds, what, end):
        self.busy.add(what)
        heapq.heappush(self.ends, (time.monotonic() + seconds,
                                   next(self.order), what, end))

    def finish(self, all_of_them=False):
        """Ends what is over, and lets no daemon lie dead without a fault."""
        while self.ends and (all_of_them or
                             self.ends[0][0] <= time.monotonic()):
            _, _, what, end = heapq.heappop(self.ends)
            self.busy.discard(what)
            end()
        for daemon in self.fleet.daemons():
            if ("dead", daemon) not in self.busy:
                self.fleet.revive(daemon)

    def strike(self):
        self.dice.choice(self.kinds)()

    def pick_daemon(self, collector=0.25):
        return self.fleet.collector if self.dice.random() < collector else \
            self.fleet.agents[self.dice.choice(BOXES)]

    def kill_daemon(self):
        daemon = self.pick_daemon()
        if not daemon.running():
            return
        self.count["collectord" if daemon is self.fleet.collector
                   else "pharosd"] += 1
        daemon.kill()
        self.later(self.dice.choice([0, 0.3, 2, 8]), ("dead", daemon),
                   lambda: self.fleet.revive(daemon))

    def kill_child(self):
        daemon = self.pick_daemon(collector=0.5)
        if not daemon.running():
            return
        found = [(pid, words) for pid, words in sorted(daemon.children().items())
                 if not is_its_parent(pid)]
        if found:
            pid, words = self.dice.choice(found)
            self.count[self.name(daemon, words)] += 1
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def name(self, daemon, words):
        if daemon is not self.fleet.collector:
            return "pharos-probe"
        return next((w for w in ("intake", "store", "web", "court") if w in words),
                    "another child")

    def cut(self):
        node = self.dice.choice(BOXES + ["hub"])
        if ("cut", node) in self.busy:
            return
        self.count["cuts"] += 1
        self.fleet.network.cut(node)
        self.later(self.dice.uniform(0.5, 12), ("cut", node),
                   lambda: self.fleet.network.mend(node))

    def freeze(self):
        daemon = self.pick_daemon()
        if not daemon.running():
            return
        process = daemon.process
        self.count["freezes"] += 1
        process.send_signal(signal.SIGSTOP)
        self.later(self.dice.uniform(0.2, 6), ("frozen", process.pid),
                   lambda: process.send_signal(signal.SIGCONT))

    def fill(self):
        daemon = self.pick_daemon()
        if ("full", daemon) in self.busy:
            return
        self.count["full disks"] += 1
        ballast = daemon.state / "ballast"
        with open(ballast, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(65536))
            except OSError:
                pass
        self.later(self.dice.uniform(2, 10), ("full", daemon),
                   lambda: ballast.unlink(missing_ok=True))

    def nudge(self):
        """A clock is put right, as by a time server: by little, for good."""
        daemon = self.pick_daemon()
        self.count["nudges"] += 1
        self.fleet.clocks[daemon].step(self.dice.uniform(-0.3, 0.3))

    def set_for_a_while(self, title, daemon, seconds, change):
        clock = self.fleet.clocks[daemon]
        if ("clock", daemon) in self.busy:
            return
        self.count[title] += 1
        change(clock)
        self.later(seconds, ("clock", daemon), lambda: self.mend(clock))

    @staticmethod
    def mend(clock):
        clock.right()  # then the word of it, as the kernel's
        clock.synchronised()

    def step(self):
        """A clock is wrong for a while, by what is waited for."""
        by = self.dice.choice([-1, 1]) * self.dice.uniform(2, 15)
        self.set_for_a_while("steps", self.pick_daemon(),
                             self.dice.uniform(0.5, 10), lambda c: c.step(by))

    def leap(self):
        """By more than that; the collector even into another decade."""
        daemon = self.pick_daemon()
        by = self.dice.choice([-1, 1]) * self.dice.uniform(1000, 4000)
        if daemon is self.fleet.collector and by > 0:
            by *= 10 ** 5
        self.set_for_a_while("leaps", daemon, self.dice.uniform(0.5, 6),
                             lambda c: c.step(by))

    def lose_clock(self):
        """A box is in another year, and nothing keeps its clock right."""
        unix = self.dice.choice([1000, 2 ** 31 - 10 ** 6])

        def lose(clock):
            clock.unsynchronised()
            clock.set(unix)
        self.set_for_a_while("lost clocks", self.pick_daemon(0),
                             self.dice.uniform(0.5, 6), lose)


def spooled(agent, what):
    """max(n) or min(n) of the records in its spool; 0: it is empty."""
    path = agent.state / "spool.db"
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True,
                                            timeout=30)) as db:
        return db.execute(f"SELECT {what} FROM record").fetchone()[0] or 0


def refused(fleet):
    """What the collector would not take: from whom, why, and the record."""
    path = fleet.collector.state / "registry.db"
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True,
                                            timeout=30)) as db:
        return [f"{box}: {why}: {line!r}" for box, why, line in db.execute(
            "SELECT box, why, line FROM refused")]


def drained(fleet, marks):
    """Has everything up to these numbers left the spools?"""
    firsts = {box: spooled(fleet.agents[box], "min(n)") for box in BOXES}
    return all(firsts[box] == 0 or firsts[box] > marks[box] for box in BOXES)


def storm(fleet, dice, seconds, keep_clocks):
    faults = Faults(fleet, dice, keep_clocks)
    over = time.monotonic() + seconds
    while time.monotonic() < over:
        pause = time.monotonic() + dice.expovariate(1 / 1.2)
        while time.monotonic() < min(pause, over):
            faults.finish()
            time.sleep(0.02)
        faults.strike()
    faults.finish(all_of_them=True)
    return faults.count


def disagreements(fleet, records):
    """The pairs whose packets in the store are not those of the records."""
    sent = collections.Counter()
    for r in records:
        if r.get("test") == "kept" and r["outcome"] in ("measured", "no-answer"):
            sent[r["src"], r["dst"]] += r["metrics"]["sent"]
    since = float(min(r["start"] for r in records)) - 60
    until = float(max(r["end"] for r in records)) + 60
    wrong = []
    for (src, dst), count in sorted(sent.items()):
        answer = fleet.collector.api(
            f"/api/v1/series/kept/{src}/{dst}?metric=sent&from={since:.0f}"
            f"&to={until:.0f}&points=10000")
        column = answer["metrics"]["sent"]["columns"]["sum"]
        found = sum(v for v in column if v is not None)
        if found != count:
            wrong.append(f"{src} to {dst}: {found} in bins, {count} in records")
    return wrong


def read_records(fleet):
    """Every record that the collector has, by the command for people."""
    done = pharos("records", "--url", fleet.collector.web, "--format", "ndjson",
                  "--from", "0", "--to", f"{time.time() + 86400:.0f}")
    return [exact(line) for line in done.stdout.splitlines()]


def settle(fleet):
    """All records of before this instant, once they have arrived."""
    time.sleep(OPEN)  # what had begun comes to its end
    marks = {box: spooled(fleet.agents[box], "max(n)") for box in BOXES}
    wait_for("drained spools", lambda: drained(fleet, marks), SETTLE, 1)
    fleet.stop_agents()  # nothing more comes in
    over = time.monotonic() + 30
    while True:
        records = read_records(fleet)
        wrong = disagreements(fleet, records)
        if not wrong or time.monotonic() > over:
            return records, wrong
        time.sleep(1)


def show(title, found, limit=8):
    for what in found[:limit]:
        print(f"  {title}: {what}")
    if len(found) > limit:
        print(f"  {title}: ... {len(found)} in all")


def judge(fleet, records, bins, until):
    """Prints the accounts; True when nothing is lost, doubled or false."""
    total = collections.Counter()
    outcomes = collections.Counter()
    bad = collections.defaultdict(list)
    for box in BOXES:
        plan = fleet.agents[box].state / "plan.json"
        mine = [r for r in records if r["agent"] == box]
        accounts = Accounts(plan, mine, fleet.since[box], until[box])
        total["scheduled"] += accounts.scheduled()
        total["in gaps"] += accounts.in_gaps()
        outcomes += accounts.outcomes
        for title in ("lost", "doubled", "wrong", "unscheduled",
                      "holes", "overlaps"):
            found = getattr(accounts, title)
            bad[title] += found() if callable(found) else found
    bad["doubled"] += holes(records)[0]
    bad["missing ids"] += holes(records)[1]
    bad["store"] += bins
    bad["refused"] += refused(fleet)
    print(f"scheduled {total['scheduled']}, named in gaps {total['in gaps']}; " +
          ", ".join(f"{name} {n}" for name, n in sorted(outcomes.items())))
    for title, found in bad.items():
        show(title, found)
    return bad


def soak(folder, seed, seconds, keep_clocks):
    dice = random.Random(seed)
    print(f"seed {seed}, {len(BOXES)} agents, {seconds} s", flush=True)
    fleet = Fleet(folder, seconds)
    try:
        fleet.start()
        counts = storm(fleet, dice, seconds, keep_clocks)
        until = {box: fleet.clocks[agent].now()
                 for box, agent in fleet.agents.items()}
        print("faults: " + ", ".join(f"{n} {what}" for what, n
                                     in sorted(counts.items())), flush=True)
        records, bins = settle(fleet)
        bad = judge(fleet, records, bins, until)
    finally:
        fleet.close()
    kills = sum(n for what, n in counts.items()
                if what not in UNKILLED)
    print(f"{len(records)} records, {kills} kills, {len(bad['lost'])} lost, "
          f"{len(bad['doubled'])} doubled")
    return not any(bad.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=150,
                        help="how long faults go on")
    parser.add_argument("--full", action="store_true", help="an hour")
    parser.add_argument("--seed", type=int, default=random.randrange(10 ** 6))
    parser.add_argument("--keep-clocks", action="store_true",
                        help="set no clock")
    parser.add_argument("--keep", action="store_true", help="logs and states")
    options = parser.parse_args()
    if "PHAROS_SOAK" not in os.environ:  # mounts of ours are nobody else's
        os.execvpe("unshare", ["unshare", "--mount", sys.executable, *sys.argv],
                   {**os.environ, "PHAROS_SOAK": "1"})
    folder = pathlib.Path(tempfile.mkdtemp(prefix="soak-"))
    good = False
    try:
        good = soak(folder, options.seed,
                    3600 if options.full else options.seconds,
                    options.keep_clocks)
    finally:
        if options.keep:
            keep = folder.with_name(folder.name + "-kept")
            shutil.copytree(folder, keep, symlinks=True,
                            ignore=shutil.ignore_patterns("control", "ballast"))
            print(f"kept in {keep}")
        for state in folder.glob("*/state"):
            subprocess.run(["umount", "-l", state], check=False)
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
