"""Folders in which this was built, open to others while a test needs it."""

import contextlib
import fcntl
import json
import os
import pathlib

from fleet import program


def closed():
    """Those above our programs that others may not pass, with their modes."""
    return {str(folder): folder.stat().st_mode & 0o7777
            for folder in pathlib.Path(program("pharos-probe")).parents
            if not folder.stat().st_mode & 0o001}


def shut(lock):
    lock.seek(0)
    for folder, mode in json.loads(lock.read() or "{}").items():
        os.chmod(folder, mode)
    lock.truncate(0)


def unlock(lock):
    """As nobody else may who is at it."""
    while found := closed():
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        before = json.loads(lock.read() or "{}")
        lock.truncate(0)
        lock.write(json.dumps(before | found))
        lock.flush()
        for folder, mode in found.items():
            os.chmod(folder, mode | 0o011)
        fcntl.flock(lock, fcntl.LOCK_SH)  # not in one step with what was before


@contextlib.contextmanager
def opened():
    """Other tests do the same at this time; the last one closes them."""
    path = pathlib.Path(program("pharos-probe")).with_name(".doors")
    with open(path, "a+", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        unlock(lock)
        yield
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shut(lock)
