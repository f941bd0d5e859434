"""Reads the files of a store: links, sealed lines, journal, history and manifests.

A BrokenPromise is raised where a file is not what its format says.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from pathlib import Path
from typing import Any

from harness.assertions import BrokenPromise, expect

# A line of JSON whose last member is the checksum of what is before it.
SEALED_LINE = re.compile(rb'(\{.*),"sha256":"([0-9a-f]{64})"\}', re.DOTALL)
LINK_TARGET = re.compile(r"(?:\./|/.*/)?releases/[0-9A-Za-z][0-9A-Za-z._-]{0,63}")
# The journal is two slots of this many bytes.
SLOT = 4096
FILE_TYPES = {stat.S_IFDIR: "dir", stat.S_IFREG: "file", stat.S_IFLNK: "link"}

Entry = dict[str, Any]


def open_sealed(line: bytes, what: str) -> Entry:
    """Return the object in a sealed line, whose checksum has to be right."""
    match = SEALED_LINE.fullmatch(line)
    if not match:
        raise BrokenPromise(f"{what} is a sealed line, not {line[:80]!r}")
    body = match[1] + b"}"
    digest = hashlib.sha256(body).hexdigest().encode()
    expect(digest == match[2], f"{what} has the right checksum")
    entry: Entry = json.loads(body)
    return entry


def seal(line: bytes) -> bytes:
    """Return a line with the checksum that its content needs; an old checksum is replaced."""
    match = SEALED_LINE.match(line)
    body = match[1] + b"}" if match else line.rstrip()
    digest = hashlib.sha256(body).hexdigest().encode()
    return body[:-1] + b',"sha256":"' + digest + b'"}\n'


def link(root: Path, name: str) -> str | None:
    """Return the release that a link of the store points to; None when there is no link."""
    path = root / name
    if not path.is_symlink():
        expect(not path.exists(), f"{name} is a symlink")
        return None
    target = Path(os.path.realpath(path))
    releases = Path(os.path.realpath(root)) / "releases"
    expect(target.parent == releases, f"{name} points to a release, not to {os.readlink(path)!r}")
    return target.name


def names(path: Path) -> list[str]:
    """Return the sorted names in a directory, which has to exist."""
    expect(path.is_dir(), f"{path.name} is a directory")
    return sorted(os.listdir(path))


def journal(root: Path) -> Entry:
    """Return the valid journal entry with the highest sequence."""
    content = (root / ".releases/lock").read_bytes()
    entries = []
    for slot in (content[:SLOT], content[SLOT : 2 * SLOT]):
        try:
            entries.append(open_sealed(slot.rstrip(b" \n"), "a slot"))
        except BrokenPromise:
            continue
    expect(bool(entries), "the journal has a valid slot")
    return max(entries, key=lambda entry: int(entry["sequence"]))


def history(root: Path) -> list[Entry]:
    """Return the history, oldest entry first; no line is torn and no number occurs twice."""
    lines: list[bytes] = []
    paths = sorted((root / ".releases").glob("history-*.jsonl"))
    for path in [*paths, root / ".releases/history.jsonl"]:
        content = path.read_bytes() if path.exists() else b""
        expect(not content or content.endswith(b"\n"), f"{path.name} ends with a whole line")
        found = content.splitlines()
        # A file begins with the last line of the one before it.
        lines += found[1:] if lines and found[:1] == lines[-1:] else found
    entries = [open_sealed(line, "a line of the history") for line in lines]
    numbers = [entry["sequence"] for entry in entries]
    expect(numbers == sorted(set(numbers)), f"the numbers in the history rise: {numbers}")
    for one, other in zip(entries, entries[1:]):
        # A transaction takes two numbers; one that adopts a store numbers the releases too.
        is_gap = other["sequence"] - one["sequence"] > 2 and other["operation"] != "init"
        expect(not is_gap, f"the history has each transaction: {numbers}")
    return entries


def manifest(root: Path, identity: str) -> dict[str, dict[str, str]]:
    """Return the facts in the manifest of a release, by path."""
    path = root / f".releases/manifests/{identity}.mtree"
    lines = path.read_text("utf-8").splitlines()
    expect(lines[:1] == ["#mtree v2.0"], f"the manifest of {identity} is an mtree file")
    entries = {}
    for line in lines[1:]:
        name, *facts = line.split(" ")
        entries[name] = dict(_fact(fact) for fact in facts)
    return entries


def _fact(text: str) -> tuple[str, str]:
    key, _, value = text.partition("=")
    return key, value


def expect_whole(root: Path, identity: str, may_have_more: bool = False) -> None:
    """Expect that a release is exactly what its manifest says.

    may_have_more: whether files that are not in the manifest are allowed.
    """
    tree = root / "releases" / identity
    wanted = manifest(root, identity)
    found = {"."}
    for folder, folders, files in os.walk(tree):
        place = os.path.relpath(folder, tree)
        found |= {
            os.path.join(".", os.path.normpath(os.path.join(place, name)))
            for name in [*folders, *files]
        }
    missing, added = set(wanted) - found, found - set(wanted)
    expect(not missing, f"{identity} has all of its manifest, and lacks {missing}")
    expect(may_have_more or not added, f"{identity} has only what its manifest has, and {added}")
    for name, facts in wanted.items():
        expect_file(tree / name, facts, f"{identity}/{name}")


def expect_file(path: Path, facts: dict[str, str], where: str) -> None:
    """Expect that a file has the type, mode, size, content or target that a manifest says."""
    status = path.lstat()
    kind = FILE_TYPES.get(stat.S_IFMT(status.st_mode))
    expect(kind == facts["type"], f"{where} is a {facts['type']}")
    expect(stat.S_IMODE(status.st_mode) == int(facts["mode"], 8), f"{where} has its mode")
    if kind == "link":
        expect(os.readlink(path) == facts["link"], f"{where} has its target")
    if kind == "file":
        content = path.read_bytes()
        expect(len(content) == int(facts["size"]), f"{where} has its size")
        digest = hashlib.sha256(content).hexdigest()
        expect(digest == facts["sha256digest"], f"{where} has its content")
