"""A store in a directory, and the tool that works on it."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness import processes
from harness.archives import pack_files, release_files
from harness.assertions import SetupFailed
from harness.processes import MINIMAL_ENVIRONMENT, Run

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Store:
    """A store, and the binary under test."""

    binary: Path
    path: Path

    def command(self, *words: str) -> list[str]:
        """Return the command line of a command on this store."""
        return [str(self.binary), "--store", str(self.path), *words]

    def run(self, *words: str, launcher: list[str] | None = None) -> Run:
        """Run a command to its end, whatever its exit status.

        launcher: a program with its arguments, such as strace(1), that starts the command.
        A command that a signal ended has the status that a shell would report.
        """
        command = [*(launcher or []), *self.command(*words)]
        ended = processes.run(command, environment=MINIMAL_ENVIRONMENT)
        return ended if ended.status >= 0 else replace(ended, status=128 - ended.status)

    def start(self, *words: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
        """Start a command without waiting for it."""
        return subprocess.Popen(
            self.command(*words),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=MINIMAL_ENVIRONMENT,
            text=True,
        )

    def must(self, *words: str, status: int = 0) -> Run:
        """Run a command that only prepares a test.

        Raises SetupFailed when it ends with another status.
        """
        run = self.run(*words)
        if run.status != status:
            raise SetupFailed(f"releases {' '.join(words)}: {run}")
        return run

    def copy(self, path: Path) -> Store:
        """Copy the store to a path, in place of what is there."""
        if path.exists():
            shutil.rmtree(path)
        if self.path.exists():
            shutil.copytree(self.path, path, symlinks=True)
        return Store(self.binary, path)

    def write(self, name: str, content: str) -> None:
        """Write a file of the store."""
        (self.path / name).write_text(content, encoding="utf-8")

    def publish(self, *ids: str) -> None:
        """Unpack small releases with these IDs."""
        for identity in ids:
            archive = pack_files(self.path.parent / f"{identity}.tar.gz", release_files(identity))
            self.must("unpack", str(archive), "--id", identity)
            archive.unlink()

    def activate(self, *ids: str) -> None:
        """Publish releases and make each of them live in turn."""
        for identity in ids:
            self.publish(identity)
            self.must("activate", identity)
