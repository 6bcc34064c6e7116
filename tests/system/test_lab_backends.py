"""What the links of a lab are made of, and how true they are."""

import json

import pytest

from labs import LINE, Lab, backends, left_behind


def test_links_are_of_the_backend_the_file_asks_for(line):
    asked = line.file.read_text().split("backend: ")[1].split()[0]
    assert [link["backend"] for link in line.status()["links"]] == [asked] * 3
    assert f"links by {asked}\n" in line.command("status").stdout


def test_auto_takes_netem_for_what_it_does_as_well(folder):
    text = LINE.replace("delay: 4ms", "delay: 4ms, jitter: 1ms").replace(
        "back: {delay: 3ms}", "back: {corrupt: 1%}")
    with Lab(folder, text, "line") as lab:
        found = [link["backend"] for link in lab.status()["links"]]
        assert found == ["emulator", backends()[-1], "emulator"]
        log = lab.command("log").stdout
        if "netem" in backends():
            assert "links by netem and emulator" in lab.command("status").stdout
            assert "link a-r1 is by the emulator: netem cannot" in log
        else:
            assert "links are by the emulator: tc: " in log
        lab.ping("a", lab.node("b")["address"])


def test_netem_that_is_asked_for_is_there_or_named(folder):
    lab = Lab(folder, "backend: netem" + LINE, "line")
    try:
        done = lab.up(check=False)
        if "netem" in backends():
            assert done.returncode == 0, done.stderr
            assert lab.process("pharos-emulator") is None
            done = lab.command("set", "a-r1", "jitter=1ms", check=False)
            assert "link a-r1: netem cannot have jitter" in done.stderr
            assert "expected backend: emulator" in done.stderr
            lab.down()
        else:
            assert done.returncode == 3
            assert "backend netem: tc: " in done.stderr
            assert "modprobe sch_netem" in done.stderr
            assert "backend: auto" in done.stderr
    finally:
        lab.down(check=False)
    assert not lab.run_folder.exists()
    assert not left_behind(str(folder))


@pytest.mark.parametrize("backend", backends())
def test_the_backend_is_the_one_of_the_command_line(folder, backend):
    lab = Lab(folder, LINE, "line")
    try:
        lab.up("--backend", backend)
        assert {link["backend"] for link in lab.status()["links"]} == {backend}
    finally:
        lab.down(check=False)


def test_a_backend_of_the_command_line_must_do_what_the_links_have(folder):
    lab = Lab(folder, LINE.replace("delay: 4ms", "jitter: 1ms"), "line")
    done = lab.up("--backend", "netem", check=False)
    assert done.returncode == 2
    assert '--backend: link "a-r1": netem cannot have jitter' in done.stderr
    assert not lab.run_folder.exists()


def test_calibration_says_and_keeps_how_true_links_are(folder):
    """However busy the machine is: loss is as asked for, a rate never more."""
    lab = Lab(folder, LINE, "line")
    kept = folder / "calibration.json"
    said = lab.command("calibrate", "--quick", "--output", kept).stdout
    assert f"kept in {kept}" in said
    found = json.loads(kept.read_text())
    assert found["links"] == backends()[-1]
    for load in "idle", "busy":
        figures = found[load]
        assert 0 < figures["delay"]["p50"] <= figures["delay"]["p99"] \
            <= figures["delay"]["most"]
        assert 0.05 < figures["loss"] < 0.2
        assert 0 < figures["rate"] < 10.5e6
