"""Types into an interactive shell on a terminal of its own.

usage: typist.py STEP...

A STEP is text to type, with \\n, \\x03 and the like, or FILE:PATH to wait until that file is
there and not empty, or WAIT:TEXT to wait until the terminal shows the text. Prints what the
terminal showed.
"""

from __future__ import annotations

import os
import pty
import select
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# The seconds after which a step has failed.
LIMIT = 20.0
# The seconds in which a last output may arrive.
REST = 0.3


class Terminal:
    """A shell on a terminal, and what the terminal has shown."""

    def __init__(self) -> None:
        """Start the shell."""
        self.shell, self.terminal = pty.fork()
        if self.shell == 0:
            os.environ["PS1"] = "ready> "
            os.execv("/bin/bash", ["bash", "--norc", "--noprofile", "-i"])
        self.shown = bytearray()

    def shows(self, condition: Callable[[], bool], seconds: float = LIMIT) -> bool:
        """Read what the terminal shows, and return whether the condition became true."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                return False
            if select.select([self.terminal], [], [], 0.05)[0]:
                try:
                    self.shown.extend(os.read(self.terminal, 4096))
                except OSError:  # The shell has ended.
                    time.sleep(0.05)
        return True

    def does(self, step: str) -> bool:
        """Do one step, and return whether it succeeded."""
        kind, _, value = step.partition(":")
        if kind == "FILE":
            path = Path(value)
            return self.shows(lambda: path.exists() and path.stat().st_size > 0)
        if kind == "WAIT":
            return self.shows(lambda: value.encode() in self.shown)
        os.write(self.terminal, step.encode().decode("unicode_escape").encode())
        return True

    def close(self) -> str:
        """End the shell, and return what the terminal has shown."""
        self.shows(lambda: False, REST)
        os.close(self.terminal)
        os.waitpid(self.shell, 0)
        return self.shown.decode("utf-8", "replace").replace("\r", "")


def main(steps: list[str]) -> int:
    """Do all steps."""
    terminal = Terminal()
    failed = [step for step in steps if not terminal.does(step)]
    print(terminal.close())
    for step in failed:
        print(f"typist: never: {step}", file=sys.stderr)
    return 1 if failed else 0


sys.exit(main(sys.argv[1:]))
