"""Connects to the live link in a loop until SIGTERM, and prints as JSON when that failed.

    watch_live.py LINK

A connection that is accepted into the queue proves that the link points to a listening socket.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time

PAUSE = 0.001


class Watch:
    """A reader of one link."""

    def __init__(self, link: str) -> None:
        self.link, self.stops = link, False
        self.tries = 0
        self.targets: list[str] = []
        self.gaps: list[list[object]] = []
        signal.signal(signal.SIGTERM, self._stop)

    def _stop(self, *_: object) -> None:
        self.stops = True

    def _try(self) -> str:
        """Connect, and return what failed; an empty text if nothing did."""
        try:
            target = os.readlink(self.link)
            if not self.targets or self.targets[-1] != target:
                self.targets.append(target)
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(5)
                client.connect(self.link)
        except OSError as error:
            return type(error).__name__
        return ""

    def run(self) -> None:
        """Connect until SIGTERM; failures in a row are one gap."""
        before = ""
        while not self.stops:
            self.tries += 1
            what = self._try()
            if what and what == before:
                self.gaps[-1][2] = time.time()
            elif what:
                self.gaps.append([what, time.time(), time.time()])
            before = what
            time.sleep(PAUSE)
        print(json.dumps({"tries": self.tries, "gaps": self.gaps, "targets": self.targets}))


if __name__ == "__main__":
    Watch(sys.argv[1]).run()
