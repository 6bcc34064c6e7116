"""Members of a fleet, on one host, and what the collector has of them."""

import contextlib
import json
import subprocess

from client import journal
from fleet import Agent, Collector, pharos

FLEET = """
sites:
{sites}
targets:
  here: {{address: 127.0.0.1}}
tests:
  self: {{from: [{names}], to: [here], probe: ping, schedule: {{uniform: 500ms}},
         options: {{count: 1, timeout: 300ms}}}}
"""


def fleet_text(*names, **was):
    """Boxes of these names; was=: the name that one of them had."""
    sites = "\n".join(f"  {name}: {{address: 127.0.0.1"
                      + (f", was: {was[name]}" if name in was else "") + "}"
                      for name in names)
    return FLEET.format(sites=sites, names=", ".join(names))


class Members:
    """Collector and agents on one host, each begun when it is asked for. Those that
    are in the stack are stopped in the end."""

    def __init__(self, node, folder):
        self.node, self.folder = node, folder
        self.stack = contextlib.ExitStack()

    def collector(self, text, settings=""):
        made = Collector(self.node, self.folder / "collector", text)
        with made.config.open("a") as file:
            file.write(settings)
        self.stack.callback(made.close)
        return made.start()

    def agent(self, collector, name):
        made = Agent(self.node, self.folder / name, name).enroll(collector)
        self.stack.callback(made.stop)
        return made.start()


def certificate(path, *what):
    return subprocess.run(
        ["openssl", "x509", "-noout", "-in", path, *what], check=True,
        capture_output=True, text=True).stdout.strip()


def entries(collector):
    """Every record in the journal, in order."""
    return [json.loads(line) for _, line in journal(collector.state)]


def ids(collector):
    return [record["id"] for record in entries(collector)]


def status(collector):
    return json.loads(pharos("status", "--config", collector.config, "--format",
                             "json").stdout)


def box_of(collector, name):
    return next(box for box in status(collector)["boxes"] if box["name"] == name)


def said(agent):
    """What it says of itself; nothing while it starts."""
    done = pharos("status", "--config", agent.config, "--format", "json",
                  check=False)
    return json.loads(done.stdout) if done.returncode == 0 else {}


def epochs(collector):
    return {one.split("/")[1] for one in ids(collector)}
