"""Uses strace(1) to watch the binary, to kill it at a system call, or to make a call fail."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from harness.processes import Run
    from harness.store import Store

# All calls that change a file system, or make a change durable.
CHANGING = [
    *("write", "pwrite64", "writev", "pwritev", "renameat", "renameat2", "rename", "symlinkat"),
    *("symlink", "unlinkat", "unlink", "rmdir", "mkdirat", "mkdir", "linkat", "link", "ftruncate"),
    *("truncate", "fallocate", "fsync", "fdatasync", "syncfs", "sync_file_range", "fchmod"),
    *("fchmodat", "fchownat", "utimensat", "copy_file_range", "sendfile", "ioctl", "flock"),
]
# Neither is an error: the call does nothing and reports success; a write does half of its work.
LIE, SHORT = "LIE", "SHORT"
# The status of a run that was killed.
KILLED = 128 + 9
FLUSHES = {"fsync", "fdatasync", "syncfs"}


@dataclass(frozen=True)
class Call:
    """A system call of a run, which a run that goes the same way makes again."""

    name: str
    # The number among the calls of that name, from 1, as strace counts.
    ordinal: int
    text: str

    def __str__(self) -> str:
        """Return the name and number of the call."""
        return f"{self.name}#{self.ordinal}"

    @property
    def is_exact(self) -> bool:
        """Whether its number is the same in every run; `openat` also opens files of libraries."""
        return self.name != "openat"

    @property
    def kill_injection(self) -> str:
        """The option of strace that kills what enters this call."""
        return f"inject={self.name}:signal=KILL:when={self.ordinal}"

    def killing(self) -> list[str]:
        """Return the program that starts a command and kills it as it enters this call."""
        return _injecting(self, self.kill_injection)

    def failing(self, error: str) -> list[str]:
        """Return the program that starts a command in which this call fails and does nothing."""
        if error == SHORT:
            return [os.environ["SHORT_WRITE"], self.name, str(self.ordinal)]
        what = f"error={error}" if error != LIE else "retval=0"
        return _injecting(self, f"inject={self.name}:{what}:when={self.ordinal}")


def _injecting(call: Call, injection: str) -> list[str]:
    return ["strace", "-qq", "-o", "/dev/null", "-e", f"trace={call.name}", "-e", injection]


def kill_at(call: str) -> Call:
    """Return the call that is written as NAME#NUMBER."""
    name, _, number = call.partition("#")
    return Call(name, int(number), "")


def watch(store: Store, words: tuple[str, ...], log: Path) -> tuple[Run, list[Call]]:
    """Run a command to its end, and return its calls that change something, in order.

    Only the first thread is watched; it makes all changes but those of the unpack worker.
    """
    traced = ",".join([*CHANGING, "openat", "openat2"])
    run = store.run(
        *words, launcher=["strace", "-s", "64", "-o", str(log), "-e", f"trace={traced}"]
    )
    calls = parse(log.read_text("utf-8", errors="replace").splitlines())
    log.unlink()
    return run, calls


def parse(lines: list[str]) -> list[Call]:
    """Return the calls that change something, from the log of one thread."""
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
