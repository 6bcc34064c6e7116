"""What tests in Python share, be they of daemons or of pages."""

import signal

import pytest

BOUND = 900  # seconds: for what hangs, not for what is slow


@pytest.fixture(autouse=True)
def bounded():
    """A test that hangs ends, and says where; so does what is left to put away."""
    def end(*_):
        pytest.fail(f"not over within {BOUND} s")

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, BOUND, BOUND)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
