"""Tests what the system log gets: one line for each transaction, whatever text it contains.

The tests take root, since they put a /dev with a log socket of their own in place of the host's.
"""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from harness import processes
from harness.assertions import expect
from harness.command_line import run_suite, suite_parser
from harness.directories import empty_directory
from harness.processes import MINIMAL_ENVIRONMENT

if TYPE_CHECKING:
    from pathlib import Path

DEVICES = ["null", "zero", "random", "urandom"]
# A notice of a daemon, see syslog(3).
PREFIX = "<29>releases["


class LoggedHost:
    """A mount namespace in which this process reads the log."""

    def __init__(self, binary: Path, work: Path) -> None:
        self.binary, self.work = binary, work
        self.devices = work / "dev"
        self.devices.mkdir()
        for name in DEVICES:
            mode = os.stat(f"/dev/{name}")
            os.mknod(self.devices / name, mode.st_mode, mode.st_rdev)
        self.log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.log.bind(str(self.devices / "log"))
        self.log.setblocking(False)

    def run(self, *words: str) -> int:
        """Run a command of the tool, and return its exit status."""
        inside = ["sh", "-c", 'mount --bind "$0" /dev && exec "$@"', str(self.devices)]
        command = [str(self.binary), "--store", str(self.work / "store"), *words]
        return processes.run(
            ["unshare", "-m", *inside, *command], environment=MINIMAL_ENVIRONMENT, timeout=30
        ).status

    def lines(self) -> list[str]:
        """Return what was logged since the last call."""
        found = []
        while True:
            try:
                found.append(self.log.recv(65536).decode())
            except BlockingIOError:
                return found


def expect_one_line_for_each_transaction(host: LoggedHost) -> None:
    """A transaction logs one line that is safe to print, and a command that only reads none."""
    expect(host.run("init") == 0, "init succeeds")
    expect(len(host.lines()) == 1, "init logs one line")
    expect(host.run("status") in (0, 7) and not host.lines(), "status logs nothing")
    expect(host.run("freeze", "--reason", 'a\n\x1b[2Jb "c" = d\\') == 0, "freeze succeeds")
    [line] = host.lines()
    expect(line.startswith(PREFIX), f"the line is a notice of the tool: {line!r}")
    parts = (
        "operation=freeze",
        "outcome=done",
        "user=tester",
        f"store={host.work}/store",
        'reason="a b \\"c\\" = d\\\\"',
    )
    for part in parts:
        expect(part in line, f"the line has {part}: {line!r}")
    expect(line.isprintable(), f"the line has no control characters: {line!r}")


def expect_does_not_depend_on_log(host: LoggedHost) -> None:
    """Commands succeed when the log is full, and when there is none."""
    for _ in range(40):
        host.run("thaw")
        expect(host.run("freeze", "--reason", "x") == 0, "a full log stops no command")
    expect(len(host.lines()) < 80, "the log was full")
    host.log.close()
    (host.devices / "log").unlink()
    expect(host.run("thaw") == 0, "a missing log stops no command")


def main() -> int:
    """Run the suite."""
    options = suite_parser(__doc__).parse_args()
    with empty_directory(options.work) as work:
        host = LoggedHost(options.binary, work)
        try:
            expect_one_line_for_each_transaction(host)
            expect_does_not_depend_on_log(host)
        finally:
            host.log.close()
    print("system log: each transaction logs one line")
    return 0


if __name__ == "__main__":
    run_suite(main)
