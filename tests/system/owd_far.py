"""Our far end, for strangers on this host."""

import socket
import subprocess

from fleet import program
from net import die_with_parent
from owping import AUTHENTICATED, ENCRYPTED, OPEN, Control

MODES = {"open": OPEN, "authenticated": AUTHENTICATED, "encrypted": ENCRYPTED}
HOSTS = {4: "127.0.0.1", 6: "::1"}
SECRET = b"a secret that two of us know"
NAMES = {OPEN: "", AUTHENTICATED: "lon", ENCRYPTED: "lon"}


class Far:
    """pharos respond owd, on a port of its own choice."""

    def __init__(self, folder, *options):
        self.keys = folder / "keys"
        self.keys.write_bytes(b"lon " + SECRET + b"\n")
        self.keys.chmod(0o600)
        with socket.socket(socket.AF_INET6) as free:
            free.bind(("::", 0))
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            [program("pharos"), "respond", "owd", "--control-port", str(self.port),
             "--test-ports=", "--keys", self.keys, *map(str, options)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            preexec_fn=die_with_parent)
        assert "ready" in self.process.stdout.readline()

    def control(self, mode=OPEN, family=4, secret=SECRET, **more):
        return Control(HOSTS[family], self.port, mode, NAMES[mode], secret, **more)

    def stop(self):
        self.process.terminate()
        said = self.process.communicate(timeout=20)[0]
        assert self.process.returncode == 0 and "Sanitizer" not in said, said
