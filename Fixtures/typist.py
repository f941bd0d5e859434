"""Types into an interactive shell on a terminal of its own.

usage: typist.py STEP...

A STEP is text to type, with \\n, \\x03 and the like, or FILE:PATH to wait until that file is
there and not empty, or WAIT:TEXT to wait until the terminal shows the text. Prints what the
terminal showed.
"""

import os
import pty
import select
import sys
import time

LIMIT = 20.0


def main(steps: list[str]) -> int:
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["PS1"] = "ready> "
        os.execv("/bin/bash", ["bash", "--norc", "--noprofile", "-i"])
    shown = bytearray()

    def pump(seconds: float) -> None:
        if select.select([terminal], [], [], seconds)[0]:
            try:
                shown.extend(os.read(terminal, 4096))
            except OSError:  # The shell has ended.
                time.sleep(seconds)

    status = 0
    for step in steps:
        kind, _, value = step.partition(":")
        end = time.monotonic() + LIMIT
        if kind == "FILE":
            while not (os.path.exists(value) and os.path.getsize(value)):
                pump(0.05)
                if time.monotonic() > end:
                    print(f"typist: no file {value}", file=sys.stderr)
                    status = 1
                    break
        elif kind == "WAIT":
            while value.encode() not in shown:
                pump(0.05)
                if time.monotonic() > end:
                    print(f"typist: never shown: {value}", file=sys.stderr)
                    status = 1
                    break
        else:
            os.write(terminal, step.encode().decode("unicode_escape").encode())
    end = time.monotonic() + 0.3
    while time.monotonic() < end:
        pump(0.05)
    print(shown.decode("utf-8", "replace").replace("\r", ""))
    os.close(terminal)
    os.waitpid(pid, 0)
    return status


sys.exit(main(sys.argv[1:]))
