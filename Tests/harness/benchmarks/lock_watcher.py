"""Measures for how long other processes find a lock taken."""

from __future__ import annotations

import fcntl
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class LockWatcher:
    """The longest time that a lock was taken, in seconds, while the `with` statement runs."""

    def __init__(self, path: Path) -> None:
        self.path, self.longest, self.is_over = path, 0.0, False
        self.thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        since: float | None = None
        with open(self.path, "rb") as file:
            while not self.is_over:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                    fcntl.flock(file, fcntl.LOCK_UN)
                    since = None
                except BlockingIOError:
                    since = since or time.monotonic()
                    self.longest = max(self.longest, time.monotonic() - since)
                time.sleep(0.0002)

    def __enter__(self) -> LockWatcher:
        """Start to watch."""
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop to watch."""
        self.is_over = True
        self.thread.join()
