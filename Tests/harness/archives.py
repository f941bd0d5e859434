"""Release archives for the tests."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def release_files(identity: str) -> dict[str, str]:
    """Return the files of a small release; each of them contains the release ID."""
    return {"VERSION": identity, "bin/run": f"#!/bin/sh\necho {identity}\n"}


def write_files(tree: Path, files: Mapping[str, str]) -> None:
    """Write files beneath a directory, and make the directories that they need."""
    for name, content in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(content, encoding="utf-8")


def pack_directory(archive: Path, tree: Path) -> Path:
    """Pack a directory as a gzipped tar; the same files make the same bytes."""
    subprocess.run(["tar", "-czf", archive, "--mtime=@1700000000", "-C", tree, "."], check=True)
    return archive


def pack_files(archive: Path, files: Mapping[str, str]) -> Path:
    """Pack files of this content as a gzipped tar."""
    tree = archive.with_name(f"{archive.name}.tree")
    write_files(tree, files)
    pack_directory(archive, tree)
    shutil.rmtree(tree)
    return archive
