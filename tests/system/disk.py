"""Daemons whose state folder is a disk of its own: one that fills, one that fails."""

import json
import subprocess

from fleet import Agent, Collector, program


def mounted(state, options="size=64m", then="true"):
    """Runs what follows with a disk of its own as the state folder."""
    script = ('cp -a "$0" "$0.kept" && mount -t tmpfs -o "$1" none "$0" '
              f'&& cp -a "$0.kept/." "$0" && {{ {then}; }} && shift && exec "$@"')
    return ["unshare", "--mount", "sh", "-c", script, str(state), options]


class OwnDisk:
    """A daemon whose state folder is a disk of its own."""

    def disk(self):
        return mounted(self.kept)

    def launch(self, argv, **options):
        super().launch([*self.disk(), *argv], **options)

    @property
    def pid(self):
        """Of the daemon itself, or of what becomes it."""
        return self.process.pid

    def inside(self, *argv, check=True):
        return subprocess.run(
            ["nsenter", f"--mount=/proc/{self.pid}/ns/mnt", *map(str, argv)],
            check=check, capture_output=True, text=True)

    def fill(self):
        self.inside("sh", "-c", f"cat /dev/zero >{self.kept}/filler", check=False)

    def empty(self):
        self.inside("rm", self.kept / "filler")


class FailingDisk(OwnDisk):
    """A file system that can be told to have failed; mended by the next start."""

    def disk(self):
        script = ('test -e "$0.disk" || { truncate -s 64M "$0.disk" && '
                  'mkfs.ext4 -q "$0.disk" && cp -a "$0" "$0.kept"; }; '
                  'e2fsck -p "$0.disk" >&2; test $? -le 1 && '
                  'mount -o loop,errors=remount-ro "$0.disk" "$0" && '
                  'if rmdir "$0/lost+found"; then cp -a "$0.kept/." "$0"; fi && '
                  'exec "$@"')
        return ["unshare", "--mount", "sh", "-c", script, str(self.kept)]

    def fail(self):
        self.inside("sh", "-c", 'disk=$(findmnt -no SOURCE "$0") && echo test '
                    '>/sys/fs/ext4/${disk#/dev/}/trigger_fs_error', self.kept)
        assert self.inside("touch", self.kept / "x", check=False).returncode != 0


class DiskAgent(OwnDisk, Agent):
    @property
    def kept(self):
        return self.folder / "state"

    def status(self):
        done = self.inside(program("pharos"), "status", "--config", self.config,
                           "--format", "json", check=False)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def on_disk(self):
        """The spool's lines, by way of the daemon's own folder."""
        lines = self.inside("sqlite3", "-readonly", self.kept / "spool.db",
                            "SELECT line FROM record ORDER BY n").stdout
        return [json.loads(line) for line in lines.splitlines()]


class DiskCollector(OwnDisk, Collector):
    @property
    def kept(self):
        return self.folder / "state"

    def token(self, box):
        return self.inside(program("pharos"), "token", "new", box, "--config",
                           self.config).stdout.strip()


class FailingAgent(FailingDisk, DiskAgent):
    pass


class FailingCollector(FailingDisk, DiskCollector):
    pass
