"""Four sites round the world and a collector on this machine; all sites ping each
other, and measure the delay one way."""

import argparse
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time
import urllib.request

TOP = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP / "tests" / "system"))

from fleet import cells, pharos  # noqa: E402

TESTS = ("mesh-ping", "mesh-owd")
PATIENCE = 110  # seconds until every cell must have a value


class Lab:
    """The topology mesh4 with its agents, in a folder of its own."""

    def __init__(self, folder, port):
        self.environment = {**os.environ, "PHAROS_LAB": str(folder)}
        self.port = port

    def command(self, *argv, **options):
        return pharos("lab", *argv, env=self.environment, **options)

    def __enter__(self):
        self.command("up", "mesh4", "--port", self.port)
        self.status = json.loads(
            self.command("status", "--format", "json").stdout)
        self.web = self.status["page"]
        return self

    def __exit__(self, *_):
        self.command("down", "mesh4", check=False)

    def api(self, path):
        with urllib.request.urlopen(self.web + path, timeout=20) as reply:
            return json.load(reply)


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
    # once this machine's clock is set, its boxes vouch for it no more
    return cell["state"] in ("ok", "clock", "self") and (
        cell["value"] is not None or cell["state"] == "self")


def look(lab):
    """How many pairs there are in all tests, and which have no value yet."""
    count, empty = 0, []
    for test in TESTS:
        for (src, dst), cell in sorted(
                cells(lab.api(f"/api/v1/matrix/{test}")).items()):
            count += src != dst
            if src != dst and not has_value(cell):
                empty.append(f"{test}, {src} to {dst}: {cell['state']}")
    return count, empty


def wait_for_values(lab, progress):
    """The matrices once every cell has a value; else the empty cells."""
    deadline = time.monotonic() + PATIENCE
    said = None
    while True:
        count, empty = look(lab)
        filled = f"measuring: {count - len(empty)} of {count} cells have a value"
        if filled != said:
            progress.say(filled)
            said = filled
        if not empty or time.monotonic() > deadline:
            return empty
        time.sleep(0.5)


def show(lab):
    for test, metric, stat in (("mesh-ping", "rtt", "p50"),
                               ("mesh-owd", "delay", "p50"),
                               ("mesh-owd", "loss", "ratio")):
        sys.stdout.write("\n" + pharos(
            "matrix", test, "--metric", metric, "--stat", stat, "--url",
            lab.web).stdout)
    print("\nBetween London and Tokyo a packet in fifty is lost, each way: the "
          "lab does that.")
    print(f"The matrix in your browser: {lab.web}/matrix/{TESTS[0]}")


def run(lab, once, progress):
    sites = [node["name"] for node in lab.status["nodes"] if node["agent"]]
    progress.done(f"{len(sites)} sites and a collector, links and routers "
                  "between them")
    empty = wait_for_values(lab, progress)
    if empty:
        print("\nsome cells stayed empty:\n  " + "\n  ".join(empty),
              file=sys.stderr)
        print(lab.command("log").stdout, file=sys.stderr)
        return 1
    progress.done("every pair has a value")
    show(lab)
    if not once:
        print("Ctrl-C ends it.", flush=True)
        signal.pause()
    return 0


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
        progress = Progress()
        with Lab(folder, options.port) as lab:
            return run(lab, options.once, progress)
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
