"""The one way in which a suite says what must hold, and two kinds of failure."""

from __future__ import annotations


class BrokenPromise(AssertionError):
    """A promise of the tool does not hold."""


class SetupFailed(Exception):
    """Something that only prepares a test does not work, so nothing was tested."""


def expect(holds: bool, promise: str) -> None:
    """Raise BrokenPromise with this text unless the promise holds."""
    if not holds:
        raise BrokenPromise(promise)
