"""What the system tests share."""

import pathlib
import shutil
import tempfile

import pytest

from doors import opened
from labs import EMULATED, LINE, Lab, backends
from members import Members
from net import Network


# Of a minute each or several, the longest first: they begin, or one of them is left
# at the end.
LONG = ["test_pages", "test_owd_orphan", "test_owd_sides", "test_collector_clock",
        "test_bench", "test_owd_fleet", "test_metrics", "test_owd_kept",
        "test_owd_orphan_history", "test_owd_steps", "test_fleet", "test_time",
        "test_clocks_fleet", "test_identity", "test_lab_abilene", "test_lab_routing",
        "test_clock_doubt", "test_copies", "test_lab", "test_stream"]


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: LONG.index(item.path.stem)
               if item.path.stem in LONG else len(LONG))


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
