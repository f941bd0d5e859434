"""A shell that a test types lines into, and whose output it reads."""

from __future__ import annotations

import os
import select
import subprocess
from typing import TYPE_CHECKING

from harness.assertions import BrokenPromise, expect

if TYPE_CHECKING:
    from collections.abc import Sequence

# The shell prints this after each line that it has run.
END_OF_OUTPUT = b"\x01"
LONGEST_SECONDS = 60
# Runs the lines that it gets through a pipe, as a login shell of the user `deploy` would.
SHELL = """set +e +m
export USER=deploy LOGNAME=deploy LANG=C.UTF-8 HOME=/home/deploy COLUMNS=80
unset RELEASES_STORE SUDO_USER
export UV_HTTP_RETRIES=0 UV_NO_PROGRESS=1
export PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:/home/deploy/.local/bin
exec 2>&1 </dev/null
pack() {
  rm -rf tree && mkdir -p tree/src/diting
  echo "$1" >tree/VERSION; echo 'version = 1' >tree/uv.lock; echo 'app = 1' >tree/src/diting/app.py
  shift
  for file; do echo corrupted >"tree/$file"; done
  tar -czf app.tar.gz -C tree . && rm -rf tree
}
status=0
while IFS= read -r -d '' line <&$1; do
  (exit $status)
  eval "$line"
  status=$?
  printf '\\001'
done
"""


class TypingShell:
    """A bash that runs one line at a time."""

    def __init__(self, launcher: Sequence[str] = ()) -> None:
        """Start the shell.

        launcher: the command line that runs it in another place, such as on a booted host.
        """
        lines, self.input = os.pipe()
        self.process = subprocess.Popen(
            [*launcher, "bash", "-c", SHELL, "bash", str(lines)],
            stdout=subprocess.PIPE,
            pass_fds=(lines,),
        )
        os.close(lines)
        assert self.process.stdout
        self.output = self.process.stdout

    def type(self, line: str) -> list[str]:
        """Run a line, and return what it prints."""
        os.write(self.input, line.encode() + b"\0")
        printed = b""
        while not printed.endswith(END_OF_OUTPUT):
            if not select.select([self.output], [], [], LONGEST_SECONDS)[0]:
                raise BrokenPromise(f"{line} ends, but printed {printed.decode()}")
            piece = os.read(self.output.fileno(), 65536)
            expect(bool(piece), f"{line} does not end the shell; it printed {printed.decode()}")
            printed += piece
        return [text.rstrip() for text in printed[:-1].decode().splitlines()]

    def close(self) -> None:
        """End the shell."""
        os.close(self.input)
        self.output.close()
        self.process.wait()
