#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The rules of doc/architecture.md that a compiler does not check.

Each test below looks for places that break one rule and returns them as lines
for people; none is good. Run by make check, which sets TOP_SRCDIR, TOP_BUILDDIR,
LAYERS_CC (the compiler with the flags a header needs), LAYERS_LINKED (programs
and plug-ins) and LAYERS_LIBRARIES (our static ones).
"""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

SOURCE = pathlib.Path(os.environ["TOP_SRCDIR"])
BUILD = pathlib.Path(os.environ["TOP_BUILDDIR"])

# What each folder may include, itself apart. Arrows point down only.
LAYERS = {
    "common": set(),
    "scheduler": {"common"},
    "probes": {"common"},
    "agent": {"probes", "scheduler", "common"},
    "collector": {"scheduler", "common"},
    "cli": {"agent", "collector", "lab", "probes", "scheduler", "common"},
    "lab": {"common"},
}
LAYERS["tests"] = LAYERS["bench"] = set(LAYERS)  # they look at everything

GENERATED = {"defines.h"}  # by configure
# The emulator of links is linked with nothing of ours.
CLOCKS = {"common/clock.c", "lab/emulator/now.c"}
TIME = re.compile(r"\b(clock_gettime|gettimeofday|timespec_get|time\(NULL\))")
COMMENT = re.compile(
    r"""/\*.*?\*/|//[^\n]*|("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')""", re.S)


def files(*suffixes, folders=LAYERS):
    """Paths below the folders, relative to the source's root."""
    for folder in sorted(folders):
        for path in sorted((SOURCE / folder).rglob("*")):
            if path.suffix in suffixes and "node_modules" not in path.parts:
                yield path.relative_to(SOURCE)


def text(path):
    return (SOURCE / path).read_text(encoding="utf-8")


def code(path):
    """The text without comments, with the same line numbers."""
    return COMMENT.sub(
        lambda m: m[1] or "\n" * m[0].count("\n") or " ", text(path))


def lines(path, pattern, read=code):
    """Line number and match of every line the pattern is found in."""
    for number, line in enumerate(read(path).splitlines(), 1):
        match = re.search(pattern, line)
        if match:
            yield number, match


def run(command, **keywords):
    return subprocess.run(
        command, check=True, text=True, capture_output=True, **keywords).stdout


def judge_include(path, name):
    """Why this file may not include that one; None when it may."""
    folder, target = path.parts[0], name.split("/")[0]
    if name in GENERATED:
        return None
    if "/" not in name:
        return "expected \"folder/file.h\" from the root"
    if not ((SOURCE / name).exists() or (BUILD / name).exists()):
        return "there is no such file"
    if target != folder and target not in LAYERS[folder]:
        return f"{folder} may include {', '.join(sorted(LAYERS[folder]))}"
    return None


def includes_point_down_only():
    for path in files(".c", ".h"):
        for number, match in lines(path, r'^\s*#\s*include\s*"([^"]+)"'):
            why = judge_include(path, match[1])
            if why:
                yield f'{path}:{number}: "{match[1]}": {why}'


def sources_are_in_folders_with_a_layer():
    known = set(LAYERS)
    for path in sorted(SOURCE.glob("*/*.[ch]")):
        folder = path.relative_to(SOURCE).parts[0]
        if folder not in known and not folder.startswith("build"):
            yield f"{folder}/: has sources, but no row in tests/layers.py"


def compile_header(path):
    done = subprocess.run(
        shlex.split(os.environ["LAYERS_CC"]) + ["-fsyntax-only", "-xc", "-"],
        # twice: a header without a guard is found, too
        input=f'#include "{path}"\n' * 2, text=True, capture_output=True)
    return done.returncode == 0 or f"{path}: {done.stderr}"


def headers_compile_alone():
    folders = set(LAYERS) - {"tests", "bench"}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for good in pool.map(compile_header, files(".h", folders=folders)):
            if good is not True:
                yield good


def is_elf(path):
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def linked_file(name):
    """The ELF file of a program or plug-in; libtool may keep it aside."""
    name = name.removesuffix(".la") + ".so" * name.endswith(".la")
    for path in (BUILD / name, BUILD / ".libs" / pathlib.Path(name).name):
        if is_elf(path):
            return path
    raise RuntimeError(f"{BUILD}: {name} is not built: run make first")


def archive(name):
    """A static library; one that plug-ins are linked with is libtool's."""
    if name.endswith(".la"):
        return BUILD / ".libs" / (name.removesuffix(".la") + ".a")
    return BUILD / name


def shared_libraries():
    """Paths of what programs and plug-ins are linked with, by ldd."""
    names = os.environ["LAYERS_LINKED"].split()
    found = set()
    for line in run(["ldd", *map(linked_file, names)]).splitlines():
        if "not found" in line:
            raise RuntimeError(f"ldd: {line.strip()}")
        match = re.search(r"(/\S+) \(0x", line)
        if match:
            found.add(match[1])
    return found


def symbols(*command):
    """Names out of nm; A are versions, U is not defined here."""
    found = set()
    for line in run(["nm", "-g", "--defined-only", *command]).splitlines():
        match = re.fullmatch(r"[0-9a-f]* +([B-Zb-z]) (\S+)", line)
        if match:
            found.add(match[2].split("@")[0])
    return found


def symbols_are_not_those_of_a_linked_library():
    theirs = {path: symbols("-D", path) for path in shared_libraries()}
    for library in os.environ["LAYERS_LIBRARIES"].split():
        ours = symbols(archive(library))
        if not ours:
            yield f"{library}: nm names no symbol"
        for path, names in sorted(theirs.items()):
            for name in sorted(ours & names):
                yield f"{library}: {name} is also in {path}"


def plug_ins_find_what_their_headers_declare():
    """The host has it for them, though it is linked with no more than it needs."""
    host = linked_file("pharos-probe")
    has = symbols("-D", host)
    ours = symbols(BUILD / "libcommon.a")
    for header in re.findall(r"common/\w+\.h", text("probes/module.mk")):
        for name in re.findall(r"\b(\w+)\(", code(header)):
            if name in ours - has:
                yield f"{header}: {name} is not in pharos-probe"
    for library in re.findall(r"^\s*(lib(?:curl|ssl|crypto|sqlite3|rrd)\b\S*)",
                              run(["ldd", host]), re.M):
        yield f"pharos-probe is linked with {library}: each start pays for it"


def pharosd_lets_gnutls_sleep():
    """It asks for the name when it is loaded, and looks in the program first."""
    host, name = linked_file("pharosd"), "_gnutls_global_init_skip"
    if "libgnutls" in run(["ldd", host]) and name not in symbols("-D", host):
        yield f"pharosd: does not export {name}"


def probe_names():
    declares = re.compile(r"^const struct probe_ops probe\b", re.M)
    return [path.stem for path in files(".c", folders=["probes"])
            if declares.search(code(path))]


def no_probe_is_named_outside_probes():
    names = probe_names()
    if not names:
        raise RuntimeError("no file in probes/ defines struct probe_ops probe")
    quoted = re.compile("[\"'`](" + "|".join(map(re.escape, names)) + ")[\"'`]")
    folders = set(LAYERS) - {"probes", "tests", "bench"} | {"web", "packaging", "man"}
    for path in files(".c", ".h", ".js", ".mjs", ".html", ".py", ".sh",
                      folders=folders):
        for number, match in lines(path, quoted):
            yield f"{path}:{number}: names the probe {match[1]}"


def time_is_read_by_clock_only():
    for path in files(".c", ".h", folders=set(LAYERS) - {"tests", "bench"}):
        if str(path) not in CLOCKS:
            for number, match in lines(path, TIME):
                yield f"{path}:{number}: {match[1]}, expected clock_*"


def scheduler_and_probes_do_not_log():
    for path in files(".c", ".h", folders=["scheduler", "probes"]):
        for number, _ in lines(path, r'#\s*include\s*"common/log\.h"'):
            yield f"{path}:{number}: includes common/log.h"


def formatting_is_what_clang_format_makes():
    done = subprocess.run(
        ["clang-format", "--dry-run", "--Werror", *files(".c", ".h")],
        cwd=SOURCE, text=True, capture_output=True)
    return done.stderr.splitlines()


TESTS = [
    includes_point_down_only,
    sources_are_in_folders_with_a_layer,
    headers_compile_alone,
    symbols_are_not_those_of_a_linked_library,
    plug_ins_find_what_their_headers_declare,
    pharosd_lets_gnutls_sleep,
    no_probe_is_named_outside_probes,
    time_is_read_by_clock_only,
    scheduler_and_probes_do_not_log,
    formatting_is_what_clang_format_makes,
]
NEEDS = {formatting_is_what_clang_format_makes: "clang-format"}


def main():
    failed = 0
    print(f"1..{len(TESTS)}")
    for number, test in enumerate(TESTS, 1):
        needs = NEEDS.get(test)
        if needs and not shutil.which(needs):
            print(f"ok {number} {test.__name__} # SKIP no {needs} here")
            continue
        try:
            faults = list(test())
        except (RuntimeError, subprocess.CalledProcessError) as error:
            faults = [getattr(error, "stderr", None) or str(error)]
        for fault in faults:
            print("# " + fault.rstrip().replace("\n", "\n# "))
        print("not ok" if faults else "ok", number, test.__name__, flush=True)
        failed += bool(faults)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
