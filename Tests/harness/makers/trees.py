"""Unpacks an archive with the usual program, and compares the two trees."""

from __future__ import annotations

import hashlib
import os
import stat
import zipfile
from typing import TYPE_CHECKING, NamedTuple

from harness.processes import MINIMAL_ENVIRONMENT, run

if TYPE_CHECKING:
    from pathlib import Path

    from harness.makers.archive import Archive

# unzip(1) warns with this status, such as of backslashes.
UNZIP_WARNING = 1
# Programs that tar(1) has to be told of.
PROGRAMS = {".lz4": "lz4", ".zst": "zstd --long=27"}
# Permissions that releases(1) removes, and those that it adds for the owner.
REMOVED, ADDED_FILE, ADDED_DIRECTORY = 0o7022, 0o400, 0o700


class Entry(NamedTuple):
    """What a tree has under one name."""

    kind: str
    mode: int
    content: str
    modified: int


def unpack_as_usual(archive: Archive, into: Path) -> str:
    """Unpack with unzip(1) or GNU tar, and return the name of the program.

    Raises RuntimeError when it fails.
    """
    into.mkdir()
    environment = {**MINIMAL_ENVIRONMENT, "TZ": "UTC"}
    command: list[str | Path]
    if archive.is_zip and has_foreign_names(archive.path):
        command = ["7zz", "x", "-y", f"-o{into}", archive.path]
        ended = run(command, environment=environment)
        failed = ended.status != 0
        program = "7zz"
    elif archive.is_zip:
        command = ["unzip", "-q", "-o", archive.path, "-d", into]
        ended = run(command, environment=environment)
        failed = ended.status not in {0, UNZIP_WARNING}
        program = "unzip"
    else:
        # tar finds most programs by the content of the file.
        decoder = PROGRAMS.get(archive.path.suffix)
        options = ["-I", decoder] if decoder else []
        command = ["tar", *options, "-xpf", archive.path, "--no-same-owner", "-C", into]
        ended = run(command, environment=environment)
        failed = ended.status != 0
        program = "tar"
    if failed:
        raise RuntimeError(f"{program} can't unpack {archive.path.name}: {ended}")
    return program


def has_foreign_names(path: Path) -> bool:
    """Return whether unzip(1) would convert names, since those of DOS are seldom in UTF-8."""
    with zipfile.ZipFile(path) as archive:
        return any(
            member.create_system == 0 and not member.filename.isascii()
            for member in archive.infolist()
        )


def entries(tree: Path) -> dict[str, Entry]:
    """Return what a tree has, with the modes that releases(1) promises."""
    found: dict[str, Entry] = {}
    for directory, subdirectories, files in os.walk(tree):
        for name in subdirectories + files:
            path = os.path.join(directory, name)
            status = os.lstat(path)
            mode = status.st_mode & 0o7777 & ~REMOVED
            entry = Entry("other", mode, "", int(status.st_mtime))
            if stat.S_ISDIR(status.st_mode):
                # Each program gives directories without an entry another time.
                entry = Entry("directory", mode | ADDED_DIRECTORY, "", 0)
            elif stat.S_ISLNK(status.st_mode):
                # Some programs do not set the time of a link.
                entry = Entry("link", 0, os.readlink(path), 0)
            elif stat.S_ISREG(status.st_mode):
                with open(path, "rb") as file:
                    digest = hashlib.sha256(file.read()).hexdigest()
                entry = Entry("file", mode | ADDED_FILE, digest, int(status.st_mtime))
            found[os.path.relpath(path, tree)] = entry
    return found


def differences(expected: Path, found: Path) -> list[str]:
    """Return what differs between two trees, one line for each name."""
    first, second = entries(expected), entries(found)
    return [
        f"{name}: {first.get(name)} is {second.get(name)}"
        for name in sorted({*first, *second})
        if first.get(name) != second.get(name)
    ]
