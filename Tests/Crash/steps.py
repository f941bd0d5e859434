"""The steps of a real run that change its store, as strace(1) saw them, and how to redo them."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

# What hooks print is never flushed, and nothing depends on it.
LOGS = ".releases/logs/"
WORD = re.compile(
    r'\s*(?:-?\w+<(?P<at>[^>]*)>|"(?P<text>(?:\\x[0-9a-f]{2})*)"(?:\.\.\.)?|[^\s,()][^,()]*)')
LINE = re.compile(r"(\w+)\((.*)\)\s+= (-?\d+)(?:<([^>]*)>)?")


@dataclass(frozen=True)
class Step:
    """One change, and what must be flushed for it to last."""

    kind: str
    # The file that is written, or the directories whose names change.
    places: tuple[str, ...]
    path: str
    data: bytes = b""
    offset: int | None = None
    target: str = ""

    @property
    def is_content(self) -> bool:
        return self.kind in ("write", "tree", "output")


@dataclass(frozen=True)
class Flush:
    """fsync of a file or directory, or, without a place, syncfs."""

    place: str | None


class Acknowledged:
    """Something was said on standard output."""


class Started:
    """Another program was started, a hook or the worker."""


def bare(text: str) -> str:
    return bytes.fromhex(text.replace("\\x", "")).decode("utf-8", "surrogateescape")


class Trace:
    """The steps of a run, with paths relative to the store."""

    def __init__(self, lines: list[str], root: Path):
        self.root = str(root)
        self.steps: list[Step | Flush | Acknowledged | Started] = []
        for line in lines:
            match = LINE.match(line)
            if match and int(match[3]) >= 0:
                self._take(match[1], match[2], match[4])

    def _inside(self, path: str) -> str | None:
        if path == self.root:
            return "."
        return path[len(self.root) + 1:] if path.startswith(self.root + "/") else None

    def _take(self, name: str, text: str, result: str | None) -> None:
        words: list[tuple[str, bytes | str, str]] = []
        for match in WORD.finditer(text):
            if match["at"] is not None:
                words.append(("at", bare(match["at"]), match[0].strip().split("<")[0]))
            elif match["text"] is not None:
                words.append(("text", bytes.fromhex(match["text"].replace("\\x", "")), ""))
            elif match[0].strip():
                words.append(("word", match[0].strip(), ""))
        take = getattr(self, f"_{name}", None)
        if take:
            take(words, bare(result) if result else "")

    def _name(self, words: list, at: int) -> str | None:
        """What a directory and a name beneath it mean."""
        directory, name = words[at][1], words[at + 1][1].decode("utf-8", "surrogateescape")
        if directory == "AT_FDCWD":
            directory = os.getcwd()
        return self._inside(os.path.normpath(os.path.join(directory, name)))

    def _change(self, kind: str, path: str | None, **more: object) -> None:
        if path is not None and not path.startswith(LOGS):
            self.steps.append(Step(kind, (os.path.dirname(path) or ".",), path, **more))

    def _openat(self, words: list, result: str) -> None:
        flags = words[2][1]
        path = self._inside(result)
        if "O_CREAT" in flags and path is not None:
            self._change("create", path)

    def _write(self, words: list, _: str, offset: int | None = None) -> None:
        is_output = words[0][2] == "1"
        path = self._inside(words[0][1])
        if path is not None and words[1][0] == "text" and not path.startswith(LOGS):
            self.steps.append(Step("write", (path,), path, words[1][1], offset))
        elif is_output:
            self.steps.append(Acknowledged())

    def _pwrite64(self, words: list, _: str) -> None:
        self._write(words, _, int(words[3][1]))

    def _symlinkat(self, words: list, _: str) -> None:
        self._change("link", self._name(words, 1), target=words[0][1].decode())

    def _mkdirat(self, words: list, _: str) -> None:
        self._change("directory", self._name(words, 0))

    def _mkdir(self, words: list, _: str) -> None:
        self._change("directory", self._inside(words[0][1].decode()))

    def _unlinkat(self, words: list, _: str) -> None:
        kind = "rmdir" if "AT_REMOVEDIR" in words[2][1] else "unlink"
        self._change(kind, self._name(words, 0))

    def _renameat(self, words: list, _: str) -> None:
        source, target = self._name(words, 0), self._name(words, 2)
        if source is not None and target is not None and not target.startswith(LOGS):
            places = tuple({os.path.dirname(source) or ".", os.path.dirname(target) or "."})
            self.steps.append(Step("rename", places, source, target=target))

    _renameat2 = _renameat

    def _fsync(self, words: list, _: str) -> None:
        path = self._inside(words[0][1])
        if path is not None:
            self.steps.append(Flush(path))

    _fdatasync = _fsync

    def _syncfs(self, words: list, _: str) -> None:
        self.steps.append(Flush(None))

    def _clone(self, words: list, _: str) -> None:
        if any("CLONE_VFORK" in str(word) for _, word, _ in words):
            self.steps.append(Started())

    _clone3 = _clone


def apply(step: Step, part: int, root: Path) -> None:
    """Makes a change; `part` says how much of a write has arrived: all, its first sector, or all
    but that."""
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
    half = 512 if len(step.data) > 512 else len(step.data) // 2
    start = step.offset if step.offset is not None else path.stat().st_size
    with open(path, "r+b") as file:
        if part != 2:
            file.seek(start)
            file.write(step.data[:half] if part == 1 else step.data)
        if part == 2:
            # The later part alone: before it is what was there, or zeros.
            file.seek(start + half)
            file.write(step.data[half:])
