"""Real daemons for tests and for the demo: a collector and its agents."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import urllib.error
import urllib.request

from net import die_with_parent, wait_for

TOP = pathlib.Path(__file__).resolve().parents[2]


def program(name):
    """An installed program of ours, or the one in the build tree."""
    prefix = os.environ.get("PHAROS_PREFIX")
    if prefix:
        for folder in ("bin", "sbin", "libexec/pharos"):
            path = pathlib.Path(prefix, folder, name)
            if path.exists():
                return str(path)
        raise FileNotFoundError(f"{name} below {prefix}")
    build = pathlib.Path(os.environ.get("PHAROS_BUILD", TOP / "build"))
    return str(build / name)


def pharos(*argv, node=None, check=True, **options):
    """Runs the command line, in a namespace or here; what hangs is killed."""
    command = [program("pharos"), *map(str, argv)]
    options.setdefault("capture_output", True)
    options.setdefault("timeout", 300)
    if node is not None:
        command = node.command(command)
    done = subprocess.run(command, text=True, **options)
    assert not check or done.returncode == 0, \
        f"pharos {argv}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    return done


class Daemon:
    """A process of ours with a log; started, stopped, killed at will."""

    def __init__(self, node, folder, log):
        self.node = node
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log_path = self.folder / log
        self.process = None
        self.environment = {}  # beside ours; a clock's, for one

    def launch(self, argv, **options):
        log = open(self.log_path, "ab")
        command = self.node.command(argv) if self.node else argv
        options.setdefault("preexec_fn", die_with_parent)
        options["env"] = {**options.get("env", os.environ), **self.environment}
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **options)
        log.close()

    def log(self):
        return self.log_path.read_text(errors="replace") \
            if self.log_path.exists() else ""

    def running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, timeout=20):
        """SIGTERM, and the exit status. What a sanitizer found is an error."""
        if not self.running():
            return None
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(timeout)
            self.check_log()
            return status
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{self.log_path.name}: still there {timeout} s "
                                 f"after SIGTERM\n{self.log()}") from None

    def check_log(self):
        """What a sanitizer said is kept: it may not be said again."""
        log = self.log()
        if "Sanitizer" not in log:
            return
        kept = pathlib.Path(os.environ.get("PHAROS_BUILD", TOP / "build"),
                            f"sanitizer-{self.process.pid}.log")
        kept.write_text(log)
        first = max(0, log.find("Sanitizer") - 200)
        raise AssertionError(f"{self.log_path.name}, kept as {kept}:\n"
                             f"{log[first:first + 6000]}")

    def kill(self):
        """kill -9 of the daemon itself; its children see their parent go."""
        self.process.kill()
        self.process.wait()

    def children(self):
        """The pids below the daemon, by the last word of its arguments."""
        found = {}
        for pid in descendants(self.process.pid):
            try:
                words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            found[pid] = [word.decode() for word in words if word]
        return found


def descendants(pid):
    try:
        tasks = pathlib.Path(f"/proc/{pid}/task").iterdir()
        direct = [int(child) for task in tasks
                  for child in (task / "children").read_text().split()]
    except OSError:
        return []
    return direct + [pid for child in direct for pid in descendants(child)]


class Collector(Daemon):
    """pharos-collectord with its fleet file, people's socket opened out here."""

    def __init__(self, node, folder, fleet, port=0):
        super().__init__(node, folder, "collectord.log")
        self.config = self.folder / "collector.yaml"
        self.fleet = self.folder / "fleet.yaml"
        self.state = self.folder / "state"
        done = subprocess.run(
            [program("pharos-collectord"), "init", str(self.folder), "--name",
             *node.addresses.values()], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        self.fleet.write_text(fleet)
        self.people = socket.socket()
        self.people.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.people.bind(("127.0.0.1", port))
        self.people.listen(128)
        self.web = f"http://127.0.0.1:{self.people.getsockname()[1]}"

    def url(self, node):
        """Where agents of this node find it, by a family that both have."""
        family = next(f for f in self.node.addresses if f in node.addresses)
        address = self.node.address(family)
        return f"https://[{address}]:8641" if family == 6 else f"https://{address}:8641"

    def start(self):
        """Starts it and waits until it serves people."""
        self.spawn()
        wait_for("the collector's API", lambda: self.answers() or self.gone())
        return self

    def spawn(self):
        people = self.people.fileno()

        def prepare():
            die_with_parent()
            os.dup2(people, 3)
            os.set_inheritable(3, True)

        self.launch(["sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh",
                     program("pharos-collectord"), "-c", str(self.config)],
                    preexec_fn=prepare, pass_fds=(3,),
                    env={**os.environ, "LISTEN_FDS": "1",
                         "LISTEN_FDNAMES": "people"})

    def gone(self):
        assert self.running(), f"pharos-collectord ended:\n{self.log()}"

    def answers(self):
        try:
            self.api("/api/v1/scales")
            return True
        except (OSError, urllib.error.URLError):
            return False

    def api(self, path):
        with urllib.request.urlopen(self.web + path, timeout=20) as reply:
            return json.load(reply)

    def token(self, box):
        return pharos("token", "new", box, "--config", self.config).stdout.strip()

    def close(self):
        self.stop()
        self.people.close()


class Agent(Daemon):
    """pharosd of one box."""

    def __init__(self, node, folder, name):
        super().__init__(node, folder, f"pharosd-{name}.log")
        self.name = name
        self.config = self.folder / "agent.yaml"
        self.state = self.folder / "state"

    def enroll(self, collector):
        """With a one-time token, as a real site would."""
        pharos("enroll", "--collector", collector.url(self.node), "--token",
               collector.token(self.name), "--config", self.config,
               "--state", self.state, node=self.node)
        return self

    def start(self, **environment):
        self.spawn(**environment)
        return self

    def spawn(self, **environment):
        self.launch([program("pharosd"), "-c", str(self.config)],
                    env={**os.environ, **environment})

    def status(self):
        return json.loads(pharos("status", "--config", self.config, "--format",
                                 "json").stdout)


def cells(matrix):
    """{(src, dst): {value, state, age, grade, count}} of a matrix answer."""
    found = {}
    width = len(matrix["dst"])
    for i, src in enumerate(matrix["src"]):
        for j, dst in enumerate(matrix["dst"]):
            k = i * width + j
            found[src, dst] = {
                "value": matrix["value"][k], "age": matrix["age"][k],
                "grade": matrix["grade"][k], "count": matrix["count"][k],
                "state": matrix["states"][matrix["state"][k]]}
    return found
