"""What all trials of the callers share, and those of the fleet and the packages."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Broken(AssertionError):
    """A promise that did not hold."""


def expect(holds: bool, promise: str) -> None:
    if not holds:
        raise Broken(promise)


@contextmanager
def fresh(path: Path) -> Iterator[Path]:
    """An empty directory, absolute, gone afterwards."""
    path = path.resolve()
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    try:
        yield path
    finally:
        shutil.rmtree(path)
