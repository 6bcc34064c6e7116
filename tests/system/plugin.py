"""A plug-in built as a stranger would: against installed headers."""

import os
import pathlib
import shutil
import subprocess

from fleet import TOP, program


def installed(folder):
    """The environment for pkg-config: where Pharos is installed, below folder
    if it was not installed yet."""
    prefix = os.environ.get("PHAROS_PREFIX")
    if prefix:
        return {"PKG_CONFIG_PATH": f"{prefix}/lib/pkgconfig"}
    build = pathlib.Path(program("pharos")).parent
    root = pathlib.Path(folder, "root")
    subprocess.run(["make", "-s", "install", f"DESTDIR={root}"], cwd=build,
                   check=True, stdout=subprocess.DEVNULL)
    found = next(root.rglob("pharos-probe.pc"))
    return {"PKG_CONFIG_PATH": str(found.parent), "PKG_CONFIG_SYSROOT_DIR": str(root)}


def sanitizers():
    """The flags that a plug-in needs beside a sanitized host."""
    linked = subprocess.run(["ldd", program("pharos-probe")], text=True,
                            capture_output=True, check=True).stdout
    return "-fsanitize=address,undefined" if "libasan" in linked else ""


def build_trivial(folder):
    return build(folder, "trivial")


def build(folder, *names):
    """A folder of plug-ins: those of the tests, freshly built, and ours."""
    folder = pathlib.Path(folder)
    source, probes = folder / "source", folder / "probes"
    source.mkdir(parents=True)
    probes.mkdir()
    shutil.copy(TOP / "tests/probe/Makefile", source)
    for name in names:
        shutil.copy(TOP / "tests/probe" / f"{name}.c", source)
    flags = f"-O1 -Wall -Wextra -Wno-unused-parameter {sanitizers()}"
    plugins = [f"{name}.so" for name in names]
    subprocess.run(["make", "-s", f"CFLAGS={flags}", *plugins], cwd=source,
                   check=True, env=os.environ | installed(folder))
    for plugin in plugins:
        shutil.copy(source / plugin, probes)
    for ours in pathlib.Path(place_probes()).glob("*.so"):
        shutil.copy(ours, probes)
    return probes


def place_probes():
    prefix = os.environ.get("PHAROS_PREFIX")
    if prefix:
        return f"{prefix}/lib/pharos/probes"
    return str(pathlib.Path(program("pharos")).parent / ".libs")
