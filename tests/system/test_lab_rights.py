"""Labs of one who is not root."""

import json
import os
import shutil
import subprocess

import pytest

from fleet import program
from labs import LINE, Lab, backends


def as_nobody(lab, tun):
    """A command line that runs what follows without root, with a tun or not."""
    return ["unshare", "--mount", "sh", "-c",
            ("mknod -m 666 $0/tun c 10 200 && mount --bind $0/tun /dev/net/tun;"
             if tun else "") +
            'exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"',
            str(lab.folder)]


@pytest.mark.usefixtures("others_may_come_in")
@pytest.mark.parametrize("backend, tun", [
    ("emulator", True), *((backend, False) for backend in backends())])
def test_without_root_it_works_where_it_can(folder, backend, tun):
    """Only the emulator needs /dev/net/tun."""
    lab = Lab(folder, f"backend: {backend}{LINE}", "line")
    shutil.chown(folder, 65534, 65534)
    folder.chmod(0o755)
    command = as_nobody(lab, tun) + [program("pharos"), "lab"]

    def run(*argv):
        return subprocess.run([*command, *map(str, argv)], text=True,
                              env=lab.environment, capture_output=True)
    done = run("up", lab.file)
    if backend == "emulator" and not tun and \
            os.stat("/dev/net/tun").st_mode & 0o002 == 0:
        assert done.returncode == 3
        assert "/dev/net/tun: Permission denied" in done.stderr
        assert "root" in done.stderr
        return
    assert done.returncode == 0, done.stderr
    (folder / "tun").unlink(missing_ok=True)
    done = run("exec", "a", "ip", "route", "get", lab_address(run))
    assert "dev to-r1" in done.stdout, done
    assert run("down").returncode == 0


def lab_address(run):
    status = json.loads(run("status", "--format", "json").stdout)
    return next(node["address"] for node in status["nodes"]
                if node["name"] == "b")
