"""Configuration that cannot be what was meant: refused with place, cause and
cure, whichever of the three files it is in."""

import subprocess

import pytest

from fleet import pharos, program

LONG = "x" * (1 << 20)  # written LONG below, for tests are named by what they try
AGENT = "name: lon\ncollector: https://c.example:8641\nstate: /s\n"
COLLECTOR = "fleet: fleet.yaml\nstate: state\n"
FLEET = "sites:\n  lon: {address: 192.0.2.1}\n"
GOOD = {"agent.yaml": AGENT, "collector.yaml": COLLECTOR, "fleet.yaml": FLEET}


def check(folder, name, text):
    """With -n, as a careful person would; what it says of this file."""
    for other, good in GOOD.items():
        (folder / other).write_text(good)
    (folder / name).write_bytes(text if isinstance(text, bytes)
                              else text.replace("LONG", LONG).encode())
    daemon, config = ("pharosd", "agent.yaml") if name == "agent.yaml" else (
        "pharos-collectord", "collector.yaml")
    done = subprocess.run([program(daemon), "-n", "-c", str(folder / config)],
                          capture_output=True, text=True)
    assert "Sanitizer" not in done.stderr
    return done


@pytest.mark.parametrize("name", GOOD)
def test_good_files_are_ok(tmp_path, name):
    subprocess.run([program("pharos-collectord"), "init", str(tmp_path), "--name",
                    "collector.example"], capture_output=True, check=True)
    assert check(tmp_path, name, GOOD[name]).returncode == 0


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("line, bad, words", [
    pytest.param(0, "\tx: 1\n", ["tab", "expected spaces"], id="tab"),
    pytest.param(0, "x: &a 1\n", ["anchor", "expected"], id="anchor"),
    pytest.param(0, "x: *a\n", ["alias", "expected"], id="alias"),
    pytest.param(0, "x: !!str 1\n", ["tag", "expected"], id="tag"),
    pytest.param(1, "x: 1\nx: 2\n", ["key \"x\" again", "expected it once"],
                 id="duplicate"),
    pytest.param(0, "LONG: 1\n", ["expected"], id="1 MB key"),
    pytest.param(0, "? LONG\n", ["expected"], id="1 MB key alone"),
    pytest.param(0, "x: LONG\n", ["unknown key \"x\"", "expected"],
                 id="1 MB value"),
    pytest.param(0, b"x: \xff\xfe\n", ["UTF-8"], id="not UTF-8"),
    pytest.param(0, "x: " + "[" * 100 + "]" * 100 + "\n",
                 ["too deep", "expected at most 32"], id="deep"),
])
def test_mistakes_have_place_cause_and_cure(tmp_path, name, line, bad, words):
    good = GOOD[name]
    text = good.encode() + bad if isinstance(bad, bytes) else good + bad
    done = check(tmp_path, name, text)
    assert done.returncode == 2
    place = f"{tmp_path}/{name}:{good.count(chr(10)) + 1 + line}:"
    assert place in done.stderr
    for word in words:
        assert word in done.stderr
    assert len(done.stderr) < 2000


@pytest.mark.parametrize("name, text, words", [
    ("fleet.yaml", "sites:\n  LONG: {address: 192.0.2.1}\n",
     ["fleet.yaml:2:", "expected"]),
    ("fleet.yaml", "sites:\n  lon: {address: LONG}\n",
     ["fleet.yaml:2:", "expected an IPv4 or IPv6 address"]),
    ("fleet.yaml", FLEET + "tests:\n  t: {mesh: LONG, probe: ping, "
     "schedule: {uniform: 60s}}\n", ["fleet.yaml:4:", "there is no mesh"]),
    ("fleet.yaml", FLEET + "tests:\n  t: {from: [lon], to: [lon], probe: LONG, "
     "schedule: {uniform: 60s}}\n",
     ["fleet.yaml:4:", "unknown probe", "no agent has told of it"]),
    ("fleet.yaml", FLEET + "tests:\n  t: {from: [lon], to: [lon], probe: ping, "
     "schedule: {uniform: LONG}}\n", ["fleet.yaml:4:", "duration"]),
    ("fleet.yaml", FLEET + "tests:\n  t: {from: [lon], to: [lon], probe: ping, "
     "schedule: {uniform: 1m}, options: {count: LONG}}\n",
     ["fleet.yaml:4:", "count", "expected"]),
    ("fleet.yaml", FLEET + "tests:\n  t: {from: [lon], to: [lon], probe: ping, "
     "schedule: {uniform: 1m}, options: {LONG: 1}}\n",
     ["fleet.yaml:4:", "expected"]),
    ("agent.yaml", AGENT.replace("https", "LONG"), ["agent.yaml:2:", "expected"]),
    ("agent.yaml", AGENT + "spool: {size: LONG}\n",
     ["agent.yaml:4:", "expected a size"]),
    ("agent.yaml", AGENT + "forbid: [LONG]\n",
     ["agent.yaml:4:", "expected a probe's name"]),
    ("agent.yaml", AGENT + "quiet: {from: LONG, to: '06:00', zone: UTC}\n",
     ["agent.yaml:4:", "expected an hour"]),
    ("agent.yaml", AGENT + "quiet: {from: '05:00', to: '06:00', zone: LONG}\n",
     ["agent.yaml:4:", "expected a time zone"]),
    ("collector.yaml", COLLECTOR + "agents: 'LONG'\n",
     ["collector.yaml:3:", "expected"]),
    ("collector.yaml", COLLECTOR + "journal: LONG\n",
     ["collector.yaml:3:", "expected a size"]),
])
def test_long_lines_leave_room_for_the_cure(tmp_path, name, text, words):
    done = check(tmp_path, name, text)
    assert done.returncode == 2
    for word in words:
        assert word in done.stderr
    assert len(done.stderr) < 2000


def ask(folder, text, *options):
    """pharos check of a fleet file, as before a reload."""
    path = folder / "fleet.yaml"
    path.write_text(text)
    done = pharos("check", *options, path, check=False)
    assert "Sanitizer" not in done.stderr
    return done


def test_every_mistake_of_a_map_is_named(tmp_path):
    done = ask(tmp_path, FLEET + """tests:
  t:
    from: [lon]
    to: [lon]
    probe: ping
    schedule: {uniform: 60s}
    options: {count: 0, spacing: 100, sise: 10}
    keep: {records: 1, sise: 1GB}
    famly: 4
    histori: none
""")
    assert done.returncode == 2
    said = [line.removeprefix(f"{tmp_path}/fleet.yaml:")
            for line in done.stderr.splitlines()]
    for place in ("9:15: count:", "9:25: spacing:", "9:39: unknown key",
                  "10:12: records:", "10:24: unknown key",
                  "11:5: unknown key", "12:5: unknown key"):
        assert sum(line.startswith(place) for line in said) == 1, said
    assert len(said) == 7


def test_what_may_be_meant_is_a_warning(tmp_path):
    done = ask(tmp_path, """sites:
  lon: {address: 192.0.2.1}
  par: {address: 192.0.2.1}
tests:
  web: {from: [lon], to: [targets], probe: ping, schedule: {uniform: 60s}}
""")
    assert done.returncode == 0
    address, pairs = done.stderr.splitlines()
    assert address.startswith(f"warning: {tmp_path}/fleet.yaml:3:3: box par "
                              "has the address 192.0.2.1 of box lon")
    assert pairs.startswith(f"warning: {tmp_path}/fleet.yaml:5:3: test web "
                            "has no pair")


def test_a_collector_that_is_named_is_there_and_right(tmp_path):
    config = tmp_path / "collector.yaml"
    done = ask(tmp_path, FLEET, "--config", config)
    assert done.returncode == 2
    assert f"{config}: No such file or directory" in done.stderr
    config.write_text(COLLECTOR + "jurnal: 1GB\n")
    done = ask(tmp_path, FLEET, "--config", config)
    assert done.returncode == 2
    assert f"{config}:3:1: unknown key \"jurnal\"" in done.stderr
    config.write_text(COLLECTOR)  # it need not run
    assert ask(tmp_path, FLEET, "--config", config).returncode == 0


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    done = check(tmp_path, "fleet.yaml", "# " + "x" * (5 << 20))
    assert done.returncode == 2
    assert "fleet.yaml:" in done.stderr
    assert "4 MiB" in done.stderr
