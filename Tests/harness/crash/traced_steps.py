"""The steps of a real run that change its store, as strace(1) recorded them, and their redoing."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

if TYPE_CHECKING:
    from pathlib import Path

# The output of hooks is never flushed, and nothing depends on it.
LOGS = ".releases/logs/"
# An argument: a descriptor with its path, a string, or another word.
WORD = re.compile(
    r'\s*(?:-?\w+<(?P<at>[^>]*)>|"(?P<text>(?:\\x[0-9a-f]{2})*)"(?:\.\.\.)?|[^\s,()][^,()]*)'
)
LINE = re.compile(r"(\w+)\((.*)\)\s+= (-?\d+)(?:<([^>]*)>)?")


@dataclass(frozen=True)
class Step:
    """One change, and the places that have to be flushed to make it durable."""

    kind: str
    # The file that is written, or the directories in which names change.
    places: tuple[str, ...]
    path: str
    data: bytes = b""
    offset: int | None = None
    target: str = ""

    @property
    def is_content(self) -> bool:
        """Whether it changes what is in files, rather than names."""
        return self.kind in ("write", "tree", "output")


@dataclass(frozen=True)
class Flush:
    """A flush of a file or directory, or of the whole file system without a place."""

    place: str | None


class Acknowledged:
    """The command wrote to standard output, and so reported what it did."""


class Started:
    """The command started another program, a hook or the worker."""


def unescaped(text: str) -> str:
    """Decode a string that strace printed in hexadecimal."""
    return bytes.fromhex(text.replace("\\x", "")).decode("utf-8", "surrogateescape")


@dataclass(frozen=True)
class Word:
    """An argument of a call: its text, the bytes of a string, or the number of a descriptor."""

    text: str
    data: bytes | None = None
    descriptor: str = ""


Recorded = Union[Step, Flush, Acknowledged, Started]


class Trace:
    """The steps of a run, with paths that are relative to the store."""

    def __init__(self, lines: list[str], root: Path) -> None:
        self.root = str(root)
        self.steps: list[Recorded] = []
        for line in lines:
            match = LINE.match(line)
            if match and int(match[3]) >= 0:
                self._take(match[1], match[2], match[4])

    def _inside(self, path: str) -> str | None:
        if path == self.root:
            return "."
        return path[len(self.root) + 1 :] if path.startswith(self.root + "/") else None

    def _take(self, name: str, text: str, result: str | None) -> None:
        words: list[Word] = []
        for match in WORD.finditer(text):
            if match["at"] is not None:
                descriptor = match[0].strip().split("<")[0]
                words.append(Word(unescaped(match["at"]), descriptor=descriptor))
            elif match["text"] is not None:
                content = bytes.fromhex(match["text"].replace("\\x", ""))
                words.append(Word(content.decode("utf-8", "surrogateescape"), data=content))
            elif match[0].strip():
                words.append(Word(match[0].strip()))
        take = getattr(self, f"_{name}", None)
        if take:
            take(words, unescaped(result) if result else "")

    def _name(self, words: list[Word], at: int) -> str | None:
        """Return the path that a directory and a name beneath it mean."""
        directory, name = words[at].text, words[at + 1].text
        if directory == "AT_FDCWD":
            directory = os.getcwd()
        return self._inside(os.path.normpath(os.path.join(directory, name)))

    def _change(self, kind: str, path: str | None, target: str = "") -> None:
        if path is not None and not path.startswith(LOGS):
            place = os.path.dirname(path) or "."
            self.steps.append(Step(kind, (place,), path, target=target))

    def _openat(self, words: list[Word], result: str) -> None:
        flags = words[2].text
        path = self._inside(result)
        if "O_CREAT" in flags and path is not None:
            self._change("create", path)

    def _write(self, words: list[Word], _: str, offset: int | None = None) -> None:
        is_output = words[0].descriptor == "1"
        path = self._inside(words[0].text)
        data = words[1].data
        if path is not None and data is not None and not path.startswith(LOGS):
            self.steps.append(Step("write", (path,), path, data, offset))
        elif is_output:
            self.steps.append(Acknowledged())

    def _pwrite64(self, words: list[Word], _: str) -> None:
        self._write(words, _, int(words[3].text))

    def _symlinkat(self, words: list[Word], _: str) -> None:
        self._change("link", self._name(words, 1), target=words[0].text)

    def _mkdirat(self, words: list[Word], _: str) -> None:
        self._change("directory", self._name(words, 0))

    def _mkdir(self, words: list[Word], _: str) -> None:
        self._change("directory", self._inside(words[0].text))

    def _unlinkat(self, words: list[Word], _: str) -> None:
        kind = "rmdir" if "AT_REMOVEDIR" in words[2].text else "unlink"
        self._change(kind, self._name(words, 0))

    def _renameat(self, words: list[Word], _: str) -> None:
        source, target = self._name(words, 0), self._name(words, 2)
        if source is not None and target is not None and not target.startswith(LOGS):
            places = tuple({os.path.dirname(source) or ".", os.path.dirname(target) or "."})
            self.steps.append(Step("rename", places, source, target=target))

    _renameat2 = _renameat

    def _fsync(self, words: list[Word], _: str) -> None:
        path = self._inside(words[0].text)
        if path is not None:
            self.steps.append(Flush(path))

    _fdatasync = _fsync

    def _syncfs(self, _words: list[Word], _: str) -> None:
        self.steps.append(Flush(None))

    def _clone(self, words: list[Word], _: str) -> None:
        if any("CLONE_VFORK" in word.text for word in words):
            self.steps.append(Started())

    _clone3 = _clone


def apply(step: Step, part: int, root: Path) -> None:
    """Make a change in a store.

    part: how much of a write has arrived: all of it (0), its first half or sector (1), or only the
    rest (2).
    """
    path = root / step.path
    if step.kind == "create":
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644))
    elif step.kind == "link":
        path.symlink_to(step.target)
    elif step.kind == "directory":
        path.mkdir(mode=0o755)
    elif step.kind == "unlink":
        path.unlink()
    elif step.kind == "rmdir":
        path.rmdir()
    elif step.kind == "rename":
        path.rename(root / step.target)
    elif step.kind == "tree":
        shutil.copytree(step.target, path, symlinks=True, dirs_exist_ok=True)
        if part:
            (path / "VERSION").write_bytes(b"")
    elif step.kind == "output":
        shutil.copy2(step.target, path)
        if part:
            path.write_bytes(b"")
    else:
        write(path, step, part)


def write(path: Path, step: Step, part: int) -> None:
    """Write the data of a step, or a part of it."""
    half = 512 if len(step.data) > 512 else len(step.data) // 2
    start = step.offset if step.offset is not None else path.stat().st_size
    with open(path, "r+b") as file:
        if part != 2:
            file.seek(start)
            file.write(step.data[:half] if part == 1 else step.data)
        if part == 2:
            # What is before it stays as it was, or is zeros.
            file.seek(start + half)
            file.write(step.data[half:])
