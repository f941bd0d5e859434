"""What the host's log is told: one line for each transaction, whatever is in its texts.

    system_log.py BINARY --work DIRECTORY

Takes root: the log is a socket in a /dev of its own.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
from pathlib import Path

from promise import expect, fresh

DEVICES = ["null", "zero", "random", "urandom"]


class Host:
    """A mount namespace whose log is ours."""

    def __init__(self, binary: Path, work: Path):
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
        inside = ["sh", "-c", 'mount --bind "$0" /dev && exec "$@"', str(self.devices)]
        command = [str(self.binary), "--store", str(self.work / "store"), *words]
        return subprocess.run(
            ["unshare", "-m", *inside, *command], check=False, capture_output=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "USER": "tester"}, timeout=30).returncode

    def lines(self) -> list[str]:
        found = []
        while True:
            try:
                found.append(self.log.recv(65536).decode())
            except BlockingIOError:
                return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    options = parser.parse_args()
    with fresh(options.work) as work:
        host = Host(options.binary.resolve(), work)
        try:
            expect(host.run("init") == 0, "a store is made")
            expect(len(host.lines()) == 1, "which is one line")
            expect(host.run("status") in (0, 7) and not host.lines(), "looking is none")
            expect(host.run("freeze", "--reason", "a\n\x1b[2Jb \"c\" = d\\") == 0, "it freezes")
            [line] = host.lines()
            expect(line.startswith("<29>releases["), f"a notice of ours: {line!r}")
            for part in ("operation=freeze", "outcome=done", "user=tester", f"store={work}/store",
                         'reason="a??[2Jb \\"c\\" = d\\\\"'):
                expect(part in line, f"{part} is in {line!r}")
            expect(line.isprintable(), f"nothing odd is in {line!r}")
            # Nobody waits for a log that nobody reads.
            for _ in range(40):
                host.run("thaw")
                expect(host.run("freeze", "--reason", "x") == 0, "a full log stops nobody")
            expect(len(host.lines()) < 80, "and it was full")
            host.log.close()
            (host.devices / "log").unlink()
            expect(host.run("thaw") == 0, "nor does one that is missing")
        finally:
            host.log.close()
    print("the host's log has one line for each transaction")
    return 0


if __name__ == "__main__":
    sys.exit(main())
