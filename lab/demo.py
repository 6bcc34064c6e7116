"""Four sites, a collector and a full ping mesh on this machine."""

import argparse
import pathlib
import shutil
import signal
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP / "tests" / "system"))

from fleet import Agent, Collector, cells, pharos  # noqa: E402
from net import Network  # noqa: E402

SITES = {
    "nyc": ("New York", "纽约", "us", "[40.71, -74.01]"),
    "lon": ("London", "伦敦", "eu", "[51.51, -0.13]"),
    "tok": ("Tokyo", "东京", "asia", "[35.68, 139.69]"),
    "syd": ("Sydney", "悉尼", "oceania", "[-33.87, 151.21]"),
}
TEST = "mesh-ping"
PATIENCE = 110  # seconds until every cell must have a value


def fleet_file(network):
    """A short step, so that the first numbers come at once."""
    lines = ["sites:"]
    for name, (en, zh, group, location) in SITES.items():
        node = network.nodes[name]
        lines.append(f"  {name}: {{address: [{node.address(4)}, "
                     f'"{node.address(6)}"], groups: [{group}], '
                     f"label: {{en: {en}, zh: {zh}}}, location: {location}}}")
    lines += [
        "meshes:",
        f"  all: {{members: [{', '.join(SITES)}]}}",
        "tests:",
        f"  {TEST}: {{mesh: all, probe: ping, schedule: {{uniform: 10s}}, "
        "options: {count: 20, spacing: 50ms, timeout: 1s}}",
    ]
    return "\n".join(lines) + "\n"


class Progress:
    """One line that says what is being done, and how far it got."""

    def __init__(self):
        self.began = time.monotonic()

    def say(self, text):
        end = "\r" if sys.stdout.isatty() else "\n"
        print(f"{text:<60} {time.monotonic() - self.began:4.0f} s", end=end,
              flush=True)

    def done(self, text):
        print(f"{text:<60} {time.monotonic() - self.began:4.0f} s", flush=True)


def has_value(cell):
    return cell["state"] in ("ok", "self") and (
        cell["value"] is not None or cell["state"] == "self")


def wait_for_values(collector, progress):
    """The matrix once every cell has a value; else the empty cells."""
    deadline = time.monotonic() + PATIENCE
    said = None
    while True:
        matrix = cells(collector.api(f"/api/v1/matrix/{TEST}"))
        empty = [f"{src} to {dst}: {cell['state']}"
                 for (src, dst), cell in matrix.items() if not has_value(cell)]
        filled = f"measuring: {len(matrix) - len(SITES) - len(empty)} of " \
                 f"{len(matrix) - len(SITES)} pairs have a value"
        if filled != said:
            progress.say(filled)
            said = filled
        if not empty or time.monotonic() > deadline:
            return empty
        time.sleep(0.5)


def show(collector):
    for metric, stat in (("rtt", "p50"), ("loss", "ratio")):
        sys.stdout.write("\n" + pharos(
            "matrix", TEST, "--metric", metric, "--stat", stat, "--url",
            collector.web).stdout)
    print(f"\nThe matrix in your browser: {collector.web}/matrix/{TEST}")


def explain(folder, agents, collector, empty):
    print("\nsome cells stayed empty:\n  " + "\n  ".join(empty), file=sys.stderr)
    for daemon in [collector, *agents]:
        tail = daemon.log().splitlines()[-5:]
        print(f"{daemon.log_path.name}:\n  " + "\n  ".join(tail), file=sys.stderr)


def run(network, folder, once, port, progress):
    hub = network.add("collector")
    for name in SITES:
        network.add(name)
    progress.done(f"{len(SITES)} sites and a collector in namespaces")
    collector = Collector(hub, folder / "collector", fleet_file(network), port)
    agents = []
    try:
        collector.start()
        progress.done("the collector runs")
        for name in SITES:
            agent = Agent(network.nodes[name], folder / name, name)
            agents.append(agent.enroll(collector).start())
            progress.say(f"{name} has enrolled with a one-time token")
        empty = wait_for_values(collector, progress)
        if empty:
            explain(folder, agents, collector, empty)
            return 1
        progress.done("every pair has a value")
        show(collector)
        if not once:
            print("Ctrl-C ends it.", flush=True)
            signal.pause()
        return 0
    finally:
        for agent in agents:
            agent.stop()
        collector.close()


def main():
    parser = argparse.ArgumentParser(prog="./demo", description=__doc__)
    parser.add_argument("--once", action="store_true",
                        help="stop everything once every pair has a value")
    parser.add_argument("--port", type=int, default=0,
                        help="of the page, on 127.0.0.1 (default: any)")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="pharos-demo-"))
    try:
        with Network() as network:
            return run(network, folder, options.once, options.port, Progress())
    except KeyboardInterrupt:
        print("\nstopping", flush=True)
        return 0
    except AssertionError as failure:
        print(f"\nthe demo failed: {failure}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
