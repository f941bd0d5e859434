"""A store in a directory, and the binary at work on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

VARIABLES = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "USER": "tester"}


@dataclass(frozen=True)
class Run:
    """What one run left behind."""

    status: int
    output: str
    errors: str
    seconds: float

    def __str__(self) -> str:
        return f"status {self.status}, {self.output!r}, {self.errors!r}"


class Broken(Exception):
    """Something that was only to prepare a trial did not work."""


@dataclass(frozen=True)
class Store:
    """A store, and the binary that is tried."""

    binary: str
    path: Path

    def run(self, *words: str, launcher: list[str] | None = None) -> Run:
        """Runs a command of this store to its end."""
        start = time.monotonic()
        ended = subprocess.run(
            [*(launcher or []), self.binary, "--store", str(self.path), *words],
            stdin=subprocess.DEVNULL, capture_output=True, env=VARIABLES, check=False)
        seconds = time.monotonic() - start
        # strace ends as what it watched ended.
        status = ended.returncode if ended.returncode >= 0 else 128 - ended.returncode
        return Run(
            status, ended.stdout.decode(errors="replace"), ended.stderr.decode(errors="replace"),
            seconds)

    def start(self, *words: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen:
        """Starts a command of this store and does not wait for it."""
        return subprocess.Popen(  # pylint: disable=consider-using-with
            [self.binary, "--store", str(self.path), *words], stdin=stdin,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=VARIABLES, text=True)

    def do(self, *words: str) -> Run:
        """Runs a command that has to succeed."""
        run = self.run(*words)
        if run.status != 0:
            raise Broken(f"releases {' '.join(words)}: {run}")
        return run

    def copy(self, path: Path) -> Store:
        """Another store just like this one, in place of what is there."""
        if path.exists():
            shutil.rmtree(path)
        if self.path.exists():
            shutil.copytree(self.path, path, symlinks=True)
        return Store(self.binary, path)

    def write(self, name: str, content: str) -> None:
        (self.path / name).write_text(content, encoding="utf-8")

    def publish(self, *ids: str) -> None:
        """New releases, whose files tell which one it is."""
        for identity in ids:
            archive = pack(self.path.parent / f"{identity}.tar.gz", identity, small_tree(identity))
            self.do("unpack", str(archive), "--id", identity)
            archive.unlink()

    def activate(self, *ids: str) -> None:
        """Publishes releases and makes each live in turn."""
        for identity in ids:
            self.publish(identity)
            self.do("activate", identity)


def small_tree(identity: str) -> dict[str, str]:
    """What is in a release: each file names it."""
    return {"VERSION": identity, "bin/run": f"#!/bin/sh\necho {identity}\n"}


def pack(archive: Path, identity: str, files: dict[str, str]) -> Path:
    """A gzipped tar of these files."""
    tree = archive.parent / f"tree-{identity}"
    for name, content in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(content, encoding="utf-8")
    subprocess.run(["tar", "-czf", archive, "--mtime=@1700000000", "-C", tree, "."], check=True)
    shutil.rmtree(tree)
    return archive


def mounted(kind: str, source: str, path: Path, options: str = "") -> None:
    """mount(8)."""
    path.mkdir(parents=True, exist_ok=True)
    words = ["mount", "-t", kind, *(["-o", options] if options else []), source, str(path)]
    subprocess.run(words, check=True)


def unmounted(path: Path) -> None:
    """umount(8), where something is mounted."""
    if os.path.ismount(path):
        subprocess.run(["umount", str(path)], check=True)
