"""Stores on one disk, and the commands that are measured."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING, Callable

from harness.c_programs import compile_program
from harness.repository import HARNESS

if TYPE_CHECKING:
    from pathlib import Path

    from harness.benchmarks.loop_disk import LoopDisk

PROGRAMS = ("three_flushes", "stat_files", "minimal_switch", "write_files")


def run_quietly(command: list[str], directory: Path | None = None) -> None:
    """Run a command that has to succeed, and discard what it prints."""
    quiet = subprocess.DEVNULL
    subprocess.run(command, check=True, stdout=quiet, stderr=quiet, cwd=directory)


def program(*words: str | Path) -> Callable[[], None]:
    """Return a way that runs a program."""
    return lambda: run_quietly([str(word) for word in words])


def shell(line: str, directory: Path) -> Callable[[], None]:
    """Return a way that runs a line of shell in a directory."""
    return lambda: run_quietly(["sh", "-c", line], directory)


class Workbench:
    """Stores on one disk, the tool, and the compiled C programs."""

    def __init__(self, binary: Path, disk: LoopDisk, work: Path) -> None:
        self.binary, self.disk, self.work = binary, disk, work
        sources = HARNESS / "benchmarks"
        self.programs = {name: compile_program(sources / f"{name}.c", work) for name in PROGRAMS}

    def path(self, name: str) -> Path:
        """Return a path on the disk."""
        return self.disk.path / name

    def command(self, store: str, *words: str | Path) -> list[str]:
        """Return the command line of a command on a store."""
        return [str(word) for word in (self.binary, "--store", self.path(store), *words)]

    def command_line(self, store: str, *words: str) -> str:
        """Return the same as a line of shell."""
        return shlex.join(self.command(store, *words))

    def run(self, store: str, *words: str | Path) -> None:
        """Run a command on a store."""
        run_quietly(self.command(store, *words))

    def way(self, store: str, *words: str) -> Callable[[], None]:
        """Return a way that runs a command on a store."""
        return lambda: self.run(store, *words)

    def store(self, name: str, archive: Path, ids: list[str]) -> None:
        """Make a store with releases of one archive."""
        shutil.rmtree(self.path(name), ignore_errors=True)
        self.run(name, "init")
        for identity in ids:
            self.run(name, "unpack", archive, "--id", identity)
        self.disk.flush()

    def large_store(self, name: str, archive: Path, count: int) -> None:
        """Make a store with many releases, which are copied by hand and then adopted."""
        shutil.rmtree(self.path(name), ignore_errors=True)
        releases = self.path(name) / "releases"
        first = releases / "1700000000"
        first.mkdir(parents=True)
        subprocess.run(["tar", "-xf", archive, "-C", first], check=True)
        for number in range(1, count):
            shutil.copytree(first, releases / str(1700000000 + number), symlinks=True)
        current = self.path(name) / "current"
        current.symlink_to(f"releases/{1700000000 + count - 1}")
        self.run(name, "init")
        self.disk.flush()

    def peak_memory(self, store: str, *words: str) -> float:
        """Return the peak memory of the largest process of a command, in MiB.

        time(1) starts the command, since the memory of the process that becomes it counts too.
        """
        report = self.work / "memory"
        measure = ["/usr/bin/time", "-f", "%M", "-o", str(report)]
        quiet = subprocess.DEVNULL
        command = [*measure, *self.command(store, *words)]
        subprocess.run(command, check=False, stdout=quiet, stderr=quiet)
        return int(report.read_text("ascii").split()[-1]) / 1024
