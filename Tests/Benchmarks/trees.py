"""The trees that are packed and unpacked, and their archives."""

import glob
import os
import random
import shutil
import subprocess
import sys
import zipfile

PACKAGES = ["numpy", "scipy", "pandas"]
SERVICE = ["fastapi", "uvicorn[standard]"]


def wheels(directory: str) -> str:
    """What a Python service carries: some 4,000 files, 216 MB."""
    tree = os.path.join(directory, "wheels")
    if not os.path.isdir(tree):
        cache = os.path.join(directory, "downloads")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", cache]
        subprocess.run([*command, *PACKAGES], check=True)
        for wheel in glob.glob(os.path.join(cache, "*.whl")):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(tree)
    return tree


def virtual_environment(directory: str) -> str:
    """What FastAPI and its server need, as `pip install` leaves it."""
    tree = os.path.join(directory, "fastapi")
    if not os.path.isdir(tree):
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--target", tree,
             "--disable-pip-version-check", "--no-compile", "--no-warn-conflicts",
             "--root-user-action=ignore", *SERVICE], check=True)
    return tree


def small_files(directory: str, count: int) -> str:
    """Files of up to 4 KiB of text, a hundred in a directory; the same in every run."""
    tree = os.path.join(directory, f"small-{count}")
    if not os.path.isdir(tree):
        words = [f"word{number}" for number in range(997)]
        source = random.Random(count)
        for number in range(count):
            folder = os.path.join(tree, f"d{number // 100 % 100}", f"e{number // 100}")
            os.makedirs(folder, exist_ok=True)
            text = " ".join(source.choices(words, k=source.randrange(1, 600)))
            with open(os.path.join(folder, f"f{number}.txt"), "w", encoding="ascii") as file:
                file.write(text)
    return tree


def large(directory: str, gibibytes: int) -> str:
    """An uncompressed tar of that size, whose content no compressor or hole makes smaller."""
    archive = os.path.join(directory, f"large-{gibibytes}.tar")
    if not os.path.exists(archive):
        pieces = os.path.join(directory, "pieces")
        os.makedirs(pieces, exist_ok=True)
        for number in range(gibibytes):
            with open(os.path.join(pieces, f"piece{number}"), "wb") as file:
                for _ in range(64):
                    file.write(os.urandom(16 << 20))
        subprocess.run(["tar", "-C", pieces, "-cf", archive, "."], check=True)
        shutil.rmtree(pieces)
    return archive


def pack(tree: str, kind: str) -> str:
    """The tree as tar.gz, tar.zst or zip, made once."""
    archive = f"{tree}.{kind}"
    if not os.path.exists(archive):
        command = {
            "tar.gz": ["tar", "-C", tree, "-czf", archive, "."],
            "tar.zst": ["tar", "-C", tree, "--zstd", "-cf", archive, "."],
            "zip": ["zip", "-q", "-r", archive, "."],
        }[kind]
        subprocess.run(command, check=True, cwd=tree)
    return archive


def describe(tree: str) -> str:
    """How many files and bytes."""
    sizes = [
        os.lstat(os.path.join(folder, name)).st_size
        for folder, _, names in os.walk(tree) for name in names
    ]
    return f"{len(sizes):,} files, {sum(sizes) / 1e6:.0f} MB"
