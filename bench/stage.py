# SPDX-License-Identifier: BSD-2-Clause
"""What the benchmarks share: a collector of their own, clients, a table."""

import array
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP / "tests" / "system"))

from fleet import Collector, descendants  # noqa: E402
from net import Namespace, die_with_parent, wait_for  # noqa: E402

BUILD = pathlib.Path(os.environ.get("PHAROS_BUILD", TOP / "build"))
PROBE = "p" "ing"  # the one that is there
TEST = "mesh"
MESH = """
sites:
{sites}
meshes:
  all: {{members: [{names}]}}
tests:
  {test}: {{mesh: all, probe: {probe}, schedule: {{uniform: 60s}},
         options: {{count: 10, spacing: 100ms}}}}
"""
STAR = """
sites:
{sites}
targets:
  www.example.org: {{address: 192.0.2.1}}
meshes:
  star: {{from: [{names}], to: [www.example.org]}}
tests:
  {test}: {{mesh: star, probe: {probe}, schedule: {{uniform: 60s}}, history: none,
         options: {{count: 10, spacing: 100ms}}}}
"""


def tool(name):
    return str(BUILD / "bench" / name)


class Table:
    """Rows as they come: what, figure, target, peer of the same run, ratio."""

    WIDTHS = (46, 16, 16, 34, 8)

    def __init__(self, title):
        load = os.getloadavg()[0]
        print(f"\n{title}; {os.cpu_count()} processors, load {load:.1f}")
        self.line("what", "figure", "target", "peer in this run", "ratio")
        self.line(*("-" * width for width in self.WIDTHS))

    def line(self, *fields):
        print("  ".join(f"{field:<{width}}" for field, width in
                        zip(fields, self.WIDTHS)).rstrip(), flush=True)

    def row(self, what, figure, unit="", target=None, most=True, peer=None,
            peer_name=""):
        """most: the target is an upper limit. A ratio is to the peer, else to
        the target."""
        sign = "<=" if most else ">="
        against = peer if peer is not None else target
        self.line(what, f"{number(figure)} {unit}",
                  "" if target is None else f"{sign} {number(target)} {unit}",
                  "" if peer is None else f"{peer_name} {number(peer)}",
                  "" if not against else f"{figure / against:.2f}")


def number(value):
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.1f}" if abs(value) >= 100 else f"{value:.3g}"


def processes(pid):
    """The daemon and all below it: {pid: words of its command line}."""
    found = {}
    for one in [pid, *descendants(pid)]:
        try:
            name = pathlib.Path(f"/proc/{one}/cmdline").read_bytes()
        except OSError:
            continue
        found[one] = [word.decode() for word in name.split(b"\0") if word]
    return found


def cpu(pid):
    """Seconds of processor time so far, of all its threads."""
    return sum(int(path.read_text().split()[0])
               for path in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def machine():
    """Seconds that the machine's processors were busy so far, with whatever."""
    words = pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    user, nice, system, _, _, *rest = map(int, words)
    return (user + nice + system + sum(rest)) / os.sysconf("SC_CLK_TCK")


def memory(pid):
    """{"Pss": .., "Private_Clean": .., "Private_Dirty": .., ..} in bytes. What is
    clean is pages of files, and private for as long as no other program maps them."""
    sums = {}
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, value, _ = line.split()
        sums[name.rstrip(":")] = int(value) * 1024
    return sums


def frames(pid):
    """Pages of memory that a process maps, by their numbers, for root only: whose
    they are, by the names of files; without those of spans of a gigabyte and more,
    which are a sanitizer's."""
    found = {}
    file = ""
    page = os.sysconf("SC_PAGE_SIZE")
    with open(f"/proc/{pid}/pagemap", "rb", buffering=0) as pagemap:
        for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, _, _, _, _, *names = line.split(maxsplit=5)
            start, end = (int(part, 16) // page for part in span.split("-"))
            name = names[0].rsplit("/", 1)[-1] if names else ""
            if not name.startswith("["):
                # what has no name and follows a library is its
                file = name or (file if end - start < 64 else "anonymous")
                name = file
            if "[v" in line or (end - start) * page >= 1 << 30:  # [vdso] and others
                continue
            pagemap.seek(start * 8)
            found.update((entry & (1 << 55) - 1, name)
                         for entry in array.array("Q", pagemap.read((end - start) * 8))
                         if entry >> 63)
    return found


class Stage:
    """A collector on a loopback of its own, and clients by the thousand."""

    def __init__(self, fleet, boxes, folder=None):
        self.temporary = tempfile.TemporaryDirectory(prefix="pharos-bench-", dir=folder)
        self.folder = pathlib.Path(self.temporary.name)
        self.node = Namespace("bench")
        self.node.addresses[4] = "127.0.0.1"
        self.collector = Collector(self.node, self.folder / "c", fleet)
        self.state = self.collector.state
        self.certificates = self.folder / "boxes"
        subprocess.run([tool("crowd"), "enrol", str(self.state), "--folder",
                        str(self.certificates), "--boxes", str(boxes)], check=True)
        (self.certificates / "ca.pem").write_bytes(
            (self.state / "pki" / "ca.pem").read_bytes())

    def start(self):
        self.collector.start()
        return self

    def crowd(self, act, **options):
        """A process of clients; its lines are read with say()."""
        options = {"folder": self.certificates, "port": 8641, **options}
        argv = [tool("crowd"), act]
        for name, value in options.items():
            argv += [f"--{name}", str(value)]
        return self.node.popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               text=True)

    def parts(self):
        """{part: pid} of the collector's processes."""
        return {part: pid for pid, words in
                processes(self.collector.process.pid).items()
                for part in ("intake", "store", "web") if part in words}

    def close(self):
        self.collector.close()
        self.node.close()
        self.temporary.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def say(process):
    """The next line of a client: a dict."""
    line = process.stdout.readline()
    if not line:
        raise SystemExit(f"{process.args}: exit {process.wait()}")
    return json.loads(line)


def box(number_):
    return f"b{number_:05d}"


def median(values):
    return sorted(values)[len(values) // 2]


def fleet(shape, boxes):
    names = [box(i) for i in range(boxes)]
    sites = "\n".join(f"  {name}: {{address: 10.{i // 62500}.{i // 250 % 250}."
                      f"{i % 250 + 1}}}" for i, name in enumerate(names))
    return shape.format(sites=sites, names=", ".join(names), test=TEST, probe=PROBE)


def minutes_ago(minutes):
    return (int(time.time()) // 60 - minutes) * 60


def alone(*argv, text=None):
    done = subprocess.run([tool("alone"), *map(str, argv)], input=text,
                          stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def records_text(boxes, count):
    """Lines of records as the clients send them."""
    done = subprocess.run(
        [tool("crowd"), "records", "--test", TEST, "--probe", PROBE, "--mesh",
         str(boxes), "--start", str(minutes_ago(60)), "--minutes",
         str(count // (boxes - 1) + 1)], stdout=subprocess.PIPE, check=True)
    return done.stdout


def hello(collector):
    """What an agent of this build would say; its manifests from the fleet."""
    fleet = collector.api("/api/v1/fleet")
    return {"version": "0.1.0", "epoch": "0123456789abcdef",
            "manifests": fleet["manifests"], "addresses": ["10.0.0.1"],
            "clock": {"source": "chrony", "error": 9e-6, "clocksource": "tsc"},
            "spool": {"records": 0, "bytes": 0, "oldest": None, "dropped": 0},
            "plan": 1}


def announce(what):
    print(f"# {time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)
