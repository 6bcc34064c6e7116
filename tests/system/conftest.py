"""What the system tests share."""

import pathlib
import shutil
import tempfile

import pytest

from doors import opened
from labs import EMULATED, LINE, Lab, backends
from members import Members
from net import Network


@pytest.fixture
def folder():
    """A short path, for Unix sockets are among what lies below it."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="pharos-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def network():
    with Network() as made:
        yield made


@pytest.fixture(scope="module")
def others_may_come_in():
    """However private the folder is in which this was built."""
    with opened():
        yield


@pytest.fixture
def members(network, folder):
    made = Members(network.add("hub"), folder)
    with made.stack:
        yield made


@pytest.fixture(params=backends())
def line(folder, request):
    with Lab(folder, f"backend: {request.param}{LINE}", "line") as lab:
        yield lab


@pytest.fixture
def emulated(folder):
    with Lab(folder, EMULATED + LINE, "line") as lab:
        yield lab
