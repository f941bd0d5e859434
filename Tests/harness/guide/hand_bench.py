"""A directory that a person deploys to by hand, beside a store that the tool deploys to."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness import processes
from harness.archives import write_files
from harness.assertions import SetupFailed
from harness.processes import MINIMAL_ENVIRONMENT
from harness.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from harness.processes import Run

# Restarts the service as systemd does for Type=simple: it reports success when the program has
# been started. A service that works makes the file `ready`.
RESTART = """#!/bin/sh
rm -f ready
[ ! -e pid ] || kill "$(cat pid)" 2>/dev/null
(cd current && exec ./bin/run "$OLDPWD/ready") >/dev/null 2>&1 &
echo $! >pid
"""
WORKS = '#!/bin/sh\ntouch "$1"\nexec sleep 600\n'
DIES = "#!/bin/sh\nexit 1\n"
CONFIGURATION = """\
keep: {count: 3, age: 0d}
hooks: {activate: {run: 'cd "$RELEASES_STORE" && ./restart', timeout: 10s}}
health: {command: 'test -e "$RELEASES_STORE/ready"', timeout: 1s, interval: 100ms}
"""


@dataclass
class Bench:
    """Where one row of the table is tried, and what was typed and seen."""

    work: Path
    binary: Path
    typed: list[str] = field(default_factory=list)
    # The commands of the tool that were run.
    commands: set[str] = field(default_factory=set)
    # The exit statuses of what was typed by hand, and those of the tool.
    hand_statuses: set[int] = field(default_factory=set)
    statuses: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Begin with two empty directories."""
        self.hand = self.work / "hand"
        (self.hand / "releases").mkdir(parents=True)
        self.store = Store(self.binary, self.work / "store")

    def archive(self, name: str, files: Mapping[str, str]) -> Path:
        """Make an archive, without compression, of files with these contents."""
        tree = self.work / f"{name}.tree"
        write_files(tree, files)
        for program in tree.glob("bin/*"):
            program.chmod(0o755)
        archive = self.work / f"{name}.tar"
        subprocess.run(["tar", "-cf", archive, "-C", tree, "."], check=True)
        return archive

    def type(self, line: str) -> Run:
        """Type a line in the directory of the person."""
        self.typed.append(line)
        run = processes.run(
            ["bash", "-c", line], environment=MINIMAL_ENVIRONMENT, directory=self.hand
        )
        self.hand_statuses.add(run.status)
        return run

    def unpack(self, *names: str) -> None:
        """Unpack archives by hand."""
        for name in names:
            line = f"mkdir releases/{name} && tar -xf ../{name}.tar -C releases/{name}"
            if self.type(line).status != 0:
                raise SetupFailed(line)

    def link(self, name: str) -> str:
        """Return where a link of the person points to."""
        return os.readlink(self.hand / name)

    def tool(self, *words: str, launcher: Sequence[str] = ()) -> Run:
        """Run the tool on its store."""
        run = self.store.run(*words, launcher=list(launcher))
        self.statuses.add(run.status)
        self.commands.add(words[0])
        return run

    def deploy(self, *names: str) -> None:
        """Deploy archives with the tool; the name of each is its release ID."""
        if not (self.store.path / ".releases").exists():
            self.store.must("init")
        for name in names:
            self.store.must("deploy", str(self.work / f"{name}.tar"), "--id", name)

    def tool_link(self, name: str) -> str:
        """Return where a link of the store points to."""
        return os.readlink(self.store.path / name)

    def add_service(self) -> None:
        """Give both directories a service, and configure the tool."""
        self.store.must("init")
        for directory in (self.hand, self.store.path):
            (directory / "restart").write_text(RESTART)
            (directory / "restart").chmod(0o755)
        self.store.write("releases.yaml", CONFIGURATION)

    def close(self) -> None:
        """End the services."""
        for directory in (self.hand, self.store.path):
            with contextlib.suppress(OSError):
                os.kill(int((directory / "pid").read_text()), signal.SIGTERM)


@dataclass(frozen=True)
class HandRow:
    """A row of the table."""

    run: Callable[[Bench], None]
    # Whether it mounts a disk, which only root can do.
    needs_root: bool


ROWS: dict[str, HandRow] = {}


def row(
    situation: str, *, needs_root: bool = False
) -> Callable[[Callable[[Bench], None]], Callable[[Bench], None]]:
    """Return a decorator that adds a function as the row of this situation."""

    def add(run: Callable[[Bench], None]) -> Callable[[Bench], None]:
        assert situation not in ROWS, situation
        ROWS[situation] = HandRow(run, needs_root)
        return run

    return add
