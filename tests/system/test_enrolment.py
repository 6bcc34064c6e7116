"""Tokens, and what boxes get for them: once, in time, for one key."""

import pytest

from client import Client
from fleet import pharos
from intake import (  # noqa: F401: fixtures
    BOXES, box_that_enrolled, running_collector, unused_names)
from net import wait_for


def test_token_goes_to_standard_output_alone(collector):
    done = pharos("token", "new", BOXES[1], "--config", collector.config)
    assert len(done.stdout.split()) == 1
    assert len(done.stdout.strip()) == 86
    assert "pharos enroll" in done.stderr


@pytest.mark.parametrize("words, reason", [
    (["new", "atlantis"], "no such box"),
    (["new", BOXES[1], "--valid", "10"], "--valid"),
    (["new", BOXES[1], "--valid", "1000d"], "365d"),
    (["new"], "usage"),
    (["old", BOXES[1]], "usage"),
])
def test_token_refuses_what_makes_no_sense(collector, words, reason):
    done = pharos("token", *words, "--config", collector.config, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert reason in done.stderr


def test_token_without_a_collector_says_so(tmp_path):
    config = tmp_path / "collector.yaml"
    config.write_text("state: state\nfleet: fleet.yaml\n")
    done = pharos("token", "new", "lon", "--config", config, check=False)
    assert done.returncode == 3
    assert "is pharos-collectord running?" in done.stderr


def test_same_token_and_key_give_the_same_certificate(collector, names, tmp_path):
    client = Client(collector, tmp_path, next(names))
    token = collector.token(client.name)
    first = client.enroll(token).json()
    assert client.enroll(token).json() == first


def test_token_is_good_for_one_key(box, collector, tmp_path):
    token = collector.token(box.name)
    assert box.enroll(token).status == 200
    answer = Client(collector, tmp_path / "thief", box.name).enroll(token)
    assert answer.status == 403
    assert "another key" in answer.detail


def test_token_expires(collector, tmp_path):
    client = Client(collector, tmp_path, BOXES[2])
    token = pharos("token", "new", BOXES[2], "--valid", "1s", "--config",
                   collector.config).stdout.strip()
    answer = wait_for("the token to expire", lambda: next(
        (a for a in [client.enroll(token)] if a.status == 403), None))
    assert "expired" in answer.detail


def test_unknown_token_is_refused(collector, tmp_path):
    answer = Client(collector, tmp_path).enroll("A" * 86)
    assert answer.status == 403
    assert "pharos token new" in answer.detail


@pytest.mark.parametrize("body", [
    b"", b"[]", b"{}", b'{"token":"short","request":"x"}',
    b'{"token":"' + b"A" * 43 + b'","request":"no request"}'])
def test_enrolment_that_makes_no_sense(collector, tmp_path, body):
    answer = Client(collector, tmp_path).ask("/agent/v1/enroll", data=body)
    assert answer.status == 400
    assert answer.detail


def state_of_token(collector, box):
    """Of the box's newest one."""
    rows = [line.split() for line in pharos(
        "token", "list", "--config", collector.config).stdout.splitlines()[1:]]
    return [row[2] for row in rows if row[1] == box][-1]


def test_token_of_another_box_changes_nothing(box, collector, tmp_path):
    token = collector.token(box.name)
    other = Client(collector, tmp_path / "other", box.name)
    answer = other.enroll(token, box="elsewhere")
    assert answer.status == 409
    assert f"agent.yaml is for box elsewhere, the token for {box.name};" \
        in answer.detail
    assert "pharos token new elsewhere" in answer.detail
    assert state_of_token(collector, box.name) == "open"
    assert box.hello().status == 200  # who has the name is still a member
    assert other.enroll(token, box=box.name).status == 200
    assert state_of_token(collector, box.name) == "used"
    assert other.hello().status == 200 and box.hello().status == 403


@pytest.mark.parametrize("name", [7, "", "a b", "x" * 100],
                         ids=["number", "empty", "two words", "long"])
def test_enrolment_of_what_cannot_be_a_box(box, collector, name):
    answer = box.enroll(collector.token(box.name), box=name)
    assert answer.status == 400 and '"box"' in answer.detail
    assert box.hello().status == 200
