"""Mounts, and file systems in image files."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def mount(kind: str, source: str | Path, path: Path, options: str = "") -> None:
    """Mount a file system at a directory, which is made where it is missing."""
    path.mkdir(parents=True, exist_ok=True)
    words = ["mount", "-t", kind, *(["-o", options] if options else []), str(source), str(path)]
    subprocess.run(words, check=True)


def unmount(path: Path) -> None:
    """Unmount a directory if something is mounted there."""
    if os.path.ismount(path):
        subprocess.run(["umount", str(path)], check=True)


@contextmanager
def mounted(kind: str, source: str | Path, path: Path, options: str = "") -> Iterator[Path]:
    """Mount a file system for as long as the `with` statement runs."""
    mount(kind, source, path, options)
    try:
        yield path
    finally:
        # os.path.ismount does not recognise a bind mount on the same file system.
        subprocess.run(["umount", str(path)], check=True)


def make_file_system(image: Path, size: int, *command: str) -> None:
    """Make a file system in a sparse file of that many bytes.

    command: mkfs(8) and its options, which gets the file as its last argument.
    """
    with image.open("wb") as file:
        file.truncate(size)
    subprocess.run([*command, image], check=True, stdout=subprocess.DEVNULL)
