"""strace(1): watches the real binary, kills it or has its calls fail; the product needs no code
for tests."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from store import Run, Store

# All that changes a file system, or makes a change last.
CHANGING = [
    "write", "pwrite64", "writev", "pwritev", "renameat", "renameat2", "rename", "symlinkat",
    "symlink", "unlinkat", "unlink", "rmdir", "mkdirat", "mkdir", "linkat", "link", "ftruncate",
    "truncate", "fallocate", "fsync", "fdatasync", "syncfs", "sync_file_range", "fchmod",
    "fchmodat", "fchownat", "utimensat", "copy_file_range", "sendfile", "ioctl", "flock",
]
# No errors: the call says that it was done, and was not; or does half of it and says so.
LIE, SHORT = "LIE", "SHORT"
# How a run ends that was killed.
KILLED = 128 + 9
FLUSHES = {"fsync", "fdatasync", "syncfs"}


@dataclass(frozen=True)
class Call:
    """A system call of a run, and how to meet it again in a run that goes the same way."""

    name: str
    # Which of that name, from 1: so strace counts.
    ordinal: int
    text: str

    def __str__(self) -> str:
        return f"{self.name}#{self.ordinal}"

    @property
    def is_exact(self) -> bool:
        """Its number is the same in every run. `openat` also opens what belongs to others."""
        return self.name != "openat"

    @property
    def death(self) -> str:
        """Has strace kill what enters this call."""
        return f"inject={self.name}:signal=KILL:when={self.ordinal}"

    def killing(self) -> list[str]:
        """What to start a command with so that it dies as it enters this call."""
        return _injecting(self, self.death)

    def failing(self, error: str) -> list[str]:
        """What to start a command with so that this call fails without having done anything."""
        if error == SHORT:
            return [os.environ["SHORTWRITE"], self.name, str(self.ordinal)]
        what = f"error={error}" if error != LIE else "retval=0"
        return _injecting(self, f"inject={self.name}:{what}:when={self.ordinal}")


def _injecting(call: Call, injection: str) -> list[str]:
    return ["strace", "-qq", "-o", "/dev/null", "-e", f"trace={call.name}", "-e", injection]


def watch(store: Store, words: tuple[str, ...], log: Path) -> tuple[Run, list[Call]]:
    """Runs a command to its end; its calls that change something, in order. Only its first thread
    is watched, which makes all changes but those of the worker that unpacks."""
    traced = ",".join([*CHANGING, "openat", "openat2"])
    run = store.run(
        *words, launcher=["strace", "-s", "64", "-o", str(log), "-e", f"trace={traced}"])
    calls = parse(log.read_text("utf-8", errors="replace").splitlines())
    log.unlink()
    return run, calls


def parse(lines: list[str]) -> list[Call]:
    """The calls that change something, of a log of one thread."""
    counts: dict[str, int] = {}
    calls = []
    for line in lines:
        name, parenthesis, _ = line.partition("(")
        if not parenthesis or not name.replace("_", "").isalnum():
            continue
        counts[name] = counts.get(name, 0) + 1
        if name.startswith("openat") and "O_CREAT" not in line and "O_TMPFILE" not in line:
            continue
        if name == "ioctl" and "FICLONE" not in line and "FIDEDUPERANGE" not in line:
            continue
        calls.append(Call(name, counts[name], line))
    return calls
