"""The directories that are packed and unpacked, and their archives."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES = ["numpy", "scipy", "pandas"]
SERVICE = ["fastapi", "uvicorn[standard]"]


def wheels(directory: Path) -> Path:
    """Return what a Python service carries: about 4,000 files, 216 MB."""
    tree = directory / "wheels"
    if not tree.is_dir():
        cache = directory / "downloads"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest"]
        subprocess.run([*command, str(cache), *PACKAGES], check=True)
        for wheel in cache.glob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(tree)
    return tree


def virtual_environment(directory: Path) -> Path:
    """Return what FastAPI and its server need, as `pip install` leaves it."""
    tree = directory / "fastapi"
    if not tree.is_dir():
        options = ["--disable-pip-version-check", "--no-compile", "--no-warn-conflicts"]
        options += ["--root-user-action=ignore", "--quiet", "--target", str(tree)]
        command = [sys.executable, "-m", "pip", "install", *options, *SERVICE]
        subprocess.run(command, check=True)
    return tree


def small_files(directory: Path, count: int) -> Path:
    """Return files of up to 4 KiB of text, a hundred in a directory; each run has the same ones."""
    tree = directory / f"small-{count}"
    if not tree.is_dir():
        words = [f"word{number}" for number in range(997)]
        source = random.Random(count)
        for number in range(count):
            folder = tree / f"d{number // 100 % 100}" / f"e{number // 100}"
            folder.mkdir(parents=True, exist_ok=True)
            text = " ".join(source.choices(words, k=source.randrange(1, 600)))
            (folder / f"f{number}.txt").write_text(text, encoding="ascii")
    return tree


def large_archive(directory: Path, gibibytes: int) -> Path:
    """Return an uncompressed tar of that size, whose content cannot be compressed."""
    archive = directory / f"large-{gibibytes}.tar"
    if not archive.exists():
        pieces = directory / "pieces"
        pieces.mkdir(parents=True, exist_ok=True)
        for number in range(gibibytes):
            with (pieces / f"piece{number}").open("wb") as file:
                for _ in range(64):
                    file.write(os.urandom(16 << 20))
        subprocess.run(["tar", "-C", pieces, "-cf", archive, "."], check=True)
        shutil.rmtree(pieces)
    return archive


def pack(tree: Path, kind: str) -> Path:
    """Return the tree as tar.gz, tar.zst or zip, which is made once."""
    archive = tree.with_name(f"{tree.name}.{kind}")
    if not archive.exists():
        commands: dict[str, list[str | Path]] = {
            "tar.gz": ["tar", "-C", tree, "-czf", archive, "."],
            "tar.zst": ["tar", "-C", tree, "--zstd", "-cf", archive, "."],
            "zip": ["zip", "-q", "-r", archive, "."],
        }
        subprocess.run(commands[kind], check=True, cwd=tree)
    return archive


def describe(tree: Path) -> str:
    """Return how many files and bytes a tree has."""
    sizes = [
        os.lstat(os.path.join(folder, name)).st_size
        for folder, _, names in os.walk(tree)
        for name in names
    ]
    return f"{len(sizes):,} files, {sum(sizes) / 1e6:.0f} MB"
