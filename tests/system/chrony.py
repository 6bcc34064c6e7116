"""chronyd that leaves the clock alone (-x), in a network of its own."""

import os
import pathlib
import signal
import subprocess

SERVER = "local stratum 5\nallow\n"


def client(server):
    return f"server {server} iburst minpoll -2 maxpoll 0 xleave\n"


class Chronyd:
    """folder is private, or it makes no socket in it. port: of its commands.
    options: of how it is started, such as with a clock."""

    def __init__(self, node, folder, config, port=323, **options):
        self.node, self.options = node, options
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(mode=0o700)
        self.path = self.folder / "chrony.conf"
        self.path.write_text(
            f"{config}pidfile {self.folder}/pid\ncmdport {port}\n"
            f"bindcmdaddress {self.folder}/chronyd.sock\n"
            "bindcmdaddress 127.0.0.1\nbindcmdaddress ::1\n")
        self.start()

    def start(self):
        self.process = self.node.popen(
            ["chronyd", "-d", "-x", "-u", "root", "-f", self.path],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            **self.options)

    def send(self, number):
        os.kill(self.process.pid, number)

    def kill(self):
        self.process.kill()
        self.process.wait()
        (self.folder / "pid").unlink(missing_ok=True)

    def close(self):
        if self.process.poll() is None:
            self.send(signal.SIGCONT)
            self.kill()
